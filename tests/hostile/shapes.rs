//! What presets have in common: two that differ in names, texts and numbers alone are of one shape, and what is costly to
//! try is tried on one of each.

use hooklatch::{Scheme, Source, provider};
use serde_json::{Map, Value};

use crate::presets::Preset;

/// Its scheme, with every text reduced to how it is punctuated and every number to none.
pub(crate) fn of(preset: &Preset) -> String {
    let (scheme, sent) = (bare(&preset.scheme), bare(&preset.sent));
    format!("{scheme} {sent} {}", preset.is_written_by_sender())
}

/// Members that no signature depends on.
const ASIDE: [&str; 8] = [
    "name",
    "docs",
    "quirks",
    "event_type",
    "payload",
    "handshakes",
    "keep_headers",
    "discovery",
];

/// Members whose strings are texts of the sender's choice; all others are words of ours.
const TEXTS: [&str; 25] = [
    "always",
    "claim",
    "critical",
    "equal",
    "fallback_tag",
    "field",
    "first",
    "form",
    "header",
    "header_prefixes",
    "id",
    "intermediate",
    "join",
    "json",
    "label",
    "leaf",
    "literal",
    "maybe",
    "one_of",
    "pointer",
    "prefix",
    "protected",
    "query",
    "suffix",
    "tag",
];

fn bare(scheme: &Scheme) -> Value {
    let mut scheme = serde_json::to_value(scheme).unwrap();
    let members = scheme.as_object_mut().unwrap();
    members.retain(|name, _| !ASIDE.contains(&&**name));
    reduce_members(members);
    scheme
}

fn reduce_members(members: &mut Map<String, Value>) {
    for (name, value) in members {
        reduce(value, TEXTS.contains(&&**name));
    }
}

fn reduce(value: &mut Value, is_text: bool) {
    match value {
        Value::Object(members) => reduce_members(members),
        Value::Array(values) => values.iter_mut().for_each(|one| reduce(one, is_text)),
        Value::Number(_) => *value = Value::Null,
        Value::String(text) if is_text => *text = punctuation(text),
        _ => {}
    }
}

/// A text with each word of it as `x`.
fn punctuation(text: &str) -> String {
    let is_word = |one: char| one.is_ascii_alphanumeric() || one == '-' || one == '_';
    let words = text.split_inclusive(|one| !is_word(one));
    words
        .map(|word| match word.char_indices().next_back() {
            Some((0, last)) if !is_word(last) => last.to_string(),
            Some((_, last)) if !is_word(last) => format!("x{last}"),
            _ => "x".to_owned(),
        })
        .collect()
}

#[test]
fn a_shape_is_what_is_left_without_words() {
    for (text, left) in [
        ("", ""),
        ("x-hub-signature", "x"),
        ("sha256=", "x="),
        ("/event/type", "/x/x"),
        (".", "."),
        ("v0:", "x:"),
    ] {
        assert_eq!(punctuation(text), left);
    }
    let shape = |scheme| of(&Preset::new(&scheme));
    let other = Scheme {
        name: "other".into(),
        signature: Source::header("x-other"),
        ..provider::GITHUB
    };
    assert_eq!(shape(provider::GITHUB), shape(other));
    assert_ne!(shape(provider::GITHUB), shape(provider::STRIPE));
}

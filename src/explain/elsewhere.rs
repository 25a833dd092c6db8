//! The request is for another endpoint, of another sender, or the secret of another is used.

use std::sync::Arc;

use serde_json::Value;

use super::{
    Endpoint, Explain,
    attempt::{Attempt, Variant},
    hypothesis::Variants,
    mistake::Mistake,
};
use crate::scheme::Scheme;

/// Other endpoints, with their own scheme and keys.
pub(super) fn endpoints<'a>(attempt: &'a Attempt, explain: &'a Explain<'a>) -> Variants<'a> {
    let others = explain.others.iter();
    let foreign = others.filter(|other| other.scheme.name != attempt.scheme.name);
    Box::new(foreign.map(|other| {
        let variant = Attempt {
            scheme: Arc::new(other.scheme.clone()),
            keyring: other.keyring.clone(),
            ..attempt.clone()
        };
        let detail = format!(
            "at the endpoint {:?}, by its scheme {:?} and its keys",
            other.name, other.scheme.name
        );
        variant.variant(Mistake::OtherEndpoint, detail)
    }))
}

/// The keys of other endpoints.
pub(super) fn swapped<'a>(attempt: &'a Attempt, explain: &'a Explain<'a>) -> Variants<'a> {
    Box::new(
        explain
            .others
            .iter()
            .map(|other| with_keys_of(attempt, other)),
    )
}

fn with_keys_of(attempt: &Attempt, other: &Endpoint<'_>) -> Variant {
    let params = attempt.keyring.params().iter();
    let keyring = params.fold(other.keyring.clone(), |keyring, (param, value)| {
        keyring.with(*param, value.clone())
    });
    let variant = Attempt {
        keyring,
        ..attempt.clone()
    };
    let keys = format!("with the secret of the endpoint {:?}", other.name);
    match mode(&attempt.body) {
        Some(mode) if other.scheme.name == attempt.scheme.name => variant.variant(
            Mistake::TestOrLive,
            format!("{keys}, and the body says that the event is of {mode}"),
        ),
        _ => variant.variant(Mistake::SwappedSecret, keys),
    }
}

/// The mode that a JSON body says it is of.
pub(super) fn mode(body: &[u8]) -> Option<&'static str> {
    let document: Value = serde_json::from_slice(body).ok()?;
    MODES.iter().find_map(|(member, live)| {
        let value = document.get(member)?;
        let is = value.as_bool().or_else(|| {
            let text = value.as_str()?;
            Some(matches!(text, "true" | "live" | "production"))
        })?;
        Some(if is == *live {
            "live mode"
        } else {
            "test mode"
        })
    })
}

/// The members by which senders tell the modes apart, and whether `true` means live.
const MODES: [(&str, bool); 8] = [
    ("livemode", true),
    ("live_mode", true),
    ("live", true),
    ("is_live", true),
    ("environment", true),
    ("testmode", false),
    ("test_mode", false),
    ("test", false),
];

/// Other senders, with the same keys: first those of the same sender.
pub(super) fn presets<'a>(attempt: &'a Attempt, explain: &'a Explain<'a>) -> Variants<'a> {
    let own = move |preset: &&Scheme| sender(preset) == sender(&attempt.scheme);
    let others = explain
        .presets
        .iter()
        .filter(|preset| preset.name != attempt.scheme.name);
    let ordered = others
        .clone()
        .filter(own)
        .chain(others.filter(move |preset| !own(preset)));
    Box::new(ordered.map(move |preset| {
        let mistake = if own(&preset) {
            Mistake::OldHeaders
        } else {
            Mistake::OtherPreset
        };
        let variant = Attempt {
            scheme: Arc::new(preset.clone()),
            ..attempt.clone()
        };
        variant.variant(
            mistake,
            format!("as a request of the preset {:?}", preset.name),
        )
    }))
}

/// The sender's name without the version or kind behind it.
fn sender(scheme: &Scheme) -> &str {
    scheme
        .name
        .split_once('-')
        .map_or(&*scheme.name, |(sender, _)| sender)
}

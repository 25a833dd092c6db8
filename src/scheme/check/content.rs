//! What a signature can cover.

use super::{fault, is_header, is_punctuation};
use crate::{
    scheme::{Algorithm, Encoding, Part, Proof, Scheme, content::MOST_COVERED},
    source::Source,
};

impl Scheme {
    pub(super) fn content_fault(&self) -> Option<String> {
        let tokens = self
            .methods
            .iter()
            .filter(|method| method.algorithm == Algorithm::Token)
            .count();
        if tokens > 0 && (tokens < self.methods.len() || !self.content.is_empty()) {
            return fault("a token signs nothing: its scheme has no content and no other method");
        }
        if tokens == 0 && self.content.is_empty() {
            return fault("the signature covers nothing");
        }
        let empty = |part: &Part| matches!(part, Part::Literal(text) | Part::Maybe(text) if text.is_empty());
        if Part::each(&self.content).any(empty) {
            return fault("a literal of the content is empty");
        }
        if let Some(what) = Part::each(&self.content).find_map(list_fault) {
            return fault(what);
        }
        if self.content.iter().any(is_bad_choice) {
            return fault("a choice of the content holds nothing, or what can be no choice");
        }
        let covered = Part::each(&self.content)
            .filter(|part| {
                matches!(
                    part,
                    Part::Header(_)
                        | Part::Text(_)
                        | Part::FreeText(_)
                        | Part::Listed(_)
                        | Part::Where(..)
                )
            })
            .count();
        if covered > MOST_COVERED {
            return Some(format!(
                "the content covers more than {MOST_COVERED} headers and texts"
            ));
        }
        if self.content.contains(&Part::Id) && self.id.is_none() {
            return fault("the content holds the id and the scheme has none");
        }
        if let Some(what) = self.free_text_fault().or_else(|| self.items_fault()) {
            return fault(what);
        }
        let digest = self.body_digest.as_ref();
        if digest.is_some_and(|digest| digest.encoding == Encoding::Text) {
            return fault("a digest is no text");
        }
        if digest.is_some_and(|digest| digest.source.is_in_body() || !self.signs(&digest.source)) {
            return fault("the digest of the body is not under the signature");
        }
        (self.content.contains(&Part::Timestamp) && self.timestamp.is_none())
            .then(|| "the content holds a timestamp and the scheme has none".to_owned())
    }

    fn free_text_fault(&self) -> Option<&'static str> {
        let is_text = |part: &Part| matches!(part, Part::FreeText(_));
        let is_free =
            |part: &&Part| matches!(part, Part::FreeText(_) | Part::Body | Part::SortedForm);
        let free = Part::each(&self.content).filter(is_free).count();
        (Part::each(&self.content).any(is_text) && free > 1)
            .then_some("a text that may hold any literal is not the only such part of the content")
    }

    fn items_fault(&self) -> Option<&'static str> {
        (self.proof == Proof::Items && !self.signs_items()).then_some(
            "items that are signed on their own need a signature and a content within an item",
        )
    }

    /// Whether the signature and what it covers stand within an item.
    fn signs_items(&self) -> bool {
        let within = |source: &Source| {
            source
                .places()
                .iter()
                .all(|place| matches!(place, Source::Json(_)))
        };
        let plain = |part: &Part| match part {
            Part::Literal(_) => true,
            Part::Text(source) | Part::FreeText(source) | Part::Where(source, _) => within(source),
            _ => false,
        };
        let outside = self.timestamp.is_some() || self.id.is_some() || self.body_digest.is_some();
        self.items.is_some()
            && !outside
            && within(&self.signature)
            && Part::each(&self.content).all(plain)
    }
}

/// What is wrong with a list of headers.
fn list_fault(part: &Part) -> Option<&'static str> {
    let Part::Listed(listed) = part else {
        return None;
    };
    let lower =
        |name: &str| is_header(name) && !name.contains(|letter: char| letter.is_ascii_uppercase());
    if listed.list.is_in_body() || matches!(listed.list, Source::FirstOf(_)) {
        Some("the headers that are signed are listed in the body")
    } else if listed.join.is_empty() || !is_punctuation(listed.separator) {
        Some("a list of headers needs something between its names and values")
    } else if !listed.always.iter().all(|name| lower(name)) {
        Some("a header that is always listed is none in lower case")
    } else {
        None
    }
}

/// Whether parts that count only where a place is there are none, or some of which more is known than their text.
fn is_bad_choice(part: &Part) -> bool {
    let plain = |part: &Part| {
        matches!(
            part,
            Part::Literal(_)
                | Part::Header(_)
                | Part::Text(_)
                | Part::FreeText(_)
                | Part::Listed(_)
        )
    };
    matches!(part, Part::Where(_, parts) if parts.is_empty() || !parts.iter().all(plain))
}

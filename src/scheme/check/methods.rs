//! What contradicts itself in the methods of a scheme and the keys they take.

use super::{Scheme, fault};
use crate::scheme::{Algorithm, Derivation, Encoding, Grammar, Method};

impl Scheme {
    pub(super) fn method_fault(&self) -> Option<String> {
        if self.methods.is_empty() {
            return fault("it accepts no method");
        }
        if self.methods.len() > MOST_METHODS {
            return Some(format!("more than {MOST_METHODS} methods"));
        }
        self.methods.iter().enumerate().find_map(|(index, method)| {
            let before = self.methods.iter().take(index);
            let tags = |method: &'_ Method| [Some(method.tag.clone()), method.fallback_tag.clone()];
            let known: Vec<_> = before.into_iter().flat_map(tags).flatten().collect();
            let mut own = tags(method).into_iter().flatten();
            if self.proof.jws().is_none()
                && let Some(tag) = own.find(|tag| known.contains(tag))
            {
                return Some(format!("two methods have the tag {tag:?}"));
            }
            if let Some(tag) = method.fallback_tag.as_deref()
                && (tag == method.tag || (tag.is_empty() && self.grammar != Grammar::Single))
            {
                return Some(format!(
                    "the method {:?} cannot fall back to {tag:?}",
                    method.tag
                ));
            }
            let tags = [Some(&method.tag), method.fallback_tag.as_ref()];
            let tag = tags
                .into_iter()
                .flatten()
                .find_map(|tag| self.tag_fault(tag));
            method.encoding_fault().or(tag)
        })
    }

    fn tag_fault(&self, tag: &str) -> Option<String> {
        if !tag.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Some(format!("tag {tag:?} is not visible ASCII"));
        }
        if matches!(self.grammar, Grammar::Positional { .. }) {
            return (!tag.is_empty())
                .then(|| "a signature without a tag cannot have one".to_owned());
        }
        // Behind the id of its key a tag is a part of the text.
        if let Grammar::KeyedList { separator, .. } = self.grammar {
            return tag
                .contains(separator)
                .then(|| format!("tag {tag:?} contains the separator of the grammar"));
        }
        if tag.is_empty() && !matches!(self.grammar, Grammar::Single) {
            return fault("a method of a list needs a tag");
        }
        let (separator, assign) = self.grammar.delimiters()?;
        tag.contains([separator, assign])
            .then(|| format!("tag {tag:?} contains a delimiter of the grammar"))
    }

    pub(super) fn key_fault(&self) -> Option<String> {
        if self.proof.jws().is_some() || self.method_id.is_some() {
            // A key serves every method that takes it.
            return None;
        }
        self.methods.iter().enumerate().find_map(|(index, method)| {
            let key = &method.key;
            if key.prefix.is_empty() && (key.prefix_required || key.prefix_kept) {
                return fault("an empty key prefix is required or kept");
            }
            let public = method.algorithm.is_public_key();
            if public && (!key.suffix.is_empty() || key.derivation != Derivation::None) {
                return fault("a public key is made of nothing else");
            }
            // The answers of a URL challenge may hold it too.
            if key.id_before.is_some() && !self.names_key() && self.handshakes.is_empty() {
                return fault("nothing names the key by the id in front of it");
            }
            let taken = |other: &Method| {
                if method.shares_key(other) {
                    false
                } else if key.prefix.is_empty() {
                    !other.key.prefix_required
                } else {
                    !other.key.prefix.is_empty() && key.prefix.starts_with(&*other.key.prefix)
                }
            };
            let unreachable = self.methods.iter().take(index).any(taken);
            unreachable.then(|| {
                format!(
                    "no key could ever serve the method {:?}: an earlier one takes them all",
                    method.tag
                )
            })
        })
    }
}

impl Method {
    fn encoding_fault(&self) -> Option<String> {
        (self.encoding == Encoding::Text && self.algorithm != Algorithm::Token).then(|| {
            format!(
                "the method {:?} writes raw bytes as text, which only a token can",
                self.tag
            )
        })
    }
}

const MOST_METHODS: usize = 8;

//! What contradicts itself in a scheme whose signatures cover whole messages.

use super::{Part, Scheme, fault};
use crate::{
    scheme::{Algorithm, Encoding, Grammar, Method, Proof, message::NONCE},
    source::Source,
};

impl Scheme {
    pub(super) fn proof_fault(&self) -> Option<String> {
        if !self.proof.names_parts() {
            return None;
        }
        if self.signature_header().is_none() || !self.header_prefixes.is_empty() {
            return fault("the signature of a message is in a header of one name");
        }
        if self.grammar != Grammar::Single {
            return fault("the signature of a message has a grammar of its own");
        }
        if self.body_digest.is_some() || self.key_id.is_some() {
            return fault(
                "the signature of a message names its key and the digest of the body itself",
            );
        }
        let named = |part: &Part| {
            matches!(
                part,
                Part::Method
                    | Part::Url
                    | Part::Path
                    | Part::Header(_)
                    | Part::Body
                    | Part::Timestamp
                    | Part::Id
            )
        };
        if let Some(other) = self.content.iter().find(|part| !named(part)) {
            return Some(format!(
                "the signature of a message has no name for {other:?}"
            ));
        }
        if self.timestamp.is_some() && !self.content.contains(&Part::Timestamp) {
            return fault("the signature of a message may leave out the timestamp");
        }
        let unfit = |method: &&Method| {
            method.encoding != Encoding::Base64
                || method.tag.is_empty()
                || method.key.id_before.is_some()
                || method.algorithm == Algorithm::Token
        };
        if let Some(method) = self.methods.iter().find(unfit) {
            return Some(format!(
                "the method {:?} is of no signature of a message: these are in base64, and its tag is the name of the \
                 algorithm",
                method.tag
            ));
        }
        self.place_fault()
    }

    fn place_fault(&self) -> Option<String> {
        let timestamp = self.timestamp.as_ref().map(|timestamp| &timestamp.source);
        let drafts = self.proof == Proof::DraftSignature;
        let is_moment = |source: &Source| {
            *source == Source::field("created") || (drafts && *source == Source::header("date"))
        };
        if timestamp.is_some_and(|source| !is_moment(source)) {
            return fault(
                "the timestamp of a message's signature is the field created, or in the drafts the header date",
            );
        }
        let mut fields = self.id.iter().flat_map(Source::places);
        if fields.any(|place| matches!(place, Source::Field(name) if drafts || name != NONCE)) {
            return fault(
                "the id of a message's signature can only be the field nonce, which the drafts have not",
            );
        }
        (self.content.contains(&Part::Id) && self.id != Some(Source::field(NONCE))).then(|| {
            "of ids only the nonce is a part of a message's signature: name the header".to_owned()
        })
    }
}

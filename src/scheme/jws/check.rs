//! Finds what contradicts itself in a scheme whose proof is a token.

use super::{super::Part, Jws, Must, Requirement, TokenPayload};
use crate::{
    envelope::is_pointer,
    scheme::{Encoding, Scheme},
    source::Source,
};

impl Scheme {
    /// What contradicts itself in the token, if there is one; else in what only tokens have.
    pub(in super::super) fn token_fault(&self) -> Option<String> {
        match self.proof.jws() {
            Some(jws) => self.of_token_fault(jws).map(str::to_owned),
            None => self.without_token_fault().map(str::to_owned),
        }
    }

    fn of_token_fault(&self, jws: &Jws) -> Option<&'static str> {
        let tag = self.methods.first().map(|method| &method.tag);
        for method in &*self.methods {
            if method.algorithm.token_name().is_none() {
                return Some("no token is signed with one of the methods");
            }
            if method.encoding != Encoding::Base64Url {
                return Some("the signature of a token is written in base64url");
            }
            if Some(&method.tag) != tag {
                return Some("the methods of a token differ in their tag");
            }
            if method.key.id_before.is_some() {
                return Some("the key of a token has no id in front of it");
            }
        }
        if self.grammar != crate::scheme::Grammar::Single {
            return Some("a token stands alone");
        }
        let detached = jws.payload == TokenPayload::Detached;
        if detached == self.content.is_empty() {
            return Some("a token signs the content if its payload is detached, and only then");
        }
        if jws.unencoded && !detached {
            return Some("only a detached payload can be signed as it is");
        }
        if jws.payload == TokenPayload::Event {
            let in_body = |place: &Source| matches!(place, Source::Body | Source::Json(_));
            if !in_body(&self.signature) {
                return Some("a token that is the event stands in the body");
            }
            let stamp = self.timestamp.as_ref().map(|time| &time.source);
            if self.body_digest.is_some() || stamp.is_some_and(Source::is_in_body) {
                return Some("of a token that is the event, only claims are signed");
            }
            if self.form_payload.is_some() {
                return Some("the event is in a token and in a form");
            }
        }
        if jws.chain.is_some() && self.timestamp.is_none() {
            return Some("a chain of certificates counts at the moment of a timestamp");
        }
        jws.require.iter().find_map(Requirement::fault).or_else(|| {
            let mut sources = self.claimed();
            sources
                .any(|source| !is_of_token(source))
                .then_some("a claim is not found by a JSON pointer")
        })
    }

    fn without_token_fault(&self) -> Option<&'static str> {
        let tokens = |source: &Source| {
            let token = |place: &Source| {
                matches!(
                    place,
                    Source::Body | Source::Claim(_) | Source::Protected(_)
                )
            };
            source.places().iter().any(token)
        };
        let mut sources = self.claimed().chain([&self.signature]);
        let mut listed = Part::each(&self.content).filter_map(Part::source);
        (sources.any(tokens) || listed.any(tokens))
            .then_some("it reads a token and its proof is none")
    }

    /// What may be a claim.
    fn claimed(&self) -> impl Iterator<Item = &Source> {
        let timestamp = self.timestamp.as_ref().map(|time| &time.source);
        let digest = self.body_digest.as_ref().map(|digest| &digest.source);
        let sources = [timestamp, digest, self.id.as_ref(), self.key_id.as_ref()];
        sources.into_iter().flatten()
    }
}

impl Requirement {
    fn fault(&self) -> Option<&'static str> {
        let token = |place: &Source| matches!(place, Source::Claim(_) | Source::Protected(_));
        if !self.of.places().iter().all(token) || !is_of_token(&self.of) {
            return Some("a requirement is of a claim or of the token's header, by a JSON pointer");
        }
        match &self.must {
            Must::OneOf(texts) if texts.is_empty() => Some("a claim has to be one of no texts"),
            Must::EqualText(source)
                if source.places().iter().any(|place| {
                    matches!(
                        place,
                        Source::Field(_) | Source::Xml(_) | Source::OtherMember(_) | Source::Body
                    )
                }) =>
            {
                Some("a claim cannot be compared with what is there")
            }
            Must::UrlSha256(Encoding::Text) => Some("a digest is no text"),
            _ => None,
        }
    }
}

/// Whether what is a claim is found by a pointer.
fn is_of_token(source: &Source) -> bool {
    source.places().iter().all(|place| match place {
        Source::Claim(pointer) | Source::Protected(pointer) => {
            is_pointer(pointer) && !pointer.is_empty()
        }
        _ => true,
    })
}

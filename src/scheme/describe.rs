//! What a scheme says of the sender, apart from signatures, compiled for its deliveries.

use std::{borrow::Cow, sync::Arc};

use http::{HeaderName, header};

use super::{Algorithm, Method, Part, Proof, Scheme, TokenPayload};
use crate::{
    error::{ConfigError, ConfigErrorKind},
    origin::{Origin, OriginParts},
    source::{Format, Source, TypePart, Wrapped},
};

impl Scheme {
    /// Whether all formats of the sender's bodies are built in.
    ///
    /// # Errors
    /// [`ConfigErrorKind::Feature`]: the cargo feature that is missing.
    pub(crate) fn check_formats(&self) -> Result<(), ConfigError> {
        let types = self.event_type.iter();
        let types = types.chain(self.items.iter().flat_map(|items| items.event_type.iter()));
        let sources = self.id.iter().chain(types.map(|part| &part.source));
        // One of several places may be in another format, which can do.
        let only_xml = |source: &Source| {
            let mut places = source.places().iter();
            places.all(|place| matches!(place, Source::Xml(_)))
        };
        let reads_xml = sources.into_iter().any(only_xml);
        let formats = reads_xml.then_some(&Format::Xml).into_iter();
        let features = formats
            .chain(self.formats.iter())
            .map(|format| format.feature());
        for (feature, is_there) in features {
            if !is_there {
                return Err(ConfigError::new(
                    ConfigErrorKind::Feature,
                    format!("{} needs the cargo feature `{feature}`", self.name),
                ));
            }
        }
        Ok(())
    }

    /// What the deliveries of a receiver with this scheme have in common.
    pub(crate) fn origin(&self, receiver: &Arc<str>) -> Origin {
        Origin::new(OriginParts {
            receiver: Arc::clone(receiver),
            provider: self.name.clone(),
            profile: self.profile.clone(),
            id: self.id.clone(),
            event_type: self.complete_event_type(),
            payload: self.payload.clone(),
            wrapped: self.wrapped(),
            items: self.items.clone(),
            body_is_loose: self.body_is_loose(),
            signs_document: self.content.contains(&Part::Document),
            takes_single: self.content.contains(&Part::FirstElement),
            kept_headers: self.kept_headers(),
            tokens: self.tokens_in_body(),
        })
    }

    /// Where the secret itself stands in a body. A step `*` of a JSON pointer is each item of a batch.
    fn tokens_in_body(&self) -> Vec<Source> {
        let is_token = |method: &Method| method.algorithm == Algorithm::Token;
        if !self.methods.iter().any(is_token) {
            return Vec::new();
        }
        let places = self.signature.places().iter();
        let in_body = places.filter(|place| place.is_in_body());
        let complete = in_body.map(|place| match (&self.proof, &self.items, place) {
            (Proof::Items, Some(items), Source::Json(pointer)) => {
                Source::Json(format!("{}/*{pointer}", items.pointer).into())
            }
            _ => place.clone(),
        });
        complete.collect()
    }

    /// Where the document is, if the body is not it.
    fn wrapped(&self) -> Option<Wrapped> {
        match self.proof.jws().map(|jws| jws.payload) {
            Some(TokenPayload::Event) => Some(Wrapped::Token(self.signature.clone())),
            _ => self.form_payload.clone().map(Wrapped::Form),
        }
    }

    /// The parts of the event type, header names complete: of several prefixes the first that is there.
    fn complete_event_type(&self) -> Cow<'static, [TypePart]> {
        if self.header_prefixes.is_empty() {
            return self.event_type.clone();
        }
        let complete = |part: &TypePart| {
            let places = part.source.places().iter();
            let mut places: Vec<Source> = places
                .flat_map(|place| self.under_each_prefix(place))
                .collect();
            let source = match places.pop() {
                Some(only) if places.is_empty() => only,
                last => Source::FirstOf(places.into_iter().chain(last).collect()),
            };
            TypePart {
                source,
                when: part.when,
            }
        };
        self.event_type.iter().map(complete).collect()
    }

    fn under_each_prefix(&self, place: &Source) -> Vec<Source> {
        let Source::Header(name) = place else {
            return vec![place.clone()];
        };
        let prefixes = self.header_prefixes.iter();
        prefixes
            .map(|prefix| Source::Header(format!("{prefix}{name}").into()))
            .collect()
    }

    /// The content type, the headers of the id, timestamp and type under every prefix, and what the scheme says; never
    /// the signature or another credential.
    fn kept_headers(&self) -> Vec<HeaderName> {
        let timestamp = self.timestamp.as_ref().map(|timestamp| &timestamp.source);
        let event_type = self.event_type.iter().map(|part| &part.source);
        let sources = self.id.iter().chain(timestamp).chain(event_type);
        let names = sources
            .flat_map(Source::places)
            .filter_map(|source| match source {
                Source::Header(name) => Some(&**name),
                _ => None,
            });
        let prefixes = || self.header_prefixes.iter().map(|prefix| &**prefix);
        let bare = self.header_prefixes.is_empty().then_some("");
        let complete = names.flat_map(|name| {
            prefixes()
                .chain(bare)
                .map(move |prefix| format!("{prefix}{name}"))
        });
        let more = self.keep_headers.iter().map(ToString::to_string);
        let named = complete
            .chain(more)
            .filter(|name| !self.is_private(name))
            .filter_map(|name| HeaderName::try_from(name).ok());
        let mut kept = vec![header::CONTENT_TYPE];
        for name in named {
            if !kept.contains(&name) {
                kept.push(name);
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider;

    fn kept(scheme: &Scheme) -> Vec<String> {
        scheme
            .origin(&"here".into())
            .kept_headers
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn handlers_see_the_senders_headers_but_no_signature() {
        assert_eq!(kept(&provider::STRIPE), ["content-type"]);
        assert_eq!(
            kept(&provider::STANDARD_WEBHOOKS),
            [
                "content-type",
                "webhook-id",
                "svix-id",
                "webhook-timestamp",
                "svix-timestamp"
            ]
        );
        let github = kept(&provider::GITHUB);
        assert_eq!(
            github[..3],
            ["content-type", "x-github-delivery", "x-github-event"]
        );
        assert!(github.contains(&"x-github-hook-id".to_owned()));
        assert!(!github.iter().any(|name| name.contains("signature")));
    }

    #[test]
    fn an_event_type_header_gets_its_prefix() {
        let scheme = Scheme {
            header_prefixes: vec!["x-acme-".into()].into(),
            signature: Source::header("signature"),
            event_type: vec![TypePart::new(Source::header("event"))].into(),
            ..Scheme::HMAC_SHA256
        };
        assert_eq!(kept(&scheme), ["content-type", "x-acme-event"]);
        assert_eq!(
            scheme.complete_event_type()[0].source,
            Source::header("x-acme-event")
        );
    }
}

//! [`Origin`]: what all deliveries of one receiver have in common.

use std::{borrow::Cow, sync::Arc};

use http::HeaderName;

use crate::{
    envelope::Plan,
    metric::Handled,
    profile::Profile,
    source::{Items, Source, TypePart, Wrapped},
};

/// The facts about a receiver's sender that a delivery needs after verification, compiled once.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) receiver: Arc<str>,
    pub(crate) provider: Cow<'static, str>,
    pub(crate) profile: Profile,
    pub(crate) id: Option<Source>,
    pub(crate) event_type: Cow<'static, [TypePart]>,
    pub(crate) payload: Cow<'static, str>,
    pub(crate) wrapped: Option<Wrapped>,
    pub(crate) items: Option<Items>,
    /// Whether the signature does not tell where the body begins or ends.
    pub(crate) body_is_loose: bool,
    /// Whether the signature covers the document, which may be only a part of the body.
    pub(crate) signs_document: bool,
    /// Whether a body that is no array is one event of its own.
    pub(crate) takes_single: bool,
    /// Whether a delivery whose body cannot be read is kept all the same, for an inbox to bury.
    pub(crate) keeps_unreadable: bool,
    /// The request headers a handler may see.
    pub(crate) kept_headers: Vec<HeaderName>,
    /// Where the sender's tokens stand in the body.
    pub(crate) tokens: Vec<Source>,
    pub(crate) handled: Handled,
    /// Whether anything of the body has to be read before a handler decodes it.
    pub(crate) reads_body: bool,
    /// Reads a body.
    pub(crate) body: Plans,
    /// Reads an item of a batch.
    pub(crate) item: Plans,
}

/// What is read of a document, by its format.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    pub(crate) json: Plan,
    pub(crate) xml: Plan,
}

/// What [`Origin`] is made of.
#[derive(Debug)]
pub(crate) struct OriginParts {
    pub(crate) receiver: Arc<str>,
    pub(crate) provider: Cow<'static, str>,
    pub(crate) profile: Profile,
    pub(crate) id: Option<Source>,
    pub(crate) event_type: Cow<'static, [TypePart]>,
    pub(crate) payload: Cow<'static, str>,
    pub(crate) wrapped: Option<Wrapped>,
    pub(crate) items: Option<Items>,
    pub(crate) body_is_loose: bool,
    pub(crate) signs_document: bool,
    pub(crate) takes_single: bool,
    pub(crate) kept_headers: Vec<HeaderName>,
    pub(crate) tokens: Vec<Source>,
}

impl Origin {
    pub(crate) fn new(parts: OriginParts) -> Self {
        let body = Plans::of_body(&parts);
        let item = parts.items.as_ref().map(|items| {
            let fixed = [Some(&*parts.payload), items.id.as_deref()];
            let types = items.event_type.iter().map(|part| &part.source);
            Plans::new(fixed, fixed, types)
        });
        let sources = parts.event_type.iter().map(|part| &part.source);
        let reads_body = sources.chain(&parts.id).any(Source::is_in_body)
            || !parts.payload.is_empty()
            || parts.items.is_some();
        Self {
            handled: Handled::new(&parts.receiver),
            receiver: parts.receiver,
            provider: parts.provider,
            profile: parts.profile,
            id: parts.id,
            event_type: parts.event_type,
            payload: parts.payload,
            wrapped: parts.wrapped,
            items: parts.items,
            body_is_loose: parts.body_is_loose,
            signs_document: parts.signs_document,
            takes_single: parts.takes_single,
            keeps_unreadable: false,
            kept_headers: parts.kept_headers,
            tokens: parts.tokens,
            reads_body,
            body,
            item: item.unwrap_or_default(),
        }
    }

    /// Where the payload of a JSON body is: of a batch, the array.
    pub(crate) fn json_payload(&self) -> &str {
        self.items
            .as_ref()
            .map_or(&self.payload, |items| items.outer().0)
    }

    /// Where the payload of an XML body is: of a batch, the parent of its items.
    pub(crate) fn xml_payload(&self) -> &str {
        self.items
            .as_ref()
            .map_or(&self.payload, |items| items.path().0)
    }
}

impl Plans {
    fn of_body(parts: &OriginParts) -> Self {
        let items = parts.items.as_ref();
        let json = items.map_or(&*parts.payload, |items| items.outer().0);
        let xml = items.map_or(&*parts.payload, |items| items.path().0);
        let types = parts.event_type.iter().map(|part| &part.source);
        let plans = Self::new([Some(json)], [Some(xml)], parts.id.iter().chain(types));
        let has_id = parts.id.as_ref().is_some_and(Source::is_in_body);
        if has_id || !json.is_empty() {
            return plans;
        }
        Self {
            json: plans.json.at_a_glance(),
            ..plans
        }
    }

    /// Plans that read these pointers and paths, and what the sources name.
    fn new<'s, const N: usize>(
        pointers: [Option<&'s str>; N],
        paths: [Option<&'s str>; N],
        sources: impl Iterator<Item = &'s Source> + Clone,
    ) -> Self {
        let places = sources.flat_map(Source::places);
        let json = places.clone().filter_map(|place| match place {
            Source::Json(pointer) => Some(&**pointer),
            _ => None,
        });
        let xml = places.filter_map(|place| match place {
            Source::Xml(path) => Some(&**path),
            _ => None,
        });
        // What is not found is the whole document: looking for that would read everything twice.
        let part = |pointer: &&str| !pointer.is_empty();
        Self {
            json: Plan::new(
                pointers
                    .into_iter()
                    .flatten()
                    .filter(part)
                    .chain(json)
                    .map(Some),
            ),
            xml: Plan::new(
                paths
                    .into_iter()
                    .flatten()
                    .filter(part)
                    .chain(xml)
                    .map(Some),
            ),
        }
    }
}

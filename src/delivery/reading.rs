//! What one read of a delivery's body gives.

use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, Uri};
use time::OffsetDateTime;
use tokio::time::Instant;

use super::{
    Permit,
    document::Document,
    values::{JsonValues, XmlValues},
    verified::{EventId, Verified},
};
use crate::{
    envelope::{self, Part, Unreadable, xml::Paths},
    key::Key,
    origin::Origin,
    source::{Source, TypePart, When},
};

/// What all parts of one delivery share.
pub(super) struct Shared {
    pub(super) origin: Arc<Origin>,
    pub(super) verified: Verified,
    pub(super) id: Option<EventId>,
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) received_at: OffsetDateTime,
    pub(super) arrived: Instant,
    /// The key it is stored by: it cannot always be told again from what is stored, and a replay has one of its own.
    pub(super) stored_as: Option<Key>,
    pub(super) envelope: OnceLock<Result<Envelope, Unreadable>>,
    pub(super) parts: OnceLock<Result<Arc<[Part]>, Unreadable>>,
    /// Held for as long as anybody holds the body.
    pub(super) _permit: Option<Permit>,
}

/// What one read of the body gave.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(super) id: Option<String>,
    pub(super) event_type: Option<String>,
    pub(super) document: Document,
    /// Where the payload stands in a JSON or XML document; of a batch, the array, or the parent of its elements.
    pub(super) payload: Range<usize>,
}

/// What a body says of its event.
struct Facts {
    id: Option<String>,
    event_type: Option<String>,
}

/// A payload and how to decode it.
#[derive(Clone, Debug)]
pub(crate) enum Payload {
    Json(Bytes),
    Xml(Bytes),
    Form(Bytes),
    Parts(Arc<[Part]>),
}

impl Shared {
    pub(super) fn envelope(&self) -> Result<&Envelope, Unreadable> {
        self.envelope
            .get_or_init(|| self.read())
            .as_ref()
            .map_err(|reason| *reason)
    }

    /// The parts of a multipart body.
    pub(super) fn parts(&self) -> Result<&Arc<[Part]>, Unreadable> {
        self.parts
            .get_or_init(|| envelope::parts(&self.headers, &self.body))
            .as_ref()
            .map_err(|reason| *reason)
    }

    /// The document, where the sender wraps it, else the body: what is around it may be written anew for each try.
    pub(super) fn text(&self) -> &Bytes {
        let wrapped = self.origin.wrapped.is_some();
        match wrapped.then(|| self.envelope()) {
            Some(Ok(Envelope {
                document: Document::Json(document) | Document::Xml(document),
                ..
            })) => document,
            _ => &self.body,
        }
    }

    /// The payload to decode.
    pub(super) fn payload(&self) -> Result<Payload, Unreadable> {
        let Envelope {
            document, payload, ..
        } = self.envelope()?;
        Ok(match document {
            Document::Json(document) => Payload::Json(document.slice(payload.clone())),
            Document::Xml(document) => Payload::Xml(document.slice(payload.clone())),
            Document::Form(body) => Payload::Form(body.clone()),
            Document::Multipart => Payload::Parts(Arc::clone(self.parts()?)),
        })
    }

    fn read(&self) -> Result<Envelope, Unreadable> {
        let document = Document::of(self)?;
        let (payload, facts) = match &document {
            Document::Json(text) if self.origin.reads_body => self.read_json(text)?,
            Document::Xml(text) if self.origin.reads_body => self.read_xml(text)?,
            Document::Json(text) | Document::Xml(text) => {
                (0..text.len(), self.facts(|_| Ok(None))?)
            }
            Document::Form(_) | Document::Multipart => {
                let field = |source: &Source| match source {
                    Source::Form(name) => document.field(self, name),
                    _ => Ok(None),
                };
                (0..0, self.facts(field)?)
            }
        };
        Ok(Envelope {
            id: facts.id,
            event_type: facts.event_type,
            document,
            payload,
        })
    }

    fn read_json(&self, document: &[u8]) -> Result<(Range<usize>, Facts), Unreadable> {
        let text = str::from_utf8(document).map_err(|_| Unreadable::Malformed)?;
        let json = JsonValues::read(&self.origin.body.json, text)?;
        let payload = json.range(self.origin.json_payload());
        Ok((payload, self.facts(|source| json.text(source))?))
    }

    fn read_xml(&self, document: &[u8]) -> Result<(Range<usize>, Facts), Unreadable> {
        let text = str::from_utf8(document).map_err(|_| Unreadable::Malformed)?;
        let xml = XmlValues::read(&self.origin.body.xml, text, Paths::FromDocument)?;
        let payload = match xml.range(self.origin.xml_payload()) {
            Some(payload) => payload,
            None if self.origin.items.is_some() => return Err(Unreadable::NotABatch),
            None => 0..text.len(),
        };
        Ok((payload, self.facts(|source| xml.text(source))?))
    }

    /// The id and type, from where they are outside the body and from what reads it.
    fn facts(
        &self,
        in_body: impl Fn(&Source) -> Result<Option<String>, Unreadable>,
    ) -> Result<Facts, Unreadable> {
        let read = |source: &Source| match source {
            Source::Header(_) => Ok(self.header_text(source).map(str::to_owned)),
            Source::Query(name) => Ok(self.query(name)),
            source => in_body(source),
        };
        let id = match &self.origin.id {
            Some(source) if source.is_in_body() => first(source, read)?,
            _ => None,
        };
        let event_type = joined(&self.origin.event_type, read)?;
        Ok(Facts { id, event_type })
    }

    pub(super) fn header_text(&self, source: &Source) -> Option<&str> {
        match source {
            Source::Header(name) => self.headers.get(&**name)?.to_str().ok(),
            _ => None,
        }
    }

    fn query(&self, name: &str) -> Option<String> {
        envelope::form_field(self.uri.query()?.as_bytes(), name)
            .ok()
            .flatten()
    }
}

/// The parts of a type that apply, joined by `.`.
pub(super) fn joined(
    parts: &[TypePart],
    mut read: impl FnMut(&Source) -> Result<Option<String>, Unreadable>,
) -> Result<Option<String>, Unreadable> {
    let mut event_type: Option<String> = None;
    for part in parts {
        if part.when == When::NothingBefore && event_type.is_some() {
            continue;
        }
        if let Some(text) = first(&part.source, &mut read)? {
            event_type = Some(match event_type {
                Some(before) => before + "." + &text,
                None => text,
            });
        }
    }
    Ok(event_type)
}

/// The text of the first place that has one.
fn first(
    source: &Source,
    mut read: impl FnMut(&Source) -> Result<Option<String>, Unreadable>,
) -> Result<Option<String>, Unreadable> {
    for place in source.places() {
        let text = read(place)?;
        if text.as_ref().is_some_and(|text| !text.is_empty()) {
            return Ok(text);
        }
    }
    Ok(None)
}

/// An id that is empty or oversized is as good as none: the content stands in for it.
pub(super) fn usable_id(id: Option<&str>) -> Option<Box<str>> {
    id.filter(|id| (1..=MAX_ID).contains(&id.len()))
        .map(Box::from)
}

pub(super) fn kept_headers(headers: &HeaderMap, kept: &[HeaderName]) -> HeaderMap {
    let mut map = HeaderMap::with_capacity(kept.len());
    for (name, value) in headers.iter().filter(|(name, _)| kept.contains(name)) {
        map.append(name.clone(), value.clone());
    }
    map
}

/// The longest event id that is used as one, in bytes.
pub(crate) const MAX_ID: usize = 256;

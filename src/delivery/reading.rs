//! What one read of a delivery's body gives.

use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, Uri, header};
use serde_json::value::RawValue;
use time::OffsetDateTime;
use tokio::time::Instant;

use super::{
    Permit,
    verified::{EventId, Verified},
};
use crate::{
    envelope::{self, Unreadable},
    origin::Origin,
    source::{Source, When},
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
    pub(super) envelope: OnceLock<Result<Envelope, Unreadable>>,
    /// Held for as long as anybody holds the body.
    pub(super) _permit: Option<Permit>,
}

/// One event of a batch.
pub(super) struct Item {
    pub(super) document: Bytes,
    pub(super) payload: Range<usize>,
    pub(super) id: Option<Box<str>>,
    pub(super) event_type: Option<Box<str>>,
    /// How many items with the same bytes stand before it in the batch.
    pub(super) occurrence: u64,
}

/// What one read of the body gave.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(super) id: Option<String>,
    pub(super) event_type: Option<String>,
    pub(super) document: Document,
    /// Where the payload stands in the document; of a batch, the array.
    pub(super) payload: Range<usize>,
}

/// The decoded form of a body that its payload is read from.
#[derive(Clone, Debug)]
pub(crate) enum Document {
    Json(Bytes),
    Form(Bytes),
}

/// A payload and how to decode it.
#[derive(Clone, Debug)]
pub(crate) enum Payload {
    Json(Bytes),
    Form(Bytes),
}

impl Shared {
    pub(super) fn envelope(&self) -> Result<&Envelope, Unreadable> {
        self.envelope
            .get_or_init(|| self.read())
            .as_ref()
            .map_err(|reason| *reason)
    }

    fn read(&self) -> Result<Envelope, Unreadable> {
        match self.document()? {
            Document::Json(document) => self.read_json(document),
            Document::Form(body) => self.read_form(&body),
        }
    }

    fn document(&self) -> Result<Document, Unreadable> {
        // No signature covers the content type: what the body is, its own first byte says. No form begins so.
        if !is_form(&self.headers) || looks_like_json(&self.body) {
            return Ok(Document::Json(self.body.clone()));
        }
        let json = match &self.origin.form_payload {
            Some(field) => envelope::form_field(&self.body, field)?,
            None => None,
        };
        Ok(json.map_or_else(
            || Document::Form(self.body.clone()),
            |json| Document::Json(json.into()),
        ))
    }

    fn read_json(&self, document: Bytes) -> Result<Envelope, Unreadable> {
        let text = str::from_utf8(&document).map_err(|_| Unreadable::Malformed)?;
        let found = self.origin.plan().read(text)?;
        let mut values = found.iter().copied();
        let payload = values
            .next()
            .flatten()
            .map_or(0..text.len(), |raw| range_in(text, raw));
        let id = scalar(values.next().flatten())?;
        let event_type = self.event_type(|source| match source {
            Source::Json(_) => scalar(values.next().flatten()),
            _ => Ok(None),
        })?;
        Ok(Envelope {
            id,
            event_type,
            payload,
            document: Document::Json(document),
        })
    }

    fn read_form(&self, body: &Bytes) -> Result<Envelope, Unreadable> {
        let field = |source: &Source| match source {
            Source::Form(name) => envelope::form_field(body, name),
            _ => Ok(None),
        };
        let id = self.origin.id.as_ref().map_or(Ok(None), field)?;
        let event_type = self.event_type(field)?;
        Ok(Envelope {
            id,
            event_type,
            payload: 0..body.len(),
            document: Document::Form(body.clone()),
        })
    }

    fn event_type(
        &self,
        mut in_body: impl FnMut(&Source) -> Result<Option<String>, Unreadable>,
    ) -> Result<Option<String>, Unreadable> {
        let mut event_type: Option<String> = None;
        for part in self.origin.event_type.iter() {
            let text = match &part.source {
                Source::Header(_) => self.header_text(&part.source).map(str::to_owned),
                Source::Query(name) => self.query(name),
                source => in_body(source)?,
            };
            let wanted = part.when == When::Present || event_type.is_none();
            if let Some(text) = text.filter(|text| wanted && !text.is_empty()) {
                event_type = Some(match event_type {
                    Some(before) => before + "." + &text,
                    None => text,
                });
            }
        }
        Ok(event_type)
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

impl Item {
    pub(super) fn read(
        origin: &Origin,
        document: &Bytes,
        raw: &RawValue,
        occurrence: u64,
    ) -> Result<Self, Unreadable> {
        let text = raw.get();
        let [payload, id, event_type, ..] = origin.item_plan().read(text)?;
        Ok(Self {
            document: document.slice_ref(text.as_bytes()),
            payload: payload.map_or(0..text.len(), |raw| range_in(text, raw)),
            id: usable_id(scalar(id)?.as_deref()),
            event_type: scalar(event_type)?.map(String::into_boxed_str),
            occurrence,
        })
    }
}

fn scalar(raw: Option<&RawValue>) -> Result<Option<String>, Unreadable> {
    raw.map_or(Ok(None), envelope::text)
}

/// An id that is empty or oversized is as good as none: the content stands in for it.
pub(super) fn usable_id(id: Option<&str>) -> Option<Box<str>> {
    id.filter(|id| (1..=MAX_ID).contains(&id.len()))
        .map(Box::from)
}

/// Where a borrowed value stands in the text it was read from.
fn range_in(text: &str, raw: &RawValue) -> Range<usize> {
    let start = raw
        .get()
        .as_ptr()
        .addr()
        .saturating_sub(text.as_ptr().addr());
    start..start.saturating_add(raw.get().len()).min(text.len())
}

fn is_form(headers: &HeaderMap) -> bool {
    let form = b"application/x-www-form-urlencoded";
    let value = headers
        .get(header::CONTENT_TYPE)
        .map(http::HeaderValue::as_bytes)
        .unwrap_or_default();
    value
        .get(..form.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(form))
}

fn looks_like_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start(), [b'{' | b'[', ..])
}

pub(super) fn kept_headers(headers: &HeaderMap, kept: &[HeaderName]) -> HeaderMap {
    let mut map = HeaderMap::with_capacity(kept.len());
    for (name, value) in headers.iter().filter(|(name, _)| kept.contains(name)) {
        map.append(name.clone(), value.clone());
    }
    map
}

pub(super) fn str_at<'a>(document: &'a Bytes, range: &Range<usize>) -> Option<&'a str> {
    str::from_utf8(document.get(range.clone())?).ok()
}

/// The longest event id that is used as one, in bytes.
pub(crate) const MAX_ID: usize = 256;

//! A delivery as it is written to a store, and read back.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::time::Instant;

use super::{Delivery, EventId, Scope, Shared, SignedTime, Verified, verified::Coverage};
use crate::{envelope, key::Key, origin::Origin, source::Source};

/// What is written of a delivery besides its body and what a store looks for: what a handler may see, and what
/// verification found. Never a signature, a credential or the digest that may be one.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoredHead {
    pub(crate) method: String,
    /// The path, and of the query what the event type is read from.
    pub(crate) uri: String,
    /// The bytes of a value as the characters with these numbers.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) key: String,
    coverage: StoredCoverage,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    id_is_signed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timestamp: Option<StoredTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    covered: Option<Vec<(Source, Box<str>)>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    items: Vec<Vec<(Source, Box<str>)>>,
    /// Where tokens stand in the body, which are not to be shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tokens: Vec<Source>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredCoverage {
    Whole,
    Partial,
    Nothing,
}

/// A signed moment and its window, in seconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct StoredTime(i64, u64, u64);

/// What a store knows of a delivery besides its head and body.
#[derive(Debug)]
pub(crate) struct StoredFacts {
    pub(crate) event: Key,
    pub(crate) id: Option<Box<str>>,
    pub(crate) tenant: Option<Box<str>>,
    pub(crate) received_at: OffsetDateTime,
    pub(crate) attempt: u32,
    pub(crate) repeats_content: bool,
}

impl Delivery {
    /// What is written of it besides its body.
    pub(crate) fn stored_head(&self) -> StoredHead {
        let shared = &self.shared;
        let verified = &shared.verified;
        let texts = |texts: &super::CoveredTexts| texts.to_vec();
        StoredHead {
            method: shared.method.to_string(),
            uri: kept_uri(&shared.uri, &shared.origin),
            headers: shared.headers.iter().map(written).collect(),
            key: verified.key.to_string(),
            coverage: match verified.coverage {
                Coverage::Whole => StoredCoverage::Whole,
                Coverage::Partial => StoredCoverage::Partial,
                Coverage::Nothing => StoredCoverage::Nothing,
            },
            id_is_signed: verified.id_is_signed,
            timestamp: verified.timestamp.map(|time| {
                StoredTime(
                    time.at.unix_timestamp(),
                    time.past.as_secs(),
                    time.future.as_secs(),
                )
            }),
            covered: verified.covered.as_ref().map(texts),
            items: verified.items.iter().map(texts).collect(),
            tokens: shared.origin.tokens.clone(),
        }
    }

    /// A delivery as it was written. Only the worker may call this: what it reads was verified before it was written.
    ///
    /// # Errors
    /// What is written is nothing we would have written.
    pub(crate) fn from_store(
        origin: Arc<Origin>,
        facts: StoredFacts,
        head: &[u8],
        body: Bytes,
    ) -> Result<Self, &'static str> {
        let head: StoredHead =
            serde_json::from_slice(head).map_err(|_| "the head of the delivery cannot be read")?;
        let verified = head.verified(facts.tenant.as_deref())?;
        let shared = Shared {
            verified,
            id: facts.id.map(EventId::Text),
            method: Method::from_bytes(head.method.as_bytes())
                .map_err(|_| "the method of the delivery cannot be read")?,
            uri: Uri::try_from(head.uri).map_err(|_| "the path of the delivery cannot be read")?,
            headers: headers(&head.headers),
            body,
            received_at: facts.received_at,
            arrived: Instant::now(),
            stored_as: Some(facts.event),
            envelope: OnceLock::new(),
            parts: OnceLock::new(),
            _permit: None,
            origin,
        };
        Ok(Self {
            shared: Arc::new(shared),
            scope: Scope::Whole,
            attempt: facts.attempt,
            repeats_content: facts.repeats_content,
            run: None,
        })
    }
}

impl StoredHead {
    /// What verification found.
    pub(crate) fn verified(&self, tenant: Option<&str>) -> Result<Verified, &'static str> {
        let texts = |texts: &Vec<(Source, Box<str>)>| texts.iter().cloned().collect();
        let mut verified = Verified::assertion(&*self.key).covering(match self.coverage {
            StoredCoverage::Whole => Coverage::Whole,
            StoredCoverage::Partial => Coverage::Partial,
            StoredCoverage::Nothing => Coverage::Nothing,
        });
        verified.id_is_signed = self.id_is_signed;
        verified.covered = self.covered.as_ref().map(texts);
        verified.items = self.items.iter().map(texts).collect();
        verified.tenant = tenant.map(Arc::from);
        if let Some(StoredTime(at, past, future)) = self.timestamp {
            let at = OffsetDateTime::from_unix_timestamp(at)
                .map_err(|_| "the timestamp of the delivery cannot be read")?;
            let (past, future) = (Duration::from_secs(past), Duration::from_secs(future));
            verified = verified.at(SignedTime::new(at, past, future));
        }
        Ok(verified)
    }
}

/// The path, and the fields of the query that the event type is read from: the rest may hold a token.
fn kept_uri(uri: &Uri, origin: &Origin) -> String {
    let mut kept = uri.path().to_owned();
    let Some(query) = uri.query() else {
        return kept;
    };
    let places = origin
        .event_type
        .iter()
        .flat_map(|part| part.source.places());
    let mut fields = form_urlencoded::Serializer::new(String::new());
    for place in places {
        if let Source::Query(name) = place
            && let Ok(Some(value)) = envelope::form_field(query.as_bytes(), name)
        {
            fields.append_pair(name, &value);
        }
    }
    let fields = fields.finish();
    if !fields.is_empty() {
        kept.push('?');
        kept.push_str(&fields);
    }
    kept
}

fn written((name, value): (&HeaderName, &HeaderValue)) -> (String, String) {
    let text = value.as_bytes().iter().map(|byte| char::from(*byte));
    (name.as_str().to_owned(), text.collect())
}

fn headers(written: &[(String, String)]) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(written.len());
    for (name, value) in written.iter().filter_map(read) {
        // Not `insert`: a header may come twice.
        headers.append(name, value);
    }
    headers
}

fn read((name, value): &(String, String)) -> Option<(HeaderName, HeaderValue)> {
    let bytes: Option<Vec<u8>> = value.chars().map(|c| u8::try_from(c).ok()).collect();
    let value = HeaderValue::from_bytes(&bytes?).ok()?;
    Some((HeaderName::try_from(name).ok()?, value))
}

#[cfg(any(feature = "sqlite", feature = "postgres"))]
impl StoredHead {
    /// The headers as they can be shown.
    pub(crate) fn into_shown(self) -> (String, String, Vec<(String, String)>, String) {
        (self.method, self.uri, self.headers, self.key)
    }
}

//! Requests as an attacker would send them, or a broken proxy.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use serde::de::IgnoredAny;
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use super::{Draft, set};
use crate::{
    scheme::{Grammar, Proof, Scheme, Several},
    source::Source,
};

/// What is done to a request after it was signed.
#[derive(Clone, Debug)]
pub(super) enum Mutation {
    FlipBit,
    Repeat(HeaderName),
    Remove(HeaderName),
    Replace(HeaderName, HeaderValue),
    Body(Bytes),
    Signature(Option<String>),
    /// Without the end of the header it stands in.
    CutSignature,
    Timestamp(OffsetDateTime),
}

impl Draft {
    /// Signed a day before the oldest moment that the scheme still takes for fresh.
    pub fn stale(self) -> Self {
        let (past, _) = self.window();
        let now = self.sender.clock.now();
        self.at(now - past - Duration::DAY)
    }

    /// Signed a day behind the last moment that the scheme takes for fresh: in the future.
    pub fn early(self) -> Self {
        let (_, future) = self.window();
        let now = self.sender.clock.now();
        self.at(now + future + Duration::DAY)
    }

    /// Signed with another key of the same kind.
    pub fn with_wrong_key(mut self) -> Self {
        self.sender.key = self.sender.key.other(&self.sender.scheme);
        self
    }

    /// One bit of the body flipped after signing; JSON stays JSON where it can. An empty body gets a byte.
    pub fn with_flipped_bit(self) -> Self {
        self.mutated(Mutation::FlipBit)
    }

    /// Another body than the one that was signed.
    pub fn with_body(self, body: impl Into<Bytes>) -> Self {
        self.mutated(Mutation::Body(body.into()))
    }

    /// The same signed bytes under another id, for a scheme that does not sign the id.
    pub(in crate::testing) fn with_other_id(self) -> Self {
        let id = format!("{}_again", self.id);
        self.id(&id)
    }

    /// The sender's time.
    pub(in crate::testing) fn now(&self) -> OffsetDateTime {
        self.sender.clock.now()
    }

    /// Without its signature.
    pub fn without_signature(self) -> Self {
        self.mutated(Mutation::Signature(None))
    }

    /// With this text in the place of the signature.
    pub fn with_signature(self, text: &str) -> Self {
        self.mutated(Mutation::Signature(Some(text.to_owned())))
    }

    /// With the beginning of its signature alone, where that ends a header.
    pub(in crate::testing) fn with_cut_signature(self) -> Self {
        self.mutated(Mutation::CutSignature)
    }

    /// With another timestamp than the one that was signed.
    pub fn with_timestamp(self, moment: OffsetDateTime) -> Self {
        self.mutated(Mutation::Timestamp(moment))
    }

    /// A header twice, with the same value.
    pub fn with_repeated_header(self, name: HeaderName) -> Self {
        self.mutated(Mutation::Repeat(name))
    }

    /// Without a header.
    pub fn without_header(self, name: HeaderName) -> Self {
        self.mutated(Mutation::Remove(name))
    }

    /// With another value for a header than the one that was signed.
    ///
    /// # Panics
    /// When it is not text that a header can hold.
    pub fn with_header(self, name: HeaderName, value: &str) -> Self {
        let value = HeaderValue::from_str(value).expect("a header value");
        self.mutated(Mutation::Replace(name, value))
    }

    fn mutated(mut self, mutation: Mutation) -> Self {
        self.mutations.push(mutation);
        self
    }

    /// How old and how early a timestamp may be for this scheme; none at all where it has none.
    fn window(&self) -> (Duration, Duration) {
        let scheme = &self.sender.scheme;
        let window = scheme
            .timestamp
            .as_ref()
            .map(|time| time.window(&scheme.profile));
        let (past, future) = window.unwrap_or_default();
        let longest = |side| Duration::try_from(side).unwrap_or(Duration::ZERO);
        (longest(past), longest(future))
    }
}

impl Mutation {
    pub(super) fn apply(&self, scheme: &Scheme, request: &mut Request<()>, body: &mut Bytes) {
        match self {
            Self::FlipBit => *body = flipped(body),
            Self::Body(other) => *body = other.clone(),
            Self::Remove(name) => drop(request.headers_mut().remove(name)),
            Self::Replace(name, value) => drop(request.headers_mut().insert(name, value.clone())),
            Self::Repeat(name) => repeat(request.headers_mut(), name),
            Self::Signature(text) => {
                put(&signature(scheme), text.as_deref(), scheme, request, body);
            }
            Self::CutSignature => cut(scheme, request.headers_mut()),
            Self::Timestamp(moment) => {
                if let Some(timestamp) = &scheme.timestamp {
                    let text = timestamp.format.print(*moment);
                    put(&timestamp.source, text.as_deref(), scheme, request, body);
                }
            }
        }
    }
}

fn repeat(headers: &mut HeaderMap, name: &HeaderName) {
    if let Some(value) = headers.get(name).cloned() {
        headers.append(name, value);
    }
}

/// The body with one bit flipped: the last place at which JSON stays JSON, else the first bit there is.
fn flipped(body: &[u8]) -> Bytes {
    let flip = |at: usize| {
        let mut bytes = body.to_vec();
        match bytes.get_mut(at) {
            Some(byte) => *byte ^= 1,
            None => bytes.push(1),
        }
        bytes
    };
    let is_json = |bytes: &Vec<u8>| serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
    let letters = (0..body.len())
        .rev()
        .filter(|at| body.get(*at).is_some_and(u8::is_ascii_alphanumeric));
    let kept = letters.take(TRIES).map(flip).find(is_json);
    kept.unwrap_or_else(|| flip(0)).into()
}

/// Puts a text where the scheme has it, or takes it away.
fn put(
    place: &Source,
    text: Option<&str>,
    scheme: &Scheme,
    request: &mut Request<()>,
    body: &mut Bytes,
) {
    match place {
        Source::Header(name) => {
            let name = header_name(scheme, name);
            drop(request.headers_mut().remove(&name));
            if let Some(text) = text {
                let value = HeaderValue::from_str(text).expect("a header value");
                request.headers_mut().insert(name, value);
            }
        }
        Source::Field(name) => put_field(name, text, scheme, request.headers_mut()),
        Source::Query(name) => {
            let query = put_pair(request.uri().query().unwrap_or_default(), name, text);
            let url = format!("{}?{query}", request.uri().path());
            *request.uri_mut() = url.parse::<Uri>().expect("a URL with another query");
        }
        Source::Form(name) => {
            let fields = String::from_utf8_lossy(body).into_owned();
            *body = put_pair(&fields, name, text).into();
        }
        Source::Json(pointer) => {
            if let Ok(mut document) = serde_json::from_slice::<Value>(body) {
                set(&mut document, pointer, text.map_or(Value::Null, Into::into));
                *body = document.to_string().into();
            }
        }
        Source::FirstOf(_) => {
            if let [first, ..] = place.places() {
                put(first, text, scheme, request, body);
            }
        }
        // No sender has a signature or a timestamp there.
        Source::Xml(_) | Source::OtherMember(_) => {}
    }
}

/// Takes the last characters off the header of the signature; the sender writes nothing behind that.
fn cut(scheme: &Scheme, headers: &mut HeaderMap) {
    let place = signature(scheme);
    let [Source::Header(name), ..] = place.places() else {
        return;
    };
    let name = header_name(scheme, name);
    let Some(text) = headers.get(&name).and_then(|value| value.to_str().ok()) else {
        return;
    };
    let kept = text
        .get(..text.len().saturating_sub(CUT))
        .unwrap_or_default();
    let value = HeaderValue::from_str(kept).expect("a header value");
    headers.insert(name, value);
}

/// Replaces a field beside the signature.
fn put_field(name: &str, text: Option<&str>, scheme: &Scheme, headers: &mut HeaderMap) {
    let Source::Header(header) = &scheme.signature else {
        return;
    };
    let header = header_name(scheme, header);
    let (separator, field, known) = match &scheme.grammar {
        Grammar::Fields { separator, assign } => (separator, format!("{name}{assign}"), 0),
        Grammar::Positional { separator, .. } => (separator, String::new(), 1),
        Grammar::Single | Grammar::List { .. } => return,
    };
    let Some(list) = headers.get(&header).and_then(|value| value.to_str().ok()) else {
        return;
    };
    let others = list
        .split(*separator)
        .skip(known)
        .filter(|one| field.is_empty() || !one.trim_start().starts_with(&field));
    let own = text.map(|text| format!("{field}{text}"));
    let fields: Vec<String> = own
        .into_iter()
        .chain(others.map(ToOwned::to_owned))
        .collect();
    let value = fields.join(&separator.to_string());
    headers.insert(
        header,
        HeaderValue::from_str(&value).expect("a header value"),
    );
}

/// Where the signature is, the first where there are several.
fn signature(scheme: &Scheme) -> Source {
    match (&scheme.signature, scheme.several, scheme.proof.clone()) {
        (Source::Header(name), Several::Numbered, _) => Source::Header(format!("{name}1").into()),
        (Source::Json(pointer), _, Proof::Items) => {
            let items = scheme.items.as_ref().map_or("", |items| &*items.pointer);
            Source::Json(format!("{items}/0{pointer}").into())
        }
        (place, ..) => place.clone(),
    }
}

/// Replaces a pair of a query or form.
fn put_pair(pairs: &str, name: &str, text: Option<&str>) -> String {
    let others = form_urlencoded::parse(pairs.as_bytes()).filter(|(known, _)| known != name);
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .extend_pairs(text.map(|text| (name, text)))
        .finish()
}

/// The header as this sender's requests have it: with the first of the prefixes.
fn header_name(scheme: &Scheme, name: &str) -> HeaderName {
    let prefix = scheme.header_prefixes.first().map_or("", |prefix| prefix);
    HeaderName::try_from(format!("{prefix}{name}")).expect("a header name")
}

/// Whole groups of base64 and pairs of hex.
const CUT: usize = 8;
/// How many bits are tried before JSON is given up.
const TRIES: usize = 64;

//! Signs like a sender: one call gives a request that verifies.

use std::{fmt, sync::Arc};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri, header};
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

use super::signing_key::SigningKey;
use crate::{
    clock::{Clock, SystemClock},
    scheme::{Scheme, Signable, Signed},
    secret::Keyring,
    source::{Source, When},
};

/// A sender: its scheme, and a key that signs.
///
/// ```
/// use hooklatch::{EventRouter, Hooks, RawEvent, provider, testing::Sender};
/// use serde_json::json;
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), hooklatch::ConfigError> {
/// let stripe = Sender::new(provider::STRIPE);
/// let receiver = Hooks::new().receiver("stripe", provider::STRIPE, stripe.keyring())?;
/// let app = receiver.receive(EventRouter::new().on("invoice.paid", |_: RawEvent| async {}));
///
/// let request = stripe.event("invoice.paid", json!({"id": "in_1"})).request();
/// let Ok(response) = app.clone().oneshot(request).await;
/// assert_eq!(response.status(), 200);
///
/// let forged = stripe.event("invoice.paid", json!({"id": "in_1"})).with_flipped_bit().request();
/// let Ok(response) = app.oneshot(forged).await;
/// assert_eq!(response.status(), 401);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Sender {
    scheme: Arc<Scheme>,
    key: SigningKey,
    clock: Arc<dyn Clock>,
}

impl Sender {
    /// A sender with a key of its own: a fixed secret, or where the scheme's signatures are made with a private key, a
    /// new pair.
    ///
    /// # Panics
    /// When the scheme cannot be signed for in a test, as without the cargo feature its signatures need.
    #[must_use]
    pub fn new(scheme: Scheme) -> Self {
        let method = scheme.methods.first().expect("the scheme has a method");
        let key = SigningKey::for_method(method);
        Self {
            scheme: Arc::new(scheme),
            key,
            clock: SystemClock::shared(),
        }
    }

    /// A sender that signs with this secret, as a receiver that is already set up expects it.
    #[must_use]
    pub fn with_secret(scheme: Scheme, secret: &str) -> Self {
        let keyring = Keyring::new(secret).insecure_allow_short_secrets();
        Self {
            scheme: Arc::new(scheme),
            key: SigningKey::Secret(keyring),
            clock: SystemClock::shared(),
        }
    }

    /// The time by which this sender signs.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// What the receiver needs to verify this sender.
    #[must_use]
    pub fn keyring(&self) -> Keyring {
        self.key.keyring()
    }

    /// The text of the key the receiver needs, as it would stand in an environment variable.
    #[must_use]
    pub fn key_text(&self) -> String {
        let keyring = self.key.keyring();
        let secret = keyring
            .keys()
            .first()
            .map(|key| key.secret().expose().to_vec());
        String::from_utf8(secret.unwrap_or_default()).unwrap_or_default()
    }

    /// An event of this type with this payload, placed in the body and headers where this sender puts them. Id, type and
    /// payload that have no place with this sender are left out.
    pub fn event(&self, event_type: &str, payload: Value) -> Draft {
        let mut draft = self.raw(Bytes::new());
        draft.content = Content::Event {
            event_type: event_type.to_owned(),
            payload,
        };
        draft.header(header::CONTENT_TYPE, "application/json")
    }

    /// A batch of events (type and payload each), for a sender that batches. Ids are `evt_test_0` and so on.
    pub fn batch<'a>(&self, events: impl IntoIterator<Item = (&'a str, Value)>) -> Draft {
        let item = |(index, (event_type, payload)): (usize, (&str, Value))| {
            self.item(&format!("evt_test_{index}"), event_type, payload)
        };
        let items = events.into_iter().enumerate().map(item).collect();
        let pointer = self
            .scheme
            .items
            .as_ref()
            .map_or("", |items| &*items.pointer);
        let mut body = Value::Null;
        set(&mut body, pointer, Value::Array(items));
        self.raw(body.to_string())
            .header(header::CONTENT_TYPE, "application/json")
    }

    /// A request with exactly this body, and no content type.
    pub fn raw(&self, body: impl Into<Bytes>) -> Draft {
        Draft {
            sender: self.clone(),
            content: Content::Raw(body.into()),
            id: "evt_test".to_owned(),
            at: None,
            method: Method::POST,
            uri: Uri::from_static("/"),
            headers: Vec::new(),
            mutations: Vec::new(),
        }
    }

    fn item(&self, id: &str, event_type: &str, payload: Value) -> Value {
        let mut item = Value::Null;
        set(&mut item, &self.scheme.payload, payload);
        if let Some(items) = &self.scheme.items {
            let mut put = |pointer: &str, text: &str| set(&mut item, pointer, text.into());
            if let Some(pointer) = &items.id {
                put(pointer, id);
            }
            let places = items
                .event_type
                .iter()
                .flat_map(|part| part.source.places());
            let pointer = places.into_iter().find_map(|place| match place {
                Source::Json(pointer) => Some(pointer),
                _ => None,
            });
            if let Some(pointer) = pointer {
                put(pointer, event_type);
            }
        }
        item
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("scheme", &self.scheme.name)
            .finish_non_exhaustive()
    }
}

/// A request to be signed; [`request`](Self::request) gives it.
#[derive(Clone, Debug)]
#[must_use = "a draft becomes a request with `request()`"]
pub struct Draft {
    sender: Sender,
    content: Content,
    id: String,
    at: Option<OffsetDateTime>,
    method: Method,
    uri: Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
    mutations: Vec<Mutation>,
}

#[derive(Clone, Debug)]
enum Content {
    Event { event_type: String, payload: Value },
    Raw(Bytes),
}

/// What is done to a request after it was signed.
#[derive(Clone, Debug)]
enum Mutation {
    FlipBit,
    Repeat(HeaderName),
    Remove(HeaderName),
    Replace(HeaderName, HeaderValue),
    Body(Bytes),
}

impl Draft {
    /// Another event id than `evt_test`.
    pub fn id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.id);
        self
    }

    /// Signed at this moment instead of now.
    pub const fn at(mut self, moment: OffsetDateTime) -> Self {
        self.at = Some(moment);
        self
    }

    /// Another path or URL than `/`.
    ///
    /// # Panics
    /// When it is not a URL.
    pub fn to(mut self, uri: &str) -> Self {
        self.uri = uri.parse().expect("a path or URL");
        self
    }

    /// One more header, set before signing.
    ///
    /// # Panics
    /// When it is not text that a header can hold.
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        self.headers
            .push((name, HeaderValue::from_str(value).expect("a header value")));
        self
    }

    /// Signed a day ago.
    pub fn stale(self) -> Self {
        let now = self.sender.clock.now();
        self.at(now - Duration::DAY)
    }

    /// Signed with another key of the same kind.
    pub fn with_wrong_key(mut self) -> Self {
        self.sender.key = self.sender.key.other(&self.sender.scheme);
        self
    }

    /// One bit of the body flipped after signing; an empty body gets a byte.
    pub fn with_flipped_bit(self) -> Self {
        self.mutated(Mutation::FlipBit)
    }

    /// Another body than the one that was signed.
    pub fn with_body(self, body: impl Into<Bytes>) -> Self {
        self.mutated(Mutation::Body(body.into()))
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

    /// The signed request.
    ///
    /// # Panics
    /// When the sender cannot sign it, as with an id that no header can hold.
    #[must_use]
    pub fn request(self) -> Request<Body> {
        let (request, body) = self.parts();
        request.map(|()| Body::from(body))
    }

    /// The signed request, head and body apart, for clients that are no tower service.
    ///
    /// # Panics
    /// As [`request`](Self::request).
    #[must_use]
    pub fn parts(self) -> (Request<()>, Bytes) {
        let mut request = Request::new(());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        let mut body = self.body(request.headers_mut());
        for (name, value) in &self.headers {
            request.headers_mut().append(name.clone(), value.clone());
        }
        let signed = self.sign(&request, &body);
        if let Some(changed) = signed.body() {
            body.clone_from(changed);
        }
        if let Some(url) = signed.url() {
            request.uri_mut().clone_from(url);
        }
        for (name, value) in signed {
            request.headers_mut().insert(name, value);
        }
        for mutation in self.mutations {
            mutation.apply(request.headers_mut(), &mut body);
        }
        (request, body)
    }

    fn mutated(mut self, mutation: Mutation) -> Self {
        self.mutations.push(mutation);
        self
    }

    fn sign(&self, request: &Request<()>, body: &Bytes) -> Signed {
        let scheme = &self.sender.scheme;
        let moment = self.at.unwrap_or_else(|| self.sender.clock.now());
        let mut message = Signable::new(body)
            .with_method(request.method().clone())
            .with_url(request.uri())
            .with_headers(request.headers())
            .with_timestamp(moment);
        if scheme
            .id
            .as_ref()
            .is_some_and(|source| !source.is_in_body())
        {
            message = message.with_id(&self.id);
        }
        self.sender
            .key
            .sign(scheme, &message)
            .expect("the sender can sign this message")
    }

    /// The body, and the headers that carry what is not in it.
    fn body(&self, headers: &mut http::HeaderMap) -> Bytes {
        let (event_type, payload) = match &self.content {
            Content::Raw(body) => return body.clone(),
            Content::Event {
                event_type,
                payload,
            } => (event_type, payload.clone()),
        };
        let scheme = &self.sender.scheme;
        if scheme.items.is_some() {
            return Value::Array(vec![self.sender.item(&self.id, event_type, payload)])
                .to_string()
                .into();
        }
        let mut body = json!({});
        if matches!(scheme.id, Some(Source::Json(_))) || !scheme.payload.is_empty() {
            set(&mut body, &scheme.payload, payload);
        } else {
            body = payload;
        }
        if let Some(Source::Json(pointer)) = &scheme.id {
            set(&mut body, pointer, self.id.clone().into());
        }
        self.place_type(event_type, &mut body, headers);
        body.to_string().into()
    }

    /// Puts each part of the type where it belongs; the last part takes all that is left.
    fn place_type(&self, event_type: &str, body: &mut Value, headers: &mut http::HeaderMap) {
        let parts = self
            .sender
            .scheme
            .event_type
            .iter()
            .filter(|part| part.when == When::Present);
        let count = parts.clone().count().max(1);
        for (part, text) in parts.zip(event_type.splitn(count, '.')) {
            match &part.source {
                Source::Header(name) => {
                    let name = HeaderName::try_from(&**name).expect("a header name");
                    headers.insert(name, HeaderValue::from_str(text).expect("a header value"));
                }
                Source::Json(pointer) => set(body, pointer, text.into()),
                _ => {}
            }
        }
        self.place_otherwise(event_type, body);
    }

    /// A sender whose type has but one place, which counts where nothing was found before.
    fn place_otherwise(&self, event_type: &str, body: &mut Value) {
        let parts = &self.sender.scheme.event_type;
        if parts.iter().any(|part| part.when == When::Present) {
            return;
        }
        if let Some(Source::Json(pointer)) = parts.first().map(|part| &part.source) {
            set(body, pointer, event_type.into());
        }
    }
}

impl Mutation {
    fn apply(self, headers: &mut http::HeaderMap, body: &mut Bytes) {
        match self {
            Self::FlipBit => {
                let mut bytes = body.to_vec();
                match bytes.first_mut() {
                    Some(byte) => *byte ^= 1,
                    None => bytes.push(1),
                }
                *body = bytes.into();
            }
            Self::Body(other) => *body = other,
            Self::Remove(name) => drop(headers.remove(name)),
            Self::Replace(name, value) => drop(headers.insert(name, value)),
            Self::Repeat(name) => {
                if let Some(value) = headers.get(&name).cloned() {
                    headers.append(name, value);
                }
            }
        }
    }
}

/// Sets a value at a JSON pointer, making objects on the way. What stands there as an object is merged.
fn set(document: &mut Value, pointer: &str, value: Value) {
    let tokens = pointer
        .split('/')
        .skip(1)
        .map(|token| token.replace("~1", "/").replace("~0", "~"));
    let mut place = document;
    for token in tokens {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = place
            .as_object_mut()
            .expect("an object")
            .entry(token)
            .or_insert(Value::Null);
    }
    *place = value;
}

//! Signs like a sender: one call gives a request that verifies.

mod challenge;
mod compose;
mod layout;
mod retry;
mod tamper;

use std::{fmt, sync::Arc};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header};
use serde_json::Value;
use time::OffsetDateTime;

pub use self::challenge::Challenge;
use self::{
    compose::{Composed, Shape, set},
    layout::Layout,
    tamper::Mutation,
};
use super::signing_key::SigningKey;
#[cfg(feature = "asymmetric")]
use crate::error::ConfigError;
use crate::{
    clock::{Clock, SystemClock},
    scheme::{Part, Scheme, SignError, Signable, Signed},
    secret::{Keyring, Param},
    source::Source,
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
    key_name: Option<String>,
    params: Vec<(Param, String)>,
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
        let key = SigningKey::for_scheme(&scheme);
        Self::signing_with(key, scheme)
    }

    /// A sender that signs with this secret, as a receiver that is already set up expects it.
    #[must_use]
    pub fn with_secret(scheme: Scheme, secret: &str) -> Self {
        let keyring = Keyring::new(secret).insecure_allow_short_secrets();
        Self::signing_with(SigningKey::Secret(keyring), scheme)
    }

    /// A sender that signs with this private key, in PEM (PKCS #8, SEC 1 or PKCS #1).
    ///
    /// # Errors
    /// The text is no private key, or of a kind that the scheme does not sign with.
    #[cfg(feature = "asymmetric")]
    pub fn with_private_key(scheme: Scheme, pem: &[u8]) -> Result<Self, ConfigError> {
        let key = SigningKey::of_private_key(&scheme, pem)?;
        Ok(Self::signing_with(key, scheme))
    }

    /// Another of the sender's parameters than the one made up for the test, as the token of a URL challenge. The
    /// [`keyring`](Self::keyring) holds it too.
    #[must_use]
    pub fn with(mut self, param: Param, value: &str) -> Self {
        self.params.retain(|(known, _)| *known != param);
        self.params.push((param, value.to_owned()));
        self
    }

    /// Another name of the key than `current`, where requests name it ([`Scheme::key_id`]). The [`keyring`](Self::keyring) has
    /// it under this name.
    #[must_use]
    pub fn key_name(mut self, name: &str) -> Self {
        self.key_name = Some(name.to_owned());
        self
    }

    /// The time by which this sender signs.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// What the receiver needs to verify this sender.
    #[must_use]
    pub fn keyring(&self) -> Keyring {
        let with = |keyring: Keyring, (param, value): &(Param, String)| {
            keyring.with(*param, value.as_str())
        };
        self.params.iter().fold(self.named_key(), with)
    }

    /// The key, by the name that requests have for it: where they name a URL, one that the scheme allows.
    fn named_key(&self) -> Keyring {
        let keyring = self.key.keyring();
        let name = self.key_name.clone();
        let name = name.or_else(|| self.scheme.sample_key_url());
        let (Some(name), Some(key)) = (name, keyring.keys().first()) else {
            return keyring;
        };
        let named = Keyring::empty().and(name, key.secret().clone());
        if keyring.allows_short_secrets() {
            named.insecure_allow_short_secrets()
        } else {
            named
        }
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
        draft.header(header::CONTENT_TYPE, Shape::of(&self.scheme).content_type())
    }

    /// A batch of events (type and payload each), for a sender that batches. Ids are that of the draft with a number:
    /// `evt_test_0` and so on.
    pub fn batch<'a>(&self, events: impl IntoIterator<Item = (&'a str, Value)>) -> Draft {
        let mut draft = self.raw(Bytes::new());
        let own = |(event_type, payload): (&str, Value)| (event_type.to_owned(), payload);
        draft.content = Content::Batch(events.into_iter().map(own).collect());
        draft.header(header::CONTENT_TYPE, Shape::of(&self.scheme).content_type())
    }

    /// A request with exactly this body, and no content type.
    pub fn raw(&self, body: impl Into<Bytes>) -> Draft {
        Draft {
            sender: self.clone(),
            content: Content::Raw(body.into()),
            id: "evt_test".to_owned(),
            made: self.clock.now(),
            at: None,
            retry: 0,
            method: Method::POST,
            uri: Uri::from_static("/"),
            query: Vec::new(),
            headers: Vec::new(),
            layout: Layout::default(),
            signed: true,
            mutations: Vec::new(),
        }
    }

    fn signing_with(key: SigningKey, scheme: Scheme) -> Self {
        Self {
            params: challenge::params(&scheme),
            scheme: Arc::new(scheme),
            key,
            key_name: None,
            clock: SystemClock::shared(),
        }
    }

    pub(super) fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// What no answer may hold; none for a key pair.
    pub(super) fn secret(&self) -> Option<&[u8]> {
        self.key.secret()
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
    /// When the draft was begun: the time of the event.
    made: OffsetDateTime,
    at: Option<OffsetDateTime>,
    retry: u8,
    method: Method,
    uri: Uri,
    query: Vec<(String, String)>,
    headers: Vec<(HeaderName, HeaderValue)>,
    layout: Layout,
    signed: bool,
    mutations: Vec<Mutation>,
}

#[derive(Clone, Debug)]
enum Content {
    Event { event_type: String, payload: Value },
    Batch(Vec<(String, Value)>),
    Raw(Bytes),
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

    /// Another method than `POST`.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// One more parameter of the URL's query, set before signing.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
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
        self.try_parts().expect("the sender can sign this message")
    }

    /// As [`parts`](Self::parts), for what may not be signed: a body of a stranger's making, another's secret.
    ///
    /// # Errors
    /// When the sender cannot sign it, as a body that is no JSON where the signature has to stand in it.
    pub fn try_parts(self) -> Result<(Request<()>, Bytes), SignError> {
        let mut request = Request::new(());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.url();
        let written = self.body(request.headers_mut());
        let mut body = match &self.content {
            Content::Event { .. } if self.wraps() => written,
            _ => self.layout.apply(written),
        };
        for (name, value) in self.headers.iter().chain(&self.retry_headers()) {
            request.headers_mut().append(name.clone(), value.clone());
        }
        self.cover_headers(request.headers_mut());
        if self.signed {
            body = compose::complete(&self.sender.scheme, body, &self.event_id());
            let signed = self.sign(&request, &body)?;
            if let Some(changed) = signed.body() {
                body.clone_from(changed);
            }
            if let Some(url) = signed.url() {
                request.uri_mut().clone_from(url);
            }
            for (name, value) in signed {
                request.headers_mut().insert(name, value);
            }
        }
        for mutation in &self.mutations {
            mutation.apply(&self.sender.scheme, &mut request, &mut body);
        }
        Ok((request, body))
    }

    /// Headers that are signed and mean nothing else have to be there too.
    fn cover_headers(&self, headers: &mut HeaderMap) {
        let scheme = &self.sender.scheme;
        let digest = scheme.body_digest.as_ref().map(|digest| &digest.source);
        let timestamp = scheme.timestamp.as_ref().map(|timestamp| &timestamp.source);
        let written = [
            digest,
            timestamp,
            scheme.id.as_ref(),
            scheme.key_id.as_ref(),
        ];
        let prefix = scheme.header_prefixes.first().map_or("", |prefix| prefix);
        for part in scheme.content.iter() {
            let Part::Header(name) = part else { continue };
            let is_it =
                |source: &Source| matches!(source, Source::Header(header) if header == name);
            if written
                .into_iter()
                .flatten()
                .flat_map(Source::places)
                .any(is_it)
            {
                continue;
            }
            let name = HeaderName::try_from(format!("{prefix}{name}")).expect("a header name");
            headers
                .entry(name)
                .or_insert(HeaderValue::from_static("made-up-for-the-test"));
        }
    }

    fn sign(&self, request: &Request<()>, body: &Bytes) -> Result<Signed, SignError> {
        let scheme = &self.sender.scheme;
        let id = self.event_id();
        let mut message = Signable::new(body)
            .with_method(request.method().clone())
            .with_url(request.uri())
            .with_headers(request.headers())
            .with_timestamp(self.moment());
        if scheme
            .id
            .as_ref()
            .is_some_and(|source| scheme.reads_early(source, &Part::Id))
        {
            message = message.with_id(&id);
        }
        self.sender
            .key
            .sign(scheme, &self.sender.keyring(), &message)
    }

    /// Whether the document stands in a field of a form.
    fn wraps(&self) -> bool {
        Shape::of(&self.sender.scheme).wraps()
    }

    /// The path or URL, with the parameters that were added to its query.
    fn url(&self) -> Uri {
        if self.query.is_empty() {
            return self.uri.clone();
        }
        let added = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.query)
            .finish();
        let join = if self.uri.query().is_some() { '&' } else { '?' };
        let url = format!("{}{join}{added}", self.uri);
        url.parse().expect("a URL with a longer query")
    }

    /// The body, and the headers that carry what is not in it.
    fn body(&self, headers: &mut HeaderMap) -> Bytes {
        let (scheme, id) = (&self.sender.scheme, self.event_id());
        match &self.content {
            Content::Raw(body) => body.clone(),
            Content::Event {
                event_type,
                payload,
            } => {
                let event = Composed {
                    id: &id,
                    event_type,
                    payload: payload.clone(),
                    tail: if self.wraps() { &self.layout.tail } else { "" },
                };
                self.counted(compose::event(scheme, event, headers))
            }
            Content::Batch(events) => {
                let ids = (0..events.len()).map(|index| format!("{id}_{index}"));
                let ids: Vec<String> = ids.collect();
                let composed = events.iter().zip(&ids).map(|(event, id)| Composed {
                    id,
                    event_type: &event.0,
                    payload: event.1.clone(),
                    tail: "",
                });
                compose::batch(scheme, composed.collect())
            }
        }
    }
}

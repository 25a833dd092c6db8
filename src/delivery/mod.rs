//! [`Verified`] and [`Delivery`]: proof that a signature matched exactly these bytes.

mod document;
mod item;
mod reading;
mod stored;
mod values;
mod verified;

use std::{
    any::Any,
    borrow::Cow,
    fmt,
    sync::{Arc, OnceLock},
};

use axum::{
    body::Body,
    extract::{FromRequestParts, Request},
};
use bytes::Bytes;
use http::{Extensions, HeaderMap, Method, Uri, request::Parts};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tokio::time::Instant;

use self::{
    item::Item,
    reading::{Shared, kept_headers, usable_id},
};
use crate::{
    envelope::Unreadable,
    error::{Rejection, RejectionKind},
    key::Key,
    origin::Origin,
    profile::{Profile, Repeats},
    source::Source,
};

pub(crate) use self::stored::StoredFacts;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) use self::stored::StoredHead;
pub use self::verified::{Coverage, SignedTime, Verified};
pub(crate) use self::{
    reading::{MAX_ID, Payload},
    verified::{CoveredTexts, EventId},
};

/// A verified delivery: exactly the bytes a signature matched, and what is known of them.
///
/// Cheap to clone. It has no public constructor: holding one means that verification took place. As an axum extractor
/// it works in any handler behind a [`VerifyLayer`](crate::VerifyLayer).
#[derive(Clone)]
pub struct Delivery {
    shared: Arc<Shared>,
    scope: Scope,
    attempt: u32,
    repeats_content: bool,
    run: Option<Run>,
}

/// What the supervisor of a handler leaves for the extractors of the store: they know what it is.
pub(crate) type Run = Arc<dyn Any + Send + Sync>;

/// What keeps a request counted as being in flight.
pub(crate) type Permit = Arc<dyn Any + Send + Sync>;

/// The part of a delivery a handler is given.
#[derive(Clone)]
enum Scope {
    Whole,
    Item(Arc<Item>),
    Together(Arc<[Delivery]>),
}

/// When a request arrived, by both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) received_at: OffsetDateTime,
    pub(crate) arrived: Instant,
}

impl Delivery {
    /// Only `layer/verify.rs` and `testing` may call this: it is where "verified" becomes a delivery.
    pub(crate) fn new(
        origin: Arc<Origin>,
        mut verified: Verified,
        head: &Parts,
        body: Bytes,
        arrival: Arrival,
        permit: Option<Permit>,
    ) -> Result<Self, Unreadable> {
        let headers = kept_headers(&head.headers, &origin.kept_headers);
        let mut shared = Shared {
            id: verified.id.take(),
            verified,
            method: head.method.clone(),
            uri: head.uri.clone(),
            headers,
            body,
            received_at: arrival.received_at,
            arrived: arrival.arrived,
            stored_as: None,
            envelope: OnceLock::new(),
            parts: OnceLock::new(),
            _permit: permit,
            origin,
        };
        let in_body = shared.origin.id.as_ref().is_some_and(Source::is_in_body);
        // An id of the body that the signature names was read with it.
        if in_body && shared.id.is_none() {
            let id = match shared.envelope() {
                Ok(envelope) => usable_id(envelope.id.as_deref()),
                Err(_) if shared.origin.keeps_unreadable => None,
                Err(reason) => return Err(reason),
            };
            shared.id = id.map(EventId::Text);
            shared.verified.id_is_signed =
                shared.verified.coverage == Coverage::Whole && !shared.origin.body_is_loose;
        }
        Ok(Self {
            shared: Arc::new(shared),
            scope: Scope::Whole,
            attempt: 1,
            repeats_content: false,
            run: None,
        })
    }

    /// The name of the receiver it came to.
    #[must_use]
    pub fn receiver(&self) -> &str {
        &self.shared.origin.receiver
    }

    /// The name of the tenant whose key matched, where the receiver has [tenants](crate::Receiver#tenants). Event ids are
    /// scoped by it too.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        self.shared.verified.tenant.as_deref()
    }

    /// The sender's name, as `stripe`.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.shared.origin.provider
    }

    /// The event id, where the sender gave a usable one (text of 1 to 256 bytes). Of a batch's item, the item's own.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match &self.scope {
            Scope::Item(item) => item.id.as_deref(),
            Scope::Whole | Scope::Together(_) => self.shared.id.as_ref().and_then(EventId::as_str),
        }
    }

    /// The event type, where the sender gave one and it can be read.
    #[must_use]
    pub fn event_type(&self) -> Option<&str> {
        match &self.scope {
            Scope::Item(item) => item.event_type.as_deref(),
            Scope::Together(items) => items.first().and_then(Self::event_type),
            Scope::Whole => self.shared.envelope().ok()?.event_type.as_deref(),
        }
    }

    /// Exactly the bytes the signature matched: the whole body, also of a batch's item.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.shared.body
    }

    /// The headers a handler may see: the sender's own and the content's, never a signature or credential.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.shared.headers
    }

    /// The method of the request.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.shared.method
    }

    /// The path of the request as this server saw it.
    #[must_use]
    pub fn path(&self) -> &str {
        self.shared.uri.path()
    }

    /// The signed timestamp, where the scheme has one.
    #[must_use]
    pub fn timestamp(&self) -> Option<SignedTime> {
        self.shared.verified.timestamp
    }

    /// When the request arrived here.
    #[must_use]
    pub fn received_at(&self) -> OffsetDateTime {
        self.shared.received_at
    }

    /// Which run of this event it is, from 1.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// How much of the body the signature covers; of a batch's item, of the item. Where that is not all, a handler must
    /// fetch instead of trust: [`Covered`](crate::Covered) is the argument that insists on it.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        let coverage = self.shared.verified.coverage;
        if coverage != Coverage::Partial || !self.shared.origin.takes_single {
            return coverage;
        }
        match &self.scope {
            Scope::Whole => coverage,
            Scope::Item(item) if item.index == 0 => Coverage::Whole,
            Scope::Item(_) => Coverage::Nothing,
            Scope::Together(items) => {
                let whole = |item: &Self| item.coverage() == Coverage::Whole;
                if items.iter().all(whole) {
                    Coverage::Whole
                } else {
                    coverage
                }
            }
        }
    }

    /// The texts that the signature covers, by their places, where its coverage is [partial](Coverage::Partial): all
    /// that may be believed of the request. Of a form that is signed as a whole, or a document in it, nothing is listed. Of a
    /// batch whose items are signed on their own, these are the item's.
    ///
    /// ```
    /// use hooklatch::{Delivery, Source};
    ///
    /// /// The one text of a Lever event that nobody else can have written.
    /// fn token(delivery: &Delivery) -> Option<&str> {
    ///     let place = Source::json("/token");
    ///     delivery.covered().find(|(covered, _)| **covered == place).map(|(_, text)| text)
    /// }
    /// ```
    pub fn covered(&self) -> impl Iterator<Item = (&Source, &str)> {
        let verified = &self.shared.verified;
        let texts = match &self.scope {
            Scope::Item(item) if !verified.items.is_empty() => verified.items.get(item.index),
            _ => verified.covered.as_ref(),
        };
        let texts = texts.into_iter().flat_map(|texts| texts.iter());
        texts.map(|(place, text)| (place, &**text))
    }

    /// The name of the key that matched.
    #[must_use]
    pub fn key_name(&self) -> &str {
        &self.shared.verified.key
    }

    /// The same signed bytes were already accepted under another id, and the sender's profile says that this is ordinary.
    #[must_use]
    pub const fn repeats_content(&self) -> bool {
        self.repeats_content
    }

    /// How the sender delivers and retries.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.shared.origin.profile
    }

    /// The key by which a store remembers this event.
    #[must_use]
    pub fn event_key(&self) -> Key {
        if let (Scope::Whole, Some(key)) = (&self.scope, self.shared.stored_as) {
            return key;
        }
        let (receiver, tenant) = (self.receiver(), self.tenant());
        match (&self.scope, self.id()) {
            (_, Some(id)) => Key::event(receiver, tenant, id.as_bytes()),
            (Scope::Item(item), None) => {
                let digest = Sha256::new()
                    .chain_update(&item.around)
                    .chain_update(&item.document)
                    .chain_update(item.occurrence.to_le_bytes());
                Key::event_without_id(receiver, tenant, &digest.finalize())
            }
            (Scope::Whole | Scope::Together(_), None) => {
                let verified = &self.shared.verified;
                // What a signature does not cover can be changed at will: it must not make another event of it.
                let signed = verified
                    .digest
                    .filter(|_| verified.coverage == Coverage::Partial);
                let digest = signed.unwrap_or_else(|| Sha256::digest(self.shared.text()).into());
                Key::event_without_id(receiver, tenant, &digest)
            }
        }
    }

    /// The key of the signed content, where a replay under another id is possible and can be told: the id is not under
    /// the signature, and the signature covers the whole body. Also where the id is missing: whoever can change it can
    /// leave it out.
    #[must_use]
    pub fn content_key(&self) -> Option<Key> {
        let verified = &self.shared.verified;
        let has_id = self.shared.origin.id.is_some() || self.shared.id.is_some();
        let id_is_open = has_id && !verified.id_is_signed;
        let whole = verified.coverage == Coverage::Whole || self.shared.origin.signs_document;
        let whole = whole && matches!(self.scope, Scope::Whole);
        verified
            .digest
            .filter(|_| id_is_open && whole)
            .map(|digest| Key::content(self.receiver(), self.tenant(), &digest))
    }

    /// The request a handler is given: method, path, the headers of [`headers`](Self::headers), the body and this
    /// delivery, nothing else. The same whether the handler runs at once or later from a store.
    #[must_use]
    pub fn to_request(&self) -> Request {
        self.clone().into_request(Extensions::new())
    }

    /// The same, in an empty map of extensions that is there already.
    pub(crate) fn into_request(self, mut extensions: Extensions) -> Request {
        let mut request = Request::new(Body::from(self.handled_body()));
        request.method_mut().clone_from(&self.shared.method);
        *request.uri_mut() = path_of(&self.shared.uri);
        request.headers_mut().clone_from(&self.shared.headers);
        extensions.insert(self);
        *request.extensions_mut() = extensions;
        request
    }

    /// What a raw handler reads: the body, or of a batch's item its own JSON or XML.
    pub(crate) fn handled_body(&self) -> Bytes {
        match &self.scope {
            Scope::Item(item) => item.document.clone(),
            Scope::Whole | Scope::Together(_) => self.shared.body.clone(),
        }
    }

    pub(crate) const fn at_attempt(mut self, attempt: u32, repeats_content: bool) -> Self {
        self.attempt = attempt;
        self.repeats_content = repeats_content;
        self
    }

    pub(crate) fn in_run(mut self, run: Option<Run>) -> Self {
        self.run = run;
        self
    }

    /// What the supervisor of this run left.
    #[cfg_attr(
        not(any(feature = "sqlite", feature = "postgres")),
        expect(dead_code, reason = "for the stores")
    )]
    pub(crate) const fn run(&self) -> Option<&Run> {
        self.run.as_ref()
    }

    pub(crate) fn receiver_name(&self) -> &Arc<str> {
        &self.shared.origin.receiver
    }

    /// Counts a run of its handler.
    pub(crate) fn count(&self, outcome: &'static str, seconds: f64) {
        self.shared.origin.handled.count(outcome, seconds);
    }

    pub(crate) fn arrived(&self) -> Instant {
        self.shared.arrived
    }

    /// The type's first part where it can be told without reading the body, and more may follow in the body.
    pub(crate) fn type_head(&self) -> Option<&str> {
        let part = self.shared.origin.event_type.first()?;
        match self.scope {
            Scope::Whole => part
                .source
                .places()
                .iter()
                .find_map(|place| self.shared.header_text(place)),
            Scope::Item(_) | Scope::Together(_) => None,
        }
    }

    /// Whether the profile calls identical content under another id ordinary for this event.
    pub(crate) fn may_repeat(&self) -> bool {
        match &self.profile().repeats {
            Repeats::Refuse => false,
            Repeats::Flag => true,
            Repeats::FlagTypes(types) => {
                let head = self.type_head().or_else(|| self.event_type());
                head.is_some_and(|head| types.iter().any(|name| *name == head))
            }
        }
    }

    /// Reads what has to be read of the body, once.
    pub(crate) fn readable(&self) -> Result<(), Rejection> {
        match self.scope {
            Scope::Whole => self
                .shared
                .envelope()
                .map(drop)
                .map_err(|reason| self.unreadable(reason)),
            Scope::Item(_) | Scope::Together(_) => Ok(()),
        }
    }

    /// A refusal of this delivery.
    pub(crate) fn refusal(
        &self,
        kind: RejectionKind,
        detail: impl Into<Cow<'static, str>>,
    ) -> Rejection {
        Rejection::new(kind, detail)
            .at(self.receiver_name())
            .of_tenant(self.shared.verified.tenant.as_ref())
    }

    pub(crate) fn unreadable(&self, reason: Unreadable) -> Rejection {
        self.refusal(RejectionKind::Unreadable, reason.detail())
    }

    /// The payload to decode.
    pub(crate) fn payload(&self) -> Result<Payload, Rejection> {
        match &self.scope {
            Scope::Item(item) => Ok(item.payload()),
            Scope::Whole | Scope::Together(_) => self
                .shared
                .payload()
                .map_err(|reason| self.unreadable(reason)),
        }
    }

    /// The parts of a multipart body.
    #[cfg(feature = "multipart")]
    pub(crate) fn parts(&self) -> Result<&[crate::envelope::Part], Rejection> {
        let parts = self.shared.parts();
        parts
            .map(|parts| &**parts)
            .map_err(|reason| self.unreadable(reason))
    }

    /// Whether this is a whole delivery of a sender that batches, still to be split.
    pub(crate) fn is_unsplit_batch(&self) -> bool {
        self.shared.origin.items.is_some() && matches!(self.scope, Scope::Whole)
    }

    /// Whether it comes from a store.
    pub(crate) fn is_stored(&self) -> bool {
        self.shared.stored_as.is_some()
    }

    pub(crate) const fn is_item(&self) -> bool {
        matches!(self.scope, Scope::Item(_))
    }

    /// The deliveries that [`Batch`](crate::Batch) takes together, this one alone where it is not such a group.
    pub(crate) fn together(&self) -> &[Self] {
        match &self.scope {
            Scope::Together(items) => items,
            Scope::Whole | Scope::Item(_) => std::slice::from_ref(self),
        }
    }

    /// One delivery that stands for several items of this one.
    pub(crate) fn gathered(&self, items: Vec<Self>) -> Self {
        let attempt = items.iter().map(Self::attempt).max().unwrap_or(1);
        Self {
            scope: Scope::Together(items.into()),
            attempt,
            ..self.clone()
        }
    }

    /// The items of a batch, each as a delivery of its own.
    pub(crate) fn split(&self) -> Result<Vec<Self>, Unreadable> {
        let items = Item::all(&self.shared)?.into_iter();
        let of_item = |item| Self {
            scope: Scope::Item(Arc::new(item)),
            ..self.clone()
        };
        Ok(items.map(of_item).collect())
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("receiver", &self.receiver())
            .field("provider", &self.provider())
            .field("tenant", &self.tenant())
            .field("id", &self.id())
            .field("attempt", &self.attempt)
            .field("body", &format_args!("{} bytes", self.body().len()))
            .finish_non_exhaustive()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Delivery {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(unverified)
    }
}

/// The refusal of a layer or extractor that stands without verification in front.
pub(crate) fn unverified() -> Rejection {
    Rejection::new(
        RejectionKind::Unverified,
        "no verified delivery: put VerifyLayer or a Receiver in front",
    )
}

/// The path alone: a query may hold a token.
fn path_of(uri: &Uri) -> Uri {
    // Most have nothing else.
    if uri.query().is_none() && uri.authority().is_none() {
        return uri.clone();
    }
    Uri::try_from(uri.path()).unwrap_or_default()
}

// Stops compiling when a delivery can no longer travel between tasks.
const _: fn() = || {
    fn check<T: Clone + Send + Sync + 'static>() {}
    check::<Delivery>();
};

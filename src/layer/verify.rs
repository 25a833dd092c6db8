//! [`VerifyLayer`]: read the body once under a cap, check the signature, attach a [`Delivery`].
//!
//! In this order, so that a stranger's request costs as little as possible:
//! 1. A declared length over the limit: 413, before any read (and so no `100 Continue`).
//! 2. A content encoding: 415, since no supported sender signs encoded bytes.
//! 3. What the signature needs is there, single, well-formed and bounded, else 401.
//! 4. The body is read, at most the limit (413), within 10 s between frames and 30 s in all (408). Only now the keys of a
//!    tenant are looked up, if the receiver has [tenants](crate::Receiver#tenants): else 401, or 503 if that fails.
//!    Where the sender publishes its keys, the one the request names is fetched, if it is not known (feature `discovery`).
//! 5. A key and a signature agree on exactly these bytes, else 401.
//! 6. The id is read, else 422. No user type is decoded here.
//!
//! Every 401 is the same bytes. axum's `DefaultBodyLimit` does not cover middleware; this layer's own limit does.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{header, request::Parts};
use tokio::time::Instant;
use tower::{Layer, Service};

use super::{
    admit::Admitted,
    body::{BodyLimits, too_large},
    expand::expanded,
};
#[cfg(feature = "discovery")]
use crate::discovery::{KeyCache, KeyFetcher, KeySource};
use crate::{
    answer,
    clock::{Clock, SystemClock},
    delivery::{Arrival, Delivery, Permit, Verified},
    envelope,
    error::{ConfigError, ConfigErrorKind, Rejection, RejectionKind},
    explain::{Refusals, Witness},
    metric,
    origin::Origin,
    public_url::PublicUrl,
    scheme::{Compression, Keys, Scheme, SchemeVerifier, Unverified, Verifier},
    secret::Keyring,
    tenant::{Lookup, Name, Tenant},
};

/// Verifies signatures. See the [module docs](self).
///
/// Takes `Request<B>` of any body of `Bytes` and calls a service of [`axum::extract::Request`], which finds the
/// [`Delivery`] in its extensions.
#[derive(Clone)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct VerifyLayer {
    verifier: Arc<dyn Verifier>,
    keys: Option<Keys>,
    scheme: Arc<Scheme>,
    origin: Arc<Origin>,
    clock: Arc<dyn Clock>,
    limits: BodyLimits,
    /// Where the keys come from, if not from the verifier.
    tenants: Option<Lookup>,
    public_url: PublicUrl,
    #[cfg(feature = "discovery")]
    discovered: Option<Discovered>,
    /// Whether the verifier needs the URL, as far as is known.
    needs_url: bool,
    refusals: Option<Refusals>,
}

impl VerifyLayer {
    /// A layer for a sender's scheme with these keys. The receiver's name, which scopes event ids, is the scheme's.
    ///
    /// # Errors
    /// A scheme that contradicts itself, a key the scheme cannot use, a missing parameter or cargo feature.
    pub fn new(scheme: Scheme, keys: Keyring) -> Result<Self, ConfigError> {
        scheme.check_formats()?;
        let verifier = Arc::new(SchemeVerifier::new(scheme.clone(), keys)?);
        let layer = Self {
            keys: Some(verifier.keys()),
            ..Self::build(scheme, Arc::<SchemeVerifier>::clone(&verifier))
        };
        #[cfg(feature = "discovery")]
        let layer = layer.discovering(verifier)?;
        Ok(layer)
    }

    /// A layer for a verifier of your own. Of the scheme, what describes the sender counts (where id, type and payload
    /// are, how it delivers), what describes signatures does not.
    ///
    /// # Errors
    /// A scheme that contradicts itself, or a missing cargo feature.
    pub fn with_verifier(
        scheme: Scheme,
        verifier: impl Verifier + 'static,
    ) -> Result<Self, ConfigError> {
        scheme.check()?;
        scheme.check_formats()?;
        Ok(Self {
            needs_url: true,
            ..Self::build(scheme, Arc::new(verifier))
        })
    }

    /// A layer that looks up the keys of the tenant that the path names. Of the verifier only what it checks of heads
    /// counts.
    #[cfg(feature = "tenants")]
    pub(crate) fn for_tenants(
        scheme: Scheme,
        verifier: Arc<SchemeVerifier>,
        tenants: Lookup,
    ) -> Result<Self, ConfigError> {
        let layer = Self {
            tenants: Some(tenants),
            ..Self::build(scheme, Arc::<SchemeVerifier>::clone(&verifier))
        };
        #[cfg(feature = "discovery")]
        let layer = layer.discovering(verifier)?;
        Ok(layer)
    }

    fn build(scheme: Scheme, verifier: Arc<dyn Verifier>) -> Self {
        let name: Arc<str> = (*scheme.name).into();
        Self {
            origin: Arc::new(scheme.origin(&name)),
            limits: BodyLimits::sized(scheme.profile.body_limit),
            needs_url: scheme.signs_url(),
            scheme: Arc::new(scheme),
            verifier,
            keys: None,
            tenants: None,
            public_url: PublicUrl::as_received(),
            #[cfg(feature = "discovery")]
            discovered: None,
            clock: SystemClock::shared(),
            refusals: None,
        }
    }

    /// Fetches the keys that a keyring does not have, where the scheme says where they are.
    #[cfg(feature = "discovery")]
    fn discovering(self, verifier: Arc<SchemeVerifier>) -> Result<Self, ConfigError> {
        if verifier.scheme().discovery.is_none() {
            return Ok(self);
        }
        let cache = KeyCache::new(Arc::new(KeyFetcher::new()?), Arc::clone(&self.clock));
        Ok(Self {
            discovered: Some(Discovered { verifier, cache }),
            ..self
        })
    }

    /// Another source of the keys that the sender publishes than a [`KeyFetcher`]. It is only asked where the scheme has a
    /// [`Discovery`](crate::Discovery) and the keyring no key.
    #[cfg(feature = "discovery")]
    #[cfg_attr(docsrs, doc(cfg(feature = "discovery")))]
    pub fn key_source(mut self, source: Arc<dyn KeySource>) -> Self {
        if let Some(discovered) = &mut self.discovered {
            discovered.cache = KeyCache::new(source, Arc::clone(&self.clock));
        }
        self
    }

    /// The receiver's name: the scope of event ids, and what metrics and traces call it.
    pub fn named(self, receiver: &str) -> Self {
        let name: Arc<str> = receiver.into();
        Self {
            origin: Arc::new(self.scheme.origin(&name)),
            ..self
        }
    }

    /// Hands on what verified but cannot be read, too.
    pub(crate) fn keeping_unreadable(self) -> Self {
        let mut origin = self.scheme.origin(&self.origin.receiver);
        origin.keeps_unreadable = true;
        Self {
            origin: Arc::new(origin),
            ..self
        }
    }

    pub(crate) const fn origin(&self) -> &Arc<Origin> {
        &self.origin
    }

    /// Another place for the payload: a JSON pointer into the body, or into an item of a batch; `""` for all of it.
    ///
    /// # Errors
    /// Not a JSON pointer (RFC 6901).
    pub fn payload(self, pointer: &str) -> Result<Self, ConfigError> {
        if !envelope::is_pointer(pointer) {
            let message = format!(
                "payload `{pointer}` is not a JSON pointer: begin it with `/`, or leave it empty"
            );
            return Err(ConfigError::new(ConfigErrorKind::Setting, message));
        }
        let scheme = Scheme {
            payload: pointer.to_owned().into(),
            ..Arc::unwrap_or_clone(self.scheme)
        };
        let origin = Arc::new(scheme.origin(&self.origin.receiver));
        Ok(Self {
            origin,
            scheme: Arc::new(scheme),
            ..self
        })
    }

    /// Another clock, by which keys expire and arrivals are dated.
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self {
            #[cfg(feature = "discovery")]
            discovered: self.discovered.map(|discovered| Discovered {
                cache: discovered.cache.with_clock(Arc::clone(&clock)),
                ..discovered
            }),
            clock,
            ..self
        }
    }

    /// How to tell the URL the sender was given, where its signature covers it. As received unless said.
    pub fn public_url(self, policy: PublicUrl) -> Self {
        Self {
            public_url: policy,
            ..self
        }
    }

    /// Another limit for the body, in bytes.
    pub const fn body_limit(mut self, bytes: usize) -> Self {
        self.limits.size = bytes;
        self
    }

    /// Other deadlines for the body: the longest silence, and the longest time for all of it.
    pub const fn body_timeouts(mut self, idle: Duration, total: Duration) -> Self {
        self.limits.idle = idle;
        self.limits.total = total;
        self
    }

    /// Keeps in this log what is refused here and behind this layer.
    pub fn refusals(self, log: Refusals) -> Self {
        Self {
            refusals: Some(log),
            ..self
        }
    }

    /// The keys, to replace them while requests come in. `None` with a verifier of your own.
    #[must_use]
    pub fn keys(&self) -> Option<Keys> {
        self.keys.clone()
    }

    pub(crate) fn tenants(&self) -> Option<Lookup> {
        self.tenants.clone()
    }

    pub(crate) fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// Reads the body, and puts the delivery into the head.
    async fn verify<B>(
        &self,
        head: &mut Parts,
        body: B,
        witness: Option<&mut Witness>,
    ) -> Result<Bytes, Rejection>
    where
        B: http_body::Body<Data = Bytes>,
    {
        let arrival = Arrival {
            received_at: self.clock.now(),
            arrived: Instant::now(),
        };
        let name = match &self.tenants {
            Some(tenants) => Some(tenants.name(head).await?),
            None => None,
        };
        let fault = match self.check_head(head) {
            Err(fault) if is_explained(witness.as_deref(), &fault) => Some(fault),
            checked => {
                checked?;
                None
            }
        };
        let examined = self.examine(head, body, arrival, name, witness).await;
        // Reading on changes nothing of the answer.
        fault.map_or(examined, Err)
    }

    /// Reads the body and verifies the request.
    async fn examine<B>(
        &self,
        head: &mut Parts,
        body: B,
        arrival: Arrival,
        name: Option<Name<'_>>,
        witness: Option<&mut Witness>,
    ) -> Result<Bytes, Rejection>
    where
        B: http_body::Body<Data = Bytes>,
    {
        let url = if self.needs_url {
            self.public_url.of(head)?
        } else {
            None
        };
        let permit = head
            .extensions
            .remove::<Admitted>()
            .map(|admitted| admitted.0);
        let body = self
            .limits
            .read(body, arrival.arrived, permit.as_deref())
            .await?;
        let taken = permit.clone();
        let expand = |body| expanded(body, self.limits.size, taken.as_deref());
        let body = match self.scheme.compression {
            Compression::SignedExpanded => expand(body)?,
            Compression::Refused | Compression::SignedCompressed => body,
        };
        let permit = permit.map(|permit| -> Permit { permit });
        let tenant = match name {
            Some(name) => Some(name.find().await?),
            None => None,
        };
        let request = &Unverified {
            url: url.as_deref(),
            ..Unverified::new(head, &body, arrival.received_at)
        };
        if let Some(witness) = witness {
            witness.read(request, || self.keys_of(tenant.as_ref()));
        }
        let delivery = self
            .verified(request, tenant.as_ref())
            .await
            .and_then(|verified| {
                // What is signed compressed is read expanded, once it is believed.
                let body = match self.scheme.compression {
                    Compression::SignedCompressed => expand(body.clone())?,
                    Compression::Refused | Compression::SignedExpanded => body.clone(),
                };
                self.deliver(request.head, body, verified, arrival, permit)
            })
            .map_err(|rejection| rejection.of_tenant(tenant.as_ref().map(|tenant| &tenant.name)))?;
        // For the challenges behind.
        if let Some(tenant) = tenant {
            head.extensions.insert(tenant);
        }
        let body = delivery.body().clone();
        if self.scheme.compression != Compression::Refused {
            head.headers.remove(header::CONTENT_ENCODING);
            head.headers.remove(header::CONTENT_LENGTH);
        }
        head.extensions.insert(delivery);
        Ok(body)
    }

    /// Checks the signature with the layer's keys, the tenant's, or those that the sender publishes.
    #[cfg_attr(
        not(feature = "discovery"),
        expect(clippy::unused_async, reason = "only a fetch of keys is waited for")
    )]
    async fn verified(
        &self,
        request: &Unverified<'_>,
        tenant: Option<&Tenant>,
    ) -> Result<Verified, Rejection> {
        let verifier: &dyn Verifier =
            tenant.map_or(&*self.verifier, |tenant| tenant.verifier.as_ref());
        #[cfg(feature = "discovery")]
        let fetched = match &self.discovered {
            Some(discovered) => discovered.verifier(request, tenant).await?,
            None => None,
        };
        #[cfg(feature = "discovery")]
        let verifier = fetched.as_ref().map_or(verifier, |fetched| fetched);
        let mut verified = verifier.verify(request)?;
        verified.tenant = tenant.map(|tenant| Arc::clone(&tenant.name));
        if verified.key_is_old {
            metric::old_key(&self.origin.receiver, &verified.key);
        }
        Ok(verified)
    }

    fn deliver(
        &self,
        head: &Parts,
        body: Bytes,
        verified: Verified,
        arrival: Arrival,
        permit: Option<Permit>,
    ) -> Result<Delivery, Rejection> {
        Delivery::new(
            Arc::clone(&self.origin),
            verified,
            head,
            body,
            arrival,
            permit,
        )
        .map_err(|reason| Rejection::new(RejectionKind::Unreadable, reason.detail()))
    }

    /// The keys of the tenant, or the layer's own.
    fn keys_of(&self, tenant: Option<&Tenant>) -> Option<Keys> {
        let keys = tenant.map(|tenant| tenant.verifier.keys());
        keys.or_else(|| self.keys())
    }

    fn check_head(&self, head: &Parts) -> Result<(), Rejection> {
        let declared = head
            .headers
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok());
        if declared.is_some_and(|length| is_over(length, self.limits.size)) {
            return Err(too_large(self.limits.size));
        }
        let mut encodings = head.headers.get_all(header::CONTENT_ENCODING).iter();
        let compressed = self.scheme.compression != Compression::Refused;
        if encodings.any(|encoding| {
            let encoding = encoding.as_bytes();
            let gzip = compressed && encoding.eq_ignore_ascii_case(b"gzip");
            !gzip && !encoding.eq_ignore_ascii_case(b"identity")
        }) {
            return Err(Rejection::new(
                RejectionKind::Encoding,
                "the body has a content encoding",
            ));
        }
        self.verifier.check_head(head)
    }

    fn refuse(&self, rejection: Rejection) -> Response {
        let unreadable = rejection.kind() == RejectionKind::Unreadable;
        let response = rejection.at(&self.origin.receiver).into_response();
        if unreadable {
            answer::stopping(response, &self.origin.profile)
        } else {
            response
        }
    }
}

/// The keys that the sender publishes.
#[cfg(feature = "discovery")]
#[derive(Clone)]
struct Discovered {
    /// The layer's own, by which a request's key is found where it has no tenant.
    verifier: Arc<SchemeVerifier>,
    cache: KeyCache,
}

#[cfg(feature = "discovery")]
impl Discovered {
    /// The verifier that has the key this request names; `None` where the keyring has keys.
    async fn verifier(
        &self,
        request: &Unverified<'_>,
        tenant: Option<&Tenant>,
    ) -> Result<Option<SchemeVerifier>, Rejection> {
        let verifier = tenant.map_or(&self.verifier, |tenant| &tenant.verifier);
        let Some(query) = verifier.key_query(request)? else {
            return Ok(None);
        };
        let tenant = tenant.map(|tenant| &*tenant.name);
        let keys = self.cache.find(query, tenant, verifier).await?;
        Ok(Some(verifier.with_fetched(&keys)))
    }
}

impl fmt::Debug for VerifyLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyLayer")
            .field("scheme", &self.scheme.name)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for VerifyLayer {
    type Service = Verify<S>;

    fn layer(&self, inner: S) -> Verify<S> {
        Verify {
            inner,
            layer: Arc::new(self.clone()),
        }
    }
}

/// The service of [`VerifyLayer`].
#[derive(Clone, Debug)]
pub struct Verify<S> {
    inner: S,
    layer: Arc<VerifyLayer>,
}

impl<S, B> Service<http::Request<B>> for Verify<S>
where
    S: Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = VerifyFuture<S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        // The service that was polled ready goes with the request; the clone, which may not be ready, stays.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let layer = Arc::clone(&self.layer);
        let (mut head, body) = request.into_parts();
        VerifyFuture(Box::pin(async move {
            let refusals = layer.refusals.as_ref();
            let mut witness =
                refusals.map(|log| Witness::new(log, &head.method, &head.uri, &head.extensions));
            let mut response = match layer.verify(&mut head, body, witness.as_mut()).await {
                Ok(body) => {
                    let request = Request::from_parts(head, Body::from(body));
                    inner.call(request).await?
                }
                Err(rejection) => layer.refuse(rejection),
            };
            if let Some(witness) = witness {
                witness.answered(&mut response, layer.clock.now());
            }
            Ok(response)
        }))
    }
}

/// The future of [`Verify`].
#[must_use = "futures do nothing unless awaited"]
pub struct VerifyFuture<E>(Pin<Box<dyn Future<Output = Result<Response, E>> + Send>>);

impl<E> Future for VerifyFuture<E> {
    type Output = Result<Response, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl<E> fmt::Debug for VerifyFuture<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyFuture")
    }
}

/// Whether all of a request is read, though its head is at fault, to explain the fault.
fn is_explained(witness: Option<&Witness>, fault: &Rejection) -> bool {
    witness.is_some_and(|witness| witness.explains(fault.kind()))
}

/// A number too long to parse is over any limit; what is no number at all is left to the reading.
fn is_over(length: &str, limit: usize) -> bool {
    let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    digits && length.parse().map_or(true, |length: usize| length > limit)
}

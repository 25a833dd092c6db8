//! [`AdmitLayer`]: method, and how many requests and bytes may be in flight.
//!
//! 1. A method other than POST (and what a handshake needs) is answered 405 with `Allow`.
//! 2. While shutting down: 503, `Connection: close`.
//! 3. A permit is taken before the body is read, on a request and its first 8 KiB, and grows with the bytes that come in,
//!    not with what a stranger declares: a few slow connections must not take what everybody shares. None left: 503 with
//!    `Retry-After`, and the sender comes again.
//!
//! A permit is held until the delivery is dropped, so a handler that outlives its connection still counts.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method};
use tower::Layer;

use super::gate::{Gate, Gated};
use crate::{
    drain::Drain,
    error::{Rejection, RejectionKind},
};

/// Admits requests by method and by what is in flight. See the [module docs](self).
///
/// Clones share their limits.
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct AdmitLayer {
    limits: Arc<Limits>,
    methods: Arc<[Method]>,
    allow: HeaderValue,
    drain: Option<Drain>,
    receiver: Arc<str>,
}

impl AdmitLayer {
    /// POST only, 8,192 requests (as many as [`Server`](crate::Server) has connections) and 256 MiB in flight.
    pub fn new() -> Self {
        Self {
            limits: Arc::new(Limits::new(8_192, 256 * 1024 * 1024)),
            methods: Arc::new([Method::POST]),
            allow: HeaderValue::from_static("POST"),
            drain: None,
            receiver: "".into(),
        }
    }

    /// The most requests in flight.
    pub fn max_requests(self, requests: usize) -> Self {
        let limits = Limits::new(requests, self.limits.max_bytes);
        Self {
            limits: Arc::new(limits),
            ..self
        }
    }

    /// The most bytes of bodies in flight.
    pub fn max_bytes(self, bytes: usize) -> Self {
        let limits = Limits::new(self.limits.max_requests, bytes);
        Self {
            limits: Arc::new(limits),
            ..self
        }
    }

    /// Admits one more method.
    pub fn method(self, method: Method) -> Self {
        if self.methods.contains(&method) {
            return self;
        }
        let methods: Arc<[Method]> = self.methods.iter().cloned().chain([method]).collect();
        let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
        // Method names are tokens, which header values may hold.
        let allow = HeaderValue::try_from(names.join(", ")).unwrap_or(self.allow);
        Self {
            methods,
            allow,
            ..self
        }
    }

    pub(crate) fn for_receiver(self, receiver: &Arc<str>, drain: &Drain) -> Self {
        Self {
            receiver: Arc::clone(receiver),
            drain: Some(drain.clone()),
            ..self
        }
    }

    fn admit(&self, request: &mut Request) -> Result<(), Rejection> {
        if !self.methods.contains(request.method()) {
            let method: String = request
                .method()
                .as_str()
                .chars()
                .take(LONGEST_SHOWN)
                .collect();
            let detail = format!("method {method}");
            return Err(Rejection::new(RejectionKind::Method, detail).allowing(self.allow.clone()));
        }
        if self.drain.as_ref().is_some_and(Drain::is_stopping) {
            return Err(Rejection::new(RejectionKind::Draining, "shutting down"));
        }
        let permit = Limits::take(&self.limits, FIRST_BYTES).ok_or_else(overloaded)?;
        request.extensions_mut().insert(Admitted(Arc::new(permit)));
        Ok(())
    }
}

impl Default for AdmitLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for AdmitLayer {
    type Service = Gated<Self, S>;

    fn layer(&self, inner: S) -> Gated<Self, S> {
        Gated::new(self.clone(), inner)
    }
}

impl Gate for AdmitLayer {
    fn stop(&self, request: &mut Request) -> Option<Response> {
        let rejection = self.admit(request).err()?;
        Some(rejection.at(&self.receiver).into_response())
    }
}

/// Carries the permit from here to the delivery.
#[derive(Clone)]
pub(super) struct Admitted(pub(super) Arc<Taken>);

pub(super) fn overloaded() -> Rejection {
    Rejection::new(
        RejectionKind::Overloaded,
        "too many requests or bytes in flight",
    )
}

#[derive(Debug)]
struct Limits {
    max_requests: usize,
    max_bytes: usize,
    requests: AtomicUsize,
    bytes: AtomicUsize,
}

/// What one request takes; given back on drop.
pub(super) struct Taken {
    limits: Arc<Limits>,
    bytes: AtomicUsize,
}

impl Taken {
    /// Takes as many bytes more as are missing to this many in all. Called by the one who reads the body.
    pub(super) fn grow_to(&self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(self.bytes.load(Ordering::Acquire));
        let fits = more == 0 || add(&self.limits.bytes, more, self.limits.max_bytes);
        if fits {
            self.bytes.fetch_add(more, Ordering::AcqRel);
        }
        fits
    }
}

impl Limits {
    const fn new(max_requests: usize, max_bytes: usize) -> Self {
        Self {
            max_requests,
            max_bytes,
            requests: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
        }
    }

    fn take(limits: &Arc<Self>, bytes: usize) -> Option<Taken> {
        if !add(&limits.requests, 1, limits.max_requests) {
            return None;
        }
        if !add(&limits.bytes, bytes, limits.max_bytes) {
            limits.requests.fetch_sub(1, Ordering::AcqRel);
            return None;
        }
        Some(Taken {
            limits: Arc::clone(limits),
            bytes: AtomicUsize::new(bytes),
        })
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.limits
            .bytes
            .fetch_sub(*self.bytes.get_mut(), Ordering::AcqRel);
        self.limits.requests.fetch_sub(1, Ordering::AcqRel);
    }
}

fn add(counter: &AtomicUsize, amount: usize, most: usize) -> bool {
    let more = |current: usize| current.checked_add(amount).filter(|sum| *sum <= most);
    counter
        .fetch_update(Ordering::AcqRel, Ordering::Acquire, more)
        .is_ok()
}

/// What a request counts for before any of its body came, in bytes: about what a connection buffers.
const FIRST_BYTES: usize = 8 * 1024;

/// How much of a method is told, in characters: a stranger's may be as long as a head.
const LONGEST_SHOWN: usize = 32;

//! What the integration tests share.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{extract::Request, response::Response};
use hooklatch::{
    Clock, EventRouter, Hooks, MemoryStore, Receive, Receiver, Scheme,
    testing::{ManualClock, Sender},
};
use serde_json::{Value, json};
use time::OffsetDateTime;
use tower::{Service, ServiceExt};

/// A moment with a ten-digit unix time.
pub fn start() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap()
}

/// A receiver's surroundings with a clock that is set and a store that can be looked into.
pub struct World {
    pub clock: ManualClock,
    pub store: MemoryStore,
    pub hooks: Hooks,
}

impl World {
    pub fn new() -> Self {
        Self::with_capacity(10_000)
    }

    pub fn with_capacity(keys: usize) -> Self {
        let clock = ManualClock::new(start());
        let store = MemoryStore::with_capacity(keys).clock(Arc::new(clock.clone()));
        let hooks = Hooks::new()
            .with_clock(Arc::new(clock.clone()))
            .with_claims(Arc::new(store.clone()));
        Self {
            clock,
            store,
            hooks,
        }
    }

    pub fn sender(&self, scheme: Scheme) -> Sender {
        Sender::new(scheme).clock(self.clock())
    }

    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.clock.clone())
    }

    pub fn receiver(&self, name: &str, scheme: Scheme, sender: &Sender) -> Receiver {
        self.hooks.receiver(name, scheme, sender.keyring()).unwrap()
    }

    /// A sender and the endpoint it delivers to.
    pub fn endpoint(&self, scheme: Scheme, events: EventRouter) -> (Sender, Receive) {
        let sender = self.sender(scheme.clone());
        let name = scheme.name.to_string();
        let receive = self.receiver(&name, scheme, &sender).receive(events);
        (sender, receive)
    }
}

/// Counts runs of a handler.
#[derive(Clone, Default)]
pub struct Runs(Arc<AtomicUsize>);

impl Runs {
    pub fn add(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// A router whose fallback counts.
    pub fn router(&self) -> EventRouter {
        let runs = self.clone();
        EventRouter::new().fallback(move || {
            runs.add();
            async {}
        })
    }
}

pub async fn send<S>(service: &S, request: Request) -> Response
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone,
{
    let Ok(response) = service.clone().oneshot(request).await;
    response
}

pub async fn status<S>(service: &S, request: Request) -> u16
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone,
{
    send(service, request).await.status().as_u16()
}

pub async fn text(response: Response) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response
        .headers()
        .get(name)
        .map(|value| value.to_str().unwrap())
}

pub fn payload() -> Value {
    json!({"id": "in_1", "amount_paid": 4200})
}

pub const MS: Duration = Duration::from_millis(1);

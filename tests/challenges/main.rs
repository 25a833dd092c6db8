//! URL challenges: each is answered as its sender publishes it, and nothing else is.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_in_result,
    clippy::unwrap_used
)]

mod bodies;
mod published;
mod refused;
mod secrets;
mod senders;
#[path = "../support/mod.rs"]
mod support;
mod wanted;

use std::sync::Arc;

use axum::{body::to_bytes, extract::Request, response::Response};
use hooklatch::{
    EventRouter, Hooks, Keyring, RawEvent, Receive, Receiver, Scheme,
    testing::{ManualClock, Sender},
};
use http::HeaderMap;
use support::Runs;
use time::OffsetDateTime;
use tower::ServiceExt;

const SECRET: &str = "a-secret-of-sixteen-bytes-or-more";

/// A receiver whose handler counts its runs.
struct House {
    app: Receive,
    runs: Runs,
}

impl House {
    fn new(scheme: Scheme, keys: Keyring) -> Self {
        Self::at(1_700_000_000, scheme, keys, |receiver| receiver)
    }

    fn at(
        now: i64,
        scheme: Scheme,
        keys: Keyring,
        change: impl FnOnce(Receiver) -> Receiver,
    ) -> Self {
        let now = OffsetDateTime::from_unix_timestamp(now).unwrap();
        let hooks = Hooks::new().with_clock(Arc::new(ManualClock::new(now)));
        let receiver = change(hooks.receiver("here", scheme, keys).unwrap());
        let runs = Runs::default();
        let counted = runs.clone();
        let app = receiver.receive(EventRouter::new().fallback(move |_: RawEvent| {
            counted.add();
            async {}
        }));
        Self { app, runs }
    }

    async fn send(&self, request: Request) -> Answer {
        let Ok(response) = self.app.clone().oneshot(request).await;
        Answer::of(response).await
    }

    async fn get(&self, uri: &str) -> Answer {
        self.send(request("GET", uri, &[], "")).await
    }

    async fn post(&self, uri: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.send(request("POST", uri, headers, body)).await
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (head, body) = response.into_parts();
        let body = to_bytes(body, 4096).await.unwrap();
        Self {
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    fn is(&self, status: u16, body: &str) -> bool {
        self.status == status && self.body == body
    }
}

fn request(method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.to_owned().into()).unwrap()
}

fn keys() -> Keyring {
    Keyring::new(SECRET)
}

fn keys_of(name: &str) -> Keyring {
    Sender::new(senders::scheme(name)).keyring()
}

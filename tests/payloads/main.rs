//! Every format of payload: typed and raw, within bounds, and the words of an acknowledgement.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod forms;
mod multipart;
mod salesforce;
#[path = "../support/mod.rs"]
mod support;
mod words;
mod xml;

use std::sync::{Arc, Mutex};

use axum::{body::Body, extract::Request};
use hooklatch::{Event, EventRouter, Receive, Rejection, Scheme};
use serde::de::DeserializeOwned;

/// A receiver that notes why it refuses.
pub(crate) struct Endpoint {
    pub(crate) sender: hooklatch::testing::Sender,
    pub(crate) app: Receive,
    refused: Arc<Mutex<Vec<Rejection>>>,
}

impl Endpoint {
    pub(crate) fn new(scheme: Scheme, events: EventRouter) -> Self {
        let world = support::World::new();
        let sender = world.sender(scheme.clone());
        let refused = Arc::<Mutex<Vec<Rejection>>>::default();
        let log = Arc::clone(&refused);
        let receiver = world.receiver(&scheme.name.clone(), scheme, &sender);
        let receiver = receiver.on_rejection(move |why| log.lock().unwrap().push(why.clone()));
        Self {
            sender,
            app: receiver.receive(events),
            refused,
        }
    }

    /// What became of a signed body of this content type.
    pub(crate) async fn post(&self, content_type: &str, body: impl Into<bytes::Bytes>) -> u16 {
        let draft = self.sender.raw(body);
        let request = draft.header(http::header::CONTENT_TYPE, content_type);
        support::status(&self.app, request.request()).await
    }

    /// Why the last request was refused.
    pub(crate) fn why(&self) -> String {
        let refused = self.refused.lock().unwrap();
        refused.last().map(ToString::to_string).unwrap_or_default()
    }
}

/// A request with a body, unsigned.
pub(crate) fn request(url: &str, content_type: &str, body: &str) -> Request {
    Request::post(url)
        .header("content-type", content_type)
        .body(Body::from(body.to_owned()))
        .unwrap()
}

/// Events a handler took, with their type, id and payload.
pub(crate) type Taken<T> = Arc<Mutex<Vec<(String, String, T)>>>;

pub(crate) fn taking<T>(taken: &Taken<T>) -> EventRouter
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    let taken = Arc::clone(taken);
    EventRouter::new().fallback(move |event: Event<T>| {
        let event = (event.event_type, event.id, event.data);
        taken.lock().unwrap().push(event);
        async {}
    })
}

//! A receiver on a store in a folder of its own, and what its handlers saw.

use std::{
    borrow::Cow,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{extract::Request, response::Response};
use hooklatch::{
    EventRouter, Hooks, Keyring, Profile, Receive, Receiver, Retries, Scheme, Source, TypePart,
    store::{DeliveryQuery, DeliveryState, Operate, SqliteStore, StoredDelivery},
    testing::Sender,
};
use tower::ServiceExt;

pub(crate) const SECRET: &str = "a-secret-of-sixteen-bytes-or-more";

/// A sender with its id and type in the body.
pub(crate) fn acme() -> Scheme {
    Scheme {
        name: Cow::Borrowed("acme"),
        id: Some(Source::json("/id")),
        event_type: vec![TypePart::new(Source::json("/type"))].into(),
        profile: Profile::DEFAULT,
        ..Scheme::HMAC_SHA256
    }
}

pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) store: SqliteStore,
    pub(crate) hooks: Hooks,
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("hooks.db"))
            .await
            .unwrap();
        Self {
            store,
            folder,
            hooks: Hooks::new(),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("hooks.db")
    }

    /// One that keeps its deliveries nowhere yet.
    pub(crate) fn bare_receiver(&self) -> Receiver {
        self.hooks
            .receiver("acme", acme(), Keyring::new(SECRET))
            .unwrap()
    }

    pub(crate) fn receiver(&self) -> Receiver {
        self.bare_receiver()
            .inbox(self.store.clone())
            .retries(Retries {
                attempts: 3,
                first: Duration::from_millis(20),
                longest: Duration::from_millis(50),
            })
    }

    pub(crate) async fn all(&self) -> Vec<StoredDelivery> {
        self.store.list(&DeliveryQuery::new()).await.unwrap()
    }

    /// Waits until nothing is pending or running.
    pub(crate) async fn settled(&self) -> Vec<StoredDelivery> {
        for _ in 0..500 {
            let all = self.all().await;
            let open = |d: &StoredDelivery| {
                matches!(d.state, DeliveryState::Pending | DeliveryState::Running)
            };
            if !all.iter().any(open) {
                return all;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("not settled: {:?}", self.all().await);
    }
}

pub(crate) fn body(id: &str, event_type: &str) -> String {
    format!(r#"{{"id":"{id}","type":"{event_type}"}}"#)
}

pub(crate) fn sender() -> Sender {
    Sender::with_secret(acme(), SECRET)
}

pub(crate) fn signed(body: &str) -> Request {
    sender().raw(body.to_owned()).request()
}

pub(crate) async fn post(receive: &Receive, body: &str) -> Response {
    let Ok(response) = receive.clone().oneshot(signed(body)).await;
    response
}

/// What handlers noted, in order.
#[derive(Clone, Default)]
pub(crate) struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    pub(crate) fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// A router whose fallback notes ids.
pub(crate) fn noting(notes: &Notes) -> EventRouter {
    let notes = notes.clone();
    EventRouter::new().fallback(move |event: hooklatch::RawEvent| {
        let notes = notes.clone();
        async move { notes.note(event.id) }
    })
}

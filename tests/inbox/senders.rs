//! Senders that are odd: batches, unsigned ids, tenants, types in a query.

use std::{borrow::Cow, collections::HashMap, time::Duration};

use axum::http::StatusCode;
use hooklatch::{
    Ack, Batch, Delivery, Event, EventRouter, Keyring, RawEvent, Receive, Receiver, Retries,
    Scheme, Source, TypePart, provider,
    store::DeliveryState,
    testing::{Draft, Sender},
};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::world::{Notes, World, acme, noting};

const QUICK: Retries = Retries {
    attempts: 4,
    first: Duration::from_millis(20),
    longest: Duration::from_millis(50),
};

async fn send(receive: &Receive, draft: &Draft) -> StatusCode {
    let Ok(response) = receive.clone().oneshot(draft.clone().request()).await;
    response.status()
}

fn receiver(world: &World, sender: &Sender, scheme: Scheme) -> Receiver {
    let name = scheme.name.to_string();
    let receiver = world
        .hooks
        .receiver(&name, scheme, sender.keyring())
        .unwrap();
    receiver.inbox(world.store.clone()).retries(QUICK)
}

#[tokio::test]
async fn a_batch_is_one_delivery_and_a_retry_runs_what_is_unfinished() {
    let world = World::new().await;
    let sender = Sender::new(provider::SENDGRID);
    let notes = Notes::default();
    let events = EventRouter::new().fallback({
        let notes = notes.clone();
        async move |delivery: Delivery, event: RawEvent| {
            notes.note(format!("{} {}", event.event_type, event.attempt));
            // One item fails twice.
            if delivery.event_type() == Some("open") && event.attempt < 3 {
                return Ack::Retry;
            }
            Ack::Done
        }
    });
    let receive = receiver(&world, &sender, provider::SENDGRID).receive(events);
    let email = || json!({"email": "ada@example.com"});
    let batch = sender.batch([
        ("delivered", email()),
        ("open", email()),
        ("click", email()),
    ]);
    assert_eq!(send(&receive, &batch).await, 200);
    let all = world.settled().await;
    assert_eq!(
        (all.len(), all[0].state, all[0].attempt),
        (1, DeliveryState::Completed, 3)
    );
    let mut seen = notes.all();
    seen.sort();
    assert_eq!(
        seen,
        ["click 1", "delivered 1", "open 1", "open 2", "open 3"]
    );
}

#[tokio::test]
async fn a_handler_of_batches_takes_the_items_together() {
    let world = World::new().await;
    let sender = Sender::new(provider::SENDGRID);
    let notes = Notes::default();
    let events = EventRouter::new().fallback({
        let notes = notes.clone();
        async move |Batch(events): Batch<Value>| {
            let types: Vec<String> = events
                .into_iter()
                .map(|event: Event<Value>| event.event_type)
                .collect();
            notes.note(types.join("+"));
        }
    });
    let receive = receiver(&world, &sender, provider::SENDGRID).receive(events);
    let batch = sender.batch([("delivered", json!({})), ("open", json!({}))]);
    assert_eq!(send(&receive, &batch).await, 200);
    assert_eq!(world.settled().await[0].state, DeliveryState::Completed);
    assert_eq!(notes.all(), ["delivered+open"]);
}

#[tokio::test]
async fn the_same_signed_bytes_under_another_id_are_a_replay() {
    let world = World::new().await;
    let sender = Sender::new(provider::GITHUB);
    let notes = Notes::default();
    let receive = receiver(&world, &sender, provider::GITHUB).receive(noting(&notes));
    let push = sender.event("push", json!({"ref": "main"}));
    assert_eq!(send(&receive, &push.clone().id("1")).await, 200);
    world.settled().await;
    assert_eq!(send(&receive, &push.clone().id("1")).await, 200);
    assert_eq!(send(&receive, &push.clone().id("2")).await, 409);
    // A ping may repeat, and says so.
    let ping = sender.event("ping", json!({"zen": "again"}));
    assert_eq!(send(&receive, &ping.clone().id("3")).await, 200);
    assert_eq!(send(&receive, &ping.id("4")).await, 200);
    let all = world.settled().await;
    assert_eq!(all.len(), 3);
    let mut ids = notes.all();
    ids.sort();
    assert_eq!(ids, ["1", "3", "4"]);
}

#[tokio::test]
async fn tenants_keep_their_name_and_their_ids() {
    let world = World::new().await;
    let secret = |name: &str| format!("the-secret-of-{name}-at-acme");
    let keys = ["a", "b"].map(|name| (name.to_owned(), Keyring::new(secret(name))));
    let notes = Notes::default();
    let events = EventRouter::new().fallback({
        let notes = notes.clone();
        async move |delivery: Delivery| {
            notes.note(format!("{:?} {:?}", delivery.tenant(), delivery.id()));
        }
    });
    let receiver = world
        .hooks
        .tenants("acme", acme(), HashMap::from(keys))
        .unwrap();
    let receive = receiver.inbox(world.store.clone()).receive(events);
    let app = axum::Router::new().route_service("/{tenant}/acme", receive);
    for tenant in ["a", "b", "a"] {
        let sender = Sender::with_secret(acme(), &secret(tenant));
        let draft = sender
            .raw(r#"{"id":"evt_1","type":"t"}"#)
            .to(&format!("/{tenant}/acme"));
        let response = app.clone().oneshot(draft.request()).await.unwrap();
        assert_eq!(response.status(), 200);
    }
    assert_eq!(world.settled().await.len(), 2);
    let mut seen = notes.all();
    seen.sort();
    assert_eq!(
        seen,
        [r#"Some("a") Some("evt_1")"#, r#"Some("b") Some("evt_1")"#]
    );
}

#[tokio::test]
async fn of_a_query_only_the_type_is_kept() {
    let world = World::new().await;
    let scheme = Scheme {
        name: Cow::Borrowed("queried"),
        event_type: vec![TypePart::new(Source::query("kind"))].into(),
        ..acme()
    };
    let sender = Sender::new(scheme.clone());
    let notes = Notes::default();
    let events = EventRouter::new().on("paid", {
        let notes = notes.clone();
        async move |event: RawEvent| notes.note(event.event_type)
    });
    let receive = receiver(&world, &sender, scheme).receive(events);
    let draft = sender
        .raw(r#"{"id":"evt_1"}"#)
        .to("/hook?kind=paid&token=hidden");
    assert_eq!(send(&receive, &draft).await, 200);
    world.settled().await;
    assert_eq!(notes.all(), ["paid"]);
    let bytes = std::fs::read(world.path()).unwrap();
    let log = std::fs::read(world.path().with_extension("db-wal")).unwrap_or_default();
    for file in [bytes, log] {
        assert!(!file.windows(6).any(|window| window == b"hidden"));
    }
}

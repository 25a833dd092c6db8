//! Whether requests should be sent here, and what is counted.

use std::{
    sync::{Arc, atomic::Ordering::SeqCst},
    time::Duration,
};

use axum::response::IntoResponse;
use hooklatch::{
    Ack, EventRouter, Hooks, Key, Problem, RawEvent, Receive, Receiver, provider,
    store::{Claim, Entry, Inbox, Leased, Operate, Settlement},
    testing::{ManualClock, Sender},
};
use metrics_util::{
    MetricKind,
    debugging::{DebugValue, DebuggingRecorder},
};
use serde_json::json;
use time::OffsetDateTime;
use tower::ServiceExt;

use crate::{
    sick::Sick,
    world::{World, body, post},
};

#[tokio::test]
async fn a_delivery_that_waits_for_too_long_is_told() {
    let world = World::new().await;
    assert!(world.hooks.health().is_ready());
    let accept = world.receiver().accept_only().unwrap();
    for id in ["evt_1", "evt_2"] {
        post(&accept, &body(id, "a")).await;
    }
    tokio::time::sleep(Duration::from_millis(20)).await;
    let other = Hooks::new();
    let keys = hooklatch::Keyring::new(crate::world::SECRET);
    let receiver = other
        .receiver("acme", crate::world::acme(), keys)
        .unwrap()
        .inbox(world.store.clone())
        // One is being handled, and nobody is left for the other.
        .concurrency(1)
        .oldest_allowed(Duration::from_millis(10));
    let _receive = receiver.receive(endless());
    let problems = loop {
        let health = other.health();
        if !health.is_ready() {
            break health;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert!(
        matches!(&problems.problems[..], [Problem::QueueOld { .. }]),
        "{problems:?}"
    );
    let response = problems.into_response();
    assert_eq!(response.status(), 503);
    let text = axum::body::to_bytes(response.into_body(), 1000)
        .await
        .unwrap();
    assert!(String::from_utf8_lossy(&text).contains("a delivery of `acme` has been due"));
    other.shutdown(Duration::from_millis(10)).await;
}

#[tokio::test]
async fn what_is_old_but_was_taken_in_time_is_not_late() {
    let world = World::new().await;
    let last_week = OffsetDateTime::now_utc() - Duration::from_secs(7 * 24 * 3600);
    let accept = async |event: u8| {
        let claim = Claim::new(Key::from_bytes([event; 16]));
        let entry = Entry::new(claim, "acme", last_week, "{}".into());
        world.store.accept(entry).await.unwrap();
        let lease = Duration::from_secs(60);
        world.store.lease("acme", 1, lease).await.unwrap().remove(0)
    };
    let settle = async |run: &Leased, settlement| {
        let settled = world.store.settle(run.event, run.fence, settlement).await;
        assert!(settled.unwrap());
    };
    let failing = accept(1).await;
    let retry = Settlement::Retry {
        after: Duration::from_secs(3600),
        reason: "closed".into(),
    };
    settle(&failing, retry).await;
    let done = accept(2).await;
    settle(&done, Settlement::Done(Duration::from_secs(3600))).await;
    assert!(
        world
            .store
            .replay(done.event, "again")
            .await
            .unwrap()
            .is_some()
    );

    let store = Arc::new(Sick::new(&world.store));
    let inbox = Arc::clone(&store);
    // Nobody takes the replay meanwhile.
    let _receive = world.receiver().shared_inbox(inbox).accept_only().unwrap();
    store.is_looked_at().await;
    assert_eq!(world.hooks.health().problems, []);
    let backlog = world.store.backlog("acme").await.unwrap();
    assert_eq!(backlog.pending, 2);
    assert!(
        backlog.oldest < Some(Duration::from_secs(60)),
        "{backlog:?}"
    );
    world.hooks.shutdown(Duration::from_millis(10)).await;
}

#[tokio::test]
async fn a_process_that_only_accepts_knows_of_its_store() {
    knows_of_its_store(|receiver, store| receiver.shared_inbox(store).accept_only().unwrap()).await;
}

#[tokio::test]
async fn a_process_that_handles_at_once_knows_of_its_store() {
    knows_of_its_store(|receiver, store| receiver.claims(store).receive(EventRouter::new())).await;
}

async fn knows_of_its_store(receive: impl FnOnce(Receiver, Arc<Sick>) -> Receive) {
    let world = World::new().await;
    let store = Arc::new(Sick::new(&world.store));
    store.unreachable.store(true, SeqCst);
    let receive = receive(world.bare_receiver(), Arc::clone(&store));
    store.is_looked_at().await;
    let receiver: Arc<str> = "acme".into();
    let unreachable = Problem::StoreUnreachable {
        receiver: Arc::clone(&receiver),
    };
    assert_eq!(world.hooks.health().problems, [unreachable]);
    store.unreachable.store(false, SeqCst);
    store.is_looked_at().await;
    assert_eq!(world.hooks.health().problems, []);
    store.full.store(true, SeqCst);
    store.is_looked_at().await;
    let full = Problem::StoreFull {
        receiver: Arc::clone(&receiver),
    };
    assert_eq!(world.hooks.health().problems, [full]);
    store.poisoned.store(true, SeqCst);
    store.is_looked_at().await;
    assert_eq!(
        world.hooks.health().problems,
        [Problem::StorePoisoned { receiver }]
    );
    // What looks does not keep the store.
    drop(receive);
    assert_eq!(Arc::strong_count(&store), 1);
}

/// Handlers that never end.
fn endless() -> EventRouter {
    EventRouter::new().fallback(async |_: RawEvent| {
        std::future::pending::<()>().await;
    })
}

#[tokio::test]
async fn a_clock_that_must_be_wrong_is_told_and_forgiven() {
    let clock = ManualClock::default();
    let hooks = Hooks::new().with_clock(Arc::new(clock.clone()));
    let sender = Sender::new(provider::STRIPE).clock(Arc::new(clock.clone()));
    let receiver = hooks
        .receiver("stripe", provider::STRIPE, sender.keyring())
        .unwrap();
    let receive = receiver.receive(EventRouter::new());
    let draft = |id: usize| sender.event("a", json!({})).id(&id.to_string());
    for id in 0..3 {
        assert!(hooks.health().is_ready());
        let Ok(response) = receive.clone().oneshot(draft(id).stale().request()).await;
        assert_eq!(response.status(), 401);
    }
    assert_eq!(
        hooks.health().problems,
        [Problem::ClockSuspect { stale: 3 }]
    );
    // Forged requests say nothing about the clock, one in time does.
    let Ok(_) = receive
        .clone()
        .oneshot(draft(8).with_flipped_bit().request())
        .await;
    assert!(!hooks.health().is_ready());
    let Ok(_) = receive.oneshot(draft(9).request()).await;
    assert!(hooks.health().is_ready());
}

#[test]
fn the_length_of_the_queue_is_a_metric() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let world = World::new().await;
            let events = EventRouter::new().fallback(async |event: RawEvent| {
                if event.id == "bad" {
                    Ack::Refuse
                } else {
                    Ack::Done
                }
            });
            let accept = world.receiver().accept_only().unwrap();
            for id in ["bad", "good"] {
                post(&accept, &body(id, "a")).await;
            }
            let keys = hooklatch::Keyring::new(crate::world::SECRET);
            let hooks = Hooks::new();
            let receiver = hooks.receiver("acme", crate::world::acme(), keys).unwrap();
            let worker = receiver.inbox(world.store.clone()).worker(events).unwrap();
            tokio::spawn(worker.run());
            world.settled().await;
            // A second worker looks at what the first one left.
            let hooks = Hooks::new();
            let keys = hooklatch::Keyring::new(crate::world::SECRET);
            let receiver = hooks.receiver("acme", crate::world::acme(), keys).unwrap();
            let worker = receiver
                .inbox(world.store.clone())
                .worker(EventRouter::new())
                .unwrap();
            tokio::spawn(worker.run());
            tokio::time::sleep(Duration::from_millis(200)).await;
        });
    });
    let gauges: std::collections::BTreeMap<String, f64> = snapshotter
        .snapshot()
        .into_vec()
        .into_iter()
        .filter(|(key, ..)| key.kind() == MetricKind::Gauge)
        .map(|(key, _, _, value)| {
            let DebugValue::Gauge(value) = value else {
                panic!("a gauge")
            };
            (key.key().name().to_owned(), value.into_inner())
        })
        .collect();
    assert_eq!(gauges["hooklatch_inbox_dead"], 1.0);
    assert_eq!(gauges["hooklatch_inbox_pending"], 0.0);
    assert_eq!(gauges["hooklatch_inbox_age_seconds"], 0.0);
}

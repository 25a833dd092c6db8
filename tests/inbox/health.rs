//! Whether requests should be sent here, and what is counted.

use std::{sync::Arc, time::Duration};

use axum::response::IntoResponse;
use hooklatch::{
    Ack, EventRouter, Hooks, Problem, RawEvent, provider,
    testing::{ManualClock, Sender},
};
use metrics_util::{
    MetricKind,
    debugging::{DebugValue, DebuggingRecorder},
};
use serde_json::json;
use tower::ServiceExt;

use crate::world::{World, body, post};

#[tokio::test]
async fn a_delivery_that_waits_for_too_long_is_told() {
    let world = World::new().await;
    assert!(world.hooks.health().is_ready());
    let events = EventRouter::new().fallback(async |_: RawEvent| {
        std::future::pending::<()>().await;
    });
    let accept = world.receiver().accept_only().unwrap();
    post(&accept, &body("evt_1", "a")).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    let other = Hooks::new();
    let keys = hooklatch::Keyring::new(crate::world::SECRET);
    let receiver = other
        .receiver("acme", crate::world::acme(), keys)
        .unwrap()
        .inbox(world.store.clone())
        .oldest_allowed(Duration::from_millis(10));
    let _receive = receiver.receive(events);
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
    assert!(String::from_utf8_lossy(&text).contains("the oldest delivery of `acme`"));
    other.shutdown(Duration::from_millis(10)).await;
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

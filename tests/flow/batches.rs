//! One delivery, many events.

use std::sync::Arc;

use axum::Extension;
use hooklatch::{Ack, Batch, Event, EventRouter, provider};
use serde_json::Value;

use crate::Log;
use crate::support::{Runs, World, payload, status};

#[tokio::test]
async fn a_batch_runs_each_item_once_and_a_retry_only_what_is_unfinished() {
    let log = Log::default();
    async fn note(Extension(log): Extension<Log>, event: Event<Value>) -> Ack {
        let fails = event.event_type == "bounce" && event.attempt == 1;
        log.lock().unwrap().push(format!(
            "{} {} {}",
            event.id, event.event_type, event.attempt
        ));
        if fails { Ack::Retry } else { Ack::Done }
    }
    let events = EventRouter::new()
        .fallback(note)
        .layer(Extension(Arc::clone(&log)));
    let world = World::new();
    let (sendgrid, app) = world.endpoint(provider::SENDGRID, events);
    let batch = || {
        sendgrid.batch([
            ("open", payload()),
            ("bounce", payload()),
            ("open", payload()),
        ])
    };
    assert_eq!(status(&app, batch().request()).await, 503);
    assert_eq!(status(&app, batch().request()).await, 200);
    assert_eq!(status(&app, batch().request()).await, 200);
    let runs = [
        "evt_test_0 open 1",
        "evt_test_1 bounce 1",
        "evt_test_2 open 1",
        "evt_test_1 bounce 2",
    ];
    assert_eq!(*log.lock().unwrap(), runs);
    assert_eq!(
        status(&app, sendgrid.raw("[]").request()).await,
        200,
        "an empty batch"
    );
    assert_eq!(
        status(&app, sendgrid.raw("{}").request()).await,
        422,
        "no batch"
    );
    let endless = format!("[{}{{}}]", "{},".repeat(10_000));
    assert_eq!(
        status(&app, sendgrid.raw(endless).request()).await,
        422,
        "over 10,000 items"
    );
}

#[tokio::test]
async fn batch_takes_the_unfinished_of_its_route_together() {
    let log = Log::default();
    async fn together(Extension(log): Extension<Log>, batch: Batch<Value>) -> Ack {
        let ids: Vec<&str> = batch.0.iter().map(|event| &*event.id).collect();
        let first = batch.0.iter().any(|event| event.attempt == 1);
        log.lock().unwrap().push(ids.join(" "));
        if first { Ack::Retry } else { Ack::Done }
    }
    async fn single(Extension(log): Extension<Log>, event: Event<Value>) {
        log.lock().unwrap().push(event.id);
    }
    let events = EventRouter::new()
        .on("open", together)
        .fallback(single)
        .layer(Extension(Arc::clone(&log)));
    let world = World::new();
    let (sendgrid, app) = world.endpoint(provider::SENDGRID, events.clone());
    let batch = || {
        sendgrid.batch([
            ("open", payload()),
            ("bounce", payload()),
            ("open", payload()),
        ])
    };
    assert_eq!(status(&app, batch().request()).await, 503);
    assert_eq!(world.store.stats().in_progress, 0, "nothing is left held");
    assert_eq!(status(&app, batch().request()).await, 200);
    assert_eq!(status(&app, batch().request()).await, 200);
    assert_eq!(
        *log.lock().unwrap(),
        [
            "evt_test_1",
            "evt_test_0 evt_test_2",
            "evt_test_0 evt_test_2"
        ]
    );
}

#[tokio::test]
async fn items_without_an_id_are_told_apart_even_when_equal() {
    let (world, runs) = (World::new(), Runs::default());
    let (sendgrid, app) = world.endpoint(provider::SENDGRID, runs.router());
    for _ in 0..2 {
        let body = r#"[{"event":"open"},{"event":"open"},{"event":"click"}]"#;
        assert_eq!(status(&app, sendgrid.raw(body).request()).await, 200);
    }
    assert_eq!(runs.count(), 3);
}

#[tokio::test]
async fn an_empty_batch_is_answered_and_runs_nothing() {
    for preset in [provider::XERO, provider::LINE, provider::ASANA] {
        let (world, runs) = (World::new(), Runs::default());
        let (sender, app) = world.endpoint(preset.clone(), runs.router());
        let empty = || sender.raw(r#"{"events":[]}"#).request();
        assert_eq!(status(&app, empty()).await, 200, "{}", preset.name);
        assert_eq!(status(&app, empty()).await, 200, "{} again", preset.name);
        assert_eq!(runs.count(), 0, "{}", preset.name);
    }
}

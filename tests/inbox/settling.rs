//! The end of a run is written although the store fails for a moment.

use std::{
    sync::{Arc, atomic::Ordering::SeqCst},
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use hooklatch::{
    EventRouter, Receive,
    store::{DeliveryState, Operate},
};
use tokio::time::sleep;

use crate::{
    sick::Sick,
    world::{Notes, World, body, noting, post},
};

/// A receiver whose store fails to write the ends of so many runs.
fn failing(
    world: &World,
    times: usize,
    lease: Duration,
    events: EventRouter,
) -> (Arc<Sick>, Receive) {
    let store = Arc::new(Sick::new(&world.store));
    store.failing.store(times, SeqCst);
    let inbox = Arc::clone(&store);
    let receiver = world.receiver().lease(lease).shared_inbox(inbox);
    (store, receiver.receive(events))
}

#[tokio::test]
async fn an_outcome_is_written_once_the_store_can() {
    let world = World::new().await;
    let notes = Notes::default();
    let lease = Duration::from_secs(30);
    let (store, receive) = failing(&world, 3, lease, noting(&notes));
    post(&receive, &body("evt_1", "a")).await;
    let all = world.settled().await;
    assert_eq!(all[0].state, DeliveryState::Completed);
    assert_eq!(all[0].attempt, 1);
    assert_eq!(notes.all(), ["evt_1"]);
    assert_eq!(store.failing.load(SeqCst), 0);
}

#[tokio::test]
async fn an_outcome_that_was_written_all_the_same_counts_once() {
    let world = World::new().await;
    let events = EventRouter::new().fallback(async || (StatusCode::BAD_REQUEST, "no"));
    let lease = Duration::from_secs(30);
    let (store, receive) = failing(&world, 1, lease, events);
    store.writes_all_the_same.store(true, SeqCst);
    post(&receive, &body("evt_1", "a")).await;
    let event = world.settled().await[0].event;
    // The second try.
    sleep(Duration::from_millis(300)).await;
    let shown = world.store.show(event).await.unwrap().unwrap();
    assert_eq!(shown.delivery.state, DeliveryState::Dead);
    assert_eq!(shown.attempts.len(), 1);
}

#[tokio::test]
async fn after_a_lease_it_is_given_up_and_the_delivery_runs_again() {
    let world = World::new().await;
    let notes = Notes::default();
    let lease = Duration::from_millis(400);
    let (store, receive) = failing(&world, usize::MAX, lease, noting(&notes));
    post(&receive, &body("evt_1", "a")).await;
    while notes.all().len() < 2 {
        sleep(Duration::from_millis(10)).await;
    }
    store.failing.store(0, SeqCst);
    assert_eq!(world.settled().await[0].state, DeliveryState::Completed);
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_a_store_that_fails() {
    let world = World::new().await;
    let notes = Notes::default();
    let lease = Duration::from_secs(600);
    let (store, receive) = failing(&world, usize::MAX, lease, noting(&notes));
    post(&receive, &body("evt_1", "a")).await;
    while store.failing.load(SeqCst) == usize::MAX {
        sleep(Duration::from_millis(10)).await;
    }
    let begun = Instant::now();
    world.hooks.shutdown(Duration::from_millis(100)).await;
    assert!(begun.elapsed() < Duration::from_secs(4));
    assert_eq!(world.all().await[0].state, DeliveryState::Running);
}

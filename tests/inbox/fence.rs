//! What may kill the process runs alone, among all receivers of the hooks.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use hooklatch::{
    EventRouter, Keyring, RawEvent,
    store::{DeliveryState, Inbox, Operate},
};
use tokio::time::sleep;

use crate::world::{Notes, SECRET, World, acme, body, noting, post};

/// Leases all there is of the receiver for a moment, as a process does that is killed then.
async fn lose(world: &World) {
    let lease = Duration::from_millis(20);
    let leased = world.store.lease("acme", 9, lease).await.unwrap();
    assert!(!leased.is_empty());
    sleep(lease * 2).await;
}

#[tokio::test]
async fn what_ended_without_an_outcome_runs_alone() {
    let world = World::new().await;
    let receiver = world.receiver();
    let accept = receiver.accept_only().unwrap();
    for id in ["lost_1", "lost_2"] {
        post(&accept, &body(id, "a")).await;
    }
    lose(&world).await;
    let other = world
        .hooks
        .receiver("other", acme(), Keyring::new(SECRET))
        .unwrap();
    let other = other.inbox(world.store.clone());
    let accept_other = other.accept_only().unwrap();
    for number in 0..10 {
        let body = body(&format!("evt_{number}"), "a");
        post(&accept, &body).await;
        post(&accept_other, &body).await;
    }
    let (running, notes) = (Arc::new(AtomicUsize::new(0)), Notes::default());
    let events = EventRouter::new().fallback({
        let (running, notes) = (Arc::clone(&running), notes.clone());
        async move |event: RawEvent| {
            let before = running.fetch_add(1, SeqCst);
            for _ in 0..10 {
                sleep(Duration::from_millis(3)).await;
                let beside = running.load(SeqCst) - 1;
                if event.id.starts_with("lost") && (before, beside) != (0, 0) {
                    notes.note(format!("{} beside {beside}", event.id));
                }
                if event.id.starts_with("evt") && beside > 0 {
                    notes.note("others run beside each other");
                }
            }
            running.fetch_sub(1, SeqCst);
        }
    });
    let receives = [receiver.receive(events.clone()), other.receive(events)];
    let all = world.settled().await;
    assert!(
        all.iter().all(|one| one.state == DeliveryState::Completed),
        "{all:?}"
    );
    let mut notes = notes.all();
    notes.dedup();
    assert_eq!(notes, ["others run beside each other"]);
    drop(receives);
}

#[tokio::test]
async fn one_that_waits_to_be_alone_is_free_at_once_when_the_process_is_told_to_stop() {
    let world = World::new().await;
    let receiver = world.receiver();
    post(&receiver.accept_only().unwrap(), &body("lost", "a")).await;
    lose(&world).await;
    let other = world
        .hooks
        .receiver("other", acme(), Keyring::new(SECRET))
        .unwrap();
    let endless = EventRouter::new().fallback(async || std::future::pending::<()>().await);
    let other = other.inbox(world.store.clone()).receive(endless);
    post(&other, &body("endless", "a")).await;
    let notes = Notes::default();
    // Its lease would be over long before the other ends.
    let receive = receiver
        .lease(Duration::from_millis(90))
        .receive(noting(&notes));
    sleep(Duration::from_millis(400)).await;
    world.hooks.shutdown(Duration::from_millis(50)).await;
    assert!(notes.all().is_empty());
    let lost = world.all().await.remove(1);
    assert_eq!(
        (lost.id.as_deref(), lost.state, lost.attempt),
        (Some("lost"), DeliveryState::Pending, 2)
    );
    let attempts = world
        .store
        .show(lost.event)
        .await
        .unwrap()
        .unwrap()
        .attempts;
    assert_eq!(attempts.last().unwrap().error, "the process was shut down");
    drop(receive);
}

//! What the sender is told.

use axum::http::StatusCode;
use hooklatch::{Ack, EventRouter, RawEvent, store::DeliveryState};

use crate::world::{Notes, World, body, noting, post, signed};

#[tokio::test]
async fn a_delivery_is_kept_before_it_is_acknowledged_and_its_copies_run_once() {
    let world = World::new().await;
    let notes = Notes::default();
    let receive = world.receiver().receive(noting(&notes));
    for _ in 0..3 {
        let response = post(&receive, &body("evt_1", "a")).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(!world.all().await.is_empty());
    }
    let all = world.settled().await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].state, DeliveryState::Completed);
    assert_eq!(
        (all[0].id.as_deref(), all[0].event_type.as_deref()),
        (Some("evt_1"), Some("a"))
    );
    assert_eq!(
        post(&receive, &body("evt_1", "a")).await.status(),
        StatusCode::OK
    );
    world.settled().await;
    assert_eq!(notes.all(), ["evt_1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_copies_at_once_run_once() {
    let world = World::new().await;
    let notes = Notes::default();
    let receive = world.receiver().receive(noting(&notes));
    let copies: Vec<_> = (0..100)
        .map(|_| {
            let receive = receive.clone();
            tokio::spawn(async move { post(&receive, &body("evt_1", "a")).await.status() })
        })
        .collect();
    for copy in copies {
        assert_eq!(copy.await.unwrap(), StatusCode::OK);
    }
    world.settled().await;
    assert_eq!(notes.all(), ["evt_1"]);
}

#[tokio::test]
async fn nothing_is_kept_of_a_forged_request() {
    let world = World::new().await;
    let receive = world.receiver().receive(EventRouter::new());
    let mut forged = signed(&body("evt_1", "a"));
    *forged.body_mut() = body("evt_2", "a").into();
    let Ok(response) = tower::ServiceExt::oneshot(receive, forged).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(world.all().await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_is_acknowledged_and_kept_as_dead() {
    let world = World::new().await;
    let notes = Notes::default();
    let receive = world.receiver().receive(noting(&notes));
    let ambiguous = r#"{"id":"evt_1","id":"evt_2","type":"a"}"#;
    for text in ["not json", ambiguous] {
        assert_eq!(post(&receive, text).await.status(), StatusCode::OK);
    }
    let all = world.settled().await;
    assert_eq!(all.len(), 2);
    assert!(
        all.iter()
            .all(|d| d.state == DeliveryState::Dead && d.error.is_some())
    );
    let content = hooklatch::store::Operate::show(&world.store, all[0].event)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(content.body, ambiguous);
    assert!(notes.all().is_empty());
}

#[tokio::test]
async fn a_copy_of_a_dead_delivery_runs_again_once_an_hour() {
    let world = World::new().await;
    let notes = Notes::default();
    let events = EventRouter::new().fallback({
        let notes = notes.clone();
        async move |event: RawEvent| {
            notes.note(event.id);
            Ack::Refuse
        }
    });
    let receive = world.receiver().receive(events);
    for expected in [1, 2, 2] {
        assert_eq!(
            post(&receive, &body("evt_1", "a")).await.status(),
            StatusCode::OK
        );
        let all = world.settled().await;
        assert_eq!(all[0].state, DeliveryState::Dead);
        assert_eq!(notes.all().len(), expected);
    }
}

#[tokio::test]
async fn a_full_inbox_asks_the_sender_to_come_again() {
    let folder = tempfile::tempdir().unwrap();
    let clock = hooklatch::SystemClock::shared();
    let store = hooklatch::store::SqliteStore::open_with(folder.path().join("a.db"), clock, 2)
        .await
        .unwrap();
    let world = World {
        folder,
        store,
        hooks: hooklatch::Hooks::new(),
    };
    let receive = world.receiver().accept_only().unwrap();
    for (id, expected) in [("1", 200), ("2", 200), ("3", 503)] {
        let response = post(&receive, &body(id, "a")).await;
        assert_eq!(response.status().as_u16(), expected);
        assert_eq!(
            response.headers().contains_key("retry-after"),
            expected == 503
        );
    }
}

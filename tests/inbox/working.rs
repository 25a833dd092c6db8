//! What becomes of a delivery afterwards.

use std::time::Duration;

use axum::{Extension, http, http::StatusCode};
use hooklatch::{
    Ack, Clock as _, Delivery, Event, EventRouter, Hooks, Keyring, RawEvent, Retries, SystemClock,
    store::{Claims, DeliveryState, Operate, SqliteStore, SqliteTx},
};

use sqlx::Connection as _;

use crate::world::{Notes, SECRET, World, acme, body, noting, post};

#[tokio::test]
async fn a_failing_handler_is_tried_again_and_then_dead() {
    let world = World::new().await;
    let notes = Notes::default();
    let events = EventRouter::new().fallback({
        let notes = notes.clone();
        async move |event: RawEvent| {
            notes.note(event.attempt.to_string());
            (StatusCode::BAD_GATEWAY, "the shop is closed")
        }
    });
    let receive = world.receiver().receive(events);
    post(&receive, &body("evt_1", "a")).await;
    let all = world.settled().await;
    assert_eq!(notes.all(), ["1", "2", "3"]);
    assert_eq!((all[0].state, all[0].attempt), (DeliveryState::Dead, 3));
    let error = all[0].error.clone().unwrap();
    assert!(
        error.contains("502") && error.contains("the shop is closed"),
        "{error}"
    );

    assert!(world.store.retry(all[0].event).await.unwrap());
    world.settled().await;
    assert_eq!(notes.all().len(), 6);
}

#[tokio::test]
async fn a_handler_says_when_it_wants_to_be_tried_again() {
    let world = World::new().await;
    let events = EventRouter::new().fallback(async |event: RawEvent| {
        let status = if event.event_type == "broken" {
            StatusCode::BAD_GATEWAY
        } else {
            StatusCode::TOO_MANY_REQUESTS
        };
        let after = if event.event_type == "date" {
            "Fri, 31 Dec 9999 23:59:59 GMT"
        } else {
            "600"
        };
        (status, [(http::header::RETRY_AFTER, after)])
    });
    let receive = world
        .receiver()
        .retries(Retries {
            attempts: 2,
            first: Duration::from_secs(10),
            longest: Duration::from_secs(3600),
        })
        .receive(events);
    let begun = SystemClock::default().now();
    // Which of them wait how long, in seconds: as long as it says and a random pause; at most the longest; only a random
    // pause, since Retry-After says nothing beside a 502.
    for (event_type, waits) in [
        ("seconds", 600..=610),
        ("date", 3600..=3600),
        ("broken", 0..=10),
    ] {
        post(&receive, &body(event_type, event_type)).await;
        let failed = async || {
            let all = world.all().await.into_iter();
            let mut failed = all.filter(|one| one.id.as_deref() == Some(event_type));
            failed.find(|one| one.error.is_some())
        };
        let failed = loop {
            if let Some(failed) = failed().await {
                break failed;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        let (least, most) = (*waits.start(), waits.end() + 30);
        let waited = (failed.due - begun).whole_seconds();
        assert!(
            (least..=most).contains(&waited),
            "{event_type}: {waited}, {failed:?}"
        );
    }
}

#[tokio::test]
async fn a_handler_that_panics_is_tried_again() {
    let world = World::new().await;
    let notes = Notes::default();
    let events = EventRouter::new().fallback({
        let notes = notes.clone();
        async move |event: RawEvent| {
            notes.note(event.attempt.to_string());
            assert!(event.attempt > 1, "the first one fails");
        }
    });
    let receive = world.receiver().receive(events);
    post(&receive, &body("evt_1", "a")).await;
    assert_eq!(world.settled().await[0].state, DeliveryState::Completed);
    assert_eq!(notes.all(), ["1", "2"]);
}

#[tokio::test]
async fn handlers_see_the_same_as_without_an_inbox() {
    #[derive(serde::Deserialize)]
    struct Payload {
        id: String,
    }
    async fn tell(
        Extension(notes): Extension<Notes>,
        delivery: Delivery,
        headers: http::HeaderMap,
        event: Event<Payload>,
    ) {
        let mut names: Vec<&str> = headers.keys().map(http::HeaderName::as_str).collect();
        names.sort_unstable();
        notes.note(format!(
            "{} {} {} {} {} {:?} {:?} {} {names:?}",
            event.id,
            event.data.id,
            event.event_type,
            delivery.path(),
            delivery.method(),
            delivery.coverage(),
            delivery.key_name(),
            delivery.receiver(),
        ));
    }
    let world = World::new().await;
    let (inline, stored) = (Notes::default(), Notes::default());
    let events = |notes: &Notes| {
        EventRouter::new()
            .on("a", tell)
            .layer(Extension(notes.clone()))
    };
    let plain = Hooks::new()
        .receiver("acme", acme(), Keyring::new(SECRET))
        .unwrap();
    post(&plain.receive(events(&inline)), &body("evt_1", "a")).await;
    post(
        &world.receiver().receive(events(&stored)),
        &body("evt_1", "a"),
    )
    .await;
    world.settled().await;
    assert_eq!(inline.all().len(), 1);
    assert_eq!(inline.all(), stored.all());
}

#[tokio::test]
async fn what_was_acknowledged_runs_after_a_restart() {
    let world = World::new().await;
    let accept = world.receiver().accept_only().unwrap();
    assert_eq!(
        post(&accept, &body("evt_1", "a")).await.status(),
        StatusCode::OK
    );
    let path = world.path();
    let World {
        folder,
        store,
        hooks,
    } = world;
    hooks.shutdown(Duration::from_secs(1)).await;
    drop((accept, store));
    let world = World {
        store: SqliteStore::open(path).await.unwrap(),
        folder,
        hooks: Hooks::new(),
    };
    let notes = Notes::default();
    let _receive = world.receiver().receive(noting(&notes));
    assert_eq!(world.settled().await[0].state, DeliveryState::Completed);
    assert_eq!(notes.all(), ["evt_1"]);
}

#[tokio::test]
async fn a_transaction_commits_with_its_event_or_not_at_all() {
    async fn write(mut tx: SqliteTx, event: RawEvent) -> Result<(), Ack> {
        sqlx::query("INSERT INTO effect (id, attempt) VALUES ($1, $2)")
            .bind(&event.id)
            .bind(i64::from(event.attempt))
            .execute(tx.connection().await?)
            .await?;
        if event.attempt == 1 {
            Err(Ack::Retry)
        } else {
            Ok(())
        }
    }
    let world = World::new().await;
    let url = format!("sqlite://{}", world.path().display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("CREATE TABLE effect (id TEXT, attempt INTEGER)")
        .execute(&mut connection)
        .await
        .unwrap();
    let receive = world.receiver().receive(EventRouter::new().fallback(write));
    post(&receive, &body("evt_1", "a")).await;
    assert_eq!(world.settled().await[0].state, DeliveryState::Completed);
    let effects: Vec<(String, i64)> = sqlx::query_as("SELECT id, attempt FROM effect")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    assert_eq!(effects, [("evt_1".to_owned(), 2)]);
}

#[tokio::test]
async fn a_transaction_that_stays_open_is_cut_off() {
    async fn dawdle(
        mut tx: SqliteTx,
        event: RawEvent,
        Extension(notes): Extension<Notes>,
    ) -> Result<(), Ack> {
        notes.note(event.attempt.to_string());
        tx.connection().await?;
        if event.attempt == 1 {
            std::future::pending::<()>().await;
        }
        Ok(())
    }
    let world = World::new().await;
    let notes = Notes::default();
    let events = EventRouter::new()
        .fallback(dawdle)
        .layer(Extension(notes.clone()));
    let receive = world.receiver().receive(events);
    post(&receive, &body("evt_1", "a")).await;
    while notes.all().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(
        post(&receive, &body("evt_2", "a")).await.status(),
        StatusCode::OK
    );
    let all = world.settled().await;
    assert!(
        all.iter().all(|d| d.state == DeliveryState::Completed),
        "{all:?}"
    );
}

#[tokio::test]
async fn a_replay_runs_once_for_each_nonce() {
    let world = World::new().await;
    let notes = Notes::default();
    let receive = world.receiver().receive(noting(&notes));
    post(&receive, &body("evt_1", "a")).await;
    let event = world.settled().await[0].event;
    let copy = world.store.replay(event, "one").await.unwrap();
    assert!(copy.is_some());
    assert_eq!(world.store.replay(event, "one").await.unwrap(), None);
    world.settled().await;
    assert_eq!(notes.all(), ["evt_1", "evt_1"]);
    assert!(world.store.forget(event).await.unwrap());
    post(&receive, &body("evt_1", "a")).await;
    world.settled().await;
    assert_eq!(notes.all().len(), 3);
}

#[tokio::test]
async fn a_shutdown_waits_for_handlers_and_frees_what_they_had() {
    let world = World::new().await;
    let notes = Notes::default();
    let events = EventRouter::new().fallback({
        let notes = notes.clone();
        async move |event: RawEvent| {
            notes.note(event.id);
            std::future::pending::<()>().await;
        }
    });
    let receive = world.receiver().receive(events);
    post(&receive, &body("evt_1", "a")).await;
    while notes.all().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.hooks.shutdown(Duration::from_millis(50)).await;
    assert_eq!(world.all().await[0].state, DeliveryState::Pending);
    assert!(!world.hooks.health().is_ready());
}

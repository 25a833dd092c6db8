//! What an operator sees, and what an older version left.

use std::time::Duration;

use axum::http::StatusCode;
use hooklatch::{
    EventRouter, Retries,
    store::{DeliveryQuery, DeliveryState, Inbox, Operate, Settlement, SqliteStore},
};
use sqlx::Connection as _;

use crate::{
    attempts::Runs,
    version_1::{self, Types},
    world::{World, body, post},
};

async fn connect(world: &World) -> sqlx::SqliteConnection {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(world.path());
    sqlx::SqliteConnection::connect_with(&options)
        .await
        .unwrap()
}

#[tokio::test]
async fn the_runs_that_failed_are_kept_counted_and_removed() {
    let world = World::new().await;
    let runs = Runs::new(&world.store);
    runs.are_counted().await;
    runs.are_kept().await;
    let rows = async || {
        let count = sqlx::query_scalar("SELECT COUNT(*) FROM hooklatch_attempt");
        count.fetch_one(&mut connect(&world).await).await.unwrap()
    };
    runs.go_with_their_delivery(rows).await;
}

#[tokio::test]
async fn a_worker_leaves_the_reason_of_each_run_that_failed() {
    let world = World::new().await;
    let events = EventRouter::new().fallback(async || (StatusCode::BAD_GATEWAY, "closed"));
    let retries = Retries {
        attempts: 3,
        first: Duration::from_millis(1),
        longest: Duration::from_millis(1),
    };
    let receive = world.receiver().retries(retries).receive(events);
    post(&receive, &body("evt_1", "a")).await;
    let event = world.settled().await[0].event;
    let shown = world.store.show(event).await.unwrap().unwrap();
    let numbers: Vec<_> = shown.attempts.iter().map(|one| one.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    let mut errors = shown.attempts.iter().map(|one| &one.error);
    assert!(
        errors
            .clone()
            .all(|error| error.contains("502") && error.contains("closed"))
    );
    assert_eq!(errors.next_back(), shown.delivery.error.as_ref());
}

#[tokio::test]
async fn a_file_of_an_older_version_is_brought_up_to_date() {
    for version in [1, 2] {
        is_brought_up_to_date(version).await;
    }
}

async fn is_brought_up_to_date(version: u32) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hooks.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true);
    write_old(&options, version).await;
    let store = SqliteStore::open(&path).await.unwrap();
    let dead = DeliveryQuery::new().state(DeliveryState::Dead);
    let found = store.list(&dead).await.unwrap().remove(0);
    let shown = store.show(found.event).await.unwrap().unwrap();
    assert_eq!(
        (shown.path.as_str(), &shown.body[..]),
        ("/in", &br#"{"id":1}"#[..])
    );
    assert!(shown.attempts.is_empty() && shown.delivery.error.as_deref() == Some("closed"));
    let run = store
        .lease("old", 9, Duration::from_secs(9))
        .await
        .unwrap()
        .remove(0);
    assert!(run.lost == 1 && run.attempt == 2);
    let (after, reason) = (Duration::ZERO, "still closed".into());
    let retry = Settlement::Retry { after, reason };
    assert!(store.settle(run.event, run.fence, retry).await.unwrap());
    let attempts = store.show(run.event).await.unwrap().unwrap().attempts;
    assert_eq!(attempts.len(), 2);
    drop(store);
    // Once is enough.
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(
        store.show(run.event).await.unwrap().unwrap().attempts.len(),
        2
    );
    let mut connection = sqlx::SqliteConnection::connect_with(&options)
        .await
        .unwrap();
    let indexes: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master WHERE name IN ('hooklatch_event_lapsed', 'hooklatch_event_finished')")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    assert_eq!(indexes, 2);
}

/// Makes a file as a version of the schema had it.
async fn write_old(options: &sqlx::sqlite::SqliteConnectOptions, version: u32) {
    let mut old = sqlx::SqliteConnection::connect_with(options).await.unwrap();
    let types = Types {
        seq: "INTEGER PRIMARY KEY",
        bytes: "BLOB",
        of_seq: "INTEGER",
        literal: |hex| format!("x'{hex}'"),
    };
    let mut statements = version_1::statements(&types);
    if version == 2 {
        statements.extend(version_1::to_version_2(&types));
    }
    statements.push(format!("PRAGMA user_version = {version}"));
    for statement in statements {
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .execute(&mut old)
            .await
            .unwrap();
    }
    old.close().await.unwrap();
}

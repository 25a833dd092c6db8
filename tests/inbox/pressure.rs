//! The store itself: what is large, much, or in its way.

use std::time::{Duration, Instant};

use hooklatch::{
    Key, SystemClock,
    store::{Claim, Claims as _, Entry, Fence, Inbox, Settlement, SqliteStore},
};
use sqlx::{Connection as _, SqliteConnection};
use time::OffsetDateTime;

fn entry(number: u32, bytes: usize) -> Entry {
    let claim = Claim::new(Key::event("acme", None, &number.to_be_bytes()));
    let body = vec![b'x'; bytes].into();
    Entry::new(claim, "acme", OffsetDateTime::now_utc(), body)
}

async fn accept_all(store: &SqliteStore, numbers: std::ops::Range<u32>, bytes: usize) {
    let accepted = numbers.map(|number| store.accept(entry(number, bytes)));
    for accepted in futures_util::future::join_all(accepted).await {
        accepted.unwrap();
    }
}

/// The log can then not begin anew, and grows.
#[tokio::test]
async fn somebody_who_reads_for_long_keeps_nobody_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hooks.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let url = format!("sqlite://{}", path.display());
    let mut reader = SqliteConnection::connect(&url).await.unwrap();
    let mut reading = reader.begin().await.unwrap();
    let count = "SELECT COUNT(*) FROM hooklatch_event";
    let _: i64 = sqlx::query_scalar(count)
        .fetch_one(&mut *reading)
        .await
        .unwrap();
    let (began, mut longest) = (Instant::now(), Duration::ZERO);
    let mut number = 0;
    // More than the log may hold before it has to begin anew, and then for some copies more.
    while number < 24 || began.elapsed() < Duration::from_secs(1) {
        let sent = Instant::now();
        accept_all(&store, number..number + 1, 1 << 20).await;
        longest = longest.max(sent.elapsed());
        number += 1;
    }
    assert!(longest < Duration::from_secs(4), "{longest:?}");
    reading.rollback().await.unwrap();
    let log = folder.path().join("hooks.db-wal");
    let began = Instant::now();
    // It begins anew, and its file is cut to what it may be.
    while std::fs::metadata(&log).unwrap().len() > 17 << 20 {
        assert!(began.elapsed() < Duration::from_secs(20));
        accept_all(&store, number..number + 1, 100).await;
        number += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_burst_of_large_deliveries_is_kept_as_it_came() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hooks.db");
    let store = SqliteStore::open(&path).await.unwrap();
    accept_all(&store, 0..40, 600_000).await;
    let mut found = 0;
    loop {
        let leased = store
            .lease("acme", 64, Duration::from_secs(60))
            .await
            .unwrap();
        if leased.is_empty() {
            break;
        }
        for leased in leased {
            assert_eq!(leased.body.len(), 600_000);
            found += 1;
        }
    }
    assert_eq!(found, 40);
}

/// What was handled since the last count makes room at once.
#[tokio::test]
async fn an_inbox_is_full_only_of_what_is_pending() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hooks.db");
    let store = SqliteStore::open_with(path, SystemClock::shared(), 4)
        .await
        .unwrap();
    accept_all(&store, 0..4, 10).await;
    let leased = store
        .lease("acme", 3, Duration::from_secs(60))
        .await
        .unwrap();
    for leased in &leased {
        let done = Settlement::Done(Duration::from_secs(60));
        assert!(
            store
                .settle(leased.event, leased.fence, done)
                .await
                .unwrap()
        );
    }
    assert_eq!(leased.len(), 3);
    accept_all(&store, 4..7, 10).await;
    let refused = store.accept(entry(7, 10)).await.unwrap_err();
    assert!(refused.is_full(), "{refused}");
}

/// A worker that gave up must not hold what it will not run.
#[tokio::test]
async fn what_a_worker_asked_for_in_vain_is_not_leased() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hooks.db");
    let store = SqliteStore::open(&path).await.unwrap();
    accept_all(&store, 0..1, 10).await;
    let url = format!("sqlite://{}", path.display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    // The writer has to wait for this one.
    let writing = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let claim = Claim::new(Key::event("acme", None, b"none"));
    let waits = store.release(&claim, Fence::new(1));
    let asked = async {
        // Behind the release, and given up before that is written.
        let lease = store.lease("acme", 64, Duration::from_secs(60));
        assert!(
            tokio::time::timeout(Duration::from_millis(200), lease)
                .await
                .is_err()
        );
        writing.rollback().await.unwrap();
    };
    let (released, ()) = tokio::join!(waits, asked);
    released.unwrap();
    let leased = store
        .lease("acme", 64, Duration::from_secs(60))
        .await
        .unwrap();
    assert_eq!(leased.len(), 1);
}

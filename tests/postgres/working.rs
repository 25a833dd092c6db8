//! Workers on one database, transactions of handlers, and the operator.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use axum::{
    handler::Handler,
    http::{Request, StatusCode},
    response::Response,
};
use hooklatch::{
    Ack, EventRouter, Hooks, Keyring, Profile, RawEvent, Receive, Receiver, Retries, Scheme,
    Source, TypePart,
    store::{
        Accepted, Claim, Claimed, Claims, DeliveryQuery, DeliveryState, Finished, Inbox, Operate,
        PostgresStore, PostgresTx, Settlement,
    },
    testing::Sender,
};
use time::OffsetDateTime;
use tokio::time::timeout;
use tower::ServiceExt;

use crate::{Database, attempts::Runs, connect, entry, eventually, servers::Postgres};

const SECRET: &str = "a-secret-of-sixteen-bytes-or-more";

fn acme() -> Scheme {
    Scheme {
        name: Cow::Borrowed("acme"),
        id: Some(Source::json("/id")),
        event_type: vec![TypePart::new(Source::json("/type"))].into(),
        profile: Profile::DEFAULT,
        ..Scheme::HMAC_SHA256
    }
}

pub(crate) fn receiver() -> Receiver {
    Hooks::new()
        .receiver("acme", acme(), Keyring::new(SECRET))
        .unwrap()
        .retries(Retries {
            attempts: 5,
            first: Duration::from_millis(20),
            longest: Duration::from_millis(50),
        })
}

pub(crate) fn events_of<T: 'static>(handler: impl Handler<T, ()>) -> EventRouter {
    EventRouter::new().fallback(handler)
}

pub(crate) fn body(id: &str) -> String {
    format!(r#"{{"id":"{id}","type":"a"}}"#)
}

pub(crate) async fn post(receive: &Receive, body: &str) -> Response {
    let sender = Sender::with_secret(acme(), SECRET);
    let request: Request<_> = sender.raw(body.to_owned()).request();
    let Ok(response) = receive.clone().oneshot(request).await;
    response
}

async fn insert(tx: &mut PostgresTx, event: &RawEvent) -> Result<(), Ack> {
    sqlx::query("INSERT INTO effect (id, attempt) VALUES ($1, $2)")
        .bind(&event.id)
        .bind(i64::from(event.attempt))
        .execute(tx.connection().await?)
        .await?;
    Ok(())
}

const EFFECTS: &str = "SELECT id, attempt FROM effect ORDER BY id, attempt";

/// A server with a table for effects.
fn launch() -> Option<Database> {
    let postgres = Database::new()?;
    let _ = postgres.query("CREATE TABLE effect (id TEXT, attempt BIGINT)");
    Some(postgres)
}

async fn settled(store: &PostgresStore) {
    eventually("nothing is pending", async || {
        store.backlog("acme").await.unwrap().pending == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_commits_with_its_event_or_not_at_all() {
    let Some(postgres) = launch() else {
        return;
    };
    let store = postgres.connect().await;
    let receive = receiver().inbox(store.clone()).receive(events_of(
        async |mut tx: PostgresTx, event: RawEvent| {
            insert(&mut tx, &event).await?;
            match event.attempt {
                1 => Err(Ack::Retry),
                2 => panic!("the second one fails"),
                _ => Ok(()),
            }
        },
    ));
    assert_eq!(
        post(&receive, &body("evt_1")).await.status(),
        StatusCode::OK
    );
    settled(&store).await;
    assert_eq!(postgres.query(EFFECTS), "evt_1|3");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_was_taken_over_takes_no_effect() {
    let Some(postgres) = launch() else {
        return;
    };
    let store = postgres.connect().await;
    let server = Arc::new(postgres);
    let other = Arc::clone(&server);
    let receive = receiver().inbox(store.clone()).receive(events_of(
        async move |mut tx: PostgresTx, event: RawEvent| {
            insert(&mut tx, &event).await?;
            if event.attempt == 1 {
                // As another machine does when the lease of this run is over.
                let _ = other.query("UPDATE hooklatch_event SET fence = fence + 1, due = 0");
            }
            Ok::<_, Ack>(())
        },
    ));
    post(&receive, &body("evt_1")).await;
    settled(&store).await;
    assert_eq!(server.query(EFFECTS), "evt_1|2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inline_transactions_commit_with_their_claim() {
    let Some(postgres) = launch() else {
        return;
    };
    let store = postgres.connect().await;
    let receive = receiver().claims(Arc::new(store)).receive(events_of(
        async |mut tx: PostgresTx, event: RawEvent| {
            insert(&mut tx, &event).await?;
            if event.attempt == 1 {
                return Err(Ack::Retry);
            }
            Ok(())
        },
    ));
    for status in [503, 200, 200] {
        assert_eq!(post(&receive, &body("evt_1")).await.status(), status);
    }
    assert_eq!(postgres.query(EFFECTS), "evt_1|2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_handler_sets_for_its_session_ends_with_it() {
    let Some(postgres) = launch() else {
        return;
    };
    let options = PostgresStore::options().transactions(1);
    let store = options.connect(&postgres.url()).await.unwrap();
    let receive = receiver().claims(Arc::new(store)).receive(events_of(
        async |mut tx: PostgresTx, event: RawEvent| {
            let connection = tx.connection().await?;
            let found: (String, String) = sqlx::query_as(
                "SELECT current_setting('synchronous_commit'), current_setting('work_mem')",
            )
            .fetch_one(&mut *connection)
            .await?;
            for set in ["SET synchronous_commit = off", "SET work_mem = '1234kB'"] {
                sqlx::query(set).execute(&mut *connection).await?;
            }
            assert_eq!((&*found.0, &*found.1), ("on", "4MB"), "{}", event.id);
            Ok::<_, Ack>(())
        },
    ));
    for id in ["evt_1", "evt_2", "evt_3"] {
        assert_eq!(post(&receive, &body(id)).await.status(), StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handlers_that_hold_all_transactions_stop_no_renewal() {
    let Some(postgres) = launch() else {
        return;
    };
    let options = PostgresStore::options().transactions(2).connections(2);
    let store = options.connect(&postgres.url()).await.unwrap();
    let runs = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&runs);
    let receive = receiver()
        .inbox(store.clone())
        .lease(Duration::from_secs(1))
        .receive(events_of(
            async move |mut tx: PostgresTx, event: RawEvent| {
                seen.fetch_add(1, SeqCst);
                insert(&mut tx, &event).await?;
                // Longer than its lease.
                tokio::time::sleep(Duration::from_millis(1500)).await;
                Ok::<_, Ack>(())
            },
        ));
    for id in ["evt_1", "evt_2", "evt_3", "evt_4"] {
        post(&receive, &body(id)).await;
    }
    settled(&store).await;
    assert_eq!(postgres.query("SELECT COUNT(*) FROM effect"), "4");
    assert_eq!(runs.load(SeqCst), 4, "a lease was lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_machine_is_woken_also_after_its_connection_was_lost() {
    let Some(mut postgres) = Postgres::launch(&[]) else {
        return;
    };
    let (ours, theirs) = (connect(&postgres).await, connect(&postgres).await);
    let mut arrivals = theirs.arrivals();
    let quickly = async |id: &str, arrivals: &mut tokio::sync::watch::Receiver<u64>| {
        arrivals.mark_unchanged();
        ours.accept(entry(id)).await.unwrap();
        timeout(Duration::from_millis(700), arrivals.changed())
            .await
            .is_ok()
    };
    eventually("it listens", async || {
        quickly("first", &mut arrivals).await || {
            ours.forget(entry("first").claim.event).await.unwrap();
            false
        }
    })
    .await;
    for number in 0..5 {
        assert!(quickly(&format!("evt_{number}"), &mut arrivals).await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    postgres.stop();
    postgres.start();
    eventually("it is written", async || {
        ours.accept(entry("after")).await.is_ok()
    })
    .await;
    let mut number = 0;
    eventually("it listens again", async || {
        number += 1;
        quickly(&format!("later_{number}"), &mut arrivals).await
    })
    .await;
    assert!(quickly("last", &mut arrivals).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_looks_replays_retries_and_purges() {
    let Some(postgres) = Database::new() else {
        return;
    };
    let store = postgres.connect().await;
    let fails = receiver()
        .inbox(store.clone())
        .receive(events_of(async || StatusCode::BAD_REQUEST));
    for id in ["evt_1", "evt_2", "evt_3"] {
        post(&fails, &body(id)).await;
    }
    settled(&store).await;
    let dead = DeliveryQuery::new()
        .state(DeliveryState::Dead)
        .event_type("a*")
        .receiver("acme");
    let all = store.list(&dead).await.unwrap();
    let ids: Vec<_> = all.iter().map(|found| found.id.clone().unwrap()).collect();
    assert_eq!(ids, ["evt_3", "evt_2", "evt_1"], "newest first");
    let mut older = dead.clone().limit(1);
    older.before = Some(all[0].position);
    assert_eq!(
        store.list(&older).await.unwrap()[0].id.as_deref(),
        Some("evt_2")
    );
    let shown = store.show(all[0].event).await.unwrap().unwrap();
    assert_eq!(shown.body, body("evt_3"));

    let copy = store.replay(all[0].event, "one").await.unwrap().unwrap();
    assert_eq!(store.replay(all[0].event, "one").await.unwrap(), None);
    assert_eq!(
        store
            .replay(entry("unknown").claim.event, "one")
            .await
            .unwrap(),
        None
    );
    settled(&store).await;
    let copied = store.show(copy).await.unwrap().unwrap();
    assert_eq!((copied.body, copied.delivery.attempt), (shown.body, 1));
    assert!(store.retry(all[1].event).await.unwrap());
    settled(&store).await;
    assert!(!store.retry(entry("unknown").claim.event).await.unwrap());

    let later = OffsetDateTime::now_utc() + Duration::from_secs(60);
    assert_eq!(store.purge(Finished::Completed, later).await.unwrap(), 0);
    assert!(store.forget(all[2].event).await.unwrap());
    assert!(!store.forget(all[2].event).await.unwrap());
    assert_eq!(store.purge(Finished::Dead, later).await.unwrap(), 3);
    assert_eq!(
        postgres.query("SELECT COUNT(*) FROM hooklatch_delivery"),
        "0"
    );
    assert_eq!(postgres.query("SELECT COUNT(*) FROM hooklatch_event"), "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_runs_that_failed_are_kept_counted_and_removed() {
    let Some(postgres) = Database::new() else {
        return;
    };
    let store = postgres.connect().await;
    let runs = Runs::new(&store);
    runs.are_counted().await;
    runs.are_kept().await;
    let rows = async || {
        let rows = postgres.query("SELECT COUNT(*) FROM hooklatch_attempt");
        rows.parse().unwrap()
    };
    runs.go_with_their_delivery(rows).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leases_count_by_the_servers_clock_and_the_fence_decides() {
    let Some(postgres) = Database::new() else {
        return;
    };
    let (one, two) = (postgres.connect().await, postgres.connect().await);
    one.accept(entry("evt_1")).await.unwrap();
    let lease = Duration::from_millis(300);
    let first = one.lease("acme", 9, lease).await.unwrap().remove(0);
    assert!(two.lease("acme", 9, lease).await.unwrap().is_empty());
    assert_eq!(
        two.accept(entry("evt_1")).await.unwrap(),
        Accepted::Duplicate
    );
    tokio::time::sleep(lease * 2).await;
    let second = two.lease("acme", 9, lease).await.unwrap().remove(0);
    assert_eq!((first.attempt, second.attempt), (1, 2));
    let done = || Settlement::Done(Duration::from_secs(60));
    assert!(!one.settle(first.event, first.fence, done()).await.unwrap());
    assert!(
        !one.renew(&Claim::new(first.event), first.fence)
            .await
            .unwrap()
    );
    assert!(
        two.settle(second.event, second.fence, done())
            .await
            .unwrap()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_that_failed_or_died_is_not_kept_for_ever() {
    let Some(postgres) = Database::new() else {
        return;
    };
    let store = postgres.connect().await;
    for (id, retention) in [("failed", 1), ("failed, kept", 3600), ("died", 1)] {
        let mut claim = entry(id).claim;
        claim.lease = Duration::from_secs(1);
        claim.retention = Duration::from_secs(retention);
        let Claimed::New { fence, .. } = store.claim(&claim).await.unwrap() else {
            panic!("{id}");
        };
        assert!(id == "died" || store.release(&claim, fence).await.unwrap());
    }
    let count = "SELECT COUNT(*) FROM hooklatch_event";
    assert_eq!(postgres.query(count), "3");
    // The store sweeps once a minute.
    tokio::time::sleep(Duration::from_secs(60)).await;
    eventually("two of them are removed", async || {
        postgres.query(count) == "1"
    })
    .await;
}

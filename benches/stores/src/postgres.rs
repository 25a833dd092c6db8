//! The Postgres store beside the bare driver that runs the same statements, on a server that is started for it.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    sync::{Arc, OnceLock},
    time::Duration,
};

use hooklatch::{
    Inbox, Key,
    store::{Claim, Claims, Entry, PostgresStore},
};
use sqlx::{PgPool, Postgres as Db, postgres::PgPoolOptions, query};
use tokio::{
    runtime::Runtime,
    sync::{Mutex, mpsc, oneshot},
};

use crate::{
    load::{Measured, drive, entry},
    servers::Postgres,
};

const LENGTH: Duration = Duration::from_secs(4);

pub fn all() {
    let Some(server) = Postgres::launch(&[]) else {
        return;
    };
    let runtime = Runtime::new().expect("a runtime");
    let url = server.url();
    let store = runtime
        .block_on(PostgresStore::connect(&url))
        .expect("a store");
    let pool = PgPoolOptions::new().max_connections(10);
    let pool = runtime.block_on(pool.connect(&url)).expect("a pool");
    println!("| what | tasks | store/s | p50 | p99 | bare driver/s | p50 | p99 | share |");
    println!("|---|---|---|---|---|---|---|---|---|");
    for tasks in [16, 256] {
        let accepts = || accepts(&runtime, &store, tasks);
        let bare = || bare_accepts(&runtime, &pool, tasks);
        tell("deliveries accepted", tasks, accepts, bare);
        let claims = || claims(&runtime, &store, tasks);
        let bare = || bare_claims(&runtime, &pool, tasks);
        tell("events claimed", tasks, claims, bare);
    }
}

/// Three rounds in turns; the one with the median ratio counts.
fn tell(what: &str, tasks: u64, store: impl Fn() -> Measured, bare: impl Fn() -> Measured) {
    let mut rounds: Vec<[Measured; 2]> = (0..3).map(|_| [store(), bare()]).collect();
    let ratio = |round: &[Measured; 2]| round[0].acks / round[1].acks;
    rounds.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
    let [store, bare] = &rounds[1];
    println!(
        "| {what} | {tasks} | {:.0} | {:.1?} | {:.1?} | {:.0} | {:.1?} | {:.1?} | {:.0} % |",
        store.acks,
        store.p50,
        store.p99,
        bare.acks,
        bare.p50,
        bare.p99,
        100.0 * store.acks / bare.acks
    );
}

/// No number is used twice.
fn unique() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn accepts(runtime: &Runtime, store: &PostgresStore, tasks: u64) -> Measured {
    let store = store.clone();
    drive(runtime, tasks, LENGTH, move |_| {
        let store = store.clone();
        async move {
            store.accept(entry(unique())).await.expect("accepted");
        }
    })
}

struct Job(Entry, oneshot::Sender<()>);

/// Three tasks that each write what has come up by the store's own statement.
fn bare_accepts(runtime: &Runtime, pool: &PgPool, tasks: u64) -> Measured {
    let (jobs, queue) = mpsc::channel::<Job>(4096);
    let queue = Arc::new(Mutex::new(queue));
    for _ in 0..3 {
        let (queue, pool) = (Arc::clone(&queue), pool.clone());
        runtime.spawn(async move {
            loop {
                let mut batch = Vec::new();
                if queue.lock().await.recv_many(&mut batch, 512).await == 0 {
                    return;
                }
                write(&pool, &batch).await;
                for Job(_, reply) in batch {
                    let _ = reply.send(());
                }
            }
        });
    }
    drive(runtime, tasks, LENGTH, move |_| {
        let jobs = jobs.clone();
        async move {
            let (reply, done) = oneshot::channel();
            let job = Job(entry(unique()), reply);
            assert!(jobs.send(job).await.is_ok(), "a writer");
            done.await.expect("an answer");
        }
    })
}

/// The statement of the store, taken from its source, so that it is the same one.
fn statement(named: &str) -> String {
    let source = include_str!("../../../src/store/sql/postgres/batch.rs");
    let (_, text) = source.split_once(named).expect("the statement");
    let (text, _) = text.split_once(");").expect("its end");
    text.lines()
        .map(|line| line.trim().trim_end_matches(','))
        .filter_map(|line| match line {
            "now!()" => Some("((extract(epoch from clock_timestamp()) * 1000)::bigint + $1)"),
            line => line.strip_prefix('"')?.strip_suffix('"'),
        })
        .collect()
}

async fn write(pool: &PgPool, batch: &[Job]) {
    static ACCEPT: OnceLock<String> = OnceLock::new();
    let accept = ACCEPT.get_or_init(|| statement("const ACCEPT: &str = concat!("));
    let entries = || batch.iter().map(|Job(entry, _)| entry);
    let now = |entry: &Entry| entry.received_at.unix_timestamp() * 1000;
    let written = query::<Db>(sqlx::AssertSqlSafe(accept.as_str()))
        .bind(0_i64)
        .bind(Vec::from_iter(
            entries().map(|entry| &entry.claim.event.as_bytes()[..]),
        ))
        .bind(Vec::from_iter(entries().map(|_| None::<&[u8]>)))
        .bind(Vec::from_iter(entries().map(|_| 0_i32)))
        .bind(Vec::from_iter(entries().map(|_| 0_i32)))
        .bind(Vec::from_iter(entries().map(|_| 1_i64)))
        .bind(Vec::from_iter(entries().map(|_| 2_592_000_000_i64)))
        .bind(Vec::from_iter(entries().map(|entry| &*entry.receiver)))
        .bind(Vec::from_iter(
            entries().map(|entry| entry.tenant.as_deref()),
        ))
        .bind(Vec::from_iter(entries().map(|entry| entry.id.as_deref())))
        .bind(Vec::from_iter(
            entries().map(|entry| entry.event_type.as_deref()),
        ))
        .bind(Vec::from_iter(entries().map(now)))
        .bind(Vec::from_iter(entries().map(|_| None::<&str>)))
        .bind(Vec::from_iter(entries().map(|entry| &*entry.head)))
        .bind(Vec::from_iter(entries().map(|entry| &*entry.body)))
        .fetch_all(pool)
        .await
        .expect("written");
    assert_eq!(written.len(), batch.len());
}

fn claims(runtime: &Runtime, store: &PostgresStore, tasks: u64) -> Measured {
    let store = store.clone();
    drive(runtime, tasks, LENGTH, move |_| {
        let store = store.clone();
        async move {
            let claim = Claim::new(key());
            store.claim(&claim).await.expect("claimed");
        }
    })
}

/// An insertion like the store's for an event that is new.
fn bare_claims(runtime: &Runtime, pool: &PgPool, tasks: u64) -> Measured {
    let pool = pool.clone();
    drive(runtime, tasks, LENGTH, move |_| {
        let pool = pool.clone();
        async move {
            let key = key();
            let written = query::<Db>(
                "INSERT INTO hooklatch_event (key, content, may_repeat, repeats, state, fence, attempt, due, retention, receiver, tenant, id, type, received, error, has_delivery, revived) VALUES ($1, NULL, 0, 0, 1, $2, 1, (extract(epoch from clock_timestamp()) * 1000)::bigint + $3, $4, '', NULL, NULL, NULL, 0, NULL, 0, 0) ON CONFLICT DO NOTHING RETURNING seq",
            )
            .bind(&key.as_bytes()[..])
            .bind(1_i64)
            .bind(30_000_i64)
            .bind(2_592_000_000_i64)
            .fetch_optional(&pool)
            .await
            .expect("written");
            assert!(written.is_some());
        }
    })
}

fn key() -> Key {
    Key::event("claims", None, &unique().to_le_bytes())
}

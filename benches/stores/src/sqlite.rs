//! Durable acknowledgements of the SQLite inbox, beside a bare group-commit loop over rusqlite that writes the same rows, and
//! an append-only log: how many, and how long each takes.

use std::{
    fs::File,
    io::Write as _,
    path::Path,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use hooklatch::{
    Ack, EventRouter, Hooks, Inbox, RawEvent, Receive, Receiver, Rejection, provider,
    store::{Entry, SqliteStore, SqliteTx},
    testing::Sender,
};
use rusqlite::{Connection, params};
use serde_json::json;
use sqlx::Connection as _;
use tokio::{runtime::Runtime, sync::oneshot};
use tower::ServiceExt;

use crate::load::{BODY, Measured, drive, entry};

const LENGTH: Duration = Duration::from_secs(3);

/// Measures this part, or all where it is empty.
pub(super) fn all(part: &str) {
    let runtime = Runtime::new().expect("a runtime");
    let parts: [(&str, fn(&Runtime)); 4] = [
        ("acks", acknowledgements),
        ("tx", beside_transactions),
        ("http", over_http),
        ("start", size_and_start),
    ];
    for (name, measure) in parts {
        if part.is_empty() || part == name {
            measure(&runtime);
        }
    }
}

fn acknowledgements(runtime: &Runtime) {
    println!("syncs of 4 KiB a second: {:.0}", syncs());
    println!("| senders | inbox/s | p50 | p99 | rusqlite/s | p50 | p99 | share | log/s | share |");
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for senders in [1, 16, 64, 256] {
        let mut rounds: Vec<[Measured; 3]> = (0..3)
            .map(|_| {
                [
                    inbox(runtime, senders),
                    bare(runtime, senders),
                    log(runtime, senders),
                ]
            })
            .collect();
        let ratio = |round: &[Measured; 3]| round[0].acks / round[1].acks;
        rounds.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
        let [inbox, bare, log] = &rounds[1];
        println!(
            "| {senders} | {:.0} | {:.1?} | {:.1?} | {:.0} | {:.1?} | {:.1?} | {:.0} % | {:.0} | {:.0} % |",
            inbox.acks,
            inbox.p50,
            inbox.p99,
            bare.acks,
            bare.p50,
            bare.p99,
            100.0 * inbox.acks / bare.acks,
            log.acks,
            100.0 * inbox.acks / log.acks,
        );
    }
}

/// How often this disk can sync, in the minute of the other numbers.
fn syncs() -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let mut file = File::create(folder.path().join("probe")).expect("a file");
    let begun = Instant::now();
    let mut count = 0.0;
    while begun.elapsed() < Duration::from_secs(2) {
        file.write_all(&[0; 4096])
            .and_then(|()| file.sync_data())
            .expect("a sync");
        count += 1.0;
    }
    count / begun.elapsed().as_secs_f64()
}

fn inbox(runtime: &Runtime, senders: u64) -> Measured {
    let folder = tempfile::tempdir().expect("a folder");
    let store = runtime
        .block_on(SqliteStore::open(folder.path().join("hooks.db")))
        .expect("a store");
    drive(runtime, senders, LENGTH, move |number| {
        let store = store.clone();
        async move {
            store.accept(entry(number)).await.expect("accepted");
        }
    })
}

struct Job(Entry, oneshot::Sender<()>);

/// Lets senders send to a writer that is a thread.
fn drive_to(runtime: &Runtime, senders: u64, jobs: mpsc::Sender<Job>) -> Measured {
    drive(runtime, senders, LENGTH, move |number| {
        let jobs = jobs.clone();
        async move {
            let (reply, done) = oneshot::channel();
            jobs.send(Job(entry(number), reply)).expect("a writer");
            done.await.expect("an answer");
        }
    })
}

fn bare(runtime: &Runtime, senders: u64) -> Measured {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("hooks.db");
    // The schema is the store's own.
    runtime.block_on(async { drop(SqliteStore::open(&path).await.expect("a store")) });
    let (jobs, queue) = mpsc::channel();
    let writer = thread::spawn(move || write(&path, &queue));
    let measured = drive_to(runtime, senders, jobs);
    writer.join().expect("the writer ends");
    measured
}

/// The loop of the writer: all that has come up in one transaction.
fn write(path: &Path, queue: &mpsc::Receiver<Job>) {
    let mut connection = Connection::open(path).expect("a connection");
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .expect("WAL");
    connection
        .pragma_update(None, "synchronous", "FULL")
        .expect("FULL");
    while let Ok(first) = queue.recv() {
        let jobs: Vec<Job> = std::iter::once(first)
            .chain(queue.try_iter().take(511))
            .collect();
        let transaction = connection.transaction().expect("a transaction");
        for Job(entry, _) in &jobs {
            let now = entry.received_at.unix_timestamp() * 1000;
            let mut event = transaction
                .prepare_cached("INSERT INTO hooklatch_event (key, content, may_repeat, repeats, state, fence, attempt, due, retention, receiver, tenant, id, type, received, error, has_delivery, revived) VALUES (?1, NULL, 0, 0, 0, ?2, 0, ?3, ?4, ?5, NULL, ?6, ?7, ?3, NULL, 1, 0) ON CONFLICT DO NOTHING")
                .expect("a statement");
            event
                .execute(params![
                    &entry.claim.event.as_bytes()[..],
                    now << 8,
                    now,
                    2_592_000_000_i64,
                    &*entry.receiver,
                    entry.id.as_deref(),
                    entry.event_type.as_deref()
                ])
                .expect("an event");
            let mut delivery = transaction
                .prepare_cached(
                    "INSERT INTO hooklatch_delivery (seq, head, body) VALUES (?1, ?2, ?3)",
                )
                .expect("a statement");
            let seq = transaction.last_insert_rowid();
            delivery
                .execute(params![seq, &*entry.head, &*entry.body])
                .expect("a delivery");
        }
        transaction.commit().expect("a commit");
        for Job(_, reply) in jobs {
            let _ = reply.send(());
        }
    }
}

fn log(runtime: &Runtime, senders: u64) -> Measured {
    let folder = tempfile::tempdir().expect("a folder");
    let mut file = File::create(folder.path().join("log")).expect("a file");
    let (jobs, queue) = mpsc::channel::<Job>();
    let writer = thread::spawn(move || {
        while let Ok(first) = queue.recv() {
            let jobs: Vec<Job> = std::iter::once(first)
                .chain(queue.try_iter().take(511))
                .collect();
            let mut bytes = Vec::with_capacity(jobs.len() * (BODY + 256));
            for Job(entry, _) in &jobs {
                bytes.extend_from_slice(entry.claim.event.as_bytes());
                bytes.extend_from_slice(&entry.head);
                bytes.extend_from_slice(&entry.body);
            }
            file.write_all(&bytes)
                .and_then(|()| file.sync_data())
                .expect("a sync");
            for Job(_, reply) in jobs {
                let _ = reply.send(());
            }
        }
    });
    let measured = drive_to(runtime, senders, jobs);
    writer.join().expect("the writer ends");
    measured
}

/// How long an acknowledgement takes while handlers keep writing in the store's transactions.
fn beside_transactions(runtime: &Runtime) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("hooks.db");
    let store = runtime.block_on(SqliteStore::open(&path)).expect("a store");
    let (receiver, sender) = receiver(&store);
    let handler = async |mut tx: SqliteTx| -> Result<(), Ack> {
        let connection = tx.connection().await?;
        sqlx::query("INSERT INTO effect (at) VALUES (unixepoch())")
            .execute(connection)
            .await?;
        Ok(())
    };
    runtime.block_on(async {
        let url = format!("sqlite://{}", path.display());
        let mut connection = sqlx::SqliteConnection::connect(&url)
            .await
            .expect("a connection");
        let table = sqlx::query("CREATE TABLE effect (at INTEGER)");
        table.execute(&mut connection).await.expect("a table");
    });
    let entered = runtime.enter();
    let app = receiver.receive(EventRouter::new().fallback(handler));
    drop(entered);
    let measured = drive(runtime, 16, LENGTH, post(&app, &sender));
    println!(
        "through a receiver in this process, 16 senders, handlers with a transaction each: {:.0}/s, p50 {:.1?}, p99 {:.1?}",
        measured.acks, measured.p50, measured.p99
    );
    let hooks = Hooks::new();
    let plain = hooks.receiver("stripe", provider::STRIPE, sender.keyring());
    let folder = tempfile::tempdir().expect("a folder");
    let store = runtime
        .block_on(SqliteStore::open(folder.path().join("hooks.db")))
        .expect("a store");
    let app = plain
        .expect("a receiver")
        .inbox(store)
        .accept_only()
        .expect("an inbox");
    let measured = drive(runtime, 16, LENGTH, post(&app, &sender));
    println!(
        "the same without a worker: {:.0}/s, p50 {:.1?}, p99 {:.1?}",
        measured.acks, measured.p50, measured.p99
    );
}

/// The same receiver with and without an inbox, 64 senders, requests signed beforehand and given to it in this process.
fn over_http(runtime: &Runtime) {
    let sender = Sender::new(provider::STRIPE);
    let mut rates = Vec::new();
    for with_inbox in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        let store = runtime
            .block_on(SqliteStore::open(folder.path().join("hooks.db")))
            .expect("a store");
        let hooks = Hooks::new();
        let receiver = hooks.receiver("stripe", provider::STRIPE, sender.keyring());
        let receiver = receiver.expect("a receiver");
        let events = EventRouter::new().fallback(async |_: RawEvent| {});
        let entered = runtime.enter();
        let app = if with_inbox {
            receiver.inbox(store).receive(events)
        } else {
            receiver.receive(events)
        };
        drop(entered);
        rates.push(drive(runtime, 64, LENGTH / 4, post(&app, &sender)).acks);
    }
    println!(
        "64 senders, signing included: inline {:.0}/s, with an inbox and its worker {:.0}/s, {:.0} %",
        rates[0],
        rates[1],
        100.0 * rates[1] / rates[0]
    );
}

fn receiver(store: &SqliteStore) -> (Receiver, Sender) {
    let sender = Sender::new(provider::STRIPE);
    let receiver = Hooks::new().receiver("stripe", provider::STRIPE, sender.keyring());
    (receiver.expect("a receiver").inbox(store.clone()), sender)
}

/// Posts an event of its own each time.
fn post(app: &Receive, sender: &Sender) -> impl Fn(u64) -> BoxFuture<'static, ()> + Clone + use<> {
    let (app, sender) = (app.clone(), sender.clone());
    move |number| {
        let payload = json!({"id": "in_1", "text": "x".repeat(BODY - 200)});
        let draft = sender
            .event("invoice.paid", payload)
            .id(&format!("evt_{number}"));
        let (app, request) = (app.clone(), draft.request());
        Box::pin(async move {
            let Ok(response) = app.oneshot(request).await;
            let why = response.extensions().get::<Rejection>();
            assert_eq!(response.status(), 200, "{why:?}");
        })
    }
}

/// Bytes on the disk for an event, and how long a file of a million takes to open and to accept.
fn size_and_start(runtime: &Runtime) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("hooks.db");
    let rows: u64 = std::env::var("ROWS")
        .ok()
        .and_then(|rows| rows.parse().ok())
        .unwrap_or(1_000_000);
    runtime.block_on(async {
        let store = SqliteStore::open_with(&path, hooklatch::SystemClock::shared(), u32::MAX)
            .await
            .expect("a store");
        let mut number = 0;
        while number < rows {
            let batch = (number..rows.min(number + 512)).map(|number| store.accept(entry(number)));
            for accepted in futures_util::future::join_all(batch).await {
                accepted.expect("accepted");
            }
            number += 512;
        }
    });
    // The tasks of the store end, and copy what is left of the log.
    thread::sleep(Duration::from_secs(2));
    let bytes: u64 = std::fs::read_dir(folder.path())
        .expect("the folder")
        .filter_map(|file| Some(file.ok()?.metadata().ok()?.len()))
        .sum();
    println!(
        "bytes on the disk for an event of {BODY} bytes: {}",
        bytes / rows
    );
    let begun = Instant::now();
    runtime.block_on(async {
        let store = SqliteStore::open_with(&path, hooklatch::SystemClock::shared(), u32::MAX)
            .await
            .expect("a store");
        store.accept(entry(u64::MAX >> 8)).await.expect("accepted");
    });
    println!(
        "from opening a file of {rows} events to the first acknowledgement: {:.1?}",
        begun.elapsed()
    );
}

//! `hooklatch deliveries`, beside a receiver and without one.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use hooklatch::{
    EventRouter, Hooks, RawEvent, Receive, provider,
    store::{
        Claims, Condition, DeliveryQuery, DeliveryState, Operate, SqliteStore, StoredDelivery,
    },
    testing::Sender,
};
use serde_json::{Value, json};
use sqlx::Connection as _;
use tower::ServiceExt;

use super::told;

/// A receiver on a file of its own.
pub(crate) struct Receiver {
    pub(crate) folder: tempfile::TempDir,
    store: SqliteStore,
    hooks: Hooks,
    sender: Sender,
    receive: Receive,
}

impl Receiver {
    async fn new(events: EventRouter) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("hooks.db"))
            .await
            .unwrap();
        let hooks = Hooks::new();
        let scheme = provider::STANDARD_WEBHOOKS;
        let sender = Sender::new(scheme.clone());
        let receiver = hooks.receiver("shop", scheme, sender.keyring()).unwrap();
        let receive = receiver.inbox(store.clone()).receive(events);
        Self {
            folder,
            store,
            hooks,
            sender,
            receive,
        }
    }

    pub(crate) fn place(&self) -> String {
        format!("sqlite:{}", path(&self.folder).display())
    }

    async fn post(&self, id: &str, event_type: &str) -> u16 {
        post(&self.receive, &self.sender, id, event_type).await
    }

    /// Waits until nothing is pending or running.
    async fn settled(&self) -> Vec<StoredDelivery> {
        let began = Instant::now();
        loop {
            let all = self
                .store
                .list(&DeliveryQuery::new().limit(10_000))
                .await
                .unwrap();
            let is_open = |one: &StoredDelivery| {
                matches!(one.state, DeliveryState::Pending | DeliveryState::Running)
            };
            if !all.iter().any(is_open) {
                return all;
            }
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "not settled: {all:?}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn post(receive: &Receive, sender: &Sender, id: &str, event_type: &str) -> u16 {
    let event = sender.event(event_type, json!({"of": id})).id(id);
    let Ok(answer) = receive.clone().oneshot(event.request()).await;
    answer.status().as_u16()
}

fn path(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("hooks.db")
}

/// What a command printed, which must have ended so.
fn done(place: &str, arguments: &[&str], code: i32) -> String {
    let all = [&["deliveries", "--store", place], arguments].concat();
    let (out, err, ended) = told(&all);
    assert_eq!(ended, Some(code), "{arguments:?}: {out}{err}");
    out
}

fn lines(place: &str, arguments: &[&str]) -> Vec<Value> {
    let out = done(place, &[&["list", "--json"], arguments].concat(), 0);
    out.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A receiver that handled `evt_1`, gave up `evt_2` and `evt_3`, and has ended.
pub(crate) async fn ended() -> Receiver {
    let events = EventRouter::new().fallback(async |event: RawEvent| {
        if event.event_type.starts_with("bad") {
            return (StatusCode::BAD_REQUEST, "no such\u{1b}[2J shop");
        }
        (StatusCode::OK, "")
    });
    let shop = Receiver::new(events).await;
    for (id, event_type) in [
        ("evt_1", "good.one"),
        ("evt_2", "bad.one"),
        ("evt_3", "bad.\u{202e}three"),
    ] {
        assert_eq!(shop.post(id, event_type).await, 200);
    }
    shop.settled().await;
    shop.hooks.shutdown(Duration::from_secs(1)).await;
    shop
}

pub(crate) fn ids(place: &str, arguments: &[&str]) -> Vec<String> {
    let found = lines(place, arguments).into_iter();
    found
        .map(|line| line["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_are_listed_and_shown_with_nothing_a_terminal_obeys() {
    let shop = ended().await;
    let place = &*shop.place();
    let table = done(place, &["list"], 0);
    assert_eq!(table.lines().count(), 4, "{table}");
    assert!(
        table.starts_with("EVENT") && table.contains("bad.\\u{202e}three"),
        "{table}"
    );
    assert!(
        table.contains("no such\\u{1b}[2J shop") && !table.contains('\u{1b}'),
        "{table}"
    );
    let ids = |arguments: &[&str]| ids(place, arguments);
    assert_eq!(ids(&[]), ["evt_3", "evt_2", "evt_1"]);
    assert_eq!(ids(&["--state", "completed"]), ["evt_1"]);
    assert_eq!(ids(&["--type", "bad.*", "--limit", "1"]), ["evt_3"]);
    assert_eq!(
        ids(&["--id", "evt_2", "--receiver", "shop", "--since", "1h"]),
        ["evt_2"]
    );
    for none in [
        &["--until", "1h"],
        &["--receiver", "x"],
        &["--since", "2999-01-01T00:00:00Z"],
    ] {
        assert!(ids(none).is_empty(), "{none:?}");
    }
    for bad in [&["list", "--since", "soon"], &["list", "--state", "odd"]] {
        done(place, bad, 2);
    }

    let card = done(place, &["show", "evt_2"], 0);
    for part in [
        "dead since",
        "failed runs",
        "no such\\u{1b}[2J shop",
        "\"of\": \"evt_2\"",
    ] {
        assert!(card.contains(part), "{part}: {card}");
    }
    let shown: Value = serde_json::from_str(&done(place, &["show", "evt_2", "--json"], 0)).unwrap();
    assert_eq!(shown["attempts"][0]["number"], 1);
    assert_eq!(
        done(place, &["show", "evt_2", "--raw"], 0),
        shown["body"].as_str().unwrap()
    );
    done(place, &["show", "evt_9"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_are_run_again_and_removed() {
    let shop = ended().await;
    let place = &*shop.place();
    let copy = done(place, &["replay", "evt_1", "--nonce", "one"], 0);
    // The copy has the id, too: what is replayed is the delivery that came.
    done(place, &["replay", "evt_1", "--nonce", "one"], 1);
    for named in ["show", "retry", "forget"] {
        let all = ["deliveries", "--store", place, named, "evt_1"];
        let (_, fault, code) = told(&all);
        assert!(
            fault.contains("list --id evt_1") && code == Some(2),
            "{fault}"
        );
    }
    let first = lines(place, &["--state", "completed"])[0]["event"]
        .as_str()
        .unwrap()
        .to_owned();
    done(place, &["replay", &first, "--nonce", "one"], 1);
    assert!(done(place, &["show", copy.trim()], 0).contains("pending"));
    done(place, &["retry", &first], 1);
    assert_eq!(done(place, &["retry", "evt_2"], 0), "retried: 1\n");
    assert_eq!(
        done(place, &["retry", "--all", "--type", "bad.*"], 0),
        "retried: 1\n"
    );
    assert!(ids(place, &["--state", "dead"]).is_empty());
    assert_eq!(done(place, &["forget", "evt_2"], 0), "forgotten: 1\n");
    done(place, &["forget", "evt_2"], 1);

    done(place, &["purge", "--completed", "--before", "0s"], 2);
    done(place, &["purge", "--yes", "--before", "0s"], 2);
    assert_eq!(
        done(
            place,
            &["purge", "--completed", "--before", "1h", "--yes"],
            0
        ),
        "purged: 0\n"
    );
    let purged = done(
        place,
        &["purge", "--completed", "--before", "0s", "--yes", "--json"],
        0,
    );
    assert_eq!(serde_json::from_str::<Value>(&purged).unwrap()["purged"], 1);
    assert_eq!(ids(place, &[]).len(), 2);
}

#[tokio::test]
async fn no_file_is_made_and_no_other_is_taken_for_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let there = |name: &str| folder.path().join(name);
    let place = |path: &Path| format!("sqlite:{}", path.display());
    done(&place(&there("none.db")), &["list"], 2);
    assert!(!there("none.db").exists());

    let other = there("other.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(&other)
        .create_if_missing(true);
    let mut connection = sqlx::SqliteConnection::connect_with(&options)
        .await
        .unwrap();
    sqlx::query("CREATE TABLE theirs (id INTEGER)")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let before = std::fs::read(&other).unwrap();
    done(&place(&other), &["list"], 2);
    done(
        &place(&other),
        &["purge", "--dead", "--before", "0s", "--yes"],
        2,
    );
    assert_eq!(std::fs::read(&other).unwrap(), before);
    std::fs::write(
        there("text.db"),
        "no database at all, but longer than its head would have to be, ".repeat(9),
    )
    .unwrap();
    done(&place(&there("text.db")), &["list"], 2);

    for store in [
        "mysql://root:hunter2@db/hooks",
        "postgres://root:hunter2@127.0.0.1:1/hooks",
    ] {
        let (out, err, code) = told(&["deliveries", "list", "--store", store]);
        assert!(
            code == Some(2) && !out.contains("hunter2") && !err.contains("hunter2"),
            "{err}"
        );
    }
    let (_, err, code) = told(&["deliveries", "list"]);
    assert!(code == Some(2) && err.contains("HOOKLATCH_STORE"), "{err}");
}

/// How often each event took effect.
#[derive(Clone, Default)]
struct Effects(Arc<Mutex<HashMap<String, usize>>>);

impl Effects {
    /// Counts one more. Tells how many there are now.
    fn add(&self, id: &str) -> usize {
        let mut counts = self.0.lock().unwrap();
        let count = counts.entry(id.to_owned()).or_default();
        *count += 1;
        *count
    }

    fn of(&self, id: &str) -> usize {
        self.0.lock().unwrap().get(id).copied().unwrap_or_default()
    }

    fn counts(&self) -> Vec<usize> {
        self.0.lock().unwrap().values().copied().collect()
    }
}

/// Events of the type `bad` are dead until somebody says retry.
fn counting(effects: &Effects) -> EventRouter {
    let (effects, refused) = (effects.clone(), Effects::default());
    EventRouter::new().fallback(async move |event: RawEvent| {
        if event.event_type == "bad" && refused.add(&event.id) == 1 {
            return StatusCode::BAD_REQUEST;
        }
        effects.add(&event.id);
        StatusCode::OK
    })
}

/// Lists, retries and purges until told to stop; how often.
fn operate(place: &str, ended: &AtomicBool) -> usize {
    let mut rounds = 0;
    while !ended.load(Ordering::SeqCst) {
        done(place, &["list", "--state", "dead"], 0);
        done(place, &["retry", "--all"], 0);
        let purge = ["purge", "--completed", "--before", "1s", "--yes"];
        done(place, &purge, 0);
        rounds += 1;
    }
    rounds
}

const EVENTS: usize = 240;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_a_running_receiver_nothing_is_lost_doubled_or_poisoned() {
    let effects = Effects::default();
    let shop = Arc::new(Receiver::new(counting(&effects)).await);
    let ended = Arc::new(AtomicBool::new(false));
    let commands = {
        let (place, ended) = (shop.place(), Arc::clone(&ended));
        tokio::task::spawn_blocking(move || operate(&place, &ended))
    };
    let senders = (0..8).map(|lane| {
        let shop = Arc::clone(&shop);
        tokio::spawn(async move {
            for number in (lane..EVENTS).step_by(8) {
                let event_type = if number % 7 == 0 { "bad" } else { "good" };
                let id = format!("evt_{number}");
                assert_eq!(shop.post(&id, event_type).await, 200, "{id}");
            }
        })
    });
    for sender in senders.collect::<Vec<_>>() {
        sender.await.unwrap();
    }
    shop.settled().await;
    ended.store(true, Ordering::SeqCst);
    assert!(commands.await.unwrap() > 0);
    done(&shop.place(), &["retry", "--all"], 0);
    let left = shop.settled().await;
    assert!(
        left.iter().all(|one| one.state == DeliveryState::Completed),
        "{left:?}"
    );
    assert_eq!(effects.counts(), [1; EVENTS]);
    assert_eq!(shop.store.condition(), Condition::Sound);
    assert!(shop.hooks.health().is_ready());

    // What the command writes is found within the worker's poll of a second.
    assert_eq!(shop.post("evt_last", "good").await, 200);
    shop.settled().await;
    done(&shop.place(), &["replay", "evt_last"], 0);
    let began = Instant::now();
    while effects.of("evt_last") != 2 {
        assert!(
            began.elapsed() < Duration::from_secs(3),
            "the worker was not woken"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

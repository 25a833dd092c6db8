//! The store in a real Postgres: many connections, transactions of handlers, and what happens
//! when the server crashes, hangs, or is set up to lose what it was given.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "postgres/agreement.rs"]
mod agreement;
#[path = "support/attempts.rs"]
mod attempts;
#[path = "support/log.rs"]
mod log;
#[path = "postgres/outages.rs"]
mod outages;
#[path = "support/servers.rs"]
mod servers;
#[path = "postgres/set_up.rs"]
mod set_up;
#[path = "support/version_1.rs"]
mod version_1;
#[path = "postgres/working.rs"]
mod working;

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use hooklatch::{
    Key,
    store::{Claim, Entry, PostgresStore},
};
use servers::Postgres;
use time::OffsetDateTime;

/// A database of a test's own, on the server of those tests that leave it as it is. That server ends with the process.
#[derive(Debug)]
struct Database {
    server: &'static Postgres,
    name: String,
}

impl Database {
    fn new() -> Option<Self> {
        static SERVER: LazyLock<Option<Postgres>> =
            LazyLock::new(|| Postgres::launch(&[("max_connections", "500")]));
        static MADE: AtomicU32 = AtomicU32::new(0);
        let server = SERVER.as_ref()?;
        let name = format!("test_{}", MADE.fetch_add(1, SeqCst));
        let _ = server.query(&format!("CREATE DATABASE {name}"));
        Some(Self { server, name })
    }

    fn url(&self) -> String {
        self.url_at(self.server.port())
    }

    fn url_at(&self, port: u16) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/{}", self.name)
    }

    fn query(&self, statement: &str) -> String {
        self.server.query_in(&self.name, statement)
    }

    async fn connect(&self) -> PostgresStore {
        PostgresStore::connect(&self.url()).await.unwrap()
    }
}

async fn connect(postgres: &Postgres) -> PostgresStore {
    PostgresStore::connect(&postgres.url()).await.unwrap()
}

/// A delivery to the receiver `acme`.
fn entry(id: &str) -> Entry {
    let claim = Claim::new(Key::event("acme", None, id.as_bytes()));
    let body = Bytes::from(format!("body of {id}"));
    Entry::new(claim, "acme", OffsetDateTime::now_utc(), body)
}

/// Waits until it is so.
async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// How long a test waits for what should take a moment, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

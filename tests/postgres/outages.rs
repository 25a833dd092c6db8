//! The server crashes, hangs, or cannot say whether it did what it was asked.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use futures_util::future::join_all;
use hooklatch::{
    Key,
    store::{Accepted, Claim, Claimed, Claims, Inbox, PostgresStore, PostgresTx},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf},
};

use crate::{
    Database, connect, entry, eventually,
    servers::Postgres,
    working::{body, events_of, post, receiver},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_after_a_crash() {
    let Some(mut postgres) = Postgres::launch(&[]) else {
        return;
    };
    let store = connect(&postgres).await;
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let over = Arc::new(AtomicBool::new(false));
    let clients = (0..16).map(|client| {
        let (store, over) = (store.clone(), Arc::clone(&over));
        let acknowledged = Arc::clone(&acknowledged);
        tokio::spawn(async move {
            let mut failed = 0;
            for number in 0.. {
                let id = format!("evt_{client}_{number}");
                match store.accept(entry(&id)).await {
                    Ok(_) => acknowledged.lock().unwrap().push(id),
                    Err(_) => failed += 1,
                }
                if over.load(SeqCst) {
                    break;
                }
            }
            failed
        })
    });
    let clients: Vec<_> = clients.collect();
    let count = || acknowledged.lock().unwrap().len();
    eventually("deliveries are taken", async || count() > 100).await;
    postgres.stop();
    postgres.start();
    let restarted = count();
    eventually("deliveries are taken again", async || {
        count() > restarted + 100
    })
    .await;
    over.store(true, SeqCst);
    let failed = join_all(clients).await.into_iter().map(Result::unwrap);
    assert!(failed.sum::<u32>() > 0, "nobody noticed the crash");
    let kept = postgres.query("SELECT encode(key, 'hex') FROM hooklatch_event");
    let kept: HashSet<&str> = kept.lines().collect();
    let acknowledged = acknowledged.lock().unwrap();
    let is_lost = |id: &&String| !kept.contains(&*entry(id).claim.event.to_string());
    assert_eq!(acknowledged.iter().find(is_lost), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_is_given_up_and_found_again() {
    let Some(postgres) = Postgres::launch(&[]) else {
        return;
    };
    let store = connect(&postgres).await;
    store.accept(entry("evt_1")).await.unwrap();
    postgres.pause();
    let began = Instant::now();
    // More than there are connections.
    let claims = join_all((0..30_u8).map(|number| {
        let store = store.clone();
        async move {
            let claim = Claim::new(Key::event("acme", None, &[number]));
            store.claim(&claim).await.is_err()
        }
    }));
    let accepted = join_all((0..30).map(|number| store.accept(entry(&format!("other_{number}")))));
    let (claims, accepted, pinged) = tokio::join!(claims, accepted, store.ping());
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    assert!(claims.into_iter().all(|failed| failed));
    assert!(accepted.iter().all(Result::is_err));
    assert!(pinged.is_err());
    postgres.resume();
    eventually("the server is found again", async || {
        store.accept(entry("evt_2")).await.is_ok()
    })
    .await;
    store.ping().await.unwrap();
    let again = store.accept(entry("evt_1")).await.unwrap();
    assert_eq!(again, Accepted::Duplicate);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_have_been_written_is_an_error_and_then_known() {
    let Some(postgres) = Database::new() else {
        return;
    };
    let proxy = Proxy::launch(&postgres).await;
    let store = PostgresStore::connect(&proxy.url).await.unwrap();

    proxy.lose_answer_to(b"body of evt_1");
    store.accept(entry("evt_1")).await.unwrap_err();
    assert!(proxy.has_lost());
    let count = "SELECT COUNT(*) FROM hooklatch_delivery";
    assert_eq!(postgres.query(count), "1", "the server did write it");
    assert_eq!(
        store.accept(entry("evt_1")).await.unwrap(),
        Accepted::Duplicate
    );
    assert_eq!(postgres.query(count), "1");

    let claim = Claim::new(Key::event("acme", None, b"claimed"));
    proxy.lose_answer_to(claim.event.as_bytes());
    store.claim(&claim).await.unwrap_err();
    assert!(proxy.has_lost());
    assert_eq!(store.claim(&claim).await.unwrap(), Claimed::Running);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_nobody_confirmed_is_answered_503_and_takes_effect_once() {
    let Some(postgres) = Database::new() else {
        return;
    };
    let _ = postgres.query("CREATE TABLE effect (id TEXT)");
    let proxy = Proxy::launch(&postgres).await;
    let store = PostgresStore::connect(&proxy.url).await.unwrap();
    let receive = receiver().claims(Arc::new(store)).receive(events_of(
        async |mut tx: PostgresTx, event: hooklatch::RawEvent| {
            sqlx::query("INSERT INTO effect (id) VALUES ($1)")
                .bind(event.id)
                .execute(tx.connection().await?)
                .await?;
            Ok::<_, hooklatch::Ack>(())
        },
    ));
    proxy.lose_answer_to(b"COMMIT");
    let first = post(&receive, &body("evt_1")).await;
    assert!(proxy.has_lost());
    assert_eq!(first.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(first.headers().contains_key("retry-after"));
    assert_eq!(postgres.query("SELECT id FROM effect"), "evt_1");
    let second = post(&receive, &body("evt_1")).await;
    assert_eq!(second.status(), StatusCode::OK);
    assert_eq!(postgres.query("SELECT id FROM effect"), "evt_1");
}

/// Stands between a store and the server, and can lose an answer after the server gave it.
struct Proxy {
    url: String,
    lose: Arc<Mutex<Option<Vec<u8>>>>,
}

impl Proxy {
    async fn launch(postgres: &Database) -> Self {
        let server = postgres.server.port();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = postgres.url_at(listener.local_addr().unwrap().port());
        let lose = Arc::new(Mutex::new(None));
        let shared = Arc::clone(&lose);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                tokio::spawn(pass(client, server, Arc::clone(&shared)));
            }
        });
        Self { url, lose }
    }

    /// The next connection that says this hears no answer and is cut.
    fn lose_answer_to(&self, said: &[u8]) {
        *self.lose.lock().unwrap() = Some(said.to_vec());
    }

    fn has_lost(&self) -> bool {
        self.lose.lock().unwrap().is_none()
    }
}

async fn pass(client: TcpStream, server: TcpStream, lose: Arc<Mutex<Option<Vec<u8>>>>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let (mut said, mut told) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            size = from_client.read(&mut said) => {
                let size = size.unwrap_or(0);
                if size == 0 || to_server.write_all(&said[..size]).await.is_err() {
                    return;
                }
                if is_to_be_lost(&said[..size], &lose) {
                    return swallow(&mut from_server).await;
                }
            }
            size = from_server.read(&mut told) => {
                let size = size.unwrap_or(0);
                if size == 0 || to_client.write_all(&told[..size]).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn is_to_be_lost(said: &[u8], lose: &Mutex<Option<Vec<u8>>>) -> bool {
    let mut lose = lose.lock().unwrap();
    let found = lose
        .as_ref()
        .is_some_and(|what| said.windows(what.len()).any(|part| part == what));
    if found {
        *lose = None;
    }
    found
}

/// Reads what the server answers, to the end of it: "ready for query", in no transaction.
async fn swallow(from_server: &mut OwnedReadHalf) {
    let mut told = Vec::new();
    while !told.ends_with(b"Z\0\0\0\x05I") {
        if from_server.read_buf(&mut told).await.unwrap_or(0) == 0 {
            return;
        }
    }
}

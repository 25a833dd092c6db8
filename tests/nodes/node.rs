//! One of the receivers.

use std::{borrow::Cow, io::Read, sync::Arc, thread, time::Duration};

use axum::{Extension, Router};
use hooklatch::{
    Ack, EventRouter, Hooks, Keyring, Profile, RawEvent, Retries, Scheme, Server, Source, TypePart,
    store::{PostgresStore, PostgresTx},
};
use sqlx::PgPool;
use tokio::net::TcpListener;

use crate::LEASE;

/// Where a receiver is told its database.
pub(crate) const URL: &str = "HOOKLATCH_NODE_URL";

pub(crate) const SECRET: &str = "a-secret-of-sixteen-bytes-or-more";

pub(crate) fn acme() -> Scheme {
    Scheme {
        name: Cow::Borrowed("acme"),
        id: Some(Source::json("/id")),
        event_type: vec![TypePart::new(Source::json("/type"))].into(),
        profile: Profile::DEFAULT,
        ..Scheme::HMAC_SHA256
    }
}

pub(crate) fn run(url: &str) {
    // Ends with the test, however that ends.
    thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(receive(url));
}

async fn receive(url: &str) {
    let store = PostgresStore::connect(url).await.unwrap();
    let pool = PgPool::connect(url).await.unwrap();
    let hooks = Hooks::new();
    let receiver = |name: &'static str| {
        hooks
            .receiver(name, acme(), Keyring::new(SECRET))
            .unwrap()
            .lease(LEASE)
            .retries(Retries {
                attempts: 20,
                first: Duration::from_millis(100),
                longest: Duration::from_secs(1),
            })
    };
    let written = |effect: &'static str| {
        EventRouter::new()
            .fallback(in_transaction)
            .layer(Extension(effect))
    };
    let plain = EventRouter::new().fallback(alone).layer(Extension(pool));
    let stored = receiver("stored").inbox(store.clone());
    let inline = receiver("inline").claims(Arc::new(store.clone()));
    let app = Router::new()
        .route_service("/stored", stored.receive(written(STORED)))
        .route_service("/inline", inline.receive(written(INLINE)))
        .route_service("/plain", receiver("plain").inbox(store).receive(plain));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    let server = Server::new().hooks(&hooks);
    server.serve_on(listener, app).await.unwrap();
}

async fn in_transaction(
    mut tx: PostgresTx,
    Extension(effect): Extension<&'static str>,
    event: RawEvent,
) -> Result<(), Ack> {
    sqlx::query(effect)
        .bind(event.id)
        .execute(tx.connection().await?)
        .await?;
    tokio::time::sleep(WORK).await;
    Ok(())
}

async fn alone(Extension(pool): Extension<PgPool>, event: RawEvent) -> Result<(), Ack> {
    sqlx::query(PLAIN).bind(event.id).execute(&pool).await?;
    tokio::time::sleep(WORK).await;
    Ok(())
}

/// What the handler of a path writes. The statements name their path, for the test to see which one is being handled.
pub(crate) const STORED: &str = "INSERT INTO effect (path, id, node) VALUES ('stored', $1, current_setting('application_name'))";
const INLINE: &str = "INSERT INTO effect (path, id, node) VALUES ('inline', $1, current_setting('application_name'))";
const PLAIN: &str =
    "INSERT INTO effect (path, id, node) VALUES ('plain', $1, current_setting('application_name'))";

/// How long a handler takes besides what it writes.
const WORK: Duration = Duration::from_millis(50);

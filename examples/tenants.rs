//! One receiver for many customers: each gave its own account at the sender a URL with its name in the path and a secret of
//! its own, and the secrets are in a database.
//!
//! The database here is SQLite in memory, and the sender this program itself: it posts signed requests of two customers
//! over loopback.
//!
//! Run with
//!
//! ```text
//! cargo run --example tenants
//! ```
#![allow(
    clippy::print_stdout,
    reason = "an example shows what it does by printing"
)]

use std::error::Error;

use axum::Router;
use hooklatch::{
    Delivery, Event, EventRouter, Hooks, Keyring, Server, TenantError, TenantFuture,
    TenantResolver, provider,
    testing::{Draft, Sender},
};
use serde_json::json;
use sqlx::{Row, SqlitePool, sqlite::SqlitePoolOptions};
use tokio::{net::TcpListener, sync::oneshot};

#[derive(serde::Deserialize)]
struct Invoice {
    id: String,
}

async fn paid(delivery: Delivery, event: Event<Invoice>) {
    let customer = delivery.tenant().unwrap_or("nobody");
    println!("  invoice {} of {customer} is paid", event.data.id);
}

/// The secrets of the customers, a row for each, so that a customer may have an old one beside the new.
struct Secrets(SqlitePool);

impl TenantResolver for Secrets {
    fn resolve<'a>(&'a self, tenant: &'a str) -> TenantFuture<'a> {
        TenantFuture::pending(async {
            self.keyring(tenant).await.map_err(|error| {
                // What a driver says is logged; this one's errors hold no values of columns.
                TenantError::new(error)
            })
        })
    }
}

impl Secrets {
    /// No row is no such customer. The name is whatever a stranger wrote into a path: it is bound, never pasted.
    async fn keyring(&self, customer: &str) -> sqlx::Result<Option<Keyring>> {
        let rows =
            sqlx::query("SELECT name, secret FROM secrets WHERE customer = ? ORDER BY rowid DESC")
                .bind(customer)
                .fetch_all(&self.0)
                .await?;
        let mut keys = None;
        for row in rows {
            let (name, secret): (String, String) = (row.try_get("name")?, row.try_get("secret")?);
            let ring = keys.unwrap_or_else(Keyring::empty);
            keys = Some(ring.and(name, secret));
        }
        Ok(keys)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let database = database().await?;
    add_secret(&database, "acme", "2025", "whsec_secret-of-acme-2025").await?;
    add_secret(&database, "crabs", "2025", "whsec_secret-of-crabs-2025").await?;

    let hooks = Hooks::new();
    let stripe = hooks.tenants("stripe", provider::STRIPE, Secrets(database.clone()))?;
    let events = EventRouter::new().on("invoice.paid", paid);
    let app = Router::new().route_service("/webhooks/{tenant}/stripe", stripe.receive(events));

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = Server::new().hooks(&hooks);
    let running = tokio::spawn(server.run(listener, app, async { drop(stopped.await) }));
    let post = |customer, draft: Draft, status| {
        let url = format!("http://{address}/webhooks/{customer}/stripe");
        expect(url, draft, status)
    };

    let acme = Sender::with_secret(provider::STRIPE, "whsec_secret-of-acme-2025");
    let crabs = Sender::with_secret(provider::STRIPE, "whsec_secret-of-crabs-2025");
    let event = |sender: &Sender, id: &str| {
        let invoice = json!({"id": format!("in_{id}")});
        sender.event("invoice.paid", invoice).id(id)
    };
    println!("an event of each customer; they may have the same id:");
    post("acme", event(&acme, "evt_1"), 200).await?;
    post("crabs", event(&crabs, "evt_1"), 200).await?;
    println!("signed by one, for another:");
    post("crabs", event(&acme, "evt_2"), 401).await?;
    println!("for nobody we know:");
    post("nobody", event(&acme, "evt_3"), 401).await?;

    println!("acme rolls its secret; the old one counts until the sender has the new one:");
    add_secret(&database, "acme", "2026", "whsec_secret-of-acme-2026").await?;
    if let Some(keys) = stripe.tenant_keys() {
        keys.forget("acme");
    }
    let rolled = Sender::with_secret(provider::STRIPE, "whsec_secret-of-acme-2026");
    post("acme", event(&rolled, "evt_4"), 200).await?;
    post("acme", event(&acme, "evt_5"), 200).await?;

    drop(stop);
    running.await??;
    Ok(())
}

async fn database() -> sqlx::Result<SqlitePool> {
    // In memory every connection would be a database of its own.
    let pool = SqlitePoolOptions::new().max_connections(1);
    let pool = pool.connect("sqlite::memory:").await?;
    sqlx::query("CREATE TABLE secrets (customer TEXT NOT NULL, name TEXT NOT NULL, secret TEXT NOT NULL, UNIQUE (customer, name))")
        .execute(&pool)
        .await?;
    Ok(pool)
}

async fn add_secret(
    database: &SqlitePool,
    customer: &str,
    name: &str,
    secret: &str,
) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO secrets (customer, name, secret) VALUES (?, ?, ?)")
        .bind(customer)
        .bind(name)
        .bind(secret)
        .execute(database)
        .await
        .map(drop)
}

/// Posts a signed request as the sender would.
async fn expect(url: String, draft: Draft, status: u16) -> Result<(), Box<dyn Error>> {
    let (head, body) = draft.parts();
    let headers = head.into_parts().0.headers;
    let client = reqwest::Client::builder().no_proxy().build()?;
    let request = client.post(url).headers(headers).body(body);
    let answer = request.send().await?.status();
    println!("  answered {answer}");
    if answer == status {
        Ok(())
    } else {
        Err(format!("expected {status}").into())
    }
}

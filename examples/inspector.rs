//! The inspector in an application: deliveries of a sender on one address, the page that shows them on another.
//!
//! Run with
//!
//! ```text
//! cargo run --example inspector
//! ```
//!
//! open <http://127.0.0.1:9000/hooks>, and send it something: every third event fails, and is tried again.
//! `HOOKLATCH_LISTEN` and `HOOKLATCH_ADMIN` set other addresses.
#![allow(
    clippy::print_stdout,
    reason = "an example shows what it does by printing"
)]

use std::{env, error::Error, sync::Arc};

use axum::Router;
use hooklatch::{
    Ack, EventRouter, Hooks, Keyring, RawEvent, explain::Refusals, inspector::Inspector, provider,
    store::SqliteStore,
};
use tokio::net::TcpListener;

const SECRET: &str = "whsec_example_5HkzNq7hLJ3xUPVZ";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let public = env::var("HOOKLATCH_LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let admin = env::var("HOOKLATCH_ADMIN").unwrap_or_else(|_| "127.0.0.1:9000".to_owned());
    let store = SqliteStore::open("hooklatch.db").await?;
    // What is refused is explained: for development alone.
    let refusals = Refusals::explaining();
    let hooks = Hooks::new().with_refusals(refusals.clone());
    let events = EventRouter::new().fallback(handle);
    let stripe = hooks
        .receiver("stripe", provider::STRIPE, Keyring::new(SECRET))?
        .inbox(store.clone())
        .receive(events);
    let app = Router::new().route_service("/webhooks/stripe", stripe);

    // Without a token it is for this machine alone, so it listens there alone.
    let inspector = Inspector::new(Arc::new(store)).refusals(refusals);
    let admin = TcpListener::bind(admin).await?;
    let address = admin.local_addr()?;
    inspector.check_address(address)?;
    let pages = Router::new().nest("/hooks", inspector.router());
    tokio::spawn(async move { axum::serve(admin, pages).await });

    println!("look:  http://{address}/hooks");
    println!(
        "send:  STRIPE_WEBHOOK_SECRET={SECRET} cargo run --features cli --bin hooklatch -- \\"
    );
    println!("       send stripe http://{public}/webhooks/stripe \\");
    println!("       --secret-env STRIPE_WEBHOOK_SECRET --event invoice.paid -n 60 --rate 2");
    hooklatch::serve(public, app, &hooks).await?;
    Ok(())
}

async fn handle(event: RawEvent) -> Result<(), Ack> {
    if event.id.bytes().map(u32::from).sum::<u32>() % 3 == 0 {
        Err(std::io::Error::other("the upstream does not answer"))?;
    }
    Ok(())
}

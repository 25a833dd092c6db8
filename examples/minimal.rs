//! The first example of the README: invoices that were paid, from Stripe, each once.
//!
//! Run with
//!
//! ```text
//! STRIPE_WEBHOOK_SECRET=whsec_… cargo run --example minimal
//! ```
#![allow(
    clippy::print_stdout,
    reason = "an example shows what it does by printing"
)]

use axum::Router;
use hooklatch::{Event, EventRouter, Hooks, Keyring, provider};

#[derive(serde::Deserialize)]
struct Invoice {
    id: String,
    amount_paid: i64,
}

async fn paid(event: Event<Invoice>) {
    println!("{} paid {}", event.data.id, event.data.amount_paid);
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let hooks = Hooks::new();
    let keys = Keyring::from_env("STRIPE_WEBHOOK_SECRET")?;
    let stripe = hooks.receiver("stripe", provider::STRIPE, keys)?;
    let events = EventRouter::new().on("invoice.paid", paid);
    let app = Router::new().route_service("/webhooks/stripe", stripe.receive(events));
    hooklatch::serve("127.0.0.1:3000", app, &hooks).await?;
    Ok(())
}

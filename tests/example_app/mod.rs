//! An app as a user writes it: invoices from Stripe, commands and events from Slack, mail events from SendGrid.
//!
//! `tests/example_app.rs` tests it; the guide page `docs/testing.md` says what and why.
#![allow(unreachable_pub, reason = "the tests of another file use it")]

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::State};
use hooklatch::{Ack, ConfigError, Event, EventRouter, Hooks, Keyring, provider};
use serde::Deserialize;
use tokio::time::sleep;

/// The keys of all senders.
pub struct Keys {
    pub stripe: Keyring,
    pub slack: Keyring,
    pub sendgrid: Keyring,
}

/// The whole app.
pub fn app(hooks: &Hooks, keys: Keys, books: Books) -> Result<Router, ConfigError> {
    let stripe = hooks.receiver("stripe", provider::STRIPE, keys.stripe)?;
    let slack = hooks.receiver("slack", provider::SLACK, keys.slack)?;
    let sendgrid = hooks.receiver("sendgrid", provider::SENDGRID, keys.sendgrid)?;
    let events = EventRouter::new().on("invoice.paid", paid);
    let mentions = EventRouter::new().on("app_mention", mentioned);
    let mail = EventRouter::new().on("bounce", bounced);
    Ok(Router::new()
        .route_service(
            "/webhooks/stripe",
            stripe.receive(events.with_state(books.clone())),
        )
        .route_service(
            "/webhooks/slack",
            slack.receive(mentions.with_state(books.clone())),
        )
        .route_service(
            "/webhooks/sendgrid",
            sendgrid.receive(mail.with_state(books)),
        ))
}

#[derive(Deserialize)]
struct Invoice {
    id: String,
    amount_paid: i64,
}

/// Writes an invoice that was paid into the books.
async fn paid(State(books): State<Books>, event: Event<Invoice>) -> Ack {
    let Invoice { id, amount_paid } = event.data;
    match books.write(&id, amount_paid).await {
        Ok(()) => Ack::Done,
        Err(_) => Ack::Retry,
    }
}

#[derive(Deserialize)]
struct Mention {
    text: String,
}

async fn mentioned(State(books): State<Books>, event: Event<Mention>) {
    books.note(&event.data.text);
}

#[derive(Deserialize)]
struct Bounce {
    email: String,
}

async fn bounced(State(books): State<Books>, event: Event<Bounce>) {
    books.note(&event.data.email);
}

/// What a database would be: it takes its time, and it can be down.
#[derive(Clone, Default)]
pub struct Books {
    entries: Arc<Mutex<Entries>>,
    down: Arc<AtomicBool>,
}

#[derive(Default)]
struct Entries {
    paid: BTreeMap<String, i64>,
    notes: Vec<String>,
    written: usize,
}

impl Books {
    /// Makes every write fail while it is down.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    /// How often something was written.
    pub fn written(&self) -> usize {
        self.entries().written
    }

    /// The amount an invoice was paid with.
    pub fn paid(&self, id: &str) -> Option<i64> {
        self.entries().paid.get(id).copied()
    }

    /// All notes.
    pub fn notes(&self) -> Vec<String> {
        self.entries().notes.clone()
    }

    async fn write(&self, id: &str, amount: i64) -> io::Result<()> {
        sleep(Duration::from_millis(1)).await;
        if self.down.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        sleep(Duration::from_millis(1)).await;
        let mut entries = self.entries();
        entries.paid.insert(id.to_owned(), amount);
        entries.written += 1;
        Ok(())
    }

    fn note(&self, text: &str) {
        let mut entries = self.entries();
        entries.notes.push(text.to_owned());
        entries.written += 1;
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

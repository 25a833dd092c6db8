//! How an app's receivers are tested: the situations that come to all of them, then what is the app's own.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "example_app/mod.rs"]
mod example_app;

use std::{sync::Arc, time::Duration};

use axum::{Router, body::to_bytes, extract::Request, response::Response};
use example_app::{Books, Keys, app};
use hooklatch::{
    Hooks, MemoryStore, provider,
    testing::{Call, Fault, FaultyStore, ManualClock, Scenarios, Sender},
};
use serde_json::json;
use tower::ServiceExt;

/// The app, its senders, and all they share.
struct World {
    clock: ManualClock,
    store: FaultyStore,
    books: Books,
    stripe: Sender,
    slack: Sender,
    sendgrid: Sender,
    app: Router,
}

impl World {
    fn new() -> Self {
        let (clock, books) = (ManualClock::default(), Books::default());
        let memory = MemoryStore::new().clock(Arc::new(clock.clone()));
        let store = FaultyStore::new(Arc::new(memory));
        let hooks = Hooks::new()
            .with_clock(Arc::new(clock.clone()))
            .with_claims(Arc::new(store.clone()));
        let sender = |scheme| Sender::new(scheme).clock(Arc::new(clock.clone()));
        let (stripe, slack) = (sender(provider::STRIPE), sender(provider::SLACK));
        let sendgrid = sender(provider::SENDGRID);
        let keys = Keys {
            stripe: stripe.keyring(),
            slack: slack.keyring(),
            sendgrid: sendgrid.keyring(),
        };
        Self {
            app: app(&hooks, keys, books.clone()).unwrap(),
            clock,
            store,
            books,
            stripe,
            slack,
            sendgrid,
        }
    }

    async fn post(&self, request: Request) -> Response {
        let Ok(response) = self.app.clone().oneshot(request).await;
        response
    }

    async fn status(&self, request: Request) -> u16 {
        self.post(request).await.status().as_u16()
    }

    /// The situations, from this sender.
    fn situations(&self, sender: &Sender) -> Scenarios {
        let books = self.books.clone();
        Scenarios::new(sender.clone()).counting(move || books.written())
    }
}

#[tokio::test(start_paused = true)]
async fn stripe_stands_all_situations() {
    let world = World::new();
    let books = world.books.clone();
    let report = world
        .situations(&world.stripe)
        .event("invoice.paid", json!({"id": "in_1", "amount_paid": 4200}))
        .at("/webhooks/stripe")
        .failing(move |down| books.set_down(down))
        .run(world.app.clone())
        .await;
    report.assert_all();
}

#[tokio::test(start_paused = true)]
async fn so_do_slack_and_sendgrid() {
    let world = World::new();
    for (sender, event, payload, path) in [
        (
            &world.slack,
            "app_mention",
            json!({"text": "hello"}),
            "/webhooks/slack",
        ),
        (
            &world.sendgrid,
            "bounce",
            json!({"email": "a@example.com"}),
            "/webhooks/sendgrid",
        ),
    ] {
        let scenarios = world.situations(sender).event(event, payload).at(path);
        scenarios.run(world.app.clone()).await.assert_all();
    }
}

#[tokio::test(start_paused = true)]
async fn a_paid_invoice_is_in_the_books() {
    let world = World::new();
    let paid = world
        .stripe
        .event("invoice.paid", json!({"id": "in_7", "amount_paid": 4200}))
        .to("/webhooks/stripe");
    assert_eq!(world.status(paid.request()).await, 200);
    assert_eq!(world.books.paid("in_7"), Some(4200));
}

#[tokio::test(start_paused = true)]
async fn an_invoice_that_cannot_be_read_is_refused_for_good() {
    let world = World::new();
    let odd = world
        .stripe
        .event("invoice.paid", json!({"id": "in_7", "amount_paid": "much"}))
        .to("/webhooks/stripe");
    assert_eq!(world.status(odd.request()).await, 422);
    assert_eq!(world.books.written(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_event_the_app_does_not_know_is_acknowledged() {
    let world = World::new();
    let other = world
        .stripe
        .event("customer.created", json!({}))
        .to("/webhooks/stripe");
    assert_eq!(world.status(other.request()).await, 200);
}

#[tokio::test(start_paused = true)]
async fn while_the_store_is_down_nothing_is_written_and_nothing_is_lost() {
    let world = World::new();
    let paid = world
        .stripe
        .event("invoice.paid", json!({"id": "in_7", "amount_paid": 4200}))
        .to("/webhooks/stripe");
    world.store.fail_next(Call::Claim, Fault::Before);
    assert_eq!(world.status(paid.clone().request()).await, 503);
    assert_eq!(world.books.written(), 0);
    world.clock.advance(Duration::from_secs(3600));
    assert_eq!(world.status(paid.retry(1).request()).await, 200);
    assert_eq!(world.books.written(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_captured_request_is_of_no_use_when_it_is_old() {
    let world = World::new();
    let captured = world
        .stripe
        .event("invoice.paid", json!({"id": "in_7", "amount_paid": 4200}))
        .to("/webhooks/stripe");
    let (head, body) = captured.parts();
    world.clock.advance(Duration::from_secs(301));
    assert_eq!(world.status(head.map(|()| body.into())).await, 401);
}

#[tokio::test(start_paused = true)]
async fn slack_is_answered_when_it_asks_for_the_url() {
    let world = World::new();
    for challenge in world.slack.handshakes() {
        let request = challenge.draft().to("/webhooks/slack").request();
        let response = world.post(request).await;
        let status = response.status();
        let body = to_bytes(response.into_body(), 1024).await.unwrap();
        assert!(challenge.is_met_by(status, &body));
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_batch_each_event_is_handled_once() {
    let world = World::new();
    let bounce = |email: &str| ("bounce", json!({"email": email}));
    let batch = world
        .sendgrid
        .batch([bounce("a@example.com"), bounce("b@example.com")])
        .to("/webhooks/sendgrid");
    for n in 0..3 {
        assert_eq!(world.status(batch.clone().retry(n).request()).await, 200);
    }
    assert_eq!(world.books.notes(), ["a@example.com", "b@example.com"]);
}

//! Stripe's events in the types of `async-stripe`, and what becomes of those that its types cannot read.
//!
//! The types are made for one version of Stripe's API, while the version of an endpoint is chosen in the dashboard. A
//! payload that does not fit the `T` of an `Event<T>` is refused with 422; Stripe tries again for three days, and it fits
//! no better then. So the handler here decodes by itself, and keeps what does not fit as it came.
//!
//! `Event<T>` decodes Stripe's `/data/object`, so `T` is the object: `Coupon`, `Charge`, `Invoice`. They are in the
//! crate `async-stripe-shared`, whose feature `deserialize` makes them types of serde. A type like `Invoice` refers to
//! nearly all others, and what decodes it takes minutes to compile; `Coupon` refers to few.
//!
//! Run with
//!
//! ```text
//! cargo run --manifest-path examples/typed_events/Cargo.toml --bin async_stripe_events
//! ```
#![allow(
    clippy::print_stdout,
    reason = "an example shows what it does by printing"
)]

use std::{
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::extract::State;
use hooklatch::{
    Delivery, Event, EventRouter, Hooks, RawEvent, Receive, provider, testing::Sender,
};
use serde_json::{Value, json};
use stripe_shared::Coupon;
use tower::ServiceExt;

/// The events nobody could read. A real receiver has a table for them.
#[derive(Clone, Default)]
pub(crate) struct Unread(Arc<Mutex<Vec<RawEvent>>>);

impl Unread {
    fn keep(&self, event: RawEvent) {
        self.events().push(event);
    }

    pub(crate) fn events(&self) -> MutexGuard<'_, Vec<RawEvent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One handler for an event, one for the others of its family, and one for the rest.
pub(crate) fn events(unread: &Unread) -> EventRouter {
    EventRouter::new()
        .on("coupon.deleted", deleted)
        .on("coupon.*", coupon)
        .fallback(unknown)
        .with_state(unread.clone())
}

/// Where a payload that does not fit may be refused, `Event<T>` is all it takes.
async fn deleted(event: Event<Coupon>) {
    println!("  coupon {} is gone", event.data.id);
}

/// Where nothing may be lost: typed if it fits, else as it came.
async fn coupon(State(unread): State<Unread>, delivery: Delivery, raw: RawEvent) {
    match Event::<Coupon>::decode(&delivery) {
        Ok(Event { data, .. }) => {
            let percent = data.percent_off.unwrap_or_default();
            println!("  coupon {} takes {percent} % off", data.id);
        }
        Err(misfit) => {
            println!("  {} is kept: {}", raw.event_type, misfit.detail());
            unread.keep(raw);
        }
    }
}

/// What Stripe has and nobody here asked for.
async fn unknown(State(unread): State<Unread>, raw: RawEvent) {
    println!("  {} is kept: nobody handles it", raw.event_type);
    unread.keep(raw);
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stripe = Sender::new(provider::STRIPE);
    let unread = Unread::default();
    let app = Hooks::new()
        .receiver("stripe", provider::STRIPE, stripe.keyring())?
        .receive(events(&unread));

    println!("what fits:");
    expect(200, &app, &stripe, "coupon.created", a_coupon(25.5)).await;
    println!("a number as another version of the API may write it, refused by `Event<T>`:");
    let other = a_coupon("25.5");
    expect(422, &app, &stripe, "coupon.deleted", other.clone()).await;
    println!("and kept by a handler that decodes by itself:");
    expect(200, &app, &stripe, "coupon.updated", other).await;
    println!("an event without a handler of its own:");
    let topup = json!({"id": "tu_1", "object": "topup"});
    expect(200, &app, &stripe, "topup.created", topup).await;

    let kept: Vec<_> = unread.events().drain(..).collect();
    let types: Vec<_> = kept.iter().map(|event| &event.event_type).collect();
    println!("kept: {types:?}");
    Ok(())
}

/// The example of Stripe's page "The Coupon object", with 25.5 % off. Where it is text, that is made up.
pub(crate) fn a_coupon(percent_off: impl Into<Value>) -> Value {
    let percent_off: Value = percent_off.into();
    json!({
        "id": "jMT0WJUD",
        "object": "coupon",
        "amount_off": null,
        "created": 1_678_037_688,
        "currency": null,
        "duration": "repeating",
        "duration_in_months": 3,
        "livemode": false,
        "max_redemptions": null,
        "metadata": {},
        "name": null,
        "percent_off": percent_off,
        "redeem_by": null,
        "times_redeemed": 0,
        "valid": true
    })
}

async fn expect(status: u16, app: &Receive, stripe: &Sender, event_type: &str, object: Value) {
    let event = stripe.event(event_type, object).id(event_type);
    // A receiver never fails as a service: a refusal is an answer.
    let Ok(response) = app.clone().oneshot(event.request()).await;
    assert_eq!(response.status(), status);
}

//! A sender of your own, described as data: its signatures are verified, and made, by the same description.
//!
//! Run with
//!
//! ```text
//! cargo run --example custom_scheme
//! ```
#![allow(
    clippy::print_stdout,
    reason = "an example shows what it does by printing"
)]

use std::{borrow::Cow, error::Error};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use hooklatch::{
    Event, EventRouter, Hooks, Keyring, Method, Part, Receive, Scheme, Signable, Source,
    SystemClock, Timestamp, TypePart, provider,
};
use tower::ServiceExt;

/// What the documentation of Acme says of its webhooks, line by line:
///
/// > We sign the id of the event, a dot, the time, a dot and the body with HMAC-SHA-256, and send it in hexadecimal as
/// > `X-Acme-Signature: sha256=…`. The id is in `X-Acme-Event-Id`, the time in `X-Acme-Timestamp`, in unix seconds.
/// > The type of the event is the member `event` of the body, what happened is in `details`.
///
/// What is not said here is as in `Scheme::HMAC_SHA256`: the secret is text, a signature is lower-case hexadecimal.
const ACME: Scheme = Scheme {
    name: Cow::Borrowed("acme"),
    signature: Source::header("x-acme-signature"),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("sha256="),
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[
        Part::Id,
        Part::literal("."),
        Part::Timestamp,
        Part::literal("."),
        Part::Body,
    ]),
    timestamp: Some(Timestamp::unix(Source::header("x-acme-timestamp"))),
    id: Some(Source::header("x-acme-event-id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    payload: Cow::Borrowed("/details"),
    ..Scheme::HMAC_SHA256
};

#[derive(serde::Deserialize)]
struct Shipped {
    parcel: String,
}

async fn shipped(event: Event<Shipped>) {
    println!("  event {}: {} is on its way", event.id, event.data.parcel);
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let keys = Keyring::new("a-secret-of-at-least-16-bytes");
    let events = EventRouter::new().on("parcel.shipped", shipped);
    let acme = Hooks::new()
        .receiver("acme", ACME, keys.clone())?
        .receive(events);

    let body = r#"{"event":"parcel.shipped","details":{"parcel":"parcel 7"}}"#;
    println!("signed by the sender:");
    expect(StatusCode::OK, &acme, request(&keys, body, body)?).await;
    println!("the same again, a retry:");
    expect(StatusCode::OK, &acme, request(&keys, body, body)?).await;
    println!("another body under the same signature:");
    let other = body.replace("parcel 7", "parcel 8");
    let forged = request(&keys, body, &other)?;
    expect(StatusCode::UNAUTHORIZED, &acme, forged).await;
    println!("another secret:");
    let guess = Keyring::new("a-secret-that-somebody-guessed");
    let forged = request(&guess, body, body)?;
    expect(StatusCode::UNAUTHORIZED, &acme, forged).await;

    println!("a description that contradicts itself is refused before anything listens:");
    let nothing_to_sign = Scheme {
        content: Cow::Borrowed(&[]),
        ..ACME
    };
    match Hooks::new().receiver("acme", nothing_to_sign, keys) {
        Ok(_) => return Err("it was not refused".into()),
        Err(error) => println!("  {error}"),
    }

    // A known sender with one thing changed is the same kind of literal: the whole body instead of `/data/object`.
    let whole = Scheme {
        payload: Cow::Borrowed(""),
        ..provider::STRIPE
    };
    whole.check()?;
    Ok(())
}

/// A request with one body, signed as if it had another. `Scheme::sign` gives the headers that Acme would send.
fn request(keys: &Keyring, signed: &str, sent: &str) -> Result<Request<Body>, Box<dyn Error>> {
    let message = Signable::new(signed.as_bytes())
        .with_id("evt_1")
        .with_timestamp(SystemClock::shared().now());
    let mut request = Request::post("/").body(Body::from(sent.to_owned()))?;
    request.headers_mut().extend(ACME.sign(keys, &message)?);
    Ok(request)
}

async fn expect(status: StatusCode, receive: &Receive, request: Request<Body>) {
    // A receiver never fails as a service: a refusal is an answer.
    let Ok(response) = receive.clone().oneshot(request).await;
    println!("  answered {}", response.status());
    assert_eq!(response.status(), status);
}

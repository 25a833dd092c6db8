//! The examples run to their end, and their handlers keep what the types of others cannot read.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;

use hooklatch::{Hooks, RawEvent, Receive, provider, testing::Sender};
use serde_json::{Value, json};
use tower::ServiceExt;

#[allow(dead_code, reason = "its `main` runs as a process")]
mod async_stripe_events;
#[allow(dead_code, reason = "its `main` runs as a process")]
mod octocrab_events;

#[test]
fn the_examples_run_to_their_end() {
    for (example, said) in [
        (
            env!("CARGO_BIN_EXE_octocrab_events"),
            "issue 1 Opened: Spelling error in the README file",
        ),
        (
            env!("CARGO_BIN_EXE_async_stripe_events"),
            "coupon jMT0WJUD takes 25.5 % off",
        ),
    ] {
        let output = Command::new(example).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{example}: {text}{log}");
        assert!(text.contains(said), "{example}: {text}");
    }
}

#[tokio::test]
async fn what_the_types_of_octocrab_cannot_read_reaches_a_raw_handler() {
    let unread = octocrab_events::Unread::default();
    let sender = Sender::new(provider::GITHUB);
    let app = Hooks::new()
        .receiver("github", provider::GITHUB, sender.keyring())
        .unwrap()
        .receive(octocrab_events::events(&unread));
    let issue = octocrab_events::issue_1();
    let mut broken = issue.clone();
    broken["issue"]["number"] = json!("one");
    // Type, payload, answer, and whether it is kept as it came.
    let cases = [
        ("issues.opened", issue.clone(), 200, false),
        ("issues.typed", issue, 200, true),
        ("issues.closed", broken, 200, true),
        ("gollum", json!({"pages": []}), 200, true),
        ("star.created", json!({"starred_at": null}), 200, false),
        ("star.gilded", json!({"starred_at": null}), 422, false),
    ];
    keeps_what_it_cannot_read(&sender, &app, &|| unread.events().pop(), cases).await;
}

#[tokio::test]
async fn what_the_types_of_async_stripe_cannot_read_reaches_a_raw_handler() {
    let unread = async_stripe_events::Unread::default();
    let sender = Sender::new(provider::STRIPE);
    let app = Hooks::new()
        .receiver("stripe", provider::STRIPE, sender.keyring())
        .unwrap()
        .receive(async_stripe_events::events(&unread));
    let coupon = async_stripe_events::a_coupon(25.5);
    let other = async_stripe_events::a_coupon("25.5");
    let mut unknown_duration = coupon.clone();
    unknown_duration["duration"] = json!("a_duration_of_next_year");
    let cases = [
        ("coupon.created", coupon.clone(), 200, false),
        ("coupon.updated", unknown_duration, 200, false),
        ("coupon.updated", other.clone(), 200, true),
        ("topup.created", json!({"id": "tu_1"}), 200, true),
        ("coupon.deleted", coupon, 200, false),
        ("coupon.deleted", other, 422, false),
    ];
    keeps_what_it_cannot_read(&sender, &app, &|| unread.events().pop(), cases).await;
}

/// Posts payloads of a type, forged and genuine; tells each answer, and whether a raw handler kept exactly those bytes.
async fn keeps_what_it_cannot_read(
    sender: &Sender,
    app: &Receive,
    kept: &dyn Fn() -> Option<RawEvent>,
    cases: impl IntoIterator<Item = (&str, Value, u16, bool)>,
) {
    for (number, (event_type, payload, answer, is_kept)) in cases.into_iter().enumerate() {
        let draft = sender
            .event(event_type, payload)
            .id(&format!("evt_{number}"));
        let (_, body) = draft.clone().parts();
        let forged = draft.clone().with_wrong_key().request();
        assert_eq!(app.clone().oneshot(forged).await.unwrap().status(), 401);
        assert!(kept().is_none(), "a forged {event_type}");

        let response = app.clone().oneshot(draft.request()).await.unwrap();
        assert_eq!(response.status(), answer, "{event_type}");
        let event = kept();
        assert_eq!(event.is_some(), is_kept, "{event_type}");
        if let Some(event) = event {
            assert_eq!((&*event.event_type, event.body), (event_type, body));
        }
    }
}

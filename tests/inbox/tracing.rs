//! Each run of a handler is a span, with and without an inbox.

use axum::http::StatusCode;
use hooklatch::{EventRouter, Keyring, RawEvent};
use tracing_subscriber::fmt::format::FmtSpan;

use crate::{
    log::Log,
    world::{SECRET, World, acme, post},
};

const BODY: &str = r#"{"id":"evt_1","type":"a","note":"for your eyes"}"#;

#[tokio::test]
async fn each_run_is_a_span_that_tells_how_it_ended_and_no_payload() {
    let world = World::new().await;
    let receiver = |name: &str| {
        let receiver = world.hooks.receiver(name, acme(), Keyring::new(SECRET));
        receiver.unwrap()
    };
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(log.clone())
        .finish();
    let _guard = ::tracing::subscriber::set_default(subscriber);
    // While there is one subscriber alone, what another test's thread meets first is off for all threads.
    let _second = ::tracing::Dispatch::new(::tracing::subscriber::NoSubscriber::default());

    let events = EventRouter::new().fallback(async |event: RawEvent| {
        ::tracing::info!("within");
        if event.attempt == 1 {
            return StatusCode::BAD_GATEWAY;
        }
        StatusCode::OK
    });
    post(&world.receiver().receive(events.clone()), BODY).await;
    world.settled().await;
    let plain = receiver("plain").receive(events);
    for _ in 0..3 {
        post(&plain, BODY).await;
    }

    let text = log.text();
    let lines = text
        .lines()
        .filter(|line| line.contains("hooklatch::handler: close"));
    let spans: Vec<&str> = lines
        .filter_map(|line| line.split(['{', '}']).nth(1))
        .collect();
    let span = |receiver: &str, attempt: u32, outcome: &str| {
        format!(
            r#"receiver="{receiver}" provider="acme" event_id="evt_1" event_type="a" attempt={attempt} outcome="{outcome}""#
        )
    };
    let expected = [
        span("acme", 1, "retry"),
        span("acme", 2, "done"),
        span("plain", 1, "retry"),
        span("plain", 2, "done"),
    ];
    assert_eq!(spans, expected, "{text}");
    let within = text.lines().filter(|line| line.ends_with("within"));
    assert!(
        within
            .clone()
            .all(|line| line.contains("delivery{receiver=")),
        "{text}"
    );
    assert_eq!(within.count(), 4);
    assert!(
        !text.contains("for your eyes") && !text.contains(SECRET),
        "{text}"
    );
}

//! From a delivery to a handler and back to a status.

use std::sync::{Arc, Mutex};

use axum::{Extension, Router, extract::Path, http::StatusCode, response::IntoResponse};
use hooklatch::{
    Delivery, Event, EventRouter, EventType, RawEvent, Rejection, RejectionKind, Reply, provider,
    testing::{self},
};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::Log;
use crate::support::{Runs, World, header, payload, send, status, text};

#[tokio::test]
async fn the_first_example_takes_a_real_stripe_envelope() {
    #[derive(serde::Deserialize)]
    struct Invoice {
        id: String,
        amount_paid: i64,
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let events = EventRouter::new().on("invoice.paid", {
        let seen = Arc::clone(&seen);
        move |event: Event<Invoice>| async move {
            let line = format!(
                "{} {} {}",
                event.data.id, event.data.amount_paid, event.event_type
            );
            seen.lock().unwrap().push(line);
        }
    });
    let world = World::new();
    let (stripe, app) = world.endpoint(provider::STRIPE, events);
    let envelope = r#"{"id":"evt_1PgafmB7WZ01zgkW6dKueIc5","object":"event","api_version":"2024-06-20","created":1721906770,
        "data":{"object":{"id":"in_1MtHbELkdIwHu7ixl4OzzPMv","object":"invoice","amount_paid":1999,"currency":"usd",
        "lines":{"object":"list","data":[],"has_more":false}}},"livemode":false,"pending_webhooks":1,
        "request":{"id":null,"idempotency_key":null},"type":"invoice.paid"}"#;
    assert_eq!(status(&app, stripe.raw(envelope).request()).await, 200);
    assert_eq!(
        *seen.lock().unwrap(),
        ["in_1MtHbELkdIwHu7ixl4OzzPMv 1999 invoice.paid"]
    );
}

#[tokio::test]
async fn a_handlers_answer_becomes_a_status() {
    for (returned, expected) in [
        (200, 200),
        (204, 204),
        (302, 503),
        (400, 422),
        (404, 503),
        (409, 503),
        (422, 422),
        (429, 503),
        (500, 500),
        (502, 502),
        (503, 503),
    ] {
        let (world, runs) = (World::new(), Runs::default());
        let counted = runs.clone();
        let events = EventRouter::new().fallback(move || {
            counted.add();
            async move { (StatusCode::from_u16(returned).unwrap(), "internal detail") }
        });
        let (stripe, app) = world.endpoint(provider::STRIPE, events);
        let copy = || stripe.event("a", payload()).request();
        let response = send(&app, copy()).await;
        assert_eq!((returned, response.status().as_u16()), (returned, expected));
        assert_eq!(
            header(&response, "retry-after").is_some(),
            expected >= 500,
            "{returned}"
        );
        assert_eq!(
            text(response).await,
            "",
            "the handler's text never reaches the sender"
        );
        status(&app, copy()).await;
        let reruns = if expected < 300 { 1 } else { 2 };
        assert_eq!(
            runs.count(),
            reruns,
            "{returned}: anything but 2xx frees the claim"
        );
    }
}

#[tokio::test]
async fn a_panic_is_a_500_and_frees_the_claim() {
    let (world, runs) = (World::new(), Runs::default());
    let counted = runs.clone();
    let events = EventRouter::new().fallback(move || {
        let first = counted.add() == 1;
        async move { assert!(!first, "a handler that panics once") }
    });
    let (stripe, app) = world.endpoint(provider::STRIPE, events);
    assert_eq!(
        status(&app, stripe.event("a", payload()).request()).await,
        500
    );
    assert_eq!(
        status(&app, stripe.event("a", payload()).request()).await,
        200
    );
    assert_eq!(runs.count(), 2);
}

#[tokio::test]
async fn a_payload_that_does_not_fit_is_refused_and_still_reaches_a_raw_handler() {
    #[derive(serde::Deserialize)]
    #[allow(dead_code)]
    struct Invoice {
        amount_paid: i64,
    }
    let events = EventRouter::new()
        .on("typed", |_: Event<Invoice>| async {})
        .on("raw", |event: RawEvent| async move {
            assert!(event.body.starts_with(b"{"));
        });
    let world = World::new();
    let (slack, app) = world.endpoint(provider::SLACK, events);
    let misfit = json!({"amount_paid": "much"});
    let response = send(&app, slack.event("typed", misfit.clone()).request()).await;
    assert_eq!(response.status(), 422);
    assert_eq!(
        header(&response, "x-slack-no-retry"),
        Some("1"),
        "the sender's stop header"
    );
    let rejection = response.extensions().get::<Rejection>().unwrap();
    assert!(rejection.detail().contains("amount_paid"), "{rejection}");
    assert!(
        !rejection.detail().contains("much"),
        "never the payload's values"
    );
    assert_eq!(
        status(&app, slack.event("raw", misfit).id("2").request()).await,
        200
    );
}

#[tokio::test]
async fn authentic_but_unreadable_is_422_without_effect() {
    let (world, runs) = (World::new(), Runs::default());
    let (stripe, app) = world.endpoint(provider::STRIPE, runs.router());
    let deep = format!(
        r#"{{"id":"evt_1","type":"a","data":{}{}}}"#,
        "[".repeat(500_000),
        "]".repeat(500_000)
    );
    for body in [
        "",
        "not json",
        "\u{feff}{\"id\":\"evt_1\",\"type\":\"a\"}",
        r#"{"id":"evt_1","id":"evt_2","type":"a"}"#,
        r#"{"id":"evt_1","type":"a","type":"b"}"#,
        r#"{"id":"\ud800","type":"a"}"#,
        r#"{"id":"evt_1","type":"a"} trailing"#,
        &deep,
    ] {
        assert_eq!(
            status(&app, stripe.raw(body.to_owned()).request()).await,
            422,
            "{body:.40}"
        );
    }
    let not_utf8 = [b"{\"id\":\"evt_1\",\"type\":\"a\",\"x\":\"\xff\"}".as_slice()].concat();
    assert_eq!(status(&app, stripe.raw(not_utf8).request()).await, 422);
    assert_eq!((runs.count(), world.store.stats().events), (0, 0));
    let odd = r#"{"id":"evt_1","type":"a","x":1e400,"y":"\ud800","z":1,"z":2}"#;
    assert_eq!(
        status(&app, stripe.raw(odd).request()).await,
        200,
        "elsewhere it is nobody's business"
    );
}

#[tokio::test]
async fn an_event_without_a_handler_is_acknowledged_once_and_for_all() {
    let world = World::new();
    let (stripe, app) = world.endpoint(
        provider::STRIPE,
        EventRouter::new().on("known", || async {}),
    );
    assert_eq!(
        status(&app, stripe.event("unknown", payload()).request()).await,
        200
    );
    assert_eq!(world.store.stats().completed, 1);
}

#[tokio::test]
async fn typed_registration_takes_the_type_from_the_payload() {
    #[derive(serde::Deserialize)]
    struct Paid {
        id: String,
    }
    impl EventType for Paid {
        const TYPE: &str = "invoice.paid";
    }
    async fn paid(Extension(log): Extension<Log>, event: Event<Paid>) {
        log.lock().unwrap().push(event.data.id);
    }
    let log = Log::default();
    let events = EventRouter::new()
        .on_event(paid)
        .layer(Extension(Arc::clone(&log)));
    let world = World::new();
    let (stripe, app) = world.endpoint(provider::STRIPE, events);
    assert_eq!(
        status(&app, stripe.event("invoice.paid", payload()).request()).await,
        200
    );
    assert_eq!(*log.lock().unwrap(), ["in_1"]);
}

#[tokio::test]
async fn github_routes_by_header_and_action() {
    let log = Log::default();
    async fn note(Extension(log): Extension<Log>, event: RawEvent) {
        log.lock().unwrap().push(event.event_type);
    }
    let events = EventRouter::new()
        .on("issues.opened", note)
        .on("issues.*", note)
        .on("push", note)
        .layer(Extension(Arc::clone(&log)));
    let world = World::new();
    let (github, app) = world.endpoint(provider::GITHUB, events);
    for (n, event_type) in ["issues.opened", "issues.closed", "push", "star.created"]
        .iter()
        .enumerate()
    {
        let request = github
            .event(event_type, json!({"n": n}))
            .id(event_type)
            .request();
        assert_eq!(status(&app, request).await, 200);
    }
    assert_eq!(
        *log.lock().unwrap(),
        ["issues.opened", "issues.closed", "push"]
    );
    let form = github
        .raw(format!("payload={}", "%7B%22action%22%3A%22opened%22%7D"))
        .id("form")
        .header(
            "content-type".parse().unwrap(),
            "application/x-www-form-urlencoded",
        )
        .header("x-github-event".parse().unwrap(), "issues");
    assert_eq!(status(&app, form.request()).await, 200);
    assert_eq!(log.lock().unwrap().last().unwrap(), "issues.opened");
}

#[tokio::test]
async fn slack_challenge_events_and_commands_come_to_one_endpoint() {
    async fn command(event: Event<Command>) -> Reply<String> {
        Reply(format!("hello {}", event.data.text))
    }
    #[derive(serde::Deserialize)]
    struct Command {
        text: String,
    }
    #[derive(serde::Deserialize)]
    struct Message {
        text: String,
    }
    let log = Log::default();
    let events = EventRouter::new()
        .on("/greet", command)
        .on(
            "message",
            |Extension(log): Extension<Log>, event: Event<Message>| async move {
                log.lock().unwrap().push(event.data.text);
            },
        )
        .layer(Extension(Arc::clone(&log)));
    let world = World::new();
    let (slack, app) = world.endpoint(provider::SLACK, events);

    let challenge = r#"{"token":"t","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}"#;
    let response = send(&app, slack.raw(challenge).request()).await;
    assert_eq!(
        header(&response, "content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(header(&response, "x-content-type-options"), Some("nosniff"));
    assert_eq!(
        text(response).await,
        "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
    );
    for refused in [
        slack.raw(challenge).with_wrong_key(),
        slack.raw(challenge).stale(),
        slack
            .raw(challenge)
            .without_header("x-slack-signature".parse().unwrap()),
    ] {
        assert_eq!(status(&app, refused.request()).await, 401);
    }

    let message = slack.event("message", json!({"text": "hi"}));
    assert_eq!(status(&app, message.request()).await, 200);
    assert_eq!(*log.lock().unwrap(), ["hi"]);

    let form = slack.raw("command=%2Fgreet&text=world").header(
        "content-type".parse().unwrap(),
        "application/x-www-form-urlencoded",
    );
    let response = send(&app, form.request()).await;
    assert_eq!(text(response).await, "hello world", "Slack reads the reply");
}

#[tokio::test]
async fn a_handler_sees_the_same_inline_and_from_a_rebuilt_request() {
    let log = Log::default();
    async fn see(
        Extension(log): Extension<Log>,
        delivery: Delivery,
        request: axum::extract::Request,
    ) {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 10_000).await.unwrap();
        let mut headers: Vec<_> = parts.headers.iter().collect();
        headers.sort_by_key(|(name, _)| name.as_str());
        let outer = parts.extensions.get::<u8>();
        let seen = format!(
            "{} {} {headers:?} {outer:?} {body:?} {:?} {:?} {:?} {} {:?}",
            parts.method,
            parts.uri,
            delivery.id(),
            delivery.event_type(),
            delivery.received_at(),
            delivery.attempt(),
            delivery.timestamp(),
        );
        log.lock().unwrap().push(seen);
        if delivery.attempt() == 1 {
            KEPT.lock().unwrap().push(delivery);
        }
    }
    static KEPT: Mutex<Vec<Delivery>> = Mutex::new(Vec::new());
    let events = EventRouter::new()
        .fallback(see)
        .layer(Extension(Arc::clone(&log)));
    let world = World::new();
    for scheme in [
        provider::STRIPE,
        provider::GITHUB,
        provider::STANDARD_WEBHOOKS,
        provider::SLACK,
        provider::SENDGRID,
    ] {
        let (sender, app) = world.endpoint(scheme, events.clone());
        // What other layers put on the request must not reach the handler.
        let app = Router::new()
            .route_service("/hooks/{tenant}", app)
            .layer(Extension(7_u8));
        let draft = sender
            .event("issues.opened", payload())
            .to("/hooks/a?token=secret")
            .header("cookie".parse().unwrap(), "session=1")
            .header("x-request-id".parse().unwrap(), "1");
        assert_eq!(app.oneshot(draft.request()).await.unwrap().status(), 200);
        let delivery = KEPT.lock().unwrap().pop().unwrap();
        let Ok(response) = events.clone().oneshot(delivery.to_request()).await;
        assert_eq!(response.status(), 200);
        KEPT.lock().unwrap().clear();
        let seen = std::mem::take(&mut *log.lock().unwrap());
        assert_eq!(seen[0], seen[1]);
        for hidden in ["secret", "cookie", "x-request-id", "signature", "Some(7)"] {
            assert!(!seen[0].contains(hidden), "{hidden} in {}", seen[0]);
        }
    }
}

#[tokio::test]
async fn an_extractor_without_its_context_is_our_fault() {
    #[derive(Clone)]
    struct Database;
    async fn extension(_: Extension<Database>, _: RawEvent) {}
    async fn path(_: Path<String>, _: RawEvent) {}
    async fn query(_: axum::extract::Query<Vec<(u8, u8)>>, _: RawEvent) {}
    async fn needs_query(_: axum::extract::Query<Needed>, _: RawEvent) {}
    #[derive(serde::Deserialize)]
    struct Needed {
        #[allow(dead_code)]
        token: String,
    }
    async fn matched(_: axum::extract::MatchedPath, _: RawEvent) {}
    let events = EventRouter::new()
        .on("extension", extension)
        .on("path", path)
        .on("query", query)
        .on("needs_query", needs_query)
        .on("matched", matched);
    let world = World::new();
    let (stripe, app) = world.endpoint(provider::STRIPE, events);
    for (event_type, named) in [
        ("extension", Some("Database")),
        ("path", Some("paths parameters")),
        ("query", None),
        ("needs_query", Some("query string")),
        ("matched", Some("matched path")),
    ] {
        let response = send(
            &app,
            stripe.event(event_type, payload()).id(event_type).request(),
        )
        .await;
        let rejection = response.extensions().get::<Rejection>();
        match named {
            None => assert_eq!(response.status(), 200, "an empty query is there"),
            Some(named) => {
                let rejection = rejection.unwrap();
                assert_eq!(response.status(), 503, "{event_type}");
                assert_eq!(rejection.kind(), RejectionKind::Misconfigured);
                assert!(rejection.detail().contains(named), "{rejection}");
            }
        }
    }
}

#[tokio::test]
async fn the_payload_pointer_can_be_moved() {
    let log = Log::default();
    async fn whole(Extension(log): Extension<Log>, event: Event<Value>) {
        log.lock()
            .unwrap()
            .push(event.data["id"].as_str().unwrap().to_owned());
    }
    let events = EventRouter::new()
        .fallback(whole)
        .layer(Extension(Arc::clone(&log)));
    let world = World::new();
    let stripe = world.sender(provider::STRIPE);
    let receiver = world
        .receiver("stripe", provider::STRIPE, &stripe)
        .payload("")
        .unwrap();
    assert_eq!(
        status(
            &receiver.receive(events),
            stripe.event("a", payload()).request()
        )
        .await,
        200
    );
    assert_eq!(*log.lock().unwrap(), ["evt_test"]);
    assert!(receiver.payload("data/object").is_err());
}

#[tokio::test]
async fn a_delivery_tests_a_handler_without_signing() {
    async fn handler(event: Event<Value>) -> impl IntoResponse {
        if event.data["ok"] == true {
            StatusCode::OK
        } else {
            StatusCode::BAD_REQUEST
        }
    }
    let router = EventRouter::new().on("a.b", handler);
    for (ok, expected) in [(true, 200), (false, 422)] {
        let delivery = testing::delivery("a.b", json!({"ok": ok}));
        let Ok(response) = router.clone().oneshot(delivery.to_request()).await;
        assert_eq!(response.status(), expected);
    }
}

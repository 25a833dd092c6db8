//! What is peculiar to senders whose signature is a plain MAC or a token, through a whole receiver.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use hooklatch::{
    Delivery, EventRouter, Hooks, Keyring, MemoryStore, Receive, Scheme, Signable, provider,
    testing::ManualClock,
};
use serde_json::{Value, json};
use time::OffsetDateTime;
use tower::ServiceExt;

/// The id and type of an event.
type Seen = (Option<String>, Option<String>);

/// A receiver, its clock, and the id and type of what its handler saw.
struct Endpoint {
    scheme: Scheme,
    keyring: Keyring,
    clock: ManualClock,
    service: Receive,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Endpoint {
    fn new(scheme: Scheme) -> Self {
        let keyring = Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let clock = ManualClock::new(now());
        let store = MemoryStore::with_capacity(64).clock(Arc::new(clock.clone()));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let handler = move |delivery: Delivery| async move {
            let own = |text: Option<&str>| text.map(str::to_owned);
            let saw = (own(delivery.id()), own(delivery.event_type()));
            log.lock().unwrap().push(saw);
        };
        let service = Hooks::new()
            .with_clock(Arc::new(clock.clone()))
            .with_claims(Arc::new(store))
            .receiver("here", scheme.clone(), keyring.clone())
            .unwrap()
            .receive(EventRouter::new().fallback(handler));
        Self {
            scheme,
            keyring,
            clock,
            service,
            seen,
        }
    }

    /// A POST of this body, signed under this id.
    fn signed(&self, id: &str, body: &str) -> Request<Body> {
        let message = Signable::new(body.as_bytes())
            .with_id(id)
            .with_timestamp(now());
        let signed = self.scheme.sign(&self.keyring, &message).unwrap();
        let url = signed.url().cloned().unwrap_or_default();
        let sent = signed
            .body()
            .cloned()
            .unwrap_or_else(|| body.to_owned().into());
        let mut request = Request::post(url).body(Body::from(sent)).unwrap();
        request.headers_mut().extend(signed);
        request
    }

    async fn answer(&self, request: Request<Body>) -> (u16, String) {
        let Ok(response) = self.service.clone().oneshot(request).await;
        assert!(!response.headers().contains_key("set-cookie"));
        let status = response.status().as_u16();
        let body = to_bytes(Body::new(response.into_body()), 4096)
            .await
            .unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    fn runs(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap()
}

/// Events as their senders write them, with the id in the body, where there is one, and the type.
#[expect(clippy::too_many_lines, reason = "a table")]
fn events() -> Vec<(Scheme, Value, Option<&'static str>, &'static str)> {
    vec![
        (
            provider::LEMON_SQUEEZY,
            json!({"meta": {"event_name": "order_created"}, "data": {"id": "1"}}),
            None,
            "order_created",
        ),
        (
            provider::GOCARDLESS,
            json!({"events": [{"id": "EV1", "resource_type": "payments", "action": "confirmed"}]}),
            Some("EV1"),
            "payments.confirmed",
        ),
        (
            provider::COINBASE_COMMERCE,
            json!({"id": 7, "attempt_number": 2, "event": {"id": "e1", "type": "charge:created"}}),
            Some("e1"),
            "charge:created",
        ),
        (
            provider::XERO,
            json!({"events": [{"eventCategory": "INVOICE", "eventType": "UPDATE"}]}),
            None,
            "INVOICE.UPDATE",
        ),
        (
            provider::HEROKU,
            json!({"id": "h1", "action": "update", "webhook_metadata": {"event": {"include": "api:release"}}}),
            Some("h1"),
            "api:release.update",
        ),
        (
            provider::HCP_TERRAFORM,
            json!({"run_id": "run-1", "notifications": [{"trigger": "run:completed"}]}),
            None,
            "run:completed",
        ),
        (
            provider::HCP_TERRAFORM,
            json!({"task_result_id": "taskrs-1", "stage": "post_plan"}),
            Some("taskrs-1"),
            "post_plan",
        ),
        (
            provider::VERIFF,
            json!({"status": "success", "verification": {"id": "s1", "status": "approved"}}),
            None,
            "approved",
        ),
        (
            provider::MODERN_TREASURY,
            json!({"event": "created", "data": {"object": "payment_order"}}),
            Some("given"),
            "payment_order.created",
        ),
        (
            provider::ANTHROPIC,
            json!({"type": "event", "id": "whe_1", "data": {"type": "session.status_idled"}}),
            Some("given"),
            "session.status_idled",
        ),
        (
            provider::ASANA,
            json!({"events": [{"action": "changed", "resource": {"resource_type": "task"}}]}),
            None,
            "task.changed",
        ),
        (
            provider::X_TWITTER,
            json!({"for_user_id": "2", "tweet_create_events": [{"id_str": "1"}]}),
            None,
            "tweet_create_events",
        ),
        (
            provider::TWITCH,
            json!({"subscription": {"type": "stream.online"}, "event": {"id": "9"}}),
            Some("given"),
            "stream.online",
        ),
        (
            provider::PANDADOC,
            json!([{"event": "document_state_changed", "data": {"id": "d"}}]),
            None,
            "document_state_changed",
        ),
        (
            provider::FRONT,
            json!({"type": "inbound_received", "payload": {"id": "evt_1"}}),
            Some("evt_1"),
            "inbound_received",
        ),
    ]
}

#[tokio::test]
async fn id_and_type_are_where_the_sender_writes_them() {
    for (scheme, body, id, event_type) in events() {
        let name = scheme.name.clone();
        let endpoint = Endpoint::new(scheme);
        let request = endpoint.signed("given", &body.to_string());
        assert_eq!(endpoint.answer(request).await.0, 200, "{name}");
        let seen = endpoint.seen.lock().unwrap().clone();
        let expected = (id.map(str::to_owned), Some(event_type.to_owned()));
        assert_eq!(seen, [expected], "{name}");
    }
}

/// "Intent to receive": Xero sends some of them with a wrong signature.
#[tokio::test]
async fn xero_gets_200_or_401_and_nothing_more() {
    let endpoint = Endpoint::new(provider::XERO);
    let body =
        r#"{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"S0m3r4nd0mt3xt"}"#;
    for _ in 0..2 {
        let right = endpoint.signed("", body);
        assert_eq!(endpoint.answer(right).await, (200, String::new()));
    }
    let mut wrong = endpoint.signed("", body);
    *wrong.body_mut() = Body::from(body.replace("S0m3", "S0m4"));
    assert_eq!(endpoint.answer(wrong).await, (401, String::new()));
    assert_eq!(endpoint.runs(), 0);
}

#[tokio::test]
async fn an_empty_batch_is_no_event() {
    for scheme in [provider::LINE, provider::ASANA, provider::GOCARDLESS] {
        let endpoint = Endpoint::new(scheme);
        let request = endpoint.signed("", r#"{"events":[]}"#);
        assert_eq!(endpoint.answer(request).await.0, 200);
        assert_eq!(endpoint.runs(), 0);
    }
}

/// The next notification of these senders is the same byte for byte, and must not be taken for a copy of the last.
#[tokio::test]
async fn a_thin_notification_runs_again_after_a_second() {
    let dropbox = r#"{"list_folder":{"accounts":["dbid:AAH4f99T0taONIb"]}}"#;
    let nuvemshop = r#"{"store_id":123,"event":"product/updated","id":1}"#;
    for (scheme, body) in [
        (provider::DROPBOX, dropbox),
        (provider::NUVEMSHOP, nuvemshop),
    ] {
        let endpoint = Endpoint::new(scheme);
        for (passed, runs) in [(0, 1), (0, 1), (2, 2)] {
            endpoint.clock.advance(Duration::from_secs(passed));
            let request = endpoint.signed("", body);
            assert_eq!(endpoint.answer(request).await.0, 200);
            assert_eq!(endpoint.runs(), runs);
        }
    }
}

/// Nothing stands between the id, the timestamp and the body of Twitch.
#[tokio::test]
async fn no_byte_of_twitch_moves_to_its_neighbour() {
    let endpoint = Endpoint::new(provider::TWITCH);
    let body = r#"{"subscription":{"type":"stream.online"}}"#;
    let (id, time, sent) = (
        "twitch-eventsub-message-id",
        "twitch-eventsub-message-timestamp",
        || endpoint.signed("message-1", body),
    );
    let moment = sent().headers()[time].to_str().unwrap().to_owned();
    for (other_id, other_time, other_body) in [
        ("message-".to_owned(), format!("1{moment}"), body.to_owned()),
        (
            format!("message-1{}", &moment[..1]),
            moment[1..].to_owned(),
            body.to_owned(),
        ),
        (
            "message-1".to_owned(),
            format!("{moment}{{"),
            body[1..].to_owned(),
        ),
        (
            "message-1".to_owned(),
            moment[..moment.len() - 1].to_owned(),
            format!("Z{body}"),
        ),
    ] {
        let mut request = sent();
        request.headers_mut().insert(id, other_id.parse().unwrap());
        request
            .headers_mut()
            .insert(time, other_time.parse().unwrap());
        *request.body_mut() = Body::from(other_body);
        assert_eq!(endpoint.answer(request).await.0, 401);
    }
    assert_eq!(endpoint.answer(sent()).await.0, 200);
    assert_eq!(endpoint.runs(), 1);
}

#[tokio::test]
async fn the_challenge_of_front_is_answered_and_reaches_no_handler() {
    let endpoint = Endpoint::new(provider::FRONT);
    let mut request = endpoint.signed("", r#"{"type":"sync","authorization":{"id":"cmp_abc"}}"#);
    let challenge = "a-random-string".parse().unwrap();
    request.headers_mut().insert("x-front-challenge", challenge);
    let answered = (200, r#"{"challenge":"a-random-string"}"#.to_owned());
    assert_eq!(endpoint.answer(request).await, answered);
    assert_eq!(endpoint.runs(), 0);
}

/// Their SDK takes such a secret as text, the standard as base64: here it has one way to be read.
#[test]
fn a_secret_of_openai_needs_its_prefix() {
    let bare = Keyring::new("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let receiver = |scheme| Hooks::new().receiver("here", scheme, bare.clone());
    assert!(receiver(provider::OPENAI).is_err());
    assert!(receiver(provider::REPLICATE).is_ok());
}

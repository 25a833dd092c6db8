//! What is peculiar to a sender, through a whole receiver.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use axum::{body::Body, http::Request};
use hooklatch::{
    Coverage, Delivery, EventRouter, Hooks, Keyring, Param, Receive, Scheme, Signable, provider,
    testing::{ManualClock, Sender},
};
use serde_json::json;
use time::{Duration, OffsetDateTime};
use tower::ServiceExt;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A receiver at a fixed time, and what its handler saw.
struct Endpoint {
    service: Receive,
    seen: Arc<std::sync::Mutex<Vec<Delivery>>>,
}

impl Endpoint {
    fn new(scheme: Scheme, keyring: Keyring) -> Self {
        let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let handler = move |delivery: Delivery| async move {
            log.lock().unwrap().push(delivery);
        };
        let service = Hooks::new()
            .with_clock(Arc::new(ManualClock::new(now())))
            .receiver("here", scheme, keyring)
            .unwrap()
            .receive(EventRouter::new().fallback(handler));
        Self { service, seen }
    }

    async fn status(&self, request: Request<Body>) -> u16 {
        let Ok(response) = self.service.clone().oneshot(request).await;
        response.status().as_u16()
    }

    fn runs(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    fn last(&self) -> Delivery {
        self.seen.lock().unwrap().last().unwrap().clone()
    }
}

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap()
}

fn signed(
    scheme: &Scheme,
    keyring: &Keyring,
    message: &Signable<'_>,
    body: &[u8],
) -> Request<Body> {
    let signed = scheme.sign(keyring, message).unwrap();
    let body = signed
        .body()
        .cloned()
        .unwrap_or_else(|| body.to_vec().into());
    let url = signed.url().cloned().unwrap_or_default();
    let mut request = Request::post(url).body(Body::from(body)).unwrap();
    request.headers_mut().extend(signed);
    request
}

#[tokio::test]
async fn linear_is_as_old_as_its_signed_body_says() {
    let sender = Sender::new(provider::LINEAR).clock(Arc::new(ManualClock::new(now())));
    let endpoint = Endpoint::new(provider::LINEAR, sender.keyring());
    let draft = || sender.event("Issue.create", json!({"id": "1"}));
    assert_eq!(endpoint.status(draft().request()).await, 200);
    assert_eq!(endpoint.last().event_type(), Some("Issue.create"));
    let fresh = now().unix_timestamp_nanos() / 1_000_000;
    let old = draft()
        .id("2")
        .at(now() - Duration::seconds(61))
        .header("linear-timestamp".parse().unwrap(), &fresh.to_string());
    assert_eq!(endpoint.status(old.request()).await, 401);
    let keyring = Keyring::new(SECRET);
    let endpoint = Endpoint::new(provider::LINEAR, keyring.clone());
    let mut bare = Scheme {
        timestamp: None,
        ..provider::LINEAR
    };
    for body in [
        &br#"{"type":"Issue"}"#[..],
        br#"{"webhookTimestamp":"soon"}"#,
        br#"{"webhookTimestamp":1700000000000,"webhookTimestamp":1}"#,
        b"[]",
        b"",
    ] {
        bare.name = "bare".into();
        let request = signed(&bare, &keyring, &Signable::new(body), body);
        assert_eq!(endpoint.status(request).await, 401, "{body:?}");
    }
    assert_eq!(endpoint.runs(), 0);
}

#[tokio::test]
async fn mailguns_token_counts_once_whatever_stands_beside_it() {
    let keyring = Keyring::new(SECRET);
    let endpoint = Endpoint::new(provider::MAILGUN, keyring.clone());
    for (body, form) in [
        (&br#"{"event-data":{"event":"delivered"}}"#[..], false),
        (b"event=delivered&recipient=a%40example.com", true),
    ] {
        let id = if form {
            "token-of-a-form"
        } else {
            "token-of-json"
        };
        let message = Signable::new(body).with_id(id).with_timestamp(now());
        let signed = provider::MAILGUN.sign(&keyring, &message).unwrap();
        assert!(signed.headers().is_empty());
        let content_type = if form {
            "application/x-www-form-urlencoded"
        } else {
            "application/json"
        };
        let post = |body: String| {
            Request::post("/")
                .header("content-type", content_type)
                .body(Body::from(body))
                .unwrap()
        };
        let text = String::from_utf8(signed.body().unwrap().to_vec()).unwrap();
        let before = endpoint.runs();
        assert_eq!(endpoint.status(post(text.clone())).await, 200, "{text}");
        assert_eq!(endpoint.runs(), before + 1);
        let delivery = endpoint.last();
        assert_eq!(delivery.id(), Some(id));
        assert_eq!(delivery.event_type(), Some("delivered"));
        assert_eq!(delivery.coverage(), Coverage::Partial);
        // What stands beside the token is not signed, but the token is used up.
        let other = text.replace("delivered", "failed");
        assert_eq!(endpoint.status(post(other)).await, 200);
        assert_eq!(endpoint.runs(), before + 1);
        for changed in [
            text.replace(id, "another-token"),
            text.replace("1700000000", "1700000001"),
            text.replacen("signature", "unsigned", 2),
            String::new(),
        ] {
            assert_eq!(endpoint.status(post(changed)).await, 401);
        }
    }
    let twice = "timestamp=1700000000&token=a&token=b&signature=00";
    let request = Request::post("/").body(Body::from(twice)).unwrap();
    assert_eq!(endpoint.status(request).await, 401);
}

/// Routes send forms with attachments.
#[tokio::test]
async fn mailguns_signature_is_found_between_attachments() {
    let keyring = Keyring::new(SECRET);
    let endpoint = Endpoint::new(provider::MAILGUN, keyring.clone());
    let form = b"event=stored";
    let message = Signable::new(form)
        .with_id("token-of-a-route")
        .with_timestamp(now());
    let signed = provider::MAILGUN.sign(&keyring, &message).unwrap();
    let fields: Vec<(String, String)> =
        serde_urlencoded::from_bytes(signed.body().unwrap()).unwrap();
    let part = |(name, text): &(String, String)| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let parts = fields.iter().map(part).collect::<String>() + "--b--\r\n";
    let post = |body: String| {
        Request::post("/")
            .header("content-type", "multipart/form-data; boundary=b")
            .body(Body::from(body))
            .unwrap()
    };
    assert_eq!(endpoint.status(post(parts.clone())).await, 200);
    assert_eq!(endpoint.last().id(), Some("token-of-a-route"));
    assert_eq!(endpoint.last().event_type(), Some("stored"));
    let other = parts.replace("token-of-a-route", "token-of-no-route");
    assert_eq!(endpoint.status(post(other)).await, 401);
}

#[tokio::test]
async fn mailgun_is_told_to_stop_in_its_own_words() {
    let sender = Sender::new(provider::MAILGUN).clock(Arc::new(ManualClock::new(now())));
    let service = Hooks::new()
        .with_clock(Arc::new(ManualClock::new(now())))
        .receiver("here", provider::MAILGUN, sender.keyring())
        .unwrap()
        .receive(EventRouter::new().fallback(|| async { hooklatch::Ack::Refuse }));
    let request = sender.event("failed", json!({})).request();
    let Ok(response) = service.oneshot(request).await;
    assert_eq!(response.status(), 406);
}

#[tokio::test]
async fn twilio_signs_the_public_url_and_a_form_or_a_digest() {
    let keyring = Keyring::new(SECRET).with(Param::PublicUrl, "https://example.com/twilio");
    let endpoint = Endpoint::new(provider::TWILIO, keyring.clone());
    let form = b"MessageSid=SM1&MessageStatus=delivered";
    let message = Signable::new(form).with_id("token-1");
    let request = || {
        let mut request = signed(&provider::TWILIO, &keyring, &message, form);
        request.headers_mut().insert(
            "content-type",
            "application/x-www-form-urlencoded".parse().unwrap(),
        );
        request
    };
    assert_eq!(endpoint.status(request()).await, 200);
    assert_eq!(endpoint.last().event_type(), Some("delivered"));
    assert_eq!(endpoint.last().coverage(), Coverage::Partial);
    assert_eq!(endpoint.status(request()).await, 200);
    assert_eq!(endpoint.runs(), 1);

    let json = br#"{"type":"com.twilio.message"}"#;
    let message = Signable::new(json).with_id("token-2");
    let request = signed(&provider::TWILIO, &keyring, &message, json);
    let (head, _) = request.into_parts();
    assert!(head.uri.query().unwrap().starts_with("bodySHA256="));
    let post = |url: &str, body: &'static [u8]| {
        let mut request = Request::post(url).body(Body::from(body)).unwrap();
        *request.headers_mut() = head.headers.clone();
        request
    };
    let url = head.uri.to_string();
    assert_eq!(endpoint.status(post(&url, json)).await, 200);
    assert_eq!(endpoint.last().coverage(), Coverage::Whole);
    let other = br#"{"type":"com.twilio.messagf"}"#;
    assert_eq!(endpoint.status(post(&url, other)).await, 401);
    assert_eq!(endpoint.status(post("/", json)).await, 401);
    assert_eq!(endpoint.status(post("/?bodySHA256=", json)).await, 401);
    let twice = format!("{url}&{}", head.uri.query().unwrap());
    assert_eq!(endpoint.status(post(&twice, json)).await, 401);
    // The URL of an empty form is signed alone: no digest of the attacker's may be put into it.
    let empty = signed(&provider::TWILIO, &keyring, &Signable::new(b""), b"");
    let (bare, _) = empty.into_parts();
    let mut request = Request::post(&url).body(Body::from(&json[..])).unwrap();
    *request.headers_mut() = bare.headers;
    assert_eq!(endpoint.status(request).await, 401);
}

#[tokio::test]
async fn squares_url_cannot_take_over_a_piece_of_the_body() {
    let url = "https://example.com/square?a=b";
    let keyring = Keyring::new(SECRET).with(Param::PublicUrl, url);
    let endpoint = Endpoint::new(provider::SQUARE, keyring.clone());
    let body = br#"{"event_id":"1","type":"payment.created"}"#;
    let uri = "/square?a=b".parse().unwrap();
    let message = Signable::new(body).with_url(&uri);
    let signed = provider::SQUARE.sign(&keyring, &message).unwrap();
    let post = |url: &str, body: &'static [u8]| {
        let mut request = Request::post(url).body(Body::from(body)).unwrap();
        request.headers_mut().extend(signed.clone());
        request
    };
    assert_eq!(endpoint.status(post("/square?a=b", body)).await, 200);
    assert_eq!(endpoint.status(post("/square?a=b{", &body[1..])).await, 401);
    assert_eq!(endpoint.status(post("/square?a=c", body)).await, 401);
    assert_eq!(endpoint.runs(), 1);
}

#[tokio::test]
async fn discords_pings_are_answered_and_its_events_handled() {
    let sender = Sender::new(provider::DISCORD).clock(Arc::new(ManualClock::new(now())));
    let endpoint = Endpoint::new(provider::DISCORD, sender.keyring());
    let post = |body: &'static str| sender.raw(body).request();
    let Ok(response) = endpoint
        .service
        .clone()
        .oneshot(post(r#"{"type":1}"#))
        .await;
    assert_eq!(response.status(), 200);
    let body = axum::body::to_bytes(response.into_body(), 64)
        .await
        .unwrap();
    assert_eq!(&body[..], br#"{"type":1}"#);
    assert_eq!(
        endpoint.status(post(r#"{"version":1,"type":0}"#)).await,
        204
    );
    assert_eq!(endpoint.runs(), 0);
    let event = r#"{"version":1,"type":1,"event":{"type":"ENTITLEMENT_CREATE"}}"#;
    assert_eq!(endpoint.status(post(event)).await, 200);
    assert_eq!(endpoint.last().event_type(), Some("ENTITLEMENT_CREATE"));
    let command = r#"{"id":"7","type":2,"data":{"name":"test"}}"#;
    assert_eq!(endpoint.status(post(command)).await, 200);
    assert_eq!(endpoint.last().id(), Some("7"));
    assert_eq!(endpoint.last().event_type(), Some("2"));
    let forged = sender.raw(r#"{"type":1}"#).with_flipped_bit().request();
    assert_eq!(endpoint.status(forged).await, 401);
}

#[tokio::test]
async fn an_activation_or_a_head_request_has_no_effect_but_its_answer() {
    let endpoint = Endpoint::new(provider::WOOCOMMERCE, Keyring::new(SECRET));
    let ping = |signature: Option<&str>, content_type: &str| {
        let mut request = Request::post("/").header("content-type", content_type);
        if let Some(signature) = signature {
            request = request.header("x-wc-webhook-signature", signature);
        }
        request.body(Body::from("webhook_id=1")).unwrap()
    };
    let form = "application/x-www-form-urlencoded; charset=UTF-8";
    assert_eq!(endpoint.status(ping(None, form)).await, 200);
    assert_eq!(endpoint.status(ping(Some("AAAA"), form)).await, 401);
    assert_eq!(endpoint.status(ping(None, "application/json")).await, 401);
    assert_eq!(endpoint.runs(), 0);
    let endpoint = Endpoint::new(provider::INTERCOM, Keyring::new(SECRET));
    let head = Request::head("/").body(Body::empty()).unwrap();
    assert_eq!(endpoint.status(head).await, 200);
    let get = Request::get("/").body(Body::empty()).unwrap();
    assert_eq!(endpoint.status(get).await, 405);
    assert_eq!(endpoint.runs(), 0);
}

#[tokio::test]
async fn shopify_is_read_under_both_names_of_its_headers() {
    let keyring = Keyring::new(SECRET);
    let endpoint = Endpoint::new(provider::SHOPIFY, keyring.clone());
    let body = br#"{"id":1}"#;
    let message = Signable::new(body).with_id("1");
    let signed = provider::SHOPIFY.sign(&keyring, &message).unwrap();
    let text = signed.headers()[0].1.clone();
    for (prefix, id) in [("x-shopify-", "1"), ("shopify-", "2")] {
        let request = Request::post("/")
            .header(format!("{prefix}hmac-sha256"), &text)
            .header(format!("{prefix}webhook-id"), id)
            .header(format!("{prefix}topic"), "orders/create")
            .body(Body::from(&body[..]))
            .unwrap();
        assert_eq!(endpoint.status(request).await, 200);
        assert_eq!(endpoint.last().id(), Some(id));
        assert_eq!(endpoint.last().event_type(), Some("orders/create"));
    }
    assert_eq!(endpoint.runs(), 2);
    assert!(endpoint.last().repeats_content());
}

#[tokio::test]
async fn metas_changes_are_events_of_their_own() {
    let keyring = Keyring::new(SECRET).with(Param::VerifyToken, "a word of ours");
    let endpoint = Endpoint::new(provider::WHATSAPP, keyring.clone());
    let body = json!({"object": "whatsapp_business_account", "entry": [
        {"id": "1", "time": 1, "changes": [{"field": "messages", "value": {}}, {"field": "flows", "value": {}}]},
        {"id": "2", "time": 1, "changes": [{"field": "messages", "value": {}}]},
        {"id": "1", "time": 2, "messaging": [{"message": {"mid": "m_1"}}]},
        {"id": "1", "time": 3, "standby": [], "messaging": []},
    ]});
    let body = body.to_string().into_bytes();
    let request = || signed(&provider::WHATSAPP, &keyring, &Signable::new(&body), &body);
    assert_eq!(endpoint.status(request()).await, 200);
    let types: Vec<Option<String>> = {
        let seen = endpoint.seen.lock().unwrap();
        seen.iter()
            .map(|delivery| delivery.event_type().map(str::to_owned))
            .collect()
    };
    let named = |name: &str| Some(name.to_owned());
    let expected = [
        named("messages"),
        named("flows"),
        named("messages"),
        named("messaging"),
        None,
    ];
    assert_eq!(types, expected);
    assert_eq!(endpoint.status(request()).await, 200);
    assert_eq!(endpoint.runs(), 5, "and no change twice");
}

#[tokio::test]
async fn gitlab_tells_its_events_by_what_is_signed() {
    for (scheme, key) in [
        (provider::GITLAB, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        (provider::GITLAB_TOKEN, SECRET),
    ] {
        let keyring = Keyring::new(key);
        let endpoint = Endpoint::new(scheme.clone(), keyring.clone());
        for (index, (body, expected)) in [
            (json!({"object_kind": "push", "event_name": "push"}), "push"),
            (json!({"event_name": "user_create"}), "user_create"),
            (
                json!({"object_kind": "merge_request", "object_attributes": {"action": "open"}}),
                "merge_request.open",
            ),
        ]
        .into_iter()
        .enumerate()
        {
            let (body, id) = (body.to_string(), index.to_string());
            let message = Signable::new(body.as_bytes())
                .with_id(&id)
                .with_timestamp(now());
            let mut request = signed(&scheme, &keyring, &message, body.as_bytes());
            let header = "Some Other Hook".parse().unwrap();
            request.headers_mut().insert("x-gitlab-event", header);
            assert_eq!(endpoint.status(request).await, 200);
            assert_eq!(endpoint.last().event_type(), Some(expected));
            assert_eq!(endpoint.last().id(), Some(&*id));
        }
    }
}

#[tokio::test]
async fn tokens_say_who_and_nothing_of_what() {
    let endpoint = Endpoint::new(provider::TELEGRAM, Keyring::new(SECRET));
    let post = |token: &str| {
        Request::post("/")
            .header("x-telegram-bot-api-secret-token", token)
            .body(Body::from(r#"{"update_id":7,"message":{"text":"hi"}}"#))
            .unwrap()
    };
    assert_eq!(endpoint.status(post(SECRET)).await, 200);
    assert_eq!(endpoint.last().event_type(), Some("message"));
    assert_eq!(endpoint.last().id(), Some("7"));
    assert_eq!(endpoint.last().coverage(), Coverage::Nothing);
    assert_eq!(endpoint.status(post("another-token-of-its")).await, 401);

    let endpoint = Endpoint::new(provider::WUFOO, Keyring::new(SECRET));
    let post = |body: String| {
        Request::post("/")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap()
    };
    let good = format!("EntryId=3&Field1=x&HandshakeKey={SECRET}");
    assert_eq!(endpoint.status(post(good)).await, 200);
    assert_eq!(endpoint.last().id(), Some("3"));
    for bad in [
        "EntryId=4".to_owned(),
        "EntryId=4&HandshakeKey=".to_owned(),
        format!("EntryId=4&HandshakeKey={SECRET}&HandshakeKey={SECRET}"),
        format!(r#"{{"HandshakeKey":"{SECRET}"}}"#),
    ] {
        assert_eq!(endpoint.status(post(bad)).await, 401);
    }
    assert_eq!(endpoint.runs(), 1);
}

#[tokio::test]
async fn braintree_is_known_by_what_was_signed() {
    let keyring = Keyring::new("public-key|0123456789abcdef").insecure_allow_short_secrets();
    let endpoint = Endpoint::new(provider::BRAINTREE, keyring.clone());
    let form = b"bt_payload=PG5vdGlmaWNhdGlvbj48a2luZD5jaGVjazwva2luZD48L25vdGlmaWNhdGlvbj4%3D%0A";
    let signed = provider::BRAINTREE
        .sign(&keyring, &Signable::new(form))
        .unwrap();
    let text = String::from_utf8(signed.body().unwrap().to_vec()).unwrap();
    let post = |body: String| {
        Request::post("/")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap()
    };
    assert_eq!(endpoint.status(post(text.clone())).await, 200, "{text}");
    assert_eq!(endpoint.last().event_type(), Some("check"));
    // What is not signed makes no other event of it.
    assert_eq!(endpoint.status(post(format!("{text}&more=1"))).await, 200);
    assert_eq!(endpoint.runs(), 1);
    let others = text.replace("bt_signature=", "bt_signature=another-key%7C00%26");
    assert_eq!(endpoint.status(post(format!("x=1&{others}"))).await, 200);
    assert_eq!(endpoint.runs(), 1);
    assert_eq!(
        endpoint
            .status(post(text.replace("public-key", "another")))
            .await,
        401
    );
}

#[tokio::test]
async fn an_event_of_every_preset_runs_once() {
    let runs = Arc::new(AtomicUsize::new(0));
    for scheme in provider::ALL {
        let sender = Sender::new(scheme.clone()).clock(Arc::new(ManualClock::new(now())));
        let counter = Arc::clone(&runs);
        let count = move || async move {
            counter.fetch_add(1, SeqCst);
        };
        let service = Hooks::new()
            .with_clock(Arc::new(ManualClock::new(now())))
            .receiver("here", scheme.clone(), sender.keyring())
            .unwrap()
            .receive(EventRouter::new().fallback(count));
        let before = runs.load(SeqCst);
        let draft = sender.event("a.b", json!({"x": "y"}));
        for expected in [200, 200] {
            let Ok(response) = service.clone().oneshot(draft.clone().request()).await;
            assert_eq!(response.status(), expected, "{}", scheme.name);
        }
        assert_eq!(runs.load(SeqCst), before + 1, "{}", scheme.name);
        let id = draft.clone().id("evt_other");
        for bad in [id.clone().without_signature(), id.clone().with_wrong_key()] {
            let Ok(response) = service.clone().oneshot(bad.request()).await;
            assert_eq!(response.status(), 401, "{}", scheme.name);
        }
        if scheme.coverage() == Coverage::Whole {
            let Ok(response) = service
                .clone()
                .oneshot(id.with_flipped_bit().request())
                .await;
            assert_eq!(response.status(), 401, "{}", scheme.name);
        }
        assert_eq!(runs.load(SeqCst), before + 1, "{}", scheme.name);
    }
}

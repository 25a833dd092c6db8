//! Challenges whose answer depends on what the keyring says.

use std::sync::{Arc, Mutex};

use hooklatch::{Hooks, Param, Scheme, provider};
use serde_json::json;

use super::{
    House, SECRET, keys, request,
    senders::{handshakes, scheme},
};

#[tokio::test]
async fn ebay_reads_the_digest_of_code_token_and_url() {
    // SHA-256 of the three, one after the other, as eBay's SDK computes it.
    let (token, url) = (
        "a-verification-token-of-thirty-two-plus",
        "https://example.com/ebay",
    );
    let scheme = Scheme {
        handshakes: handshakes("ebay").into(),
        ..Scheme::HMAC_SHA256
    };
    let full = keys()
        .with(Param::VerifyToken, token)
        .with(Param::PublicUrl, url);
    let house = House::new(scheme.clone(), full);
    let answer = house
        .get("/ebay?challenge_code=a8628072-3d33-45ee-9004-bee86830a22d")
        .await;
    assert!(answer.is(
        200,
        r#"{"challengeResponse":"fedec11c382a52cbf680b263766b00641fdb37fead7c6782adca29d7264d26e0"}"#
    ), "{answer:?}");
    for missing in [
        keys().with(Param::PublicUrl, url),
        keys().with(Param::VerifyToken, token),
    ] {
        assert!(
            Hooks::new()
                .receiver("ebay", scheme.clone(), missing)
                .is_err()
        );
    }
}

#[tokio::test]
async fn websub_confirms_what_is_wanted_and_nothing_else() {
    let (topic, other) = (
        "https%3A%2F%2Fexample.com%2Ffeed",
        "https%3A%2F%2Fexample.com%2Fother",
    );
    let keys = keys().with(
        Param::Topics,
        "https://example.com/feed https://example.com/more",
    );
    let leases = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&leases);
    let house = House::at(1_700_000_000, scheme("websub"), keys, |receiver| {
        receiver.on_challenge(move |challenge| {
            let lease = challenge.query("hub.lease_seconds");
            told.lock()
                .unwrap()
                .push((challenge.status().as_u16(), lease));
        })
    });
    for (query, status, body) in [
        (
            format!("hub.mode=subscribe&hub.topic={topic}&hub.challenge=abc&hub.lease_seconds=60"),
            200,
            "abc",
        ),
        (
            format!("hub.mode=subscribe&hub.topic={other}&hub.challenge=abc"),
            404,
            "",
        ),
        (format!("hub.mode=subscribe&hub.topic={topic}"), 404, ""),
        (
            format!("hub.mode=unsubscribe&hub.topic={topic}&hub.challenge=abc"),
            404,
            "",
        ),
        (
            format!("hub.mode=unsubscribe&hub.topic={other}&hub.challenge=abc"),
            200,
            "abc",
        ),
        (
            format!("hub.mode=denied&hub.topic={topic}&hub.reason=no"),
            200,
            "",
        ),
        (format!("hub.mode=denied&hub.topic={other}"), 404, ""),
        (format!("hub.topic={topic}&hub.challenge=abc"), 401, ""),
    ] {
        let answer = house.get(&format!("/?{query}")).await;
        assert!(answer.is(status, body), "{query} {answer:?}");
    }
    let told = leases.lock().unwrap();
    assert_eq!(told.len(), 7, "all that were answered");
    assert_eq!(told[0], (200, Some("60".to_owned())));
}

#[tokio::test]
async fn an_origin_that_is_not_listed_is_told_nothing_and_never_delivers_by_options() {
    let keys = keys().with(Param::AllowedOrigins, "eventemitter.example.com");
    let house = House::new(provider::CLOUDEVENTS_HTTP, keys);
    let bearer = format!("Bearer {SECRET}");
    let ask = |headers: &[(&str, &str)]| house.send(request("OPTIONS", "/", headers, ""));
    let good = ask(&[("webhook-request-origin", "eventemitter.example.com")]).await;
    assert_eq!(good.header("webhook-allowed-rate"), "*");
    for headers in [
        &[("webhook-request-origin", "evil.example")][..],
        &[(
            "webhook-request-origin",
            "eventemitter.example.com.evil.example",
        )],
        &[
            ("webhook-request-origin", "evil.example"),
            ("authorization", &*bearer),
        ],
        &[("authorization", &*bearer)],
    ] {
        let answer = ask(headers).await;
        assert_eq!(answer.status, 401, "{headers:?}");
        assert_eq!(answer.header("webhook-allowed-origin"), "");
    }
    assert_eq!(house.runs.count(), 0);
    let event = [
        ("authorization", &*bearer),
        ("ce-id", "1"),
        ("ce-type", "made"),
    ];
    assert_eq!(house.post("/", &event, "{}").await.status, 200);
    assert_eq!(house.post("/", &event, "{}").await.status, 200);
    assert_eq!(house.runs.count(), 1, "once");
}

#[tokio::test]
async fn azure_confirms_with_and_without_the_secret_in_the_url() {
    let house = House::new(provider::AZURE_EVENT_GRID, keys());
    let validation = json!([{
        "id": "1", "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
        "data": {"validationCode": "512d38b6"},
    }])
    .to_string();
    let header = [("aeg-event-type", "SubscriptionValidation")];
    let expected = r#"{"validationResponse":"512d38b6"}"#;
    for (uri, headers, status, body) in [
        ("/".to_owned(), &header[..], 200, expected),
        (format!("/?code={SECRET}"), &header[..], 200, expected),
        ("/?code=wrong".to_owned(), &header[..], 401, ""),
        ("/".to_owned(), &[][..], 401, ""),
    ] {
        let answer = house.post(&uri, headers, &validation).await;
        assert!(answer.is(status, body), "{uri} {answer:?}");
    }
    assert_eq!(house.runs.count(), 0);
}

#[tokio::test]
async fn every_notification_of_graph_has_to_hold_the_client_state() {
    let house = House::new(
        provider::MICROSOFT_GRAPH,
        keys().and("other", "the-state-of-another-subscription"),
    );
    let good = json!({"changeType": "created", "clientState": SECRET, "resource": "a"});
    let other =
        json!({"changeType": "updated", "clientState": "the-state-of-another-subscription"});
    let wrong = json!({"changeType": "created", "clientState": "wrong", "resource": "b"});
    let without = json!({"changeType": "created", "resource": "c"});
    for (items, status, runs) in [
        (vec![&good, &other], 200, 2),
        (vec![&good, &wrong], 401, 2),
        (vec![&wrong, &good], 401, 2),
        (vec![&good, &without], 401, 2),
        (vec![], 401, 2),
    ] {
        let body = json!({"value": items}).to_string();
        let answer = house.post("/", &[], &body).await;
        assert_eq!(
            (answer.status, house.runs.count()),
            (status, runs),
            "{body}"
        );
    }
    let twice =
        format!(r#"{{"value":[{good},{{"clientState":"wrong","clientState":"{SECRET}"}}]}}"#);
    assert_eq!(house.post("/", &[], &twice).await.status, 401);
    let confirmed = house.post("/?validationToken=a+b", &[], "").await;
    assert!(confirmed.is(200, "a b"));
}

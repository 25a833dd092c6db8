//! Challenges told by the body of a request that nobody has verified.

use std::time::Duration;

use axum::{body::Body, extract::Request};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use hooklatch::{EventRouter, Hooks, provider, testing::Sender};
use serde_json::json;
use tower::ServiceExt;

use super::{House, keys_of, request, senders::scheme};

#[tokio::test]
async fn the_body_of_an_unsigned_challenge_is_read_only_if_it_is_short_and_unsigned() {
    let house = House::new(scheme("monday"), keys_of("monday"));
    let challenge = json!({"challenge": "abc"}).to_string();
    assert!(house.post("/", &[], &challenge).await.is(200, &challenge));
    // Signed, if wrongly: verification decides.
    let signed = [("authorization", "Bearer nonsense")];
    assert_eq!(house.post("/", &signed, &challenge).await.status, 401);
    let refused = [
        json!({"challenge": "abc", "event": {"type": "x"}}),
        json!({"challenge": "abc", "filler": "x".repeat(5_000)}),
        json!({"challenge": "a".repeat(1_025)}),
        json!({"challenge": "ä"}),
        json!({"challenge": ["abc"]}),
        json!({}),
    ];
    for body in refused {
        assert!(house.post("/", &[], &body.to_string()).await.is(401, ""));
    }
    let twice = r#"{"challenge":"abc","challenge":"def"}"#;
    assert_eq!(house.post("/", &[], twice).await.status, 401);
    // In pieces, without a length.
    let pieces = |count: usize| {
        let text = format!("{challenge}{}", " ".repeat(count));
        let pieces: Vec<_> = text
            .bytes()
            .map(|byte| Ok::<_, std::io::Error>(Bytes::from(vec![byte])))
            .collect();
        Request::post("/")
            .body(Body::from_stream(stream::iter(pieces)))
            .unwrap()
    };
    assert!(house.send(pieces(0)).await.is(200, &challenge));
    assert_eq!(house.send(pieces(5_000)).await.status, 401);
    assert_eq!(house.runs.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_holds_nobody_for_long() {
    let house = House::new(scheme("monday"), keys_of("monday"));
    let slow = stream::once(async { Ok::<_, std::io::Error>(Bytes::from_static(b"{")) })
        .chain(stream::pending());
    let request = Request::post("/").body(Body::from_stream(slow)).unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(15), house.send(request)).await;
    assert_eq!(answer.unwrap().status, 401);
}

#[tokio::test]
async fn a_delivery_behind_a_challenge_told_by_its_body_is_whole() {
    // Without a signature in its head, what is no challenge is handed on as it came.
    let sender = Sender::new(provider::NOTION);
    let house = House::new(provider::NOTION, sender.keyring());
    let event = sender.event("page.created", json!({"filler": "x".repeat(10_000)}));
    assert_eq!(house.send(event.request()).await.status, 200);
    assert_eq!(house.runs.count(), 1);
}

#[tokio::test]
async fn a_flood_of_challenges_is_admitted_like_anything_else() {
    let hooks = Hooks::new().with_limits(4, 64 * 1024);
    let app = hooks
        .receiver("monday", scheme("monday"), keys_of("monday"))
        .unwrap()
        .receive(EventRouter::new());
    let never = || {
        let slow = stream::once(async { Ok::<_, std::io::Error>(Bytes::from_static(b"{")) })
            .chain(stream::pending());
        Request::post("/").body(Body::from_stream(slow)).unwrap()
    };
    let mut waiting: Vec<_> = (0..4)
        .map(|_| tokio::spawn(app.clone().oneshot(never())))
        .collect();
    tokio::task::yield_now().await;
    let Ok(response) = app
        .clone()
        .oneshot(request("POST", "/", &[], r#"{"challenge":"a"}"#))
        .await;
    assert_eq!(response.status(), 503);
    waiting.drain(..).for_each(|task| task.abort());
}

//! Settings and parts at their edges: nothing, endless, hostile themselves.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use hooklatch::{
    Ack, DedupLayer, Event, EventRouter, Keyring, MemoryStore, RawEvent, VerifyLayer, provider,
    testing::Sender,
};
use http_body::Frame;
use serde_json::{Value, json};
use tower::{Layer, Service, ServiceExt};

use crate::presets::Stage;
use crate::support::{MS, Runs, World, payload, status};

#[tokio::test]
async fn limits_of_nothing_refuse_and_do_not_panic() {
    let world = World::with_capacity(0);
    let runs = Runs::default();
    let (stripe, app) = world.endpoint(provider::STRIPE, runs.router());
    assert_eq!(
        status(&app, stripe.event("a", payload()).request()).await,
        503,
        "a store of no room"
    );
    let world = World::new();
    let stripe = world.sender(provider::STRIPE);
    let app = world
        .receiver("a", provider::STRIPE, &stripe)
        .body_limit(0)
        .receive(runs.router());
    assert_eq!(
        status(&app, stripe.event("a", payload()).request()).await,
        413
    );
    assert_eq!(
        status(&app, stripe.raw("").request()).await,
        422,
        "nothing is not too much"
    );
    let hooks = world.hooks.clone().with_limits(0, 0);
    let receiver = hooks
        .receiver("b", provider::STRIPE, stripe.keyring())
        .unwrap();
    let app = receiver.receive(runs.router());
    assert_eq!(
        status(&app, stripe.event("a", payload()).request()).await,
        503
    );
    let app = world
        .receiver("c", provider::STRIPE, &stripe)
        .body_timeouts(Duration::ZERO, Duration::ZERO)
        .receive(runs.router());
    assert!(matches!(
        status(&app, stripe.event("a", payload()).request()).await,
        200 | 408
    ));
    let app = world
        .receiver("d", provider::STRIPE, &stripe)
        .tolerance(Duration::ZERO)
        .receive(runs.router());
    let before = runs.count();
    assert_eq!(
        status(&app, stripe.event("a", payload()).request()).await,
        200,
        "this very second"
    );
    assert_eq!(runs.count(), before + 1);
    world.clock.advance(Duration::from_secs(1));
    let old = stripe
        .event("a", payload())
        .id("2")
        .at(crate::support::start())
        .request();
    assert_eq!(status(&app, old).await, 401);
}

#[tokio::test]
async fn deadlines_of_nothing_answer_503_and_lose_nothing() {
    for which in 0..3 {
        let (world, runs) = (World::new(), Runs::default());
        let stripe = world.sender(provider::STRIPE);
        let receiver = world.receiver("a", provider::STRIPE, &stripe);
        let receiver = match which {
            0 => receiver.answer_deadline(Duration::ZERO),
            1 => receiver.handler_deadline(Duration::ZERO),
            _ => receiver.lease(Duration::ZERO),
        };
        let app = receiver.receive(runs.router());
        let mut last = 0;
        for _ in 0..10 {
            last = status(&app, stripe.event("a", payload()).request()).await;
            assert!(matches!(last, 200 | 503), "{which}: {last}");
            if last == 200 {
                break;
            }
            tokio::time::sleep(5 * MS).await;
        }
        assert_eq!((last, runs.count()), (200, 1), "{which}");
    }
}

#[tokio::test]
async fn endless_leases_and_tolerances_are_fine() {
    for which in 0..3 {
        let (world, runs) = (World::new(), Runs::default());
        let stripe = world.sender(provider::STRIPE);
        let receiver = world.receiver("a", provider::STRIPE, &stripe);
        let receiver = match which {
            0 => receiver.handler_deadline(Duration::MAX),
            1 => receiver.lease(Duration::MAX),
            _ => receiver.tolerance(Duration::MAX),
        };
        let app = receiver.body_limit(usize::MAX / 2).receive(runs.router());
        let request = |id: &str| {
            let mut request = stripe.event("a", payload()).id(id).request();
            request
                .headers_mut()
                .insert("content-length", "40".parse().unwrap());
            request
        };
        for id in ["1", "1", "2"] {
            assert_eq!(status(&app, request(id)).await, 200, "{which}");
        }
        assert_eq!(runs.count(), 2);
        world.hooks.shutdown(Duration::MAX).await;
    }
}

/// Panics when it is read.
struct Bomb;

impl http_body::Body for Bomb {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        panic!("a body that panics")
    }
}

#[tokio::test]
async fn a_body_that_panics_takes_no_permit_with_it() {
    let (world, runs) = (World::new(), Runs::default());
    let stripe = world.sender(provider::STRIPE);
    let hooks = world.hooks.clone().with_limits(1, 2_000_000);
    let app = hooks
        .receiver("a", provider::STRIPE, stripe.keyring())
        .unwrap()
        .receive(runs.router());
    for _ in 0..3 {
        let request = stripe
            .event("a", payload())
            .request()
            .map(|_| Body::new(Bomb));
        let app = app.clone();
        let panicked = tokio::spawn(async move { status(&app, request).await });
        assert!(panicked.await.unwrap_err().is_panic());
    }
    assert_eq!(
        status(&app, stripe.event("a", payload()).request()).await,
        200
    );
}

/// Is never ready.
#[derive(Clone)]
struct Never;

impl Service<Request> for Never {
    type Response = Response;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Pending
    }

    fn call(&mut self, _: Request) -> Self::Future {
        panic!("called without being ready")
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_never_ready_is_never_called() {
    let github = Sender::new(provider::GITHUB);
    let verify = VerifyLayer::new(provider::GITHUB, github.keyring()).unwrap();
    let dedup = DedupLayer::new(MemoryStore::new());
    let service = verify.layer(dedup.layer(Never));
    let request = github.event("push", payload()).request();
    let waited = tokio::time::timeout(Duration::from_secs(600), service.oneshot(request)).await;
    assert!(waited.is_err(), "as long as nobody calls");
}

#[tokio::test]
async fn types_and_patterns_of_any_text() {
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let note = |route: &'static str| {
        let seen = Arc::clone(&seen);
        move |event: RawEvent| async move { seen.lock().unwrap().push((route, event.event_type)) }
    };
    let events = EventRouter::new()
        .on("", note("empty"))
        .on("*", note("star"))
        .on("a*", note("a"))
        .on("a*b", note("a*b"))
        .on("a**", note("a**"))
        .on("é*", note("é"))
        .on(" ", note("space"))
        .fallback(note("fallback"));
    let world = World::new();
    let (stripe, app) = world.endpoint(provider::STRIPE, events);
    let table = [
        ("", "fallback"),
        (" ", "space"),
        ("a", "a"),
        ("a*b", "a*b"),
        ("a*c", "a**"),
        ("A", "star"),
        ("é", "é"),
        ("e\u{301}", "star"),
        ("\u{0}", "star"),
        ("a\nb", "a"),
        ("../x", "star"),
        ("*", "star"),
        ("😀", "star"),
    ];
    for (at, (event_type, _)) in table.iter().enumerate() {
        let body = json!({"id": at.to_string(), "type": event_type}).to_string();
        assert_eq!(
            status(&app, stripe.raw(body).request()).await,
            200,
            "{event_type:?}"
        );
    }
    let huge = json!({"id": "huge", "type": "z".repeat(500_000)}).to_string();
    assert_eq!(status(&app, stripe.raw(huge).request()).await, 200);
    let untyped = json!({"id": "none", "type": [1]}).to_string();
    assert_eq!(status(&app, stripe.raw(untyped).request()).await, 200);
    let seen = seen.lock().unwrap();
    for (at, (event_type, route)) in table.iter().enumerate() {
        assert_eq!((seen[at].0, &*seen[at].1), (*route, *event_type));
    }
    assert_eq!(seen.last().unwrap().0, "fallback");
}

#[tokio::test]
async fn keys_swapped_while_a_body_comes_count_when_it_is_checked() {
    let (world, runs) = (World::new(), Runs::default());
    let old =
        Sender::with_secret(provider::STRIPE, "whsec_old_old_old_old_old").clock(world.clock());
    let receiver = world.receiver("a", provider::STRIPE, &old);
    let app = receiver.receive(runs.router());
    let (head, body) = old.event("a", payload()).parts();
    let (send, sent) = tokio::sync::oneshot::channel::<Bytes>();
    let stream = futures_util::stream::once(sent);
    let request = head.map(|()| Body::from_stream(stream));
    let waiting = tokio::spawn({
        let app = app.clone();
        async move { status(&app, request).await }
    });
    tokio::task::yield_now().await;
    receiver
        .keys()
        .replace(Keyring::new("whsec_new_new_new_new_new"))
        .unwrap();
    send.send(body).unwrap();
    assert_eq!(waiting.await.unwrap(), 401);
    assert_eq!(runs.count(), 0);
}

#[tokio::test]
async fn a_body_extractor_takes_whatever_the_receiver_took() {
    let events = EventRouter::new()
        .on("text", |_: String| async {})
        .on("bytes", |_: Bytes| async {})
        .on("json", |_: axum::Json<Value>| async {});
    let stage = Stage::with(events, Runs::default());
    let github = stage.endpoint("github");
    for kind in ["text", "bytes", "json"] {
        let large = json!({"x": "a".repeat(3_000_000), "kind": kind});
        let request = github.sender.event(kind, large).id(kind).request();
        assert_eq!(status(&github.app, request).await, 200, "{kind}");
    }
}

#[tokio::test]
async fn forms_at_slack_and_github() {
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let events = EventRouter::new().fallback({
        let seen = Arc::clone(&seen);
        move |event: Event<Value>| async move {
            seen.lock().unwrap().push(event.event_type);
            Ack::Done
        }
    });
    let stage = Stage::with(events, Runs::default());
    let form = "application/x-www-form-urlencoded";
    let send = async |name: &str, body: &'static str| {
        let endpoint = stage.endpoint(name);
        let draft = endpoint.sender.raw(body).id(&body.len().to_string());
        let draft = draft.header(http::header::CONTENT_TYPE, form);
        status(&endpoint.app, draft.request()).await
    };
    assert_eq!(
        send("github", "payload=%7B%22action%22%3A%22opened%22%7D").await,
        200
    );
    assert_eq!(
        send("github", "payload=%7B%7D&payload=%7B%22a%22%3A1%7D").await,
        422,
        "twice"
    );
    assert_eq!(send("github", "payload=%FF%FE").await, 422, "no JSON");
    assert_eq!(
        send("slack", "payload=%7B%22type%22%3A%22block_actions%22%7D").await,
        200
    );
    assert_eq!(
        send("slack", "command=%2Fa&command=%2Fb").await,
        422,
        "twice"
    );
    assert_eq!(
        send("slack", "payload=%7B%22type%22%3A1%2C%22type%22%3A2%7D").await,
        422
    );
    assert_eq!(send("slack", "command=%2Fdeploy&text=x").await, 200);
    assert_eq!(
        *seen.lock().unwrap(),
        ["opened", "block_actions", "/deploy"]
    );
    // An event of Slack without an id is known by its content.
    let slack = stage.endpoint("slack");
    for (body, runs) in [
        (r#"{"event":{"type":"a"}}"#, 4),
        (r#"{"event":{"type":"a"}}"#, 4),
        (r#"{"event":{"type":"b"}}"#, 5),
    ] {
        assert_eq!(
            status(&slack.app, slack.sender.raw(body).request()).await,
            200
        );
        assert_eq!(seen.lock().unwrap().len(), runs, "{body}");
    }
}

//! What an attack once found; none of it may come back.

use std::time::Duration;

use axum::Router;
use hooklatch::{
    Algorithm, EventRouter, Keyring, Method, RawEvent, Scheme, Signable, Source, provider,
};
use http::{Request, header::CONTENT_TYPE};

use crate::presets::Stage;
use crate::support::{MS, Runs, World, payload, send, status, text};

#[tokio::test]
async fn an_unsigned_content_type_does_not_make_another_event() {
    for name in ["stripe", "slack", "standard-webhooks", "github", "sendgrid"] {
        let stage = Stage::of(&[name]);
        let endpoint = stage.endpoint(name);
        assert_eq!(
            status(&endpoint.app, endpoint.draft("1").request()).await,
            200
        );
        let form = "application/x-www-form-urlencoded";
        let replayed = endpoint
            .draft("1")
            .with_header(CONTENT_TYPE, form)
            .request();
        let _ = status(&endpoint.app, replayed).await;
        assert_eq!(stage.runs.count(), 1, "{name}");
    }
}

#[tokio::test]
async fn endless_deadlines_do_not_overflow() {
    for which in 0..6 {
        let (world, runs) = (World::new(), Runs::default());
        let stripe = world.sender(provider::STRIPE);
        let receiver = world.receiver("stripe", provider::STRIPE, &stripe);
        let receiver = match which {
            0 => receiver.answer_deadline(Duration::MAX),
            1 => receiver.handler_deadline(Duration::MAX),
            2 => receiver.lease(Duration::MAX),
            3 => receiver.tolerance(Duration::MAX),
            4 => receiver.body_timeouts(Duration::MAX, 1000 * MS),
            _ => receiver.body_timeouts(1000 * MS, Duration::MAX),
        };
        let app = receiver.receive(runs.router());
        let request = stripe.event("a", payload()).request();
        let got = tokio::spawn(async move { status(&app, request).await }).await;
        assert_eq!(got.ok(), Some(200), "{which}");
    }
}

#[tokio::test]
async fn a_few_slow_bodies_do_not_shut_everybody_out() {
    let stage = Stage::new();
    let mut slow = Vec::new();
    for (name, length, count) in [("github", 25 << 20, 10), ("stripe", 1 << 20, 6)] {
        let endpoint = stage.endpoint(name);
        for n in 0..count {
            let mut request = endpoint.good(&n.to_string()).request();
            let headers = request.headers_mut();
            headers.insert("content-length", http::HeaderValue::from(length));
            let body = futures_util::stream::pending::<Result<bytes::Bytes, std::io::Error>>();
            *request.body_mut() = axum::body::Body::from_stream(body);
            let app = endpoint.app.clone();
            slow.push(tokio::spawn(async move { status(&app, request).await }));
        }
    }
    tokio::time::sleep(50 * MS).await;
    for endpoint in &stage.endpoints {
        let good = endpoint.good("real");
        let length = good.body.len().to_string();
        let request = good.with("content-length", length).request();
        let got = status(&endpoint.app, request).await;
        assert_eq!(
            got, 200,
            "{}: 16 connections, not a byte of a body",
            endpoint.preset.name
        );
    }
    slow.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn a_handler_that_panics_when_dropped_frees_its_claim() {
    struct Bomb(Runs);
    impl Drop for Bomb {
        fn drop(&mut self) {
            if self.0.add() == 1 {
                panic!("in drop");
            }
        }
    }
    let drops = Runs::default();
    let events = EventRouter::new().fallback({
        let drops = drops.clone();
        move |event: RawEvent| {
            let bomb = Bomb(drops.clone());
            async move {
                if event.attempt == 1 {
                    tokio::time::sleep(Duration::from_secs(3600)).await;
                }
                drop(bomb);
            }
        }
    });
    let world = World::new();
    let stripe = world.sender(provider::STRIPE);
    let receiver = world.receiver("stripe", provider::STRIPE, &stripe);
    let app = receiver.handler_deadline(20 * MS).receive(events);
    let copy = || stripe.event("a", payload()).request();
    let first = status(&app, copy()).await;
    let second = status(&app, copy()).await;
    assert_eq!(
        (first, second, world.store.stats().in_progress),
        (503, 200, 0)
    );
}

#[tokio::test]
async fn the_servers_own_deadlines_do_not_hide_the_408() {
    let stage = Stage::of(&["stripe"]);
    let stripe = stage.endpoint("stripe");
    let receiver = stage
        .world
        .receiver("brief", provider::STRIPE, &stripe.sender);
    let app = receiver
        .body_timeouts(300 * MS, 600 * MS)
        .receive(stage.runs.router());
    let app = Router::new().route_service("/stripe", app);
    let server = hooklatch::Server::new()
        .body_idle(300 * MS)
        .body_total(600 * MS);
    let server = crate::wire::serve(server, app, &stage.world.hooks).await;
    let whole = crate::wire::raw(&stripe.good("1"));
    for _ in 0..5 {
        assert_eq!(
            server.status(&whole[..whole.len() - 1]).await,
            408,
            "as the defaults, equal on both sides"
        );
    }
}

#[tokio::test]
async fn one_of_two_signatures_left_out_does_not_make_another_event() {
    let method = |tag: &'static str, method: Method| Method {
        tag: tag.into(),
        ..method
    };
    let strong = method("sha256=", Method::HMAC_SHA256);
    let weak = Method {
        algorithm: Algorithm::HmacSha1,
        ..method("sha1=", Method::HMAC_SHA256)
    };
    let headers = [
        Source::header("x-signature-256"),
        Source::header("x-signature"),
    ];
    let scheme = |methods: &[Method], headers: &[Source]| Scheme {
        signature: Source::FirstOf(headers.to_vec().into()),
        methods: methods.to_vec().into(),
        id: Some(Source::header("x-id")),
        ..Scheme::HMAC_SHA256
    };
    let keys = Keyring::new("5HkzNq7hLJ3xUPVZ");
    let message = Signable::new(b"{}");
    let signed = |scheme: Scheme| scheme.sign(&keys, &message).unwrap();
    let strongly = signed(scheme(std::slice::from_ref(&strong), &headers[..1]));
    let weakly = signed(scheme(std::slice::from_ref(&weak), &headers[1..]));

    let (world, runs) = (World::new(), Runs::default());
    let both = scheme(&[strong, weak], &headers);
    let receiver = world.hooks.receiver("both", both, keys.clone()).unwrap();
    let app = receiver.receive(runs.router());
    let request = |id: &str| Request::post("/").header("x-id", id);
    let mut first = request("1").body("{}".into()).unwrap();
    first.headers_mut().extend(strongly);
    first.headers_mut().extend(weakly.clone());
    assert_eq!(status(&app, first).await, 200);
    let mut second = request("2").body("{}".into()).unwrap();
    second.headers_mut().extend(weakly);
    let _ = status(&app, second).await;
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn the_answer_to_a_challenge_signs_no_delivery() {
    let (world, runs) = (World::new(), Runs::default());
    let (_, app) = world.endpoint(provider::BRAINTREE, runs.router());
    let nonce = "0123456789abcdef01234567";
    let challenge = Request::get(format!("/?bt_challenge={nonce}"));
    let answer = send(&app, challenge.body("".into()).unwrap()).await;
    let signature = text(answer).await;
    assert!(signature.contains('|'), "{signature}");
    let forged = Request::post("/")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(format!("bt_signature={signature}&bt_payload={nonce}").into());
    assert_eq!(status(&app, forged.unwrap()).await, 401);
    assert_eq!(runs.count(), 0);
}

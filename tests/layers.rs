//! Each layer alone: on an axum router, in bare tower, and without what it needs.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{convert::Infallible, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{self, Method, StatusCode},
    response::{IntoResponse, Response},
    routing::{any, post},
};
use bytes::Bytes;
use futures_util::stream;
use hooklatch::{
    AdmitLayer, Coverage, DedupLayer, Delivery, FreshnessLayer, HandshakeLayer, Keyring,
    MemoryStore, Rejection, RejectionKind, ReplayLayer, Scheme, Unverified, Verified, Verifier,
    VerifyLayer, provider, testing::Sender,
};
use http_body_util::{Empty, Full};
use support::{Runs, header, payload, send, status, text};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

async fn ok(_: Request) -> Result<Response, Infallible> {
    Ok(StatusCode::OK.into_response())
}

fn verify(scheme: Scheme) -> (Sender, VerifyLayer) {
    let sender = Sender::new(scheme.clone());
    let layer = VerifyLayer::new(scheme, sender.keyring()).unwrap();
    (sender, layer)
}

#[tokio::test]
async fn every_layer_compiles_on_an_axum_router_and_in_bare_tower() {
    let (stripe, verify) = verify(provider::STRIPE);
    let handshake = HandshakeLayer::new(&provider::STRIPE, stripe.keyring()).unwrap();
    let store = MemoryStore::new();
    let router: Router = Router::new()
        .route(
            "/",
            post(|delivery: Delivery| async move { delivery.id().unwrap().to_owned() }),
        )
        .layer(DedupLayer::new(store.clone()))
        .layer(ReplayLayer::new(store.clone()))
        .layer(handshake.clone())
        .layer(FreshnessLayer::new())
        .layer(verify.clone())
        .layer(AdmitLayer::new());
    let bare = ServiceBuilder::new()
        .layer(AdmitLayer::new())
        .layer(verify)
        .layer(FreshnessLayer::new())
        .layer(handshake)
        .layer(ReplayLayer::new(store.clone()))
        .layer(DedupLayer::new(store))
        .service(service_fn(ok));
    let draft = stripe.event("a", payload());
    let response = send(&router, draft.clone().id("1").request()).await;
    assert_eq!(
        text(response).await,
        "1",
        "alone, a handler's answer passes as it is"
    );
    assert_eq!(status(&bare, draft.clone().id("2").request()).await, 200);
    for app in [
        status(&router, draft.clone().stale().request()).await,
        status(&bare, draft.stale().request()).await,
    ] {
        assert_eq!(app, 401);
    }
}

#[tokio::test]
async fn verification_takes_any_body_of_bytes() {
    let (github, layer) = verify(provider::GITHUB);
    let service = layer.layer(service_fn(|request: Request| async move {
        let delivery = request.extensions().get::<Delivery>().cloned().unwrap();
        let body = axum::body::to_bytes(request.into_body(), 1_000)
            .await
            .unwrap();
        assert_eq!(body, delivery.body(), "the body is put back");
        Ok::<_, Infallible>(Response::new(Body::from(body)))
    }));
    let (head, body) = github.event("push", payload()).parts();
    let full = head.clone().map(|()| Full::new(body.clone()));
    assert_eq!(service.clone().oneshot(full).await.unwrap().status(), 200);
    let empty = head.clone().map(|()| Empty::<Bytes>::new());
    assert_eq!(service.clone().oneshot(empty).await.unwrap().status(), 401);
    let bytes: Vec<_> = body
        .chunks(3)
        .map(|chunk| Ok::<_, Infallible>(Bytes::copy_from_slice(chunk)))
        .collect();
    let chunked = head.map(|()| Body::from_stream(stream::iter(bytes)));
    let response = service.oneshot(chunked).await.unwrap();
    assert_eq!(text(response).await.as_bytes(), body);
}

#[tokio::test]
async fn a_service_error_passes_through_every_layer() {
    let (stripe, verify) = verify(provider::STRIPE);
    let failing = service_fn(|_: Request| async { Err::<Response, &'static str>("mine") });
    let service = ServiceBuilder::new()
        .layer(AdmitLayer::new())
        .layer(verify)
        .layer(FreshnessLayer::new())
        .layer(ReplayLayer::new(MemoryStore::new()))
        .layer(DedupLayer::new(MemoryStore::new()))
        .service(failing);
    assert_eq!(
        service
            .oneshot(stripe.event("a", payload()).request())
            .await
            .unwrap_err(),
        "mine"
    );
}

#[tokio::test]
async fn a_layer_without_verification_in_front_is_loud() {
    let lone = |response: Response| {
        assert_eq!(response.status(), 500);
        let rejection = response.extensions().get::<Rejection>().unwrap();
        assert_eq!(rejection.kind(), RejectionKind::Unverified);
    };
    let request = || Request::new(Body::empty());
    lone(
        FreshnessLayer::new()
            .layer(service_fn(ok))
            .oneshot(request())
            .await
            .unwrap(),
    );
    lone(
        ReplayLayer::new(MemoryStore::new())
            .layer(service_fn(ok))
            .oneshot(request())
            .await
            .unwrap(),
    );
    lone(
        DedupLayer::new(MemoryStore::new())
            .layer(service_fn(ok))
            .oneshot(request())
            .await
            .unwrap(),
    );
    lone(
        hooklatch::EventRouter::new()
            .oneshot(request())
            .await
            .unwrap(),
    );
    let handler: Router = Router::new().route("/", any(|_: Delivery| async {}));
    lone(send(&handler, request()).await);
}

#[tokio::test]
async fn the_ready_service_goes_with_the_request() {
    // A service that may be called only where it was polled ready, as tower's contract says.
    #[derive(Default)]
    struct Strict(bool);
    impl Clone for Strict {
        fn clone(&self) -> Self {
            Self(false)
        }
    }
    impl Service<Request> for Strict {
        type Response = Response;
        type Error = Infallible;
        type Future = std::future::Ready<Result<Response, Infallible>>;
        fn poll_ready(
            &mut self,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Result<(), Infallible>> {
            self.0 = true;
            std::task::Poll::Ready(Ok(()))
        }
        fn call(&mut self, _: Request) -> Self::Future {
            assert!(std::mem::take(&mut self.0), "called without being ready");
            std::future::ready(Ok(StatusCode::OK.into_response()))
        }
    }
    let (stripe, verify) = verify(provider::STRIPE);
    let mut service = ServiceBuilder::new()
        .layer(AdmitLayer::new())
        .layer(verify)
        .layer(FreshnessLayer::new())
        .layer(ReplayLayer::new(MemoryStore::new()))
        .layer(DedupLayer::new(MemoryStore::new()))
        .service(Strict::default());
    for id in ["1", "2"] {
        let ready = ServiceExt::<Request>::ready(&mut service).await.unwrap();
        let response = ready
            .call(stripe.event("a", payload()).id(id).request())
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
    }
}

#[tokio::test]
async fn admit_knows_methods_and_counts_what_is_in_flight() {
    let service = AdmitLayer::new().method(Method::GET).layer(service_fn(ok));
    let request = |method: Method| {
        Request::builder()
            .method(method)
            .body(Body::empty())
            .unwrap()
    };
    for method in [Method::POST, Method::GET] {
        assert_eq!(status(&service, request(method)).await, 200);
    }
    for method in [
        Method::PUT,
        Method::HEAD,
        Method::OPTIONS,
        Method::DELETE,
        "BREW".parse().unwrap(),
    ] {
        let response = send(&service, request(method)).await;
        assert_eq!(
            (response.status().as_u16(), header(&response, "allow")),
            (405, Some("POST, GET"))
        );
    }
    let two = AdmitLayer::new().max_requests(2);
    let service = two.layer(service_fn(|request: Request| async move {
        // Held for as long as the request, by whoever holds it.
        tokio::task::yield_now().await;
        drop(request);
        Ok::<_, Infallible>(StatusCode::OK.into_response())
    }));
    let post = || status(&service, request(Method::POST));
    assert_eq!(tokio::join!(post(), post(), post()), (200, 200, 503));
    assert_eq!(tokio::join!(post(), post()), (200, 200), "given back");
}

#[tokio::test]
async fn bytes_count_as_they_come_not_as_they_are_declared() {
    let (github, verify) = verify(provider::GITHUB);
    let app = AdmitLayer::new()
        .max_bytes(50_000)
        .layer(verify.layer(service_fn(ok)));
    let sized = |size: usize| github.raw(vec![b' '; size]);
    assert_eq!(status(&app, sized(50_000).request()).await, 200);
    assert_eq!(status(&app, sized(50_001).request()).await, 503);
    let silent = sized(2)
        .parts()
        .0
        .map(|()| Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()));
    let held = tokio::spawn({
        let (app, mut request) = (app.clone(), silent);
        request
            .headers_mut()
            .insert("content-length", 25_000_000.into());
        async move { status(&app, request).await }
    });
    tokio::task::yield_now().await;
    assert_eq!(
        status(&app, sized(40_000).request()).await,
        200,
        "declared is not taken"
    );
    assert_eq!(
        status(&app, sized(45_000).request()).await,
        503,
        "the silent one counts for 8 KiB"
    );
    held.abort();
    assert!(held.await.is_err());
    assert_eq!(
        status(&app, sized(50_000).request()).await,
        200,
        "and gave them back"
    );
}

#[tokio::test]
async fn replay_alone_binds_content_to_its_event() {
    let (github, verify) = verify(provider::GITHUB);
    let runs = Runs::default();
    let counted = runs.clone();
    let service = ServiceBuilder::new()
        .layer(verify)
        .layer(ReplayLayer::new(MemoryStore::new()))
        .service(service_fn(move |_: Request| {
            counted.add();
            ok(Request::new(Body::empty()))
        }));
    let delivery = |id: &str| github.event("push", payload()).id(id).request();
    assert_eq!(status(&service, delivery("1")).await, 200);
    assert_eq!(status(&service, delivery("2")).await, 409);
    assert_eq!(
        status(&service, delivery("1")).await,
        200,
        "the same event passes"
    );
    assert_eq!(runs.count(), 2, "and is somebody else's to deduplicate");
}

#[tokio::test]
async fn dedup_and_replay_work_stacked_on_one_store() {
    let (github, verify) = verify(provider::GITHUB);
    let (store, runs) = (MemoryStore::new(), Runs::default());
    let counted = runs.clone();
    let service = ServiceBuilder::new()
        .layer(verify)
        .layer(ReplayLayer::new(store.clone()))
        .layer(DedupLayer::new(store))
        .service(service_fn(move |_: Request| {
            counted.add();
            ok(Request::new(Body::empty()))
        }));
    let delivery = |id: &str| github.event("push", payload()).id(id).request();
    for (id, expected) in [("1", 200), ("1", 200), ("2", 409)] {
        assert_eq!(status(&service, delivery(id)).await, expected);
    }
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn tokens_have_no_replay_guard_and_say_what_they_cover() {
    let scheme = Scheme {
        id: Some(hooklatch::Source::header("x-id")),
        ..Scheme::BEARER
    };
    let (sender, verify) = verify(scheme);
    let service = ServiceBuilder::new()
        .layer(verify)
        .layer(ReplayLayer::new(MemoryStore::new()))
        .service(service_fn(|request: Request| async move {
            let delivery = request.extensions().get::<Delivery>().unwrap();
            assert_eq!(delivery.coverage(), Coverage::Nothing);
            assert!(
                delivery.headers().get("authorization").is_none(),
                "a handler never sees a credential"
            );
            Ok::<_, Infallible>(StatusCode::OK.into_response())
        }));
    for id in ["1", "2"] {
        assert_eq!(
            status(&service, sender.raw("{}").id(id).request()).await,
            200
        );
    }
}

fn challenged() -> Scheme {
    use hooklatch::{ChallengeAnswer, Condition, Handshake, Param, Source};
    Scheme {
        handshakes: vec![Handshake {
            signed: false,
            method: "GET".into(),
            when: vec![Condition::EqualsParam(
                Source::query("hub.verify_token"),
                Param::VerifyToken,
            )]
            .into(),
            answer: ChallengeAnswer::Echo(Source::query("hub.challenge")),
        }]
        .into(),
        ..Scheme::HMAC_SHA256
    }
}

#[tokio::test]
async fn a_handshake_alone_answers_unsigned_challenges_with_a_parameter() {
    let scheme = challenged();
    let keys = Keyring::new("0123456789abcdef");
    assert!(
        HandshakeLayer::new(&scheme, keys.clone()).is_err(),
        "a missing parameter is found at construction"
    );
    let keys = keys.with(hooklatch::Param::VerifyToken, "meatyhamhock");
    let service = HandshakeLayer::new(&scheme, keys.clone())
        .unwrap()
        .layer(service_fn(|_: Request| async {
            Ok::<_, Infallible>(StatusCode::IM_A_TEAPOT.into_response())
        }));
    let get = |query: &str| {
        Request::get(format!("/hook?{query}"))
            .body(Body::empty())
            .unwrap()
    };
    let good = send(
        &service,
        get("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock"),
    )
    .await;
    assert_eq!(good.status(), 200);
    assert_eq!(text(good).await, "1158201444");
    for query in [
        "hub.challenge=1&hub.verify_token=wrong",
        "hub.challenge=1",
        "hub.verify_token=meatyhamhock",
        "hub.challenge=%0d%0aSet-Cookie:x&hub.verify_token=meatyhamhock",
        "hub.challenge=%C3%A4&hub.verify_token=meatyhamhock",
        "hub.challenge=1&hub.challenge=2&hub.verify_token=meatyhamhock",
        &format!(
            "hub.challenge={}&hub.verify_token=meatyhamhock",
            "1".repeat(1_025)
        ),
    ] {
        assert_eq!(status(&service, get(query)).await, 418, "{query}");
    }
}

#[tokio::test]
async fn a_signed_challenge_is_never_answered_without_its_signature() {
    use hooklatch::{ChallengeAnswer, Condition, Handshake, Source};
    let scheme = Scheme {
        handshakes: vec![Handshake {
            signed: true,
            method: "POST".into(),
            when: vec![Condition::Present(Source::header("x-challenge"))].into(),
            answer: ChallengeAnswer::Echo(Source::header("x-challenge")),
        }]
        .into(),
        ..Scheme::HMAC_SHA256
    };
    let sender = Sender::new(scheme.clone());
    let lone = HandshakeLayer::new(&scheme, sender.keyring()).unwrap();
    let verify = VerifyLayer::new(scheme, sender.keyring()).unwrap();
    let teapot = || {
        service_fn(|_: Request| async {
            Ok::<_, Infallible>(StatusCode::IM_A_TEAPOT.into_response())
        })
    };
    let challenge = || {
        let name = "x-challenge".parse().unwrap();
        sender.raw("{}").header(name, "abc").request()
    };
    assert_eq!(status(&lone.layer(teapot()), challenge()).await, 418);
    let behind = verify.layer(lone.layer(teapot()));
    assert_eq!(text(send(&behind, challenge()).await).await, "abc");
}

#[tokio::test]
async fn a_receiver_answers_unsigned_challenges_before_it_verifies() {
    let keys = Keyring::new("0123456789abcdef").with(hooklatch::Param::VerifyToken, "meatyhamhock");
    let get = |query: &str| {
        Request::get(format!("/hook?{query}"))
            .body(Body::empty())
            .unwrap()
    };
    let scheme = challenged();
    let app = support::World::new()
        .hooks
        .receiver("meta", scheme, keys)
        .unwrap()
        .receive(hooklatch::EventRouter::new());
    let query = "hub.challenge=7&hub.verify_token=meatyhamhock";
    assert_eq!(text(send(&app, get(query)).await).await, "7");
    assert_eq!(status(&app, get("hub.challenge=7")).await, 401);
    let put = Request::put("/").body(Body::empty()).unwrap();
    assert_eq!(header(&send(&app, put).await, "allow"), Some("POST, GET"));
}

#[tokio::test]
async fn a_verifier_of_your_own_takes_the_place_of_the_schemes() {
    #[derive(Debug)]
    struct Knock;
    impl Verifier for Knock {
        fn check_head(&self, head: &http::request::Parts) -> Result<(), Rejection> {
            let there = head.headers.contains_key("x-knock");
            there
                .then_some(())
                .ok_or_else(|| Rejection::new(RejectionKind::SignatureMissing, "no knock"))
        }
        fn verify(&self, request: &Unverified<'_>) -> Result<Verified, Rejection> {
            if request.body.is_empty() {
                return Err(Rejection::new(
                    RejectionKind::SignatureMismatch,
                    "nobody there",
                ));
            }
            Ok(Verified::assertion("knock").with_id("1", true))
        }
    }
    let layer = VerifyLayer::with_verifier(
        Scheme {
            name: "knock".into(),
            ..Scheme::HMAC_SHA256
        },
        Knock,
    )
    .unwrap();
    let service = layer.layer(service_fn(|request: Request| async move {
        let delivery = request.extensions().get::<Delivery>().unwrap();
        assert_eq!(
            (delivery.id(), delivery.key_name(), delivery.coverage()),
            (Some("1"), "knock", Coverage::Nothing)
        );
        Ok::<_, Infallible>(StatusCode::OK.into_response())
    }));
    let request = |body: &'static str| {
        Request::post("/")
            .header("x-knock", "1")
            .body(Body::from(body))
            .unwrap()
    };
    assert_eq!(status(&service, request("x")).await, 200);
    assert_eq!(status(&service, request("")).await, 401);
    assert_eq!(
        status(&service, Request::post("/").body(Body::from("x")).unwrap()).await,
        401
    );
}

#[tokio::test]
async fn bodies_are_capped_timed_and_never_trusted() {
    let (github, layer) = verify(provider::GITHUB);
    let reached = Runs::default();
    let counted = reached.clone();
    let service = layer.body_limit(1_000).layer(service_fn(move |_: Request| {
        counted.add();
        ok(Request::new(Body::empty()))
    }));
    let head = || github.raw("{}").parts().0;
    let with = |body: Body| head().map(|()| body);
    let declared = |length: &str| {
        let mut request = with(Body::from_stream(stream::pending::<
            Result<Bytes, Infallible>,
        >()));
        request
            .headers_mut()
            .insert("content-length", length.parse().unwrap());
        request
    };
    for length in ["1001", "18446744073709551615", "99999999999999999999999"] {
        assert_eq!(
            status(&service, declared(length)).await,
            413,
            "refused before any read"
        );
    }
    let endless = stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from_static(&[0; 100])));
    assert_eq!(
        status(&service, with(Body::from_stream(endless))).await,
        413
    );
    let empty_frames = stream::repeat_with(|| Ok::<_, Infallible>(Bytes::new()));
    assert_eq!(
        status(&service, with(Body::from_stream(empty_frames))).await,
        400
    );
    let broken = stream::iter([
        Ok(Bytes::from_static(b"{}")),
        Err(std::io::Error::other("reset")),
    ]);
    assert_eq!(status(&service, with(Body::from_stream(broken))).await, 400);
    for encoding in ["gzip", "br", "identity, gzip", ""] {
        let mut request = with(Body::from("{}"));
        request
            .headers_mut()
            .insert("content-encoding", encoding.parse().unwrap());
        assert_eq!(status(&service, request).await, 415, "{encoding}");
    }
    assert_eq!(reached.count(), 0);
    assert_eq!(status(&service, with(Body::from("{}"))).await, 200);
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_is_a_408() {
    let (github, layer) = verify(provider::GITHUB);
    let service = layer.layer(service_fn(ok));
    let drip = |pause: u64| {
        stream::unfold(0, move |n| async move {
            tokio::time::sleep(std::time::Duration::from_secs(pause)).await;
            Some((Ok::<_, Infallible>(Bytes::from_static(b" ")), n + 1))
        })
    };
    for (pause, most) in [(11, 10.5), (5, 30.5)] {
        let began = tokio::time::Instant::now();
        let request = github
            .raw("{}")
            .parts()
            .0
            .map(|()| Body::from_stream(drip(pause)));
        assert_eq!(status(&service, request).await, 408);
        assert!(
            began.elapsed().as_secs_f64() < most,
            "{:?}",
            began.elapsed()
        );
    }
}

#[tokio::test]
async fn layers_are_debug_and_hold_no_secret() {
    let keys = Keyring::new("0123456789abcdef-secret");
    let verify = VerifyLayer::new(provider::GITHUB, keys.clone()).unwrap();
    let handshake = HandshakeLayer::new(&provider::SLACK, keys.clone()).unwrap();
    let everything = format!(
        "{keys:?} {verify:?} {handshake:?} {:?}",
        Arc::new(verify.keys())
    );
    assert!(!everything.contains("0123456789"), "{everything}");
}

//! Whole requests in this process, without a network: the request is built, routed, read, verified, claimed, decoded.

use std::hint::black_box;

use axum::Router;
use tower::ServiceExt;

use super::{
    Ready, Workload,
    endpoints::{From, Kind, Signed, endpoint, request, signed},
};

pub const WORKLOADS: &[Workload] = &[
    ("request/standard/1k/building-alone", |n| {
        building(From::Standard, n)
    }),
    ("request/standard/1k/bare-axum", |n| {
        answering(From::Standard, Kind::Bare, n)
    }),
    ("request/standard/1k/hooklatch-raw", |n| {
        answering(From::Standard, Kind::Raw, n)
    }),
    ("request/standard/1k/hooklatch-typed", |n| {
        answering(From::Standard, Kind::Typed, n)
    }),
    ("request/standard/1k/by-hand-with-care", |n| {
        answering(From::Standard, Kind::Hand, n)
    }),
    ("request/standard/1k/svix", |n| {
        answering(From::Standard, Kind::Svix, n)
    }),
    ("request/standard/1k/webhook-verify", |n| {
        answering(From::Standard, Kind::WebhookVerify, n)
    }),
    ("request/stripe/1k/bare-axum", |n| {
        answering(From::Stripe, Kind::Bare, n)
    }),
    ("request/stripe/1k/hooklatch-raw", |n| {
        answering(From::Stripe, Kind::Raw, n)
    }),
    ("request/stripe/1k/hooklatch-typed", |n| {
        answering(From::Stripe, Kind::Typed, n)
    }),
    ("request/stripe/1k/by-hand-with-care", |n| {
        answering(From::Stripe, Kind::Hand, n)
    }),
    ("request/stripe/1k/webhook-verify", |n| {
        answering(From::Stripe, Kind::WebhookVerify, n)
    }),
    ("request/github/20k/bare-axum", |n| {
        answering(From::Github, Kind::Bare, n)
    }),
    ("request/github/20k/hooklatch-raw", |n| {
        answering(From::Github, Kind::Raw, n)
    }),
    ("request/github/20k/hooklatch-typed", |n| {
        answering(From::Github, Kind::Typed, n)
    }),
    ("request/github/20k/by-hand-with-care", |n| {
        answering(From::Github, Kind::Hand, n)
    }),
    ("request/github/20k/webhook-verify", |n| {
        answering(From::Github, Kind::WebhookVerify, n)
    }),
];

/// What all of them pay before anything is received.
fn building(from: From, n: usize) -> Ready {
    let signed = signed(from, n);
    Box::new(move || {
        signed
            .into_iter()
            .for_each(|signed| drop(black_box(request(signed))))
    })
}

fn answering(from: From, kind: Kind, n: usize) -> Ready {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let (router, hooks) = runtime.block_on(endpoint(from, kind));
    let mut signed = signed(from, WARM_UP + n);
    let answer = async move |router: &Router, signed: Vec<Signed>| {
        for signed in signed {
            let response = router
                .clone()
                .oneshot(request(signed))
                .await
                .expect("infallible");
            assert_eq!(response.status(), 200);
            black_box(response);
        }
    };
    let measured = signed.split_off(WARM_UP);
    runtime.block_on(answer(&router, signed));
    Box::new(move || {
        runtime.block_on(answer(&router, measured));
        drop(hooks);
    })
}

/// Enough that every shard of the store has its tables.
const WARM_UP: usize = 1_000;

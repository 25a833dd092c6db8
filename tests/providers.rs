//! Published and constructed requests of every preset, from `tests/vectors`, judged by the command line's own rules.
//!
//! A case where we decide otherwise than the vector, or where implementations differ, stands in `decisions.json` beside
//! those rules with the reason; a decision that is none fails as much as a case that goes wrong.
#![allow(
    dead_code,
    clippy::panic,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "the command line uses more of its rules; a test fails by panicking"
)]

use std::{collections::BTreeMap, path::PathBuf};

use hooklatch::{Hooks, Keyring, Param, RawEvent, provider, testing::ManualClock};
use serde::Deserialize;
use time::OffsetDateTime;
use tower::ServiceExt;

#[path = "../src/bin/hooklatch/vectors/mod.rs"]
mod vectors;

use vectors::{Case, Decisions, Report};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn cases() -> Vec<Case> {
    vectors::read_all(&[folder()]).unwrap()
}

#[test]
fn every_vector_is_judged_as_it_should_be() {
    let report = vectors::report(&[folder()]).unwrap();
    assert_eq!((report.failed, report.skipped), (0, 0), "{report}");
    assert_eq!(report.passed, cases().len());
    assert_eq!(report.passed, 398, "a case was added or lost");
}

#[test]
fn every_decision_is_of_a_case_and_has_a_reason() {
    let cases = cases();
    let decisions = Decisions::of_hooklatch().unwrap();
    for (id, decision) in decisions.iter() {
        assert!(cases.iter().any(|case| case.id == id), "no case {id}");
        assert!(!decision.reason.is_empty(), "{id}");
    }
}

#[test]
fn what_is_judged_otherwise_than_a_case_says_fails() {
    let judged = |json: &str| {
        let cases: Vec<Case> = serde_json::from_str(json).unwrap();
        let report = Report::of(&cases, &Decisions::of_hooklatch().unwrap());
        (report.passed, report.failed, report.skipped)
    };
    let stripe = include_str!("vectors/stripe.json");
    let (passed, failed, _) = judged(stripe);
    assert_eq!(failed, 0);
    let swapped = stripe
        .replace(r#""expect": "valid""#, r#""expect": "?""#)
        .replace(r#""expect": "invalid""#, r#""expect": "valid""#)
        .replace(r#""expect": "?""#, r#""expect": "invalid""#);
    assert_eq!(judged(&swapped), (0, passed, 0));
    let forged = stripe.replace("v1=", "v1=0");
    assert!(judged(&forged).1 > 0);
    let unknown = stripe.replace(r#""provider": "stripe""#, r#""provider": "nobody""#);
    assert_eq!(judged(&unknown), (0, 0, passed));
}

#[derive(Deserialize)]
struct Challenge {
    provider: String,
    secret: String,
    request: ChallengeRequest,
    response: ChallengeResponse,
}

#[derive(Deserialize)]
struct ChallengeRequest {
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
    body: String,
}

#[derive(Deserialize)]
struct ChallengeResponse {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

#[tokio::test]
async fn every_challenge_is_answered_as_published() {
    let cases: Vec<Challenge> = serde_json::from_str(include_str!("handshakes.json")).unwrap();
    for case in &cases {
        let (status, content_type, body) = answer(case, &case.request.url).await;
        assert_eq!(status, case.response.status, "{}", case.provider);
        assert_eq!(body, case.response.body, "{}", case.provider);
        let expected = case.response.headers.get("Content-Type");
        if let Some(expected) = expected {
            assert!(content_type.starts_with(expected), "{}", case.provider);
        }
    }
    assert_eq!(cases.len(), 4);
}

#[tokio::test]
async fn a_challenge_that_could_sign_an_event_is_not_answered() {
    let cases: Vec<Challenge> = serde_json::from_str(include_str!("handshakes.json")).unwrap();
    let braintree = cases
        .iter()
        .find(|case| case.provider == "braintree")
        .unwrap();
    for challenge in [
        "PD94bWwgdmVyc2lvbj0iMS4wIj8-",
        "20F9F8ED05F77439FE955C977E4C8A53",
        "20f9f8ed05f77439fe9",
        "20f9f8ed05f77439fe955c977e4c8a5320f9f8ed",
        "",
    ] {
        let (status, _, body) = answer(braintree, &format!("/hook?bt_challenge={challenge}")).await;
        assert_eq!((status, &*body), (401, ""), "{challenge}");
    }
}

/// Status, content type and body of the answer to a challenge, sent to this URL.
async fn answer(case: &Challenge, url: &str) -> (u16, String, String) {
    let scheme = provider::by_name(&case.provider).unwrap().clone();
    let now = OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap();
    let keyring = Keyring::new(&*case.secret)
        .insecure_allow_short_secrets()
        .with(Param::VerifyToken, &*case.secret);
    let receiver = Hooks::new()
        .with_clock(std::sync::Arc::new(ManualClock::new(now)))
        .receiver("here", scheme, keyring)
        .unwrap();
    let events = hooklatch::EventRouter::new()
        .fallback(|_: RawEvent| async { http::StatusCode::IM_A_TEAPOT });
    let mut request = http::Request::builder()
        .method(&*case.request.method)
        .uri(url);
    for (name, value) in &case.request.headers {
        request = request.header(name, value);
    }
    let request = request.body(case.request.body.clone().into()).unwrap();
    let Ok(response) = receiver.receive(events).oneshot(request).await;
    let status = response.status().as_u16();
    let content_type = response.headers().get("content-type");
    let content_type = content_type
        .map_or("", |value| value.to_str().unwrap())
        .to_owned();
    let body = axum::body::to_bytes(response.into_body(), 4096)
        .await
        .unwrap();
    (
        status,
        content_type,
        String::from_utf8(body.to_vec()).unwrap(),
    )
}

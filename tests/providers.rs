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

use std::path::PathBuf;

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
    assert_eq!(report.passed, 460, "a case was added or lost");
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

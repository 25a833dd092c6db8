//! The scenario runner: a hooklatch receiver and a careful one written by hand stand every situation; receivers as they
//! are often written show exactly their flaws.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "scenarios/flawed.rs"]
mod flawed;
mod support;

use std::{sync::atomic::Ordering::SeqCst, time::Duration};

use axum::{Router, extract::Request, http::StatusCode};
use flawed::{GithubApp, SECRET, StripeApp};
use hooklatch::{
    ChallengeAnswer, Condition, EventRouter, Handshake, Items, Param, Scheme, Source, VerifyLayer,
    provider,
    testing::{Report, Scenarios, Sender, Situation},
};
use serde_json::json;
use support::{Runs, World, start};
use tokio::time::sleep;

/// The situations of a hand-written receiver for Stripe.
async fn of(app: &StripeApp, router: Router) -> Report {
    let (runs, fails) = (app.runs.clone(), app.fails.clone());
    Scenarios::new(Sender::with_secret(provider::STRIPE, SECRET))
        .event("invoice.paid", json!({"id": "in_1"}))
        .at("/webhooks/stripe")
        .counting(move || runs.count())
        .failing(move |on| fails.store(on, SeqCst))
        .run(router)
        .await
}

/// The flaws a report names.
fn flaws(report: &Report) -> Vec<(Situation, &str)> {
    let flaws = report.flaws();
    flaws
        .map(|outcome| (outcome.situation, outcome.what.as_str()))
        .collect()
}

/// The situations of a hooklatch receiver whose handler waits and may fail.
async fn of_hooklatch(scheme: Scheme, event_type: &str) -> Report {
    let world = World::new();
    let (runs, fails) = (Runs::default(), flawed::Switch::default());
    let events = EventRouter::new().fallback({
        let (runs, fails) = (runs.clone(), fails.clone());
        move || async move {
            sleep(Duration::from_millis(3)).await;
            if fails.load(SeqCst) {
                return StatusCode::SERVICE_UNAVAILABLE;
            }
            sleep(Duration::from_millis(3)).await;
            runs.add();
            StatusCode::OK
        }
    });
    let (sender, receive) = world.endpoint(scheme, events);
    Scenarios::new(sender)
        .event(event_type, json!({"id": "in_1", "text": "héllo \"you\""}))
        .at("/webhooks/here")
        .counting(move || runs.count())
        .failing(move |on| fails.store(on, SeqCst))
        .run(Router::new().route_service("/webhooks/here", receive))
        .await
}

#[tokio::test(start_paused = true)]
async fn a_receiver_stands_all_situations_of_every_sender() {
    for (scheme, event_type) in [
        (provider::STRIPE, "invoice.paid"),
        (provider::GITHUB, "push"),
        (provider::SLACK, "app_mention"),
        (provider::STANDARD_WEBHOOKS, "user.created"),
        (provider::SENDGRID, "bounce"),
    ] {
        let report = of_hooklatch(scheme.clone(), event_type).await;
        report.assert_all();
        assert_eq!(report.outcomes().len(), Situation::ALL.len());
        let skipped: Vec<Situation> = report.skipped().map(|outcome| outcome.situation).collect();
        let (no_time, no_other_id, no_batch, no_challenge, no_secret) = (
            scheme.timestamp.is_none(),
            scheme.signs_id() || scheme.items.is_some(),
            scheme.items.is_none(),
            scheme.name != "slack",
            scheme.name == "sendgrid",
        );
        let expected = [
            (Situation::StaleTimestamp, no_time),
            (Situation::EarlyTimestamp, no_time),
            (Situation::ChangedTimestamp, no_time),
            (Situation::OtherId, no_other_id),
            (Situation::Batch, no_batch),
            (Situation::Handshake, no_challenge),
            (Situation::SecretInAnswer, no_secret),
        ];
        let expected: Vec<Situation> = expected
            .iter()
            .filter_map(|(situation, skipped)| skipped.then_some(*situation))
            .collect();
        assert_eq!(skipped, expected, "{}\n{report}", scheme.name);
    }
}

#[tokio::test]
async fn so_it_does_in_real_time() {
    of_hooklatch(provider::STRIPE, "invoice.paid")
        .await
        .assert_all();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn so_it_does_on_several_threads() {
    of_hooklatch(provider::GITHUB, "push").await.assert_all();
}

#[tokio::test(start_paused = true)]
async fn so_does_a_careful_receiver_written_by_hand() {
    let app = StripeApp::default();
    let report = of(&app, app.careful()).await;
    report.assert_all();
    assert_eq!(report.skipped().count(), 3, "{report}");
}

#[tokio::test(start_paused = true)]
async fn one_that_parses_before_it_verifies_is_named() {
    let app = StripeApp::default();
    assert_eq!(
        flaws(&of(&app, app.parses_first()).await),
        [
            (
                Situation::OtherSpelling,
                "verifies what it parsed and wrote again, not the bytes that came: refuses other white space (401)"
            ),
            (
                Situation::NotJson,
                "parses before it verifies: a forged body that is no JSON is answered 400, forged JSON 401"
            ),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_marks_before_it_handles_is_named() {
    let app = StripeApp::default();
    assert_eq!(
        flaws(&of(&app, app.marks_first()).await),
        [(
            Situation::FailedThenRetried,
            "loses the event: a retry after a failure was acknowledged without a run"
        )]
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_checks_and_then_marks_is_named() {
    let app = StripeApp::default();
    assert_eq!(
        flaws(&of(&app, app.checks_then_marks()).await),
        [(
            Situation::Copies,
            "runs 8 times when 8 copies arrive together"
        )]
    );
    let app = StripeApp::default();
    let (router, runs) = (app.checks_then_marks(), app.runs.clone());
    let report = Scenarios::new(Sender::with_secret(provider::STRIPE, SECRET))
        .at("/webhooks/stripe")
        .counting(move || runs.count())
        .only([Situation::Copies])
        .copies(2)
        .run(router)
        .await;
    let copies = report.of(Situation::Copies).unwrap();
    assert_eq!(copies.what, "runs twice when 2 copies arrive together");
}

#[tokio::test(start_paused = true)]
async fn one_that_fails_open_is_named() {
    let app = StripeApp::default();
    assert_eq!(
        flaws(&of(&app, app.fails_open()).await),
        [(
            Situation::MissingSignature,
            "accepts an absent signature (200, and it runs)"
        )]
    );
}

#[tokio::test(start_paused = true)]
async fn one_without_its_secret_is_named() {
    let app = StripeApp::default();
    assert_eq!(
        flaws(&of(&app, app.without_secret()).await),
        [
            (
                Situation::Forged,
                "accepts a forged body (200, and it runs)"
            ),
            (
                Situation::WrongKey,
                "accepts a signature of another key (200, and it runs)"
            ),
            (
                Situation::GarbageSignature,
                "accepts a garbage signature (200, and it runs)"
            ),
            (
                Situation::ChangedTimestamp,
                "accepts a timestamp that is not the signed one (200, and it runs)"
            ),
            (
                Situation::NotJson,
                "accepts a forged body (JSON 200, no JSON 200)"
            ),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_compares_what_came_is_named() {
    let app = StripeApp::default();
    assert_eq!(
        flaws(&of(&app, app.compares_what_came()).await),
        [(
            Situation::GarbageSignature,
            "accepts a signature that is cut short (200, and it runs)"
        )]
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_knows_bytes_is_named() {
    let app = StripeApp::default();
    assert_eq!(
        flaws(&of(&app, app.knows_bytes()).await),
        [
            (Situation::Redelivery, "runs a redelivery again (3 runs)"),
            (
                Situation::Copies,
                "runs twice when 8 copies arrive together"
            ),
            (Situation::HangUp, "runs twice when the client hangs up"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_knows_no_time_is_named() {
    let app = StripeApp::default();
    assert_eq!(
        flaws(&of(&app, app.knows_no_time()).await),
        [
            (
                Situation::StaleTimestamp,
                "accepts a stale timestamp (200, and it runs)"
            ),
            (
                Situation::EarlyTimestamp,
                "accepts a timestamp of the future (200, and it runs)"
            ),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_whose_handler_goes_with_the_client_is_named() {
    let app = StripeApp::default();
    assert_eq!(
        flaws(&of(&app, app.goes_with_the_client()).await),
        [(
            Situation::HangUp,
            "loses the event when the client hangs up: its retry was acknowledged without a run"
        )]
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_remembers_nothing_is_named() {
    let app = StripeApp::default();
    assert_eq!(
        flaws(&of(&app, app.remembers_nothing()).await),
        [
            (Situation::Duplicate, "runs a duplicate again (2 runs)"),
            (Situation::Redelivery, "runs a redelivery again (3 runs)"),
            // The eight, and the retry after them.
            (
                Situation::Copies,
                "runs 9 times when 8 copies arrive together"
            ),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_acknowledges_failures_is_named() {
    let app = StripeApp::default();
    assert_eq!(
        flaws(&of(&app, app.acknowledges_failures()).await),
        [(
            Situation::FailedThenRetried,
            "loses the event: a failure was acknowledged (200)"
        )]
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_says_too_much_is_named() {
    let app = StripeApp::default();
    assert_eq!(
        flaws(&of(&app, app.says_too_much()).await),
        [
            (
                Situation::Uniform,
                "is not uniform: a wrong key is answered 401, an absent signature 400"
            ),
            (Situation::SecretInAnswer, "tells the secret in an answer"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_takes_all_it_is_sent_is_named() {
    let app = StripeApp::default();
    assert_eq!(
        flaws(&of(&app, app.takes_all()).await),
        [(
            Situation::Oversized,
            "reads an unsigned body of 9 MiB to its end (401)"
        )]
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_panics_is_named() {
    let app = StripeApp::default();
    assert_eq!(
        flaws(&of(&app, app.panics()).await),
        [
            (
                Situation::MissingSignature,
                "answers an absent signature with no answer, it panics: a refusal is a 4xx"
            ),
            (
                Situation::Uniform,
                "is not uniform: a wrong key is answered 401, an absent signature no answer, it panics"
            ),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_knows_events_by_an_unsigned_id_is_named() {
    let app = GithubApp::default();
    let runs = app.runs.clone();
    let report = Scenarios::new(Sender::with_secret(provider::GITHUB, SECRET))
        .event("push", json!({"ref": "refs/heads/main"}))
        .counting(move || runs.count())
        .run(app.believes_the_delivery_id())
        .await;
    assert_eq!(
        flaws(&report),
        [(Situation::OtherId, "runs a replay under another id (200)")]
    );
    let skipped = report.of(Situation::FailedThenRetried).unwrap();
    assert_eq!(
        (skipped.passed, skipped.what.as_str()),
        (
            None,
            "not judged: `failing` gives no way to make the handler fail"
        )
    );
}

#[tokio::test(start_paused = true)]
async fn of_one_that_refuses_everything_nothing_else_is_judged() {
    let report = Scenarios::new(Sender::new(provider::STRIPE))
        .run(Router::new())
        .await;
    assert_eq!(
        flaws(&report),
        [(Situation::Valid, "refuses a genuine event (404)")]
    );
    assert_eq!(report.skipped().count(), Situation::ALL.len() - 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_count_statuses_are_judged_and_the_rest_is_said_to_be_skipped() {
    let app = StripeApp::default();
    let report = Scenarios::new(Sender::with_secret(provider::STRIPE, SECRET))
        .at("/webhooks/stripe")
        .run(app.knows_no_time())
        .await;
    assert_eq!(
        flaws(&report),
        [
            (Situation::StaleTimestamp, "accepts a stale timestamp (200)"),
            (
                Situation::EarlyTimestamp,
                "accepts a timestamp of the future (200)"
            ),
        ]
    );
    assert_eq!(
        report.of(Situation::Duplicate).unwrap().what,
        "200 and 200; runs are not counted"
    );
    assert_eq!(report.of(Situation::HangUp).unwrap().passed, None);
}

#[tokio::test(start_paused = true)]
async fn a_report_is_a_table_that_fails_the_test() {
    let app = StripeApp::default();
    let (router, runs) = (app.fails_open(), app.runs.clone());
    let report = Scenarios::new(Sender::with_secret(provider::STRIPE, SECRET))
        .at("/webhooks/stripe")
        .counting(move || runs.count())
        .only([
            Situation::Valid,
            Situation::MissingSignature,
            Situation::FailedThenRetried,
        ])
        .run(router)
        .await;
    let table = "\
ok       valid                    ran once, 200
FLAW     missing signature        accepts an absent signature (200, and it runs)
skipped  failed, then retried     not judged: `failing` gives no way to make the handler fail
";
    assert_eq!(report.to_string(), table);
    let failed = std::panic::catch_unwind(|| report.assert_all()).unwrap_err();
    let message = failed.downcast_ref::<String>().unwrap();
    assert!(message.contains("this receiver has flaws"), "{message}");
    assert!(message.contains(table), "{message}");
}

#[tokio::test(start_paused = true)]
async fn what_an_inbox_runs_later_is_no_loss() {
    let app = StripeApp::default();
    let report = of(&app, app.acknowledges_and_tries_again()).await;
    report.assert_all();
    let failed = report.of(Situation::FailedThenRetried).unwrap();
    assert_eq!(failed.what, "200, then run again by itself");
}

#[tokio::test(start_paused = true)]
async fn one_that_takes_a_batch_for_an_event_is_named() {
    let scheme = Scheme {
        name: "acme".into(),
        items: Some(Items {
            pointer: "/events".into(),
            id: Some("/id".into()),
            event_type: vec![].into(),
        }),
        ..Scheme::HMAC_SHA256
    };
    let (sender, runs) = (Sender::new(scheme.clone()), Runs::default());
    let counted = runs.clone();
    let app = Router::new()
        .fallback(move || async move {
            let _ = counted.add();
        })
        .layer(VerifyLayer::new(scheme, sender.keyring()).unwrap());
    let report = Scenarios::new(sender)
        .counting(move || runs.count())
        .only([Situation::Batch])
        .run(app)
        .await;
    assert_eq!(
        flaws(&report),
        [(Situation::Batch, "runs 1 of the 3 events of a batch")]
    );
}

/// A sender with an unsigned challenge, a token and a query, as Meta's.
fn meta() -> Scheme {
    Scheme {
        name: "acme".into(),
        handshakes: vec![Handshake {
            signed: false,
            method: "GET".into(),
            when: vec![
                Condition::Equals(Source::query("hub.mode"), "subscribe".into()),
                Condition::EqualsParam(Source::query("hub.verify_token"), Param::VerifyToken),
            ]
            .into(),
            answer: ChallengeAnswer::Echo(Source::query("hub.challenge")),
        }]
        .into(),
        ..Scheme::HMAC_SHA256
    }
}

#[tokio::test(start_paused = true)]
async fn challenges_are_made_and_answered_as_the_sender_expects() {
    let report = of_hooklatch(meta(), "any").await;
    report.assert_all();
    assert_eq!(
        report.of(Situation::Handshake).unwrap().passed,
        Some(true),
        "{report}"
    );
    let [challenge] = &*Sender::new(meta())
        .with(Param::VerifyToken, "hunter2")
        .handshakes()
    else {
        unreachable!("one challenge");
    };
    let request: Request = challenge.draft().to("/hook?tenant=7").request();
    let query = request.uri().query().unwrap();
    assert_eq!(
        (request.method().as_str(), challenge.expected().0),
        ("GET", StatusCode::OK)
    );
    let expected = challenge.expected().1;
    assert_eq!(
        query,
        format!("tenant=7&hub.mode=subscribe&hub.verify_token=hunter2&hub.challenge={expected}")
    );
    assert!(!request.headers().contains_key("x-signature"), "unsigned");
    // Another token is not answered.
    let deaf = World::new();
    let sender = Sender::new(meta()).clock(deaf.clock());
    let keys = sender.clone().with(Param::VerifyToken, "another").keyring();
    let receiver = deaf.hooks.receiver("acme", meta(), keys).unwrap();
    let report = Scenarios::new(sender)
        .only([Situation::Handshake])
        .run(receiver.receive(EventRouter::new()))
        .await;
    assert_eq!(report.flaws().count(), 1, "{report}");
}

#[test]
fn retries_are_as_the_sender_makes_them() {
    let world = World::new();
    let draft = |scheme: Scheme| world.sender(scheme).event("a", json!({})).id("evt_9");
    let unix = start().unix_timestamp();

    let (stripe, _) = draft(provider::STRIPE).retry(2).parts();
    let signature = stripe.headers()["stripe-signature"].to_str().unwrap();
    assert!(
        signature.starts_with(&format!("t={},v1=", unix + 2)),
        "signed anew: {signature}"
    );

    let (svix, _) = draft(provider::STANDARD_WEBHOOKS).retry(1).parts();
    assert_eq!(svix.headers()["webhook-id"], "evt_9");
    assert_eq!(
        svix.headers()["webhook-timestamp"],
        (unix + 1).to_string().as_str()
    );

    let github = draft(provider::GITHUB);
    let (first, again) = (github.clone().parts(), github.retry(1).parts());
    assert_eq!(first.0.headers(), again.0.headers());
    assert_eq!(first.1, again.1);

    let sendgrid = draft(provider::SENDGRID);
    world.clock.advance(Duration::from_secs(3600));
    let (again, _) = sendgrid.retry(3).parts();
    let time = &again.headers()["x-twilio-email-event-webhook-timestamp"];
    assert_eq!(*time, unix.to_string().as_str(), "the event's time stays");

    let (slack, _) = draft(provider::SLACK).retry(3).parts();
    assert_eq!(slack.headers()["x-slack-retry-num"], "3");
    assert_eq!(slack.headers()["x-slack-retry-reason"], "http_timeout");
    let (slack, _) = draft(provider::SLACK).retry(0).parts();
    assert!(!slack.headers().contains_key("x-slack-retry-num"));
    let old = start() - Duration::from_secs(900);
    let (slack, _) = draft(provider::SLACK).at(old).retry(1).parts();
    assert_eq!(
        slack.headers()["x-slack-request-timestamp"],
        (unix + 3601).to_string().as_str(),
        "a retry is signed when it is made"
    );
}

#[tokio::test(start_paused = true)]
async fn a_receiver_of_any_preset_has_no_flaw() {
    let mut all = String::new();
    for scheme in provider::ALL {
        let report = of_hooklatch(scheme.clone(), "a.b").await;
        if report.flaws().count() > 0 {
            all += &format!("{}:\n{report}\n", scheme.name);
        }
    }
    assert!(all.is_empty(), "{all}");
}

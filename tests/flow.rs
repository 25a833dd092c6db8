//! What a delivery goes through in a whole receiver, on the public API.

mod support;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Extension, Router, extract::Path, http::StatusCode, response::IntoResponse};
use futures_util::future::join_all;
use hooklatch::{
    Ack, Batch, Claims, Delivery, Event, EventRouter, EventType, Hooks, Keyring, RawEvent,
    Rejection, RejectionKind, Reply, Scheme, Source, provider,
    testing::{self, Call, Fault, FaultyStore},
};
use serde_json::{Value, json};
use support::{MS, Runs, World, header, payload, send, start, status, text};
use tokio::{sync::Notify, time::sleep};
use tower::ServiceExt;

#[tokio::test]
async fn the_first_example_takes_a_real_stripe_envelope() {
    #[derive(serde::Deserialize)]
    struct Invoice {
        id: String,
        amount_paid: i64,
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let events = EventRouter::new().on("invoice.paid", {
        let seen = Arc::clone(&seen);
        move |event: Event<Invoice>| async move {
            let line = format!(
                "{} {} {}",
                event.data.id, event.data.amount_paid, event.event_type
            );
            seen.lock().unwrap().push(line);
        }
    });
    let world = World::new();
    let (stripe, app) = world.endpoint(provider::STRIPE, events);
    let envelope = r#"{"id":"evt_1PgafmB7WZ01zgkW6dKueIc5","object":"event","api_version":"2024-06-20","created":1721906770,
        "data":{"object":{"id":"in_1MtHbELkdIwHu7ixl4OzzPMv","object":"invoice","amount_paid":1999,"currency":"usd",
        "lines":{"object":"list","data":[],"has_more":false}}},"livemode":false,"pending_webhooks":1,
        "request":{"id":null,"idempotency_key":null},"type":"invoice.paid"}"#;
    assert_eq!(status(&app, stripe.raw(envelope).request()).await, 200);
    assert_eq!(
        *seen.lock().unwrap(),
        ["in_1MtHbELkdIwHu7ixl4OzzPMv 1999 invoice.paid"]
    );
}

#[tokio::test]
async fn of_a_hundred_concurrent_copies_one_runs_and_all_are_answered() {
    let runs = Runs::default();
    let counted = runs.clone();
    let events = EventRouter::new().fallback(move || {
        counted.add();
        async { sleep(50 * MS).await }
    });
    let world = World::new();
    let (stripe, app) = world.endpoint(provider::STRIPE, events);
    let copies = (0..100).map(|_| send(&app, stripe.event("a", payload()).request()));
    for response in join_all(copies).await {
        let answered = response.status();
        assert!(answered == 200 || (answered == 503 && header(&response, "retry-after").is_some()));
    }
    assert_eq!(runs.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_handler_slower_than_the_answer_deadline_has_one_effect() {
    let runs = Runs::default();
    let counted = runs.clone();
    let events = EventRouter::new().fallback(move || {
        let counted = counted.clone();
        async move {
            sleep(Duration::from_secs(25)).await;
            counted.add();
        }
    });
    let world = World::new();
    let (stripe, app) = world.endpoint(provider::STRIPE, events);
    let copy = || stripe.event("a", payload()).request();
    let first = send(&app, copy()).await;
    assert_eq!(
        (first.status().as_u16(), header(&first, "retry-after")),
        (503, Some("5"))
    );
    assert_eq!(kind(&first), RejectionKind::AnswerDeadline);
    assert_eq!(status(&app, copy()).await, 503, "still running");
    assert_eq!(runs.count(), 0);
    sleep(Duration::from_secs(20)).await;
    assert_eq!(status(&app, copy()).await, 200, "done by now");
    assert_eq!(runs.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_copy_waits_for_the_first_to_end_and_learns_how() {
    for (answer, copy_gets) in [
        (StatusCode::OK, 200),
        (StatusCode::SERVICE_UNAVAILABLE, 503),
    ] {
        let events = EventRouter::new().fallback(move || async move {
            sleep(Duration::from_secs(1)).await;
            answer
        });
        let world = World::new();
        let (stripe, app) = world.endpoint(provider::STRIPE, events);
        let copy = || status(&app, stripe.event("a", payload()).request());
        let later = async {
            sleep(10 * MS).await;
            copy().await
        };
        assert_eq!(tokio::join!(copy(), later), (answer.as_u16(), copy_gets));
    }
}

#[tokio::test]
async fn a_sender_that_hangs_up_cancels_nothing_and_its_retry_is_acknowledged() {
    let (runs, go) = (Runs::default(), Arc::new(Notify::new()));
    let events = EventRouter::new().fallback({
        let (runs, go) = (runs.clone(), Arc::clone(&go));
        move || async move {
            go.notified().await;
            runs.add();
        }
    });
    let world = World::new();
    let (stripe, app) = world.endpoint(provider::STRIPE, events);
    let hung_up = tokio::spawn({
        let (app, request) = (app.clone(), stripe.event("a", payload()).request());
        async move { send(&app, request).await }
    });
    while world.store.stats().in_progress == 0 {
        sleep(MS).await;
    }
    hung_up.abort();
    assert!(hung_up.await.unwrap_err().is_cancelled());
    go.notify_one();
    assert_eq!(
        status(&app, stripe.event("a", payload()).request()).await,
        200
    );
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn what_failed_runs_again_under_the_same_id_and_bytes() {
    for scheme in [
        provider::STRIPE,
        provider::GITHUB,
        provider::STANDARD_WEBHOOKS,
        provider::SLACK,
    ] {
        let (runs, attempts) = (Runs::default(), Arc::new(Mutex::new(Vec::new())));
        let events = EventRouter::new().fallback({
            let (runs, attempts) = (runs.clone(), Arc::clone(&attempts));
            move |event: RawEvent| async move {
                attempts.lock().unwrap().push(event.attempt);
                if runs.add() < 3 {
                    Ack::Retry
                } else {
                    Ack::Done
                }
            }
        });
        let world = World::new();
        let (sender, app) = world.endpoint(scheme, events);
        let copy = || sender.event("a", payload()).request();
        for expected in [503, 503, 200, 200] {
            assert_eq!(status(&app, copy()).await, expected);
        }
        assert_eq!(*attempts.lock().unwrap(), [1, 2, 3]);
    }
}

#[tokio::test]
async fn the_same_github_bytes_under_another_id_are_a_replay() {
    let (runs, go) = (Runs::default(), Arc::new(Notify::new()));
    let events = EventRouter::new().fallback({
        let (runs, go) = (runs.clone(), Arc::clone(&go));
        move || async move {
            if runs.add() == 1 {
                go.notified().await;
                return Ack::Retry;
            }
            Ack::Done
        }
    });
    let world = World::new();
    let (github, app) = world.endpoint(provider::GITHUB, events);
    let delivery = |id: &str| github.event("push", payload()).id(id).request();
    let first = tokio::spawn({
        let (app, request) = (app.clone(), delivery("1"));
        async move { status(&app, request).await }
    });
    while runs.count() == 0 {
        sleep(MS).await;
    }
    let meanwhile = send(&app, delivery("2")).await;
    assert_eq!(
        (meanwhile.status().as_u16(), kind(&meanwhile)),
        (503, RejectionKind::ReplayRunning)
    );
    assert_eq!(header(&meanwhile, "retry-after"), Some("5"));
    go.notify_one();
    assert_eq!(first.await.unwrap(), 503);
    assert_eq!(
        status(&app, delivery("2")).await,
        200,
        "the first failed, so this one runs"
    );
    assert_eq!(
        status(&app, delivery("3")).await,
        409,
        "the second completed"
    );
    assert_eq!(
        status(&app, delivery("2")).await,
        200,
        "its own copy is a duplicate"
    );
    assert_eq!(runs.count(), 2);
    let other = github
        .event("push", json!({"id": "in_2"}))
        .id("4")
        .request();
    assert_eq!(status(&app, other).await, 200, "another content");
}

#[tokio::test]
async fn where_repeats_are_ordinary_they_run_and_are_flagged() {
    let flags = Arc::new(Mutex::new(Vec::new()));
    let events =
        EventRouter::new().fallback({
            let flags = Arc::clone(&flags);
            move |delivery: Delivery| async move {
                flags.lock().unwrap().push(delivery.repeats_content())
            }
        });
    let world = World::new();
    let (github, app) = world.endpoint(provider::GITHUB, events);
    for id in ["1", "2", "2"] {
        let delivery = github
            .event("workflow_dispatch", payload())
            .id(id)
            .request();
        assert_eq!(status(&app, delivery).await, 200);
    }
    assert_eq!(*flags.lock().unwrap(), [false, true]);
}

#[tokio::test]
async fn identical_bodies_under_distinct_signed_ids_both_run() {
    let (world, runs) = (World::new(), Runs::default());
    let (sender, app) = world.endpoint(provider::STANDARD_WEBHOOKS, runs.router());
    for id in ["msg_1", "msg_2"] {
        assert_eq!(
            status(&app, sender.event("a", payload()).id(id).request()).await,
            200
        );
    }
    assert_eq!(runs.count(), 2);
}

#[tokio::test]
async fn the_same_id_with_another_body_is_a_duplicate() {
    let (world, runs) = (World::new(), Runs::default());
    let (stripe, app) = world.endpoint(provider::STRIPE, runs.router());
    for pending in [1, 2] {
        let body = json!({"id": "evt_1", "type": "a", "pending_webhooks": pending}).to_string();
        assert_eq!(status(&app, stripe.raw(body).request()).await, 200);
    }
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn events_without_an_id_are_known_by_their_content_never_by_a_shared_key() {
    let (world, runs) = (World::new(), Runs::default());
    let (stripe, app) = world.endpoint(provider::STRIPE, runs.router());
    let bodies = [
        r#"{"type":"a","n":1}"#,
        r#"{"type":"a","n":2}"#,
        r#"{"type":"a","id":""}"#,
        r#"{"type":"a","id":null}"#,
        r#"{"type":"a","id":{}}"#,
        r#"{"type":"a","n":1}"#,
    ];
    for body in bodies {
        assert_eq!(status(&app, stripe.raw(body).request()).await, 200);
        world.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(
        runs.count(),
        5,
        "the last repeats the first, at another time"
    );
}

#[tokio::test]
async fn two_receivers_of_one_sender_in_one_store_both_run() {
    let (world, runs) = (World::new(), Runs::default());
    let stripe = world.sender(provider::STRIPE);
    for name in ["platform", "connect"] {
        let app = world
            .receiver(name, provider::STRIPE, &stripe)
            .receive(runs.router());
        for _ in 0..2 {
            assert_eq!(
                status(&app, stripe.event("a", payload()).request()).await,
                200
            );
        }
    }
    assert_eq!(runs.count(), 2);
    let again = world
        .hooks
        .receiver("connect", provider::STRIPE, stripe.keyring());
    assert!(again.is_err(), "a name used twice is refused");
}

#[tokio::test]
async fn an_event_time_senders_retry_twenty_minutes_later_is_accepted() {
    let (world, runs) = (World::new(), Runs::default());
    let (sendgrid, app) = world.endpoint(provider::SENDGRID, runs.router());
    let (stripe, stripe_app) = world.endpoint(provider::STRIPE, runs.router());
    let batch = sendgrid.batch([("bounce", payload())]).at(start());
    let attempt = stripe.event("a", payload()).at(start());
    world.clock.advance(Duration::from_secs(20 * 60));
    assert_eq!(status(&app, batch.clone().request()).await, 200);
    assert_eq!(
        status(&stripe_app, attempt.request()).await,
        401,
        "an attempt is signed anew"
    );
    world.clock.advance(Duration::from_secs(25 * 3600));
    assert_eq!(
        status(&app, batch.request()).await,
        401,
        "past the retry horizon"
    );
}

#[tokio::test]
async fn freshness_counts_both_ways_to_the_second() {
    for (offset, expected) in [(-301, 401), (-300, 200), (0, 200), (300, 200), (301, 401)] {
        let (world, runs) = (World::new(), Runs::default());
        let (stripe, app) = world.endpoint(provider::STRIPE, runs.router());
        let moment = start() + time::Duration::seconds(offset);
        let answered = status(&app, stripe.event("a", payload()).at(moment).request()).await;
        assert_eq!((offset, answered), (offset, expected));
    }
}

#[tokio::test]
async fn a_stale_delivery_of_a_sender_that_gives_up_on_4xx_is_503() {
    let mut scheme = provider::STRIPE;
    scheme.profile.on_client_error = hooklatch::OnClientError::GiveUp;
    let (world, runs) = (World::new(), Runs::default());
    let (sender, app) = world.endpoint(scheme, runs.router());
    let response = send(&app, sender.event("a", payload()).stale().request()).await;
    assert_eq!(
        (response.status().as_u16(), kind(&response)),
        (503, RejectionKind::Stale)
    );
}

#[tokio::test]
async fn a_full_memory_store_still_accepts_github() {
    let (world, runs) = (World::with_capacity(8), Runs::default());
    let (github, app) = world.endpoint(provider::GITHUB, runs.router());
    let delivery = |n: i32| {
        github
            .event("push", json!({"n": n}))
            .id(&n.to_string())
            .request()
    };
    for n in 0..4 {
        assert_eq!(status(&app, delivery(n)).await, 200);
    }
    let full = send(&app, delivery(4)).await;
    assert_eq!(
        (full.status().as_u16(), kind(&full)),
        (503, RejectionKind::StoreFull)
    );
    world.clock.advance(Duration::from_secs(3601));
    for n in 4..8 {
        assert_eq!(status(&app, delivery(n)).await, 200, "{n}");
    }
    assert_eq!(runs.count(), 8);
}

#[tokio::test]
async fn a_handlers_answer_becomes_a_status() {
    for (returned, expected) in [
        (200, 200),
        (204, 204),
        (302, 503),
        (400, 422),
        (404, 503),
        (409, 503),
        (422, 422),
        (429, 503),
        (500, 500),
        (502, 502),
        (503, 503),
    ] {
        let (world, runs) = (World::new(), Runs::default());
        let counted = runs.clone();
        let events = EventRouter::new().fallback(move || {
            counted.add();
            async move { (StatusCode::from_u16(returned).unwrap(), "internal detail") }
        });
        let (stripe, app) = world.endpoint(provider::STRIPE, events);
        let copy = || stripe.event("a", payload()).request();
        let response = send(&app, copy()).await;
        assert_eq!((returned, response.status().as_u16()), (returned, expected));
        assert_eq!(
            header(&response, "retry-after").is_some(),
            expected >= 500,
            "{returned}"
        );
        assert_eq!(
            text(response).await,
            "",
            "the handler's text never reaches the sender"
        );
        status(&app, copy()).await;
        let reruns = if expected < 300 { 1 } else { 2 };
        assert_eq!(
            runs.count(),
            reruns,
            "{returned}: anything but 2xx frees the claim"
        );
    }
}

#[tokio::test]
async fn a_panic_is_a_500_and_frees_the_claim() {
    let (world, runs) = (World::new(), Runs::default());
    let counted = runs.clone();
    let events = EventRouter::new().fallback(move || {
        let first = counted.add() == 1;
        async move { assert!(!first, "a handler that panics once") }
    });
    let (stripe, app) = world.endpoint(provider::STRIPE, events);
    assert_eq!(
        status(&app, stripe.event("a", payload()).request()).await,
        500
    );
    assert_eq!(
        status(&app, stripe.event("a", payload()).request()).await,
        200
    );
    assert_eq!(runs.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn at_the_handler_deadline_the_handler_is_dropped_before_its_claim_is_freed() {
    struct Alive(Arc<Mutex<Vec<&'static str>>>);
    impl Drop for Alive {
        fn drop(&mut self) {
            self.0.lock().unwrap().push("dropped");
        }
    }
    let log = Arc::new(Mutex::new(Vec::new()));
    let events = EventRouter::new().fallback({
        let log = Arc::clone(&log);
        move || {
            log.lock().unwrap().push("began");
            let alive = Alive(Arc::clone(&log));
            async move {
                sleep(Duration::from_secs(3600)).await;
                drop(alive);
            }
        }
    });
    let world = World::new();
    let stripe = world.sender(provider::STRIPE);
    let receiver = world.receiver("stripe", provider::STRIPE, &stripe);
    let app = receiver
        .handler_deadline(Duration::from_secs(15))
        .receive(events);
    let copy = || stripe.event("a", payload()).request();
    assert_eq!(status(&app, copy()).await, 503, "the answer deadline");
    sleep(Duration::from_secs(6)).await;
    assert_eq!(*log.lock().unwrap(), ["began", "dropped"]);
    assert_eq!(world.store.stats().in_progress, 0);
    status(&app, copy()).await;
    assert_eq!(*log.lock().unwrap(), ["began", "dropped", "began"]);
}

#[tokio::test]
async fn a_payload_that_does_not_fit_is_refused_and_still_reaches_a_raw_handler() {
    #[derive(serde::Deserialize)]
    #[allow(dead_code)]
    struct Invoice {
        amount_paid: i64,
    }
    let events = EventRouter::new()
        .on("typed", |_: Event<Invoice>| async {})
        .on("raw", |event: RawEvent| async move {
            assert!(event.body.starts_with(b"{"))
        });
    let world = World::new();
    let (slack, app) = world.endpoint(provider::SLACK, events);
    let misfit = json!({"amount_paid": "much"});
    let response = send(&app, slack.event("typed", misfit.clone()).request()).await;
    assert_eq!(response.status(), 422);
    assert_eq!(
        header(&response, "x-slack-no-retry"),
        Some("1"),
        "the sender's stop header"
    );
    let rejection = response.extensions().get::<Rejection>().unwrap();
    assert!(rejection.detail().contains("amount_paid"), "{rejection}");
    assert!(
        !rejection.detail().contains("much"),
        "never the payload's values"
    );
    assert_eq!(
        status(&app, slack.event("raw", misfit).id("2").request()).await,
        200
    );
}

#[tokio::test]
async fn authentic_but_unreadable_is_422_without_effect() {
    let (world, runs) = (World::new(), Runs::default());
    let (stripe, app) = world.endpoint(provider::STRIPE, runs.router());
    let deep = format!(
        r#"{{"id":"evt_1","type":"a","data":{}{}}}"#,
        "[".repeat(500_000),
        "]".repeat(500_000)
    );
    for body in [
        "",
        "not json",
        "\u{feff}{\"id\":\"evt_1\",\"type\":\"a\"}",
        r#"{"id":"evt_1","id":"evt_2","type":"a"}"#,
        r#"{"id":"evt_1","type":"a","type":"b"}"#,
        r#"{"id":"\ud800","type":"a"}"#,
        r#"{"id":"evt_1","type":"a"} trailing"#,
        &deep,
    ] {
        assert_eq!(
            status(&app, stripe.raw(body.to_owned()).request()).await,
            422,
            "{:.40}",
            body
        );
    }
    let not_utf8 = [b"{\"id\":\"evt_1\",\"type\":\"a\",\"x\":\"\xff\"}".as_slice()].concat();
    assert_eq!(status(&app, stripe.raw(not_utf8).request()).await, 422);
    assert_eq!((runs.count(), world.store.stats().events), (0, 0));
    let odd = r#"{"id":"evt_1","type":"a","x":1e400,"y":"\ud800","z":1,"z":2}"#;
    assert_eq!(
        status(&app, stripe.raw(odd).request()).await,
        200,
        "elsewhere it is nobody's business"
    );
}

#[tokio::test]
async fn an_event_without_a_handler_is_acknowledged_once_and_for_all() {
    let world = World::new();
    let (stripe, app) = world.endpoint(
        provider::STRIPE,
        EventRouter::new().on("known", || async {}),
    );
    assert_eq!(
        status(&app, stripe.event("unknown", payload()).request()).await,
        200
    );
    assert_eq!(world.store.stats().completed, 1);
}

#[tokio::test]
async fn typed_registration_takes_the_type_from_the_payload() {
    #[derive(serde::Deserialize)]
    struct Paid {
        id: String,
    }
    impl EventType for Paid {
        const TYPE: &str = "invoice.paid";
    }
    async fn paid(Extension(log): Extension<Log>, event: Event<Paid>) {
        log.lock().unwrap().push(event.data.id);
    }
    let log = Log::default();
    let events = EventRouter::new()
        .on_event(paid)
        .layer(Extension(Arc::clone(&log)));
    let world = World::new();
    let (stripe, app) = world.endpoint(provider::STRIPE, events);
    assert_eq!(
        status(&app, stripe.event("invoice.paid", payload()).request()).await,
        200
    );
    assert_eq!(*log.lock().unwrap(), ["in_1"]);
}

#[tokio::test]
async fn github_routes_by_header_and_action() {
    let log = Log::default();
    async fn note(Extension(log): Extension<Log>, event: RawEvent) {
        log.lock().unwrap().push(event.event_type);
    }
    let events = EventRouter::new()
        .on("issues.opened", note)
        .on("issues.*", note)
        .on("push", note)
        .layer(Extension(Arc::clone(&log)));
    let world = World::new();
    let (github, app) = world.endpoint(provider::GITHUB, events);
    for (n, event_type) in ["issues.opened", "issues.closed", "push", "star.created"]
        .iter()
        .enumerate()
    {
        let request = github
            .event(event_type, json!({"n": n}))
            .id(event_type)
            .request();
        assert_eq!(status(&app, request).await, 200);
    }
    assert_eq!(
        *log.lock().unwrap(),
        ["issues.opened", "issues.closed", "push"]
    );
    let form = github
        .raw(format!("payload={}", "%7B%22action%22%3A%22opened%22%7D"))
        .id("form")
        .header(
            "content-type".parse().unwrap(),
            "application/x-www-form-urlencoded",
        )
        .header("x-github-event".parse().unwrap(), "issues");
    assert_eq!(status(&app, form.request()).await, 200);
    assert_eq!(log.lock().unwrap().last().unwrap(), "issues.opened");
}

#[tokio::test]
async fn slack_challenge_events_and_commands_come_to_one_endpoint() {
    async fn command(event: Event<Command>) -> Reply<String> {
        Reply(format!("hello {}", event.data.text))
    }
    #[derive(serde::Deserialize)]
    struct Command {
        text: String,
    }
    #[derive(serde::Deserialize)]
    struct Message {
        text: String,
    }
    let log = Log::default();
    let events = EventRouter::new()
        .on("/greet", command)
        .on(
            "message",
            |Extension(log): Extension<Log>, event: Event<Message>| async move {
                log.lock().unwrap().push(event.data.text);
            },
        )
        .layer(Extension(Arc::clone(&log)));
    let world = World::new();
    let (slack, app) = world.endpoint(provider::SLACK, events);

    let challenge = r#"{"token":"t","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}"#;
    let response = send(&app, slack.raw(challenge).request()).await;
    assert_eq!(
        header(&response, "content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(header(&response, "x-content-type-options"), Some("nosniff"));
    assert_eq!(
        text(response).await,
        "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
    );
    for refused in [
        slack.raw(challenge).with_wrong_key(),
        slack.raw(challenge).stale(),
        slack
            .raw(challenge)
            .without_header("x-slack-signature".parse().unwrap()),
    ] {
        assert_eq!(status(&app, refused.request()).await, 401);
    }

    let message = slack.event("message", json!({"text": "hi"}));
    assert_eq!(status(&app, message.request()).await, 200);
    assert_eq!(*log.lock().unwrap(), ["hi"]);

    let form = slack.raw("command=%2Fgreet&text=world").header(
        "content-type".parse().unwrap(),
        "application/x-www-form-urlencoded",
    );
    let response = send(&app, form.request()).await;
    assert_eq!(text(response).await, "hello world", "Slack reads the reply");
}

#[tokio::test]
async fn a_batch_runs_each_item_once_and_a_retry_only_what_is_unfinished() {
    let log = Log::default();
    async fn note(Extension(log): Extension<Log>, event: Event<Value>) -> Ack {
        let fails = event.event_type == "bounce" && event.attempt == 1;
        log.lock().unwrap().push(format!(
            "{} {} {}",
            event.id, event.event_type, event.attempt
        ));
        if fails { Ack::Retry } else { Ack::Done }
    }
    let events = EventRouter::new()
        .fallback(note)
        .layer(Extension(Arc::clone(&log)));
    let world = World::new();
    let (sendgrid, app) = world.endpoint(provider::SENDGRID, events);
    let batch = || {
        sendgrid.batch([
            ("open", payload()),
            ("bounce", payload()),
            ("open", payload()),
        ])
    };
    assert_eq!(status(&app, batch().request()).await, 503);
    assert_eq!(status(&app, batch().request()).await, 200);
    assert_eq!(status(&app, batch().request()).await, 200);
    let runs = [
        "evt_test_0 open 1",
        "evt_test_1 bounce 1",
        "evt_test_2 open 1",
        "evt_test_1 bounce 2",
    ];
    assert_eq!(*log.lock().unwrap(), runs);
    assert_eq!(
        status(&app, sendgrid.raw("[]").request()).await,
        200,
        "an empty batch"
    );
    assert_eq!(
        status(&app, sendgrid.raw("{}").request()).await,
        422,
        "no batch"
    );
    let endless = format!("[{}{{}}]", "{},".repeat(10_000));
    assert_eq!(
        status(&app, sendgrid.raw(endless).request()).await,
        422,
        "over 10,000 items"
    );
}

#[tokio::test]
async fn batch_takes_the_unfinished_of_its_route_together() {
    let log = Log::default();
    async fn together(Extension(log): Extension<Log>, batch: Batch<Value>) -> Ack {
        let ids: Vec<&str> = batch.0.iter().map(|event| &*event.id).collect();
        let first = batch.0.iter().any(|event| event.attempt == 1);
        log.lock().unwrap().push(ids.join(" "));
        if first { Ack::Retry } else { Ack::Done }
    }
    async fn single(Extension(log): Extension<Log>, event: Event<Value>) {
        log.lock().unwrap().push(event.id);
    }
    let events = EventRouter::new()
        .on("open", together)
        .fallback(single)
        .layer(Extension(Arc::clone(&log)));
    let world = World::new();
    let (sendgrid, app) = world.endpoint(provider::SENDGRID, events.clone());
    let batch = || {
        sendgrid.batch([
            ("open", payload()),
            ("bounce", payload()),
            ("open", payload()),
        ])
    };
    assert_eq!(status(&app, batch().request()).await, 503);
    assert_eq!(world.store.stats().in_progress, 0, "nothing is left held");
    assert_eq!(status(&app, batch().request()).await, 200);
    assert_eq!(status(&app, batch().request()).await, 200);
    assert_eq!(
        *log.lock().unwrap(),
        [
            "evt_test_1",
            "evt_test_0 evt_test_2",
            "evt_test_0 evt_test_2"
        ]
    );
}

#[tokio::test]
async fn items_without_an_id_are_told_apart_even_when_equal() {
    let (world, runs) = (World::new(), Runs::default());
    let (sendgrid, app) = world.endpoint(provider::SENDGRID, runs.router());
    for _ in 0..2 {
        let body = r#"[{"event":"open"},{"event":"open"},{"event":"click"}]"#;
        assert_eq!(status(&app, sendgrid.raw(body).request()).await, 200);
    }
    assert_eq!(runs.count(), 3);
}

#[tokio::test]
async fn a_handler_sees_the_same_inline_and_from_a_rebuilt_request() {
    let log = Log::default();
    async fn see(
        Extension(log): Extension<Log>,
        delivery: Delivery,
        request: axum::extract::Request,
    ) {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 10_000).await.unwrap();
        let mut headers: Vec<_> = parts.headers.iter().collect();
        headers.sort_by_key(|(name, _)| name.as_str());
        let outer = parts.extensions.get::<u8>();
        let seen = format!(
            "{} {} {headers:?} {outer:?} {body:?} {:?} {:?} {:?} {} {:?}",
            parts.method,
            parts.uri,
            delivery.id(),
            delivery.event_type(),
            delivery.received_at(),
            delivery.attempt(),
            delivery.timestamp(),
        );
        log.lock().unwrap().push(seen);
        if delivery.attempt() == 1 {
            KEPT.lock().unwrap().push(delivery);
        }
    }
    static KEPT: Mutex<Vec<Delivery>> = Mutex::new(Vec::new());
    let events = EventRouter::new()
        .fallback(see)
        .layer(Extension(Arc::clone(&log)));
    let world = World::new();
    for scheme in [
        provider::STRIPE,
        provider::GITHUB,
        provider::STANDARD_WEBHOOKS,
        provider::SLACK,
        provider::SENDGRID,
    ] {
        let (sender, app) = world.endpoint(scheme, events.clone());
        // What other layers put on the request must not reach the handler.
        let app = Router::new()
            .route_service("/hooks/{tenant}", app)
            .layer(Extension(7_u8));
        let draft = sender
            .event("issues.opened", payload())
            .to("/hooks/a?token=secret")
            .header("cookie".parse().unwrap(), "session=1")
            .header("x-request-id".parse().unwrap(), "1");
        assert_eq!(app.oneshot(draft.request()).await.unwrap().status(), 200);
        let delivery = KEPT.lock().unwrap().pop().unwrap();
        let Ok(response) = events.clone().oneshot(delivery.to_request()).await;
        assert_eq!(response.status(), 200);
        KEPT.lock().unwrap().clear();
        let seen = std::mem::take(&mut *log.lock().unwrap());
        assert_eq!(seen[0], seen[1]);
        for hidden in ["secret", "cookie", "x-request-id", "signature", "Some(7)"] {
            assert!(!seen[0].contains(hidden), "{hidden} in {}", seen[0]);
        }
    }
}

#[tokio::test]
async fn an_extractor_without_its_context_is_our_fault() {
    #[derive(Clone)]
    struct Database;
    async fn extension(_: Extension<Database>, _: RawEvent) {}
    async fn path(_: Path<String>, _: RawEvent) {}
    async fn query(_: axum::extract::Query<Vec<(u8, u8)>>, _: RawEvent) {}
    async fn needs_query(_: axum::extract::Query<Needed>, _: RawEvent) {}
    #[derive(serde::Deserialize)]
    struct Needed {
        #[allow(dead_code)]
        token: String,
    }
    async fn matched(_: axum::extract::MatchedPath, _: RawEvent) {}
    let events = EventRouter::new()
        .on("extension", extension)
        .on("path", path)
        .on("query", query)
        .on("needs_query", needs_query)
        .on("matched", matched);
    let world = World::new();
    let (stripe, app) = world.endpoint(provider::STRIPE, events);
    for (event_type, named) in [
        ("extension", Some("Database")),
        ("path", Some("paths parameters")),
        ("query", None),
        ("needs_query", Some("query string")),
        ("matched", Some("matched path")),
    ] {
        let response = send(
            &app,
            stripe.event(event_type, payload()).id(event_type).request(),
        )
        .await;
        let rejection = response.extensions().get::<Rejection>();
        match named {
            None => assert_eq!(response.status(), 200, "an empty query is there"),
            Some(named) => {
                let rejection = rejection.unwrap();
                assert_eq!(response.status(), 503, "{event_type}");
                assert_eq!(rejection.kind(), RejectionKind::Misconfigured);
                assert!(rejection.detail().contains(named), "{rejection}");
            }
        }
    }
}

#[tokio::test]
async fn store_failures_are_503_and_lose_nothing() {
    let world = World::new();
    let store = FaultyStore::new(Arc::new(world.store.clone()));
    let stripe = world.sender(provider::STRIPE);
    let runs = Runs::default();
    let app = world
        .receiver("stripe", provider::STRIPE, &stripe)
        .claims(Arc::new(store.clone()) as Arc<dyn Claims>)
        .receive(runs.router());
    let copy = || stripe.event("a", payload()).request();
    for (fault, kind_of) in [
        (Fault::Before, RejectionKind::StoreUnavailable),
        (Fault::Full, RejectionKind::StoreFull),
    ] {
        store.fail_next(Call::Claim, fault);
        let response = send(&app, copy()).await;
        assert_eq!(
            (response.status().as_u16(), kind(&response)),
            (503, kind_of)
        );
        assert_eq!(runs.count(), 0, "no effect");
    }
    store.fail_next(Call::Complete, Fault::After);
    assert_eq!(
        status(&app, copy()).await,
        503,
        "the outcome of the commit is unknown"
    );
    assert_eq!(
        status(&app, copy()).await,
        200,
        "it was committed: a duplicate"
    );
    assert_eq!(runs.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_lease_ends_the_run_and_changes_nothing() {
    let world = World::new();
    let stripe = world.sender(provider::STRIPE);
    let (began, ended) = (Runs::default(), Runs::default());
    let events = EventRouter::new().fallback({
        let (began, ended) = (began.clone(), ended.clone());
        move || async move {
            began.add();
            sleep(Duration::from_secs(40)).await;
            ended.add();
        }
    });
    let receiver = world
        .receiver("stripe", provider::STRIPE, &stripe)
        .lease(Duration::from_secs(30));
    let app = receiver.receive(events);
    let delivery = stripe.event("a", payload());
    assert_eq!(status(&app, delivery.clone().request()).await, 503);
    // The machine slept past the lease, and somebody else took the event over and completed it.
    world.clock.advance(Duration::from_secs(31));
    let key = hooklatch::Key::event("stripe", None, b"evt_test");
    let claim = hooklatch::store::Claim::new(key);
    let taken = world.store.claim(&claim).await.unwrap();
    let hooklatch::store::Claimed::New {
        fence, attempt: 2, ..
    } = taken
    else {
        panic!("{taken:?}");
    };
    sleep(Duration::from_secs(15)).await;
    assert_eq!((began.count(), ended.count()), (1, 0));
    assert!(world.store.complete(&claim, fence).await.unwrap());
    sleep(Duration::from_secs(60)).await;
    assert_eq!(
        ended.count(),
        0,
        "the handler was dropped when its lease was found lost"
    );
    assert_eq!(
        status(&app, stripe.event("a", payload()).request()).await,
        200
    );
}

#[tokio::test(start_paused = true)]
async fn a_long_run_keeps_its_lease() {
    let world = World::new();
    let stripe = world.sender(provider::STRIPE);
    let runs = Runs::default();
    let events = EventRouter::new().fallback({
        let runs = runs.clone();
        let clock = world.clock.clone();
        move || async move {
            runs.add();
            for _ in 0..50 {
                sleep(Duration::from_secs(1)).await;
                clock.advance(Duration::from_secs(1));
            }
        }
    });
    let app = world
        .receiver("stripe", provider::STRIPE, &stripe)
        .lease(Duration::from_secs(6))
        .receive(events);
    let first = stripe.event("a", payload()).request();
    assert_eq!(status(&app, first).await, 503);
    sleep(Duration::from_secs(20)).await;
    assert_eq!(
        status(&app, stripe.event("a", payload()).request()).await,
        503
    );
    sleep(Duration::from_secs(40)).await;
    assert_eq!(
        status(&app, stripe.event("a", payload()).request()).await,
        200
    );
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn keys_are_swapped_while_requests_come_in() {
    let (world, runs) = (World::new(), Runs::default());
    let old = testing::Sender::with_secret(provider::STRIPE, "whsec_old_old_old_old_old")
        .clock(world.clock());
    let new = testing::Sender::with_secret(provider::STRIPE, "whsec_new_new_new_new_new")
        .clock(world.clock());
    let receiver = world.receiver("stripe", provider::STRIPE, &old);
    let app = receiver.receive(runs.router());
    let sent = |sender: &testing::Sender, id: &str| sender.event("a", payload()).id(id).request();
    assert_eq!(status(&app, sent(&new, "1")).await, 401);
    assert!(receiver.keys().replace(Keyring::new("short")).is_err());
    assert_eq!(
        status(&app, sent(&old, "1")).await,
        200,
        "a bad keyring changes nothing"
    );
    let both = Keyring::new("whsec_new_new_new_new_new").and_until(
        "old",
        "whsec_old_old_old_old_old",
        start() + Duration::from_secs(60),
    );
    receiver.keys().replace(both).unwrap();
    assert_eq!(status(&app, sent(&old, "2")).await, 200);
    assert_eq!(status(&app, sent(&new, "3")).await, 200);
    world.clock.advance(Duration::from_secs(61));
    assert_eq!(
        status(&app, sent(&old, "4")).await,
        401,
        "past its last moment"
    );
    assert_eq!(status(&app, sent(&new, "5")).await, 200);
}

#[tokio::test]
async fn refusals_are_reported_to_the_hook_which_may_even_panic() {
    let log = Log::default();
    let world = World::new();
    let stripe = world.sender(provider::STRIPE);
    let app = world
        .receiver("stripe", provider::STRIPE, &stripe)
        .on_rejection({
            let log = Arc::clone(&log);
            move |rejection| {
                log.lock().unwrap().push(format!(
                    "{:?} {:?}",
                    rejection.receiver(),
                    rejection.kind()
                ));
                assert_ne!(rejection.kind(), RejectionKind::Stale, "a hook that panics");
            }
        })
        .receive(EventRouter::new());
    assert_eq!(
        status(
            &app,
            stripe.event("a", payload()).with_wrong_key().request()
        )
        .await,
        401
    );
    assert_eq!(
        status(&app, stripe.event("a", payload()).stale().request()).await,
        401
    );
    assert_eq!(
        status(&app, stripe.event("a", payload()).request()).await,
        200
    );
    assert_eq!(
        *log.lock().unwrap(),
        [
            r#"Some("stripe") SignatureMismatch"#,
            r#"Some("stripe") Stale"#
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn shutdown_refuses_what_is_new_waits_then_drops_and_releases() {
    let runs = Runs::default();
    let events = EventRouter::new().fallback({
        let runs = runs.clone();
        move |event: RawEvent| async move {
            sleep(Duration::from_secs(if event.id == "fast" { 5 } else { 50 })).await;
            runs.add();
        }
    });
    let world = World::new();
    let (stripe, app) = world.endpoint(provider::STRIPE, events);
    let sent = |id: &str| {
        let (app, request) = (app.clone(), stripe.event("a", payload()).id(id).request());
        tokio::spawn(async move { send(&app, request).await })
    };
    let (fast, slow) = (sent("fast"), sent("slow"));
    sleep(MS).await;
    let hooks = world.hooks.clone();
    let shutdown = tokio::spawn(async move { hooks.shutdown(Duration::from_secs(8)).await });
    sleep(MS).await;
    let late = send(&app, stripe.event("a", payload()).id("late").request()).await;
    assert_eq!(
        (late.status().as_u16(), header(&late, "connection")),
        (503, Some("close"))
    );
    shutdown.await.unwrap();
    assert_eq!(fast.await.unwrap().status(), 200);
    assert_eq!(slow.await.unwrap().status(), 503);
    assert_eq!(runs.count(), 1);
    let stats = world.store.stats();
    assert_eq!(
        (stats.completed, stats.in_progress),
        (1, 0),
        "what was dropped is released"
    );
}

#[tokio::test]
async fn what_is_in_flight_is_limited_and_given_back() {
    let go = Arc::new(Notify::new());
    let events = EventRouter::new().fallback({
        let go = Arc::clone(&go);
        move || async move { go.notified().await }
    });
    let world = World::new();
    let hooks = world.hooks.clone().with_limits(1, 10_000_000);
    let stripe = world.sender(provider::STRIPE);
    let app = hooks
        .receiver("limited", provider::STRIPE, stripe.keyring())
        .unwrap()
        .receive(events);
    let first = tokio::spawn({
        let (app, request) = (app.clone(), stripe.event("a", payload()).request());
        async move { status(&app, request).await }
    });
    while world.store.stats().in_progress == 0 {
        sleep(MS).await;
    }
    let shed = send(&app, stripe.event("a", payload()).id("2").request()).await;
    assert_eq!(
        (shed.status().as_u16(), kind(&shed)),
        (503, RejectionKind::Overloaded)
    );
    go.notify_one();
    assert_eq!(first.await.unwrap(), 200);
    go.notify_one();
    assert_eq!(
        status(&app, stripe.event("a", payload()).id("3").request()).await,
        200
    );
}

#[tokio::test]
async fn the_payload_pointer_can_be_moved() {
    let log = Log::default();
    async fn whole(Extension(log): Extension<Log>, event: Event<Value>) {
        log.lock()
            .unwrap()
            .push(event.data["id"].as_str().unwrap().to_owned());
    }
    let events = EventRouter::new()
        .fallback(whole)
        .layer(Extension(Arc::clone(&log)));
    let world = World::new();
    let stripe = world.sender(provider::STRIPE);
    let receiver = world
        .receiver("stripe", provider::STRIPE, &stripe)
        .payload("")
        .unwrap();
    assert_eq!(
        status(
            &receiver.receive(events),
            stripe.event("a", payload()).request()
        )
        .await,
        200
    );
    assert_eq!(*log.lock().unwrap(), ["evt_test"]);
    assert!(receiver.payload("data/object").is_err());
}

#[tokio::test]
async fn a_delivery_tests_a_handler_without_signing() {
    async fn handler(event: Event<Value>) -> impl IntoResponse {
        if event.data["ok"] == true {
            StatusCode::OK
        } else {
            StatusCode::BAD_REQUEST
        }
    }
    let router = EventRouter::new().on("a.b", handler);
    for (ok, expected) in [(true, 200), (false, 422)] {
        let delivery = testing::delivery("a.b", json!({"ok": ok}));
        let Ok(response) = router.clone().oneshot(delivery.to_request()).await;
        assert_eq!(response.status(), expected);
    }
}

#[test]
fn a_missing_or_wrong_secret_never_builds_a_receiver() {
    let hooks = Hooks::new();
    for secret in [
        "",
        "   ",
        "tiny",
        "0123456789abcdef\n",
        "sk_live_0123456789abcdef",
    ] {
        let error = hooks
            .receiver("a", provider::GITHUB, Keyring::new(secret))
            .unwrap_err();
        assert_eq!(error.kind(), hooklatch::ConfigErrorKind::Key, "{secret:?}");
        assert!(secret.trim().is_empty() || !error.to_string().contains(secret.trim()));
    }
    assert!(Keyring::from_env("HOOKLATCH_TEST_NO_SUCH_VARIABLE").is_err());
    let scheme = Scheme {
        id: Some(Source::json("no-slash")),
        ..provider::STRIPE
    };
    assert!(
        hooks
            .receiver("a", scheme, Keyring::new("0123456789abcdef"))
            .is_err()
    );
    assert!(
        hooks
            .receiver("", provider::GITHUB, Keyring::new("0123456789abcdef"))
            .is_err()
    );
}

type Log = Arc<Mutex<Vec<String>>>;

fn kind(response: &axum::response::Response) -> RejectionKind {
    response
        .extensions()
        .get::<Rejection>()
        .expect("a rejection")
        .kind()
}

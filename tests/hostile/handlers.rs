//! Handlers that fail, hang, panic or outlive their client; copies in numbers.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::future::join_all;
use hooklatch::{Ack, Delivery, EventRouter, RawEvent, Reply, Server, provider};
use tokio::{sync::Notify, time::sleep};

use crate::presets::{Signed, Stage};
use crate::support::{MS, Runs, World, header, payload, send, status, text};
use crate::wire::{raw, serve};

#[tokio::test]
async fn a_hundred_copies_on_a_hundred_connections_have_one_effect() {
    let runs = Runs::default();
    let counted = runs.clone();
    let events = EventRouter::new().fallback(move || {
        counted.add();
        async { sleep(20 * MS).await }
    });
    let stage = Stage::with(events, runs);
    let server = serve(Server::new(), stage.router(), &stage.world.hooks).await;
    for (before, endpoint) in stage.endpoints.iter().enumerate() {
        let name = &endpoint.preset.name;
        // A hundred of one; of the others fewer, for the time it takes.
        let copies = match (&**name, endpoint.preset.leads) {
            ("stripe", _) => 100,
            (_, true) => 20,
            (_, false) => 3,
        };
        let request = raw(&endpoint.good("1"));
        let answers = join_all((0..copies).map(|_| server.answer(&request))).await;
        let mut done = 0;
        for answer in answers {
            match answer.status() {
                200 => done += 1,
                503 => assert!(answer.header("retry-after").is_some(), "{}", answer.text()),
                other => panic!("{other}"),
            }
        }
        assert!(done >= 1);
        assert_eq!(stage.runs.count(), before + 1, "{name}");
        assert_eq!(server.status(&request).await, 200);
        assert_eq!(stage.runs.count(), before + 1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_copies_on_four_threads_have_one_effect() {
    let stage = Stage::new();
    for endpoint in &stage.endpoints {
        let copies = if endpoint.preset.leads { 100 } else { 10 };
        let good = endpoint.good("1");
        let copies = (0..copies).map(|_| {
            let (app, request) = (endpoint.app.clone(), good.request());
            tokio::spawn(async move { status(&app, request).await })
        });
        for answer in join_all(copies).await {
            assert!(matches!(answer.unwrap(), 200 | 503));
        }
    }
    assert_eq!(stage.runs.count(), stage.endpoints.len());
}

#[tokio::test]
async fn the_same_id_at_two_receivers_runs_at_both() {
    let stage = Stage::new();
    for endpoint in &stage.endpoints {
        let name = format!("second {}", endpoint.preset.name);
        let scheme = endpoint.preset.scheme.clone();
        let second = stage.world.receiver(&name, scheme, &endpoint.sender);
        let second = second.receive(stage.runs.router());
        let before = stage.runs.count();
        for app in [&endpoint.app, &second, &endpoint.app, &second] {
            assert_eq!(status(app, endpoint.good("1").request()).await, 200);
        }
        assert_eq!(stage.runs.count(), before + 2);
    }
}

#[tokio::test]
async fn a_client_gone_while_the_handler_runs_cancels_nothing() {
    let (runs, began, go) = (
        Runs::default(),
        Arc::new(Notify::new()),
        Arc::new(Notify::new()),
    );
    let events = EventRouter::new().fallback({
        let (runs, began, go) = (runs.clone(), Arc::clone(&began), Arc::clone(&go));
        move || async move {
            began.notify_one();
            go.notified().await;
            runs.add();
        }
    });
    let stage = Stage::with(events, runs);
    let server = serve(Server::new(), stage.router(), &stage.world.hooks).await;
    for (at, endpoint) in stage.endpoints.iter().enumerate() {
        let request = raw(&endpoint.good("1"));
        let mut client = server.connect().await;
        client.send(&request).await;
        began.notified().await;
        drop(client);
        let retry = server.answer(&request);
        let released = async {
            sleep(20 * MS).await;
            go.notify_one();
        };
        // Items of a batch are not waited for: their retry comes again.
        let waits = !endpoint.preset.is_batch();
        let expected = if waits { 200 } else { 503 };
        assert_eq!(tokio::join!(retry, released).0.status(), expected);
        assert_eq!(server.status(&request).await, 200);
        assert_eq!(stage.runs.count(), at + 1, "{}", endpoint.preset.name);
    }
}

#[tokio::test]
async fn what_a_handler_does_becomes_one_documented_answer() {
    type Handler = fn() -> Response;
    let table: [(&str, Handler, u16); 18] = [
        ("done", || Ack::Done.into_response(), 200),
        ("refuse", || Ack::Refuse.into_response(), 422),
        ("retry", || Ack::Retry.into_response(), 503),
        (
            "an error",
            || Err::<(), Ack>(std::io::Error::other("db").into()).into_response(),
            503,
        ),
        ("a panic", || panic!("as the test wants"), 500),
        ("a panic of no text", || std::panic::panic_any(7_u8), 500),
        ("204", || StatusCode::NO_CONTENT.into_response(), 204),
        ("205", || StatusCode::RESET_CONTENT.into_response(), 205),
        (
            "299",
            || StatusCode::from_u16(299).unwrap().into_response(),
            299,
        ),
        ("100", || StatusCode::CONTINUE.into_response(), 503),
        (
            "101",
            || StatusCode::SWITCHING_PROTOCOLS.into_response(),
            503,
        ),
        ("304", || StatusCode::NOT_MODIFIED.into_response(), 503),
        (
            "307",
            || (StatusCode::TEMPORARY_REDIRECT, [("location", "/a")]).into_response(),
            503,
        ),
        ("400", || StatusCode::BAD_REQUEST.into_response(), 422),
        ("401", || StatusCode::UNAUTHORIZED.into_response(), 503),
        ("409", || StatusCode::CONFLICT.into_response(), 503),
        (
            "599",
            || StatusCode::from_u16(599).unwrap().into_response(),
            599,
        ),
        (
            "999",
            || StatusCode::from_u16(999).unwrap().into_response(),
            503,
        ),
    ];
    let row = Arc::new(AtomicUsize::new(0));
    let events = EventRouter::new().fallback({
        let row = Arc::clone(&row);
        move || {
            let (_, handler, _) = table[row.load(Ordering::SeqCst)];
            async move { handler() }
        }
    });
    let stage = Stage::with(events, Runs::default());
    let app = stage.router().route("/alive", get(|| async {}));
    let server = serve(Server::new(), app, &stage.world.hooks).await;
    // What the answer depends on: one of each.
    let kinds = stage.one_of_each(|preset| {
        let profile = &preset.scheme.profile;
        let words = (&profile.accepted, &profile.stop_header);
        let kind = (profile.refusal_status, profile.reads_reply, words);
        format!("{kind:?} {}", preset.is_batch())
    });
    for (at, (what, _, expected)) in table.into_iter().enumerate() {
        row.store(at, Ordering::SeqCst);
        for endpoint in &kinds {
            let answer = server.answer(&raw(&endpoint.good(&at.to_string()))).await;
            let batch = endpoint.preset.is_batch();
            let words = &endpoint.preset.scheme.profile.accepted;
            let words = words.as_ref().filter(|_| expected < 300);
            let words = words.map_or("", |words| &words.body);
            let expected = match expected {
                200..300 if batch || !words.is_empty() => 200,
                _ if batch => 503,
                422 => endpoint.preset.scheme.profile.refusal_status,
                _ => expected,
            };
            assert_eq!(answer.status(), expected, "{} {what}", endpoint.preset.name);
            assert!(
                answer.text().ends_with(&format!("\r\n\r\n{words}")),
                "no body but the sender's own words: {}",
                answer.text()
            );
            assert_eq!(answer.header("location"), None);
        }
        assert_eq!(stage.store().stats().in_progress, 0, "{what}");
        let alive = server
            .status(b"GET /alive HTTP/1.1\r\nhost: a\r\n\r\n")
            .await;
        assert_eq!(alive, 200, "{what}");
    }
}

#[tokio::test]
async fn a_reply_reaches_only_a_sender_that_reads_it() {
    let events = EventRouter::new().fallback(|| async { Reply("hello") });
    let stage = Stage::with(events, Runs::default());
    for endpoint in &stage.endpoints {
        let response = send(&endpoint.app, endpoint.good("1").request()).await;
        assert_eq!(response.status(), 200);
        let profile = &endpoint.preset.scheme.profile;
        let words = profile.accepted.as_ref().map_or("", |words| &words.body);
        let replies = profile.reads_reply && !endpoint.preset.is_batch();
        let expected = if replies { "hello" } else { words };
        assert_eq!(text(response).await, expected, "{}", endpoint.preset.name);
    }
    // A failure's text never does.
    let events =
        EventRouter::new().fallback(|| async { Reply((StatusCode::BAD_GATEWAY, "password")) });
    let stage = Stage::with(events, Runs::default());
    let slack = stage.endpoint("slack");
    let response = send(&slack.app, slack.good("1").request()).await;
    assert_eq!(
        (response.status().as_u16(), header(&response, "retry-after")),
        (502, Some("5"))
    );
    assert_eq!(text(response).await, "");
}

#[tokio::test]
async fn a_handler_beyond_its_deadline_is_dropped_and_the_next_copy_runs() {
    let runs = Runs::default();
    let events = EventRouter::new().fallback({
        let runs = runs.clone();
        move || {
            let first = runs.add() % 2 == 1;
            async move {
                if first {
                    std::future::pending::<()>().await;
                }
            }
        }
    });
    let world = World::new();
    for scheme in provider::ALL {
        let sender = world.sender(scheme.clone());
        let receiver = world.receiver(&scheme.name, scheme.clone(), &sender);
        let app = receiver.handler_deadline(30 * MS).receive(events.clone());
        let copy = || sender.event("a", payload()).request();
        let first = send(&app, copy()).await;
        assert_eq!(
            (first.status().as_u16(), header(&first, "retry-after")),
            (503, Some("5"))
        );
        assert_eq!(world.store.stats().in_progress, 0);
        assert_eq!(status(&app, copy()).await, 200, "{}", scheme.name);
    }
    assert_eq!(runs.count(), 2 * provider::ALL.len());
}

#[tokio::test]
async fn what_a_handler_spawns_is_its_own_and_an_answer_waits_for_nobody() {
    let late = Arc::new(AtomicUsize::new(0));
    let events = EventRouter::new().fallback({
        let late = Arc::clone(&late);
        move |delivery: Delivery| async move {
            tokio::spawn(async move {
                sleep(50 * MS).await;
                late.store(delivery.body().len(), Ordering::SeqCst);
            });
        }
    });
    let (world, began) = (World::new(), std::time::Instant::now());
    let (stripe, app) = world.endpoint(provider::STRIPE, events);
    assert_eq!(
        status(&app, stripe.event("a", payload()).request()).await,
        200
    );
    world.hooks.shutdown(Duration::from_secs(5)).await;
    assert!(began.elapsed() < Duration::from_secs(4));
    sleep(200 * MS).await;
    assert!(late.load(Ordering::SeqCst) > 0);
}

#[tokio::test(start_paused = true)]
async fn an_abort_between_the_items_of_a_batch_leaves_nothing_held() {
    let log = Arc::new(std::sync::Mutex::new(Vec::new()));
    let events = EventRouter::new().fallback({
        let log = Arc::clone(&log);
        move |event: RawEvent| async move {
            log.lock().unwrap().push(event.id.clone());
            if event.id == "evt_test_1" && event.attempt == 1 {
                sleep(Duration::from_secs(3600)).await;
            }
        }
    });
    let world = World::new();
    let sendgrid = world.sender(provider::SENDGRID);
    let receiver = world.receiver("sendgrid", provider::SENDGRID, &sendgrid);
    let app = receiver.receive(events);
    let batch = || {
        sendgrid
            .batch((0..5).map(|_| ("open", payload())))
            .request()
    };
    let running = tokio::spawn({
        let (app, request) = (app.clone(), batch());
        async move { status(&app, request).await }
    });
    sleep(MS).await;
    world.hooks.shutdown(Duration::from_secs(2)).await;
    assert_eq!(running.await.unwrap(), 503);
    let stats = world.store.stats();
    assert_eq!(
        (stats.completed, stats.failed, stats.in_progress),
        (1, 1, 0)
    );
    assert_eq!(*log.lock().unwrap(), ["evt_test_0", "evt_test_1"]);
}

#[tokio::test]
async fn batches_that_share_items_at_the_same_time_run_each_once() {
    let runs = Runs::default();
    let counted = runs.clone();
    let events = EventRouter::new().fallback(move || {
        counted.add();
        async { sleep(2 * MS).await }
    });
    let stage = Stage::with(events, runs);
    let endpoint = stage.endpoint("sendgrid");
    let batch = |from: usize, to: usize| {
        let items =
            (from..to).map(|n| serde_json::json!({"sg_event_id": n.to_string(), "event": "a"}));
        let body = serde_json::Value::Array(items.collect()).to_string();
        Signed::from(endpoint.sender.raw(body))
    };
    for _ in 0..50 {
        let batches = (0..8).map(|n| {
            let (app, request) = (endpoint.app.clone(), batch(n, n + 5).request());
            tokio::spawn(async move { status(&app, request).await })
        });
        let answers = join_all(batches).await.into_iter().map(Result::unwrap);
        if answers.into_iter().all(|answer| answer == 200) {
            assert_eq!(stage.runs.count(), 12);
            assert_eq!(stage.store().stats().completed, 12);
            return;
        }
    }
    panic!("they never came to an end");
}

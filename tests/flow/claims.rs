//! Once and only once: copies, failures, replays, deadlines, leases.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::http::StatusCode;
use futures_util::future::join_all;
use hooklatch::{
    Ack, Claims, Delivery, EventRouter, RawEvent, RejectionKind, provider,
    testing::{Call, Fault, FaultyStore},
};
use serde_json::json;
use tokio::{sync::Notify, time::sleep};

use crate::kind;
use crate::support::{MS, Runs, World, header, payload, send, status};

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
    let events = EventRouter::new().fallback({
        let flags = Arc::clone(&flags);
        move |delivery: Delivery| async move {
            flags.lock().unwrap().push(delivery.repeats_content());
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
async fn a_captured_delivery_passes_neither_without_its_id_nor_under_another_type() {
    let (world, runs) = (World::new(), Runs::default());
    let (github, app) = world.endpoint(provider::GITHUB, runs.router());
    let captured = github.event("push", payload()).id("1");
    assert_eq!(status(&app, captured.clone().request()).await, 200);
    // Neither header is under the signature: whoever has the bytes can leave out the one and change the other.
    let without_id = captured
        .clone()
        .without_header("x-github-delivery".parse().unwrap());
    assert_eq!(status(&app, without_id.request()).await, 409);
    for event_type in ["workflow_dispatch", "repository_dispatch", "ping"] {
        let relabelled = captured
            .clone()
            .id(event_type)
            .with_header("x-github-event".parse().unwrap(), event_type);
        assert_eq!(status(&app, relabelled.request()).await, 409);
    }
    assert_eq!(runs.count(), 1);
    let nameless = github
        .event("push", json!({"n": 2}))
        .without_header("x-github-delivery".parse().unwrap());
    for expected in [200, 200] {
        let copy = nameless.clone().request();
        assert_eq!(status(&app, copy).await, expected, "its own copy");
    }
    let named = github.event("push", json!({"n": 2})).id("2");
    assert_eq!(status(&app, named.request()).await, 409);
    assert_eq!(runs.count(), 2);
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
async fn store_failures_are_503_and_lose_nothing() {
    let world = World::new();
    let store = FaultyStore::new(Arc::new(world.store.clone()));
    let stripe = world.sender(provider::STRIPE);
    let runs = Runs::default();
    let app = world
        .receiver("stripe", provider::STRIPE, &stripe)
        .claims(Arc::new(store.clone()))
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

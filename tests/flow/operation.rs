//! Set-up, keys, limits, shutdown.

use std::{sync::Arc, time::Duration};

use hooklatch::{
    EventRouter, Hooks, Keyring, RawEvent, RejectionKind, Scheme, Source, provider,
    testing::{self},
};
use tokio::{sync::Notify, time::sleep};

use crate::support::{MS, Runs, World, header, payload, send, start, status};
use crate::{Log, kind};

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
    assert_eq!(stats.events, 2, "the late one never began");
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

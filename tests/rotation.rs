//! A secret is rolled while requests keep coming: none is refused, and the count of old-key matches tells when the old
//! one can go.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use axum::http::{HeaderName, StatusCode};
use hooklatch::{
    Keyring, Receiver, Scheme, provider,
    testing::{Draft, Sender},
};
use serde_json::json;

use self::{
    rotation::{Answers, Load, OldKeyMatches, Sign},
    support::{Runs, World, start, status},
};

/// The load and the metric of the example.
#[allow(dead_code, reason = "its `main` runs in the tests of the examples")]
#[path = "../examples/rotation.rs"]
mod rotation;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_refused_where_the_sender_switches_at_a_moment() {
    let old_ones = || MATCHES.total("github", "old");
    let Rolling {
        receiver,
        runs,
        old,
        new,
    } = Rolling::new(provider::GITHUB, "github");
    let load = Load::start(&receiver.receive(runs.router()), one(&old));
    load.go_on().await;
    assert_eq!(old_ones(), 0, "it is the first of its keyring");

    receiver.keys().replace(both_keys()).unwrap();
    load.go_on().await;
    let before = old_ones();
    load.go_on().await;
    assert!(
        old_ones() >= before + 8 * 25,
        "every request is signed with it"
    );

    load.sign(one(&new));
    load.go_on().await;
    let at_rest = old_ones();
    load.go_on().await;
    assert_eq!(old_ones(), at_rest, "nobody signs with it any more");

    receiver.keys().replace(Keyring::new(NEW)).unwrap();
    load.go_on().await;
    all_handled(&load.stop().await, &runs);
    let app = receiver.receive(runs.router());
    assert_eq!(status(&app, one(&old)("late")).await, 401);
    assert_eq!(old_ones(), at_rest);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_refused_where_the_sender_signs_with_both_for_a_while() {
    let stripe = |new: &str, old: &str| {
        let (_, signature) = old.split_once(',').unwrap();
        format!("{new},{signature}")
    };
    let standard = |new: &str, old: &str| format!("{new} {old}");
    roll_with_both(provider::STRIPE, "stripe-signature", stripe).await;
    roll_with_both(provider::STANDARD_WEBHOOKS, "webhook-signature", standard).await;
}

/// The sender is first: it has the new secret from the moment somebody asks it to roll.
async fn roll_with_both(
    scheme: Scheme,
    signature: &'static str,
    join: impl Fn(&str, &str) -> String + Copy + Send + Sync + 'static,
) {
    let name = scheme.name.to_string();
    let old_ones = || MATCHES.total(&name, "old");
    let Rolling {
        receiver,
        runs,
        old,
        new,
    } = Rolling::new(scheme, &name);
    let both: Sign = {
        let (old, new) = (old.clone(), new.clone());
        Arc::new(move |id| {
            let text = |draft: Draft| {
                let (request, _) = draft.parts();
                request.headers()[signature].to_str().unwrap().to_owned()
            };
            let (old, new) = (event(&old, id), event(&new, id));
            let joined = join(&text(new.clone()), &text(old));
            new.with_header(HeaderName::from_static(signature), &joined)
                .request()
        })
    };
    let load = Load::start(&receiver.receive(runs.router()), one(&old));
    load.go_on().await;
    load.sign(both);
    load.go_on().await;

    receiver.keys().replace(both_keys()).unwrap();
    load.go_on().await;
    assert_eq!(old_ones(), 0, "the new one counts where both are there");

    load.sign(one(&new));
    load.go_on().await;
    receiver.keys().replace(Keyring::new(NEW)).unwrap();
    load.go_on().await;
    all_handled(&load.stop().await, &runs);
    assert_eq!(old_ones(), 0);
    let app = receiver.receive(runs.router());
    assert_eq!(status(&app, one(&old)("late")).await, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_key_with_a_last_moment_goes_by_itself() {
    let world = World::new();
    let Rolling {
        receiver,
        runs,
        old,
        new,
    } = Rolling::in_world(&world, provider::STRIPE, "expiring");
    let load = Load::start(&receiver.receive(runs.router()), one(&old));
    load.go_on().await;
    let last = start() + Duration::from_secs(60);
    let both = Keyring::new(NEW).and_until("old", OLD, last);
    receiver.keys().replace(both).unwrap();
    load.go_on().await;
    load.sign(one(&new));
    load.go_on().await;
    world.clock.advance(Duration::from_secs(61));
    load.go_on().await;
    all_handled(&load.stop().await, &runs);
    let app = receiver.receive(runs.router());
    assert_eq!(status(&app, one(&old)("late")).await, 401);
}

#[tokio::test]
async fn what_was_handled_before_is_not_handled_again_under_the_new_secret() {
    for scheme in [
        provider::GITHUB,
        provider::STRIPE,
        provider::STANDARD_WEBHOOKS,
    ] {
        let Rolling {
            receiver,
            runs,
            old,
            new,
        } = Rolling::new(scheme, "again");
        let app = receiver.receive(runs.router());
        assert_eq!(status(&app, one(&old)("1")).await, 200);
        receiver.keys().replace(both_keys()).unwrap();
        assert_eq!(status(&app, one(&new)("1")).await, 200);
        assert_eq!(runs.count(), 1, "a retry, signed anew");
    }
}

/// A receiver with the old secret, and the sender before and after.
struct Rolling {
    receiver: Receiver,
    runs: Runs,
    old: Sender,
    new: Sender,
}

impl Rolling {
    fn new(scheme: Scheme, name: &str) -> Self {
        Self::in_world(&World::new(), scheme, name)
    }

    fn in_world(world: &World, scheme: Scheme, name: &str) -> Self {
        LazyLock::force(&MATCHES);
        let sender = |secret| Sender::with_secret(scheme.clone(), secret).clock(world.clock());
        let (old, new) = (sender(OLD), sender(NEW));
        let receiver = world.hooks.receiver(name, scheme, Keyring::new(OLD));
        Self {
            receiver: receiver.unwrap(),
            runs: Runs::default(),
            old,
            new,
        }
    }
}

fn both_keys() -> Keyring {
    Keyring::new(NEW).and("old", OLD)
}

fn one(sender: &Sender) -> Sign {
    let sender = sender.clone();
    Arc::new(move |id| event(&sender, id).request())
}

/// Each event has bytes of its own, or it would be a replay.
fn event(sender: &Sender, id: &str) -> Draft {
    sender.event("push", json!({"after": id})).id(id)
}

fn all_handled(answers: &Answers, runs: &Runs) {
    let done = answers.get(&StatusCode::OK).copied().unwrap_or_default();
    assert_eq!(answers.len(), 1, "nothing but 200: {answers:?}");
    assert_eq!(done, u64::try_from(runs.count()).unwrap());
    assert!(done >= 8 * 100, "{done}");
}

static MATCHES: LazyLock<OldKeyMatches> = LazyLock::new(|| OldKeyMatches::install().unwrap());

/// Base64 as well as text, as each of the senders may write one.
const OLD: &str = "whsec_b2xkb2xkb2xkb2xkb2xkb2xk";
const NEW: &str = "whsec_bmV3bmV3bmV3bmV3bmV3bmV3";

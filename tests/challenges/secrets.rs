//! Secrets that arrive.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use hooklatch::{Keyring, provider, testing::Sender};
use serde_json::json;

use super::{House, SECRET, senders::scheme};

#[tokio::test]
async fn a_secret_that_arrives_is_taken_once_and_only_with_a_hook() {
    for name in ["asana", "notion"] {
        let scheme = scheme(name);
        let sender = Sender::new(scheme.clone());
        let other = Sender::with_secret(scheme.clone(), "another-secret-of-sixteen-or-more");
        let event = |sender: &Sender| sender.event("a", json!({"id": "1"})).request();
        let brings = |sender: &Sender| sender.secret_challenge().unwrap();

        let deaf = House::new(scheme.clone(), Keyring::empty());
        assert!(
            deaf.send(brings(&sender).request()).await.is(401, ""),
            "{name}"
        );
        assert_eq!(deaf.send(event(&sender)).await.status, 401);

        let unwilling = House::at(
            1_700_000_000,
            scheme.clone(),
            Keyring::empty(),
            |receiver| receiver.on_secret(|_| async { Err("not now") }),
        );
        assert!(unwilling.send(brings(&sender).request()).await.is(401, ""));
        assert_eq!(unwilling.send(event(&sender)).await.status, 401);

        let stored = Arc::new(Mutex::new(Vec::new()));
        let store = Arc::clone(&stored);
        let house = House::at(
            1_700_000_000,
            scheme.clone(),
            Keyring::empty(),
            |receiver| {
                receiver.on_secret(move |arrived| {
                    assert!(!format!("{arrived:?}").contains(
                        &String::from_utf8_lossy(arrived.secret().expose()).into_owned()
                    ));
                    let what = (
                        arrived.path().to_owned(),
                        arrived.secret().expose().to_vec(),
                    );
                    store.lock().unwrap().push(what);
                    async { Ok::<_, std::io::Error>(()) }
                })
            },
        );
        assert_eq!(house.send(event(&sender)).await.status, 401);
        let challenge = brings(&sender).draft().to("/hooks/7");
        let answer = house.send(challenge.request()).await;
        assert!(answer.is(200, ""), "{name} {answer:?}");
        for (header, value) in brings(&sender).expected_headers() {
            assert_eq!(answer.header(header.as_str()), value);
        }
        let text = sender.key_text().into_bytes();
        assert_eq!(*stored.lock().unwrap(), [("/hooks/7".to_owned(), text)]);
        assert_eq!(house.runs.count(), 0);
        assert_eq!(house.send(event(&sender)).await.status, 200);
        // Whoever comes second is a stranger.
        assert!(house.send(brings(&other).request()).await.is(401, ""));
        assert_eq!(house.send(event(&other)).await.status, 401);
        assert_eq!((stored.lock().unwrap().len(), house.runs.count()), (1, 1));
    }
}

#[tokio::test]
async fn a_secret_has_to_fit_and_to_be_what_signed_it() {
    let house = House::at(
        1_700_000_000,
        provider::NOTION,
        Keyring::empty(),
        |receiver| receiver.on_secret(|_| async { Ok::<_, std::io::Error>(()) }),
    );
    for token in ["short", "", "ä-secret-of-sixteen-bytes-or-more"] {
        let body = json!({"verification_token": token}).to_string();
        assert_eq!(house.post("/", &[], &body).await.status, 401, "{token}");
    }
    let body = json!({"verification_token": SECRET}).to_string();
    let wrong = format!("sha256={}", "0".repeat(64));
    let headers = [("x-notion-signature", &*wrong)];
    assert_eq!(house.post("/", &headers, &body).await.status, 401);
    let signed = Sender::with_secret(provider::NOTION, SECRET).raw(body.clone());
    assert_eq!(house.send(signed.clone().request()).await.status, 200);
    // The same again is a challenge that the key proves, and no event.
    assert_eq!(house.send(signed.request()).await.status, 200);
    assert_eq!(house.runs.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn of_two_secrets_at_once_one_is_taken() {
    let house = House::at(
        1_700_000_000,
        scheme("asana"),
        Keyring::empty(),
        |receiver| {
            receiver.on_secret(|_| async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Ok::<_, std::io::Error>(())
            })
        },
    );
    let bring = async |secret| house.post("/", &[("x-hook-secret", secret)], "{}").await;
    let (one, other) = tokio::join!(
        bring("the-first-secret-of-two"),
        bring("the-second-secret-of-two")
    );
    assert_eq!((one.status, other.status), (200, 401));
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_hangs_or_a_sender_that_hangs_up_leaves_the_chance_to_the_next() {
    let slow = Arc::new(Mutex::new(true));
    let first = Arc::clone(&slow);
    let house = House::at(
        1_700_000_000,
        scheme("asana"),
        Keyring::empty(),
        |receiver| {
            receiver.on_secret(move |_| {
                let hangs = *first.lock().unwrap();
                async move {
                    if hangs {
                        std::future::pending::<()>().await;
                    }
                    Ok::<_, std::io::Error>(())
                }
            })
        },
    );
    let bring = || house.post("/", &[("x-hook-secret", SECRET)], "{}");
    let hung_up = tokio::time::timeout(Duration::from_secs(1), bring()).await;
    assert!(hung_up.is_err());
    assert_eq!(bring().await.status, 401, "the hook took too long");
    *slow.lock().unwrap() = false;
    assert_eq!(bring().await.status, 200);
}

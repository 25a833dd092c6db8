//! Whole receivers that share one Redis.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use axum::http::{StatusCode, header};
use futures_util::future::join_all;
use hooklatch::{
    EventRouter, Hooks, Receive, Scheme, provider, store::RedisStore, testing::Sender,
};
use serde_json::json;
use tower::ServiceExt;

use crate::{connect, servers::Redis};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_run_each_of_a_hundred_copies_once() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    for (id, scheme) in [("evt_1", provider::STRIPE), ("evt_2", provider::GITHUB)] {
        let sender = Sender::new(scheme.clone());
        let runs = Arc::new(AtomicUsize::new(0));
        let instances = [
            instance(scheme.clone(), &sender, connect(&redis).await, &runs),
            instance(scheme.clone(), &sender, connect(&redis).await, &runs),
        ];
        let event = sender.event("push", json!({"id": "1"}));
        let copies = (0..100).map(|copy| {
            let instance = instances[copy % 2].clone();
            let request = event.clone().id(id).request();
            tokio::spawn(async move {
                let Ok(response) = instance.oneshot(request).await;
                response.status()
            })
        });
        let statuses = join_all(copies).await;
        assert_eq!(runs.load(SeqCst), 1);
        let ok = |status: &Result<StatusCode, _>| *status.as_ref().unwrap() == StatusCode::OK;
        assert!(statuses.iter().all(ok), "{statuses:?}");
    }
}

#[tokio::test]
async fn a_receiver_answers_503_while_redis_is_away_and_runs_the_retry() {
    let Some(mut redis) = Redis::launch(&[("appendonly", "yes"), ("appendfsync", "always")]) else {
        return;
    };
    let (scheme, sender) = (provider::STRIPE, Sender::new(provider::STRIPE));
    let runs = Arc::new(AtomicUsize::new(0));
    let instance = instance(scheme.clone(), &sender, connect(&redis).await, &runs);
    let event = sender.event("invoice.paid", json!({})).id("evt_1");
    let post = async || {
        let Ok(response) = instance.clone().oneshot(event.clone().request()).await;
        let retry = response.headers().contains_key(header::RETRY_AFTER);
        (response.status().as_u16(), retry)
    };
    redis.stop();
    assert_eq!(post().await, (503, true));
    assert_eq!(runs.load(SeqCst), 0, "it ran without a claim");
    redis.start();
    assert_eq!(post().await, (200, false));
    redis.stop();
    assert_eq!(post().await, (503, true));
    redis.start();
    assert_eq!(post().await, (200, false));
    assert_eq!(runs.load(SeqCst), 1);
}

fn instance(
    scheme: Scheme,
    sender: &Sender,
    store: RedisStore,
    runs: &Arc<AtomicUsize>,
) -> Receive {
    let runs = Arc::clone(runs);
    let handler = move || async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        runs.fetch_add(1, SeqCst);
        StatusCode::OK
    };
    Hooks::new()
        .with_claims(Arc::new(store))
        .receiver("shared", scheme, sender.keyring())
        .unwrap()
        .receive(EventRouter::new().fallback(handler))
}

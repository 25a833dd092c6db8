//! Redis hangs, crashes, comes back, changes its part, is full.

use std::{
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use hooklatch::store::{Claim, Claimed, Claims, Fence, RedisStore, StoreError};
use tokio::time::{sleep, timeout};

use crate::{both, connect, event, servers::Redis, start};

const DURABLE: [(&str, &str); 2] = [("appendonly", "yes"), ("appendfsync", "always")];

#[tokio::test]
async fn a_redis_with_a_log_remembers_over_a_crash() {
    let Some(mut redis) = Redis::launch(&DURABLE) else {
        return;
    };
    let store = connect(&redis).await;
    let (done, running, failed) = (both("done", "done"), event("running"), event("failed"));
    let fence = start(&store, &done).await;
    assert!(store.complete(&done, fence).await.unwrap());
    let fence = start(&store, &failed).await;
    assert!(store.release(&failed, fence).await.unwrap());
    let fence = start(&store, &running).await;

    redis.stop();
    redis.start();
    let store = connect(&redis).await;
    assert_eq!(store.claim(&done).await.unwrap(), Claimed::Completed);
    let copy = store.claim(&both("copy", "done")).await.unwrap();
    assert_eq!(copy, Claimed::Replay { completed: true });
    assert_eq!(store.claim(&running).await.unwrap(), Claimed::Running);
    assert!(store.complete(&running, fence).await.unwrap());
    let again = store.claim(&failed).await.unwrap();
    assert!(matches!(again, Claimed::New { attempt: 2, .. }));
}

#[tokio::test]
async fn a_redis_that_is_away_fails_claims_at_once_and_is_found_when_it_is_back() {
    let Some(mut redis) = Redis::launch(&[]) else {
        return;
    };
    let store = connect(&redis).await;
    redis.stop();
    for name in ["1", "2", "3"] {
        let since = Instant::now();
        let error = store.claim(&event(name)).await.unwrap_err();
        assert!(!error.is_full());
        assert!(since.elapsed() < Duration::from_secs(1), "it took long");
    }
    redis.start();
    // Not the first claim after an outage fails: what is known to be lost is not tried.
    start(&store, &event("4")).await;
}

#[tokio::test]
async fn a_connection_lost_while_nothing_was_asked_costs_no_claim() {
    let Some(mut redis) = Redis::launch(&[]) else {
        return;
    };
    let store = connect(&redis).await;
    start(&store, &event("before")).await;
    redis.stop();
    redis.start();
    sleep(Duration::from_millis(200)).await;
    start(&store, &event("after")).await;
}

#[tokio::test]
async fn in_the_older_protocol_one_claim_fails_after_a_connection_was_lost() {
    let Some(mut redis) = Redis::launch(&[]) else {
        return;
    };
    let url = format!("{}?protocol=resp2", redis.url());
    let store = RedisStore::connect(&url).await.unwrap();
    redis.stop();
    redis.start();
    sleep(Duration::from_millis(200)).await;
    let _ = store.claim(&event("perhaps")).await;
    start(&store, &event("after")).await;
}

#[tokio::test]
async fn a_redis_that_hangs_fails_claims_in_time_and_is_found_when_it_goes_on() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let limit = Duration::from_millis(300);
    let store = RedisStore::options().timeout(limit);
    let store = store.connect(&redis.url()).await.unwrap();
    let held = event("held");
    let fence = start(&store, &held).await;
    redis.pause();
    for name in ["1", "2"] {
        let since = Instant::now();
        let error = store.claim(&event(name)).await.unwrap_err();
        assert!(!error.is_full());
        let told = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(told, "Redis did not answer within 300ms");
        let took = since.elapsed();
        assert!((limit..4 * limit).contains(&took), "{took:?}");
    }
    redis.resume();
    start(&store, &event("3")).await;
    assert!(store.complete(&held, fence).await.unwrap());
}

/// The other side hangs for ever, and what has its address now is another process: a connection that only waited would
/// never find it.
#[tokio::test]
async fn a_connection_that_hangs_is_left() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}/", listener.local_addr().unwrap());
    let port = redis.port();
    let proxy = tokio::spawn(async move {
        let mut hung = Vec::new();
        for number in 0.. {
            let (mut near, _) = listener.accept().await.unwrap();
            let mut far = tokio::net::TcpStream::connect(("127.0.0.1", port))
                .await
                .unwrap();
            let forward = tokio::spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
            if number == 0 {
                hung.push(tokio::spawn(async move {
                    sleep(Duration::from_millis(300)).await;
                    // Nothing goes through any more, and nobody says so.
                    forward.abort();
                }));
            }
        }
    });
    let limit = Duration::from_millis(200);
    let store = RedisStore::options().timeout(limit).connect(&url).await;
    let store = store.unwrap();
    start(&store, &event("before")).await;
    sleep(Duration::from_millis(400)).await;
    let _ = store.claim(&event("lost")).await;
    start(&store, &event("after")).await;
    proxy.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_claim_that_was_given_is_lost_in_a_crash_under_load() {
    let Some(mut redis) = Redis::launch(&DURABLE) else {
        return;
    };
    let store = connect(&redis).await;
    let given = AtomicUsize::new(0);
    let load = async |task: usize| {
        let mut taken = Vec::<(Claim, Fence)>::new();
        let mut failed = 0;
        for number in 0.. {
            let claim = both(&format!("{task} {number}"), &format!("{task} {number}"));
            match store.claim(&claim).await {
                Ok(Claimed::New { fence, .. }) => {
                    given.fetch_add(1, SeqCst);
                    taken.push((claim, fence));
                }
                Ok(other) => panic!("{other:?}"),
                Err(_) => failed += 1,
            }
            if failed == 3 {
                break;
            }
        }
        taken
    };
    let crash = async {
        while given.load(SeqCst) < 500 {
            sleep(Duration::from_millis(1)).await;
        }
        tokio::task::block_in_place(|| redis.stop());
    };
    let (taken, ()) = tokio::join!(join_all((0..32).map(load)), crash);
    tokio::task::block_in_place(|| redis.start());
    let taken: Vec<_> = taken.into_iter().flatten().collect();
    assert!(taken.len() >= 500);
    for (claim, fence) in taken {
        assert_eq!(store.claim(&claim).await.unwrap(), Claimed::Running);
        assert!(store.complete(&claim, fence).await.unwrap());
    }
}

#[tokio::test]
async fn a_script_that_redis_forgot_is_told_again() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let store = connect(&redis).await;
    let claim = event("script");
    for _ in 0..3 {
        let fence = start(&store, &claim).await;
        assert_eq!(redis.command("SCRIPT FLUSH"), "+OK\r\n");
        assert!(store.release(&claim, fence).await.unwrap());
    }
}

#[tokio::test]
async fn a_claim_is_one_call() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let store = connect(&redis).await;
    start(&store, &both("first", "first")).await;
    assert_eq!(redis.command("CONFIG RESETSTAT"), "+OK\r\n");
    for number in 0..10 {
        start(&store, &both(&number.to_string(), &number.to_string())).await;
    }
    let stats = redis.command("INFO commandstats");
    assert!(stats.contains("cmdstat_evalsha:calls=10,"), "{stats}");
    assert!(!stats.contains("cmdstat_eval:"), "{stats}");
}

#[tokio::test]
async fn a_full_redis_refuses_what_is_new_and_finishes_what_runs() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let store = connect(&redis).await;
    let (running, failing, fresh) = (both("r", "r"), both("f", "f"), both("n", "n"));
    let fence = start(&store, &running).await;
    let failed = start(&store, &failing).await;
    assert_eq!(redis.command("CONFIG SET maxmemory 1"), "+OK\r\n");
    let full = |answer: Result<Claimed, StoreError>| answer.unwrap_err().is_full();
    assert!(full(store.claim(&fresh).await));
    assert_eq!(store.claim(&running).await.unwrap(), Claimed::Running);
    assert!(store.renew(&running, fence).await.unwrap());
    assert!(store.complete(&running, fence).await.unwrap());
    assert_eq!(store.claim(&running).await.unwrap(), Claimed::Completed);
    assert!(store.release(&failing, failed).await.unwrap());
    assert!(full(store.claim(&failing).await));
    assert_eq!(redis.command("CONFIG SET maxmemory 0"), "+OK\r\n");
    let claimed = store.claim(&failing).await.unwrap();
    assert!(
        matches!(claimed, Claimed::New { attempt: 2, .. }),
        "nothing was changed: {claimed:?}"
    );
    start(&store, &fresh).await;
}

#[tokio::test]
async fn a_redis_that_became_a_replica_fails_claims_until_it_is_master_again() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let store = connect(&redis).await;
    assert_eq!(redis.command("REPLICAOF 127.0.0.1 1"), "+OK\r\n");
    for name in ["1", "2"] {
        assert!(!store.claim(&event(name)).await.unwrap_err().is_full());
    }
    let refused = RedisStore::connect(&redis.url()).await.unwrap_err();
    assert!(refused.to_string().contains("replica"), "{refused}");
    assert_eq!(redis.command("REPLICAOF NO ONE"), "+OK\r\n");
    start(&store, &event("3")).await;
}

#[tokio::test]
async fn calls_that_are_dropped_do_no_harm() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let store = connect(&redis).await;
    for number in 0..200 {
        let claim = event(&number.to_string());
        let brief = Duration::from_micros(number % 50);
        let _ = timeout(brief, store.claim(&claim)).await;
    }
    for number in 0..200 {
        let claimed = store.claim(&event(&number.to_string())).await.unwrap();
        assert!(matches!(
            claimed,
            Claimed::Running | Claimed::New { attempt: 1, .. }
        ));
    }
}

//! Redis hangs, crashes, comes back, changes its part, is full.

use std::{
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use hooklatch::store::{Claim, Claimed, Claims, Fence, RedisStore, StoreError};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

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
    assert!(store.ping().await.is_err());
    redis.start();
    // Not the first claim after an outage fails: what is known to be lost is not tried.
    start(&store, &event("4")).await;
    store.ping().await.unwrap();
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
        assert!(
            (limit..2 * limit + Duration::from_secs(1)).contains(&took),
            "{took:?}"
        );
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
    let hangs_after = Duration::from_millis(1500);
    let url = proxy([redis.port(), redis.port()], hangs_after).await;
    let store = RedisStore::options().timeout(Duration::from_secs(1));
    let store = store.connect(&url).await.unwrap();
    start(&store, &event("before")).await;
    sleep(hangs_after).await;
    assert!(store.claim(&event("lost")).await.is_err());
    start(&store, &event("after")).await;
}

#[tokio::test]
async fn a_connection_to_what_became_a_replica_is_left() {
    let (Some(old), Some(new)) = (Redis::launch(&[]), Redis::launch(&[])) else {
        return;
    };
    let url = proxy([old.port(), new.port()], Duration::MAX).await;
    let store = RedisStore::connect(&url).await.unwrap();
    start(&store, &event("before")).await;
    assert_eq!(old.command("REPLICAOF 127.0.0.1 1"), "+OK\r\n");
    assert!(store.claim(&event("lost")).await.is_err());
    start(&store, &event("after")).await;
}

/// An address behind which stands one server for the first connection, another for all later ones. The first connection
/// hangs after this time.
async fn proxy([first, later]: [u16; 2], hangs_after: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for number in 0.. {
            let (mut near, _) = listener.accept().await.unwrap();
            let port = if number == 0 { first } else { later };
            let mut far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            tokio::spawn(async move {
                let forward = copy_bidirectional(&mut near, &mut far);
                if number > 0 {
                    let _ = forward.await;
                } else if timeout(hangs_after, forward).await.is_err() {
                    // Nothing goes through any more, and nobody says so: both stay open.
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn many_calls_that_need_a_connection_make_one() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let store = connect(&redis).await;
    assert_eq!(redis.command("CLIENT KILL TYPE normal"), ":1\r\n");
    sleep(Duration::from_millis(300)).await;
    let claims: Vec<Claim> = (0..64).map(|n| event(&n.to_string())).collect();
    let claimed = join_all(claims.iter().map(|claim| store.claim(claim))).await;
    assert!(claimed.iter().all(Result::is_ok));
    // The store's, and the one that asks.
    let clients = redis.command("INFO clients");
    assert!(clients.contains("connected_clients:2\r\n"), "{clients}");
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
        assert!(store.ping().await.is_err());
    }
    let refused = RedisStore::connect(&redis.url()).await.unwrap_err();
    let told = "is a replica: claims need its master";
    assert!(refused.to_string().contains(told), "{refused}");
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

//! The store in a real Redis: the contract of all stores, many connections, and what happens when Redis hangs, crashes,
//! is full, or is set up to forget.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "redis/agreement.rs"]
mod agreement;
#[path = "redis/outages.rs"]
mod outages;
#[path = "redis/receivers.rs"]
mod receivers;
#[path = "support/servers.rs"]
mod servers;
#[path = "redis/set_up.rs"]
mod set_up;

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use hooklatch::{
    Key,
    store::{Claim, Claimed, Claims, Fence, RedisStore},
    testing::{ContractTime, claims_contract, claims_full_contract, claims_restart_contract},
};
use servers::Redis;

const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_keeps_the_contract() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    claims_contract(Arc::new(connect(&redis).await), ContractTime::Real).await;
}

#[tokio::test]
async fn redis_keeps_the_contract_in_the_older_protocol_and_under_another_prefix() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let url = format!("{}?protocol=resp2", redis.url());
    let store = RedisStore::options().prefix("").connect(&url).await;
    claims_contract(Arc::new(store.unwrap()), ContractTime::Real).await;
    let keys = redis.command("KEYS *");
    assert!(keys.contains("\r\ne:") && !keys.contains("hooklatch"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_keeps_the_contract_of_stores_that_are_opened_again() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    claims_restart_contract(async || connect(&redis).await, ContractTime::Real).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_keeps_the_contract_of_full_stores() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let store = connect(&redis).await;
    let info = redis.command("INFO memory");
    let used = info
        .lines()
        .find_map(|line| line.strip_prefix("used_memory:"));
    let used: u64 = used.unwrap().trim().parse().unwrap();
    // Room for some thousand events; an event takes at least a hundred bytes of it.
    let most = used + 500_000;
    let set = redis.command(&format!("CONFIG SET maxmemory {most}"));
    assert_eq!(set, "+OK\r\n");
    claims_full_contract(Arc::new(store), 20_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_copies_on_five_connections_one_wins() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let stores = join_all((0..5).map(|_| connect(&redis))).await;
    for round in 0..20 {
        let claim = both(&format!("crowd {round}"), &format!("crowd {round}"));
        let copies = (0..100).map(|copy| {
            let store = stores[copy % stores.len()].clone();
            tokio::spawn(async move { store.claim(&claim).await.unwrap() })
        });
        let answers = join_all(copies).await;
        let is_new = |answer: &Claimed| matches!(answer, Claimed::New { attempt: 1, .. });
        let answers: Vec<Claimed> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers.iter().filter(|answer| is_new(answer)).count(), 1);
        let others = answers.iter().filter(|answer| !is_new(answer));
        assert!({ others }.all(|answer| *answer == Claimed::Running));
    }
}

#[tokio::test]
async fn what_is_kept_ends_by_itself() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let store = connect(&redis).await;
    let claim = both("kept", "kept");
    let names = [
        format!("hooklatch:e:{}", claim.event),
        format!("hooklatch:c:{}", claim.content.unwrap()),
    ];
    let lives = |name: &str, expected: Duration| {
        let left = redis.command(&format!("PTTL {name}"));
        let left: u64 = left.trim().trim_start_matches(':').parse().unwrap();
        let expected = u64::try_from(expected.as_millis()).unwrap();
        assert!(
            (expected - 5000..=expected).contains(&left),
            "{name}: {left}"
        );
    };
    let fence = start(&store, &claim).await;
    { &names }
        .iter()
        .for_each(|name| lives(name, claim.lease + DAY));
    assert!(store.renew(&claim, fence).await.unwrap());
    { &names }
        .iter()
        .for_each(|name| lives(name, claim.lease + DAY));
    assert!(store.complete(&claim, fence).await.unwrap());
    { &names }
        .iter()
        .for_each(|name| lives(name, claim.retention));

    let failed = both("failed", "failed");
    let fence = start(&store, &failed).await;
    assert!(store.release(&failed, fence).await.unwrap());
    lives(&format!("hooklatch:e:{}", failed.event), claim.retention);
    assert!(store.forget(failed.event).await.unwrap());
    assert!(store.forget(claim.event).await.unwrap());
    assert_eq!(redis.command("DBSIZE"), ":0\r\n", "keys are left");

    let endless = with(claim, |claim| {
        (claim.lease, claim.retention) = (Duration::MAX, Duration::MAX);
    });
    let fence = start(&store, &endless).await;
    assert!(store.renew(&endless, fence).await.unwrap());
    assert_eq!(store.claim(&endless).await.unwrap(), Claimed::Running);
    assert!(store.complete(&endless, fence).await.unwrap());
    assert_eq!(store.claim(&endless).await.unwrap(), Claimed::Completed);
}

#[tokio::test]
async fn fences_and_attempts_go_on_from_what_is_stored() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let store = connect(&redis).await;
    let claim = event("from the future");
    // As left by a Redis whose clock was ahead by centuries.
    let record = "\"F 9000000000000000 4294967294 0 \"";
    let set = redis.command(&format!("SET hooklatch:e:{} {record}", claim.event));
    assert_eq!(set, "+OK\r\n");
    for attempt in [u32::MAX, u32::MAX] {
        let claimed = store.claim(&claim).await.unwrap();
        let Claimed::New {
            fence, attempt: a, ..
        } = claimed
        else {
            panic!("{claimed:?}");
        };
        assert_eq!(a, attempt);
        assert!(fence > Fence::new(9_000_000_000_000_000));
        assert!(store.release(&claim, fence).await.unwrap());
    }
}

#[tokio::test]
async fn forgetting_a_run_whose_lease_is_over_leaves_content_that_another_event_took() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let store = connect(&redis).await;
    let lapsed = with(both("lapsed", "taken"), |claim| {
        claim.lease = Duration::from_millis(100);
    });
    start(&store, &lapsed).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    start(&store, &both("taker", "taken")).await;
    assert!(store.forget(lapsed.event).await.unwrap());
    let third = store.claim(&both("third", "taken")).await.unwrap();
    assert_eq!(third, Claimed::Replay { completed: false });
}

/// As when the event was evicted and its content was not.
#[tokio::test]
async fn content_remembers_its_event() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let store = connect(&redis).await;
    let claim = with(both("evicted", "evicted"), |claim| {
        claim.lease = Duration::from_millis(400);
    });
    let evict = || redis.command(&format!("DEL hooklatch:e:{}", claim.event));
    start(&store, &claim).await;
    assert_eq!(evict(), ":1\r\n");
    assert_eq!(store.claim(&claim).await.unwrap(), Claimed::Running);
    tokio::time::sleep(claim.lease).await;
    let fence = start(&store, &claim).await;
    assert!(store.complete(&claim, fence).await.unwrap());
    assert_eq!(evict(), ":1\r\n");
    assert_eq!(store.claim(&claim).await.unwrap(), Claimed::Completed);
}

#[tokio::test]
async fn a_key_of_somebody_else_is_an_error_and_can_be_forgotten() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let store = connect(&redis).await;
    let claim = both("foreign", "foreign");
    let event = format!("hooklatch:e:{}", claim.event);
    let content = format!("hooklatch:c:{}", claim.content.unwrap());
    for key in [&event, &content] {
        assert_eq!(redis.command(&format!("SET {key} 1")), "+OK\r\n");
        let error = store.claim(&claim).await.unwrap_err();
        assert!(!error.is_full());
        if *key == event {
            assert!(store.renew(&claim, Fence::new(1)).await.is_err());
            assert!(store.forget(claim.event).await.unwrap());
        }
    }
    assert_eq!(redis.command(&format!("EXISTS {event}")), ":0\r\n");
}

async fn connect(redis: &Redis) -> RedisStore {
    RedisStore::connect(&redis.url()).await.unwrap()
}

async fn start(store: &RedisStore, claim: &Claim) -> Fence {
    match store.claim(claim).await.unwrap() {
        Claimed::New { fence, .. } => fence,
        other => panic!("{other:?}"),
    }
}

fn event(name: &str) -> Claim {
    Claim::new(Key::event("redis", None, name.as_bytes()))
}

fn both(name: &str, content: &str) -> Claim {
    let content = Key::content("redis", None, content.as_bytes());
    with(event(name), |claim| claim.content = Some(content))
}

fn with(mut claim: Claim, change: impl FnOnce(&mut Claim)) -> Claim {
    change(&mut claim);
    claim
}

//! How Redis is set up: what is refused, what is told, and that no password is.

use std::{error::Error, time::Duration};

use hooklatch::store::{Claims, RedisConnectError, RedisDurability, RedisEviction, RedisStore};

use crate::{event, servers::Redis, start};

#[tokio::test]
async fn a_redis_that_evicts_is_refused_unless_that_is_accepted() {
    for policy in ["allkeys-lru", "volatile-ttl", "volatile-lru"] {
        let Some(redis) = Redis::launch(&[("maxmemory-policy", policy)]) else {
            return;
        };
        let refused = RedisStore::connect(&redis.url()).await.unwrap_err();
        assert!(
            matches!(refused, RedisConnectError::Config(_)),
            "{refused:?}"
        );
        assert!(refused.to_string().contains(policy), "{refused}");
        let store = RedisStore::options().accept_eviction();
        let store = store.connect(&redis.url()).await.unwrap();
        let found = &store.guarantees().eviction;
        assert_eq!(*found, RedisEviction::Policy(policy.to_owned()));
        assert!(!store.guarantees().are_sound());
    }
}

#[tokio::test]
async fn a_redis_says_what_a_crash_loses() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    for (log, sync, save, expected, sound) in [
        ("yes", "always", "", RedisDurability::EveryWrite, true),
        ("yes", "everysec", "", RedisDurability::EverySecond, true),
        ("yes", "no", "60 1", RedisDurability::SystemDecides, false),
        ("no", "always", "60 1", RedisDurability::Snapshots, false),
        ("no", "always", "", RedisDurability::Nothing, false),
    ] {
        for (name, value) in [("appendonly", log), ("appendfsync", sync), ("save", save)] {
            let set = redis.command(&format!("CONFIG SET {name} \"{value}\""));
            assert_eq!(set, "+OK\r\n");
        }
        let store = RedisStore::connect(&redis.url()).await.unwrap();
        let guarantees = store.guarantees();
        assert_eq!(guarantees.durability, expected);
        assert_eq!(guarantees.eviction, RedisEviction::Never);
        assert_eq!(guarantees.replicas, Some(0));
        assert_eq!(guarantees.are_sound(), sound);
        let said = guarantees.to_string();
        assert!(said.contains(&expected.to_string()), "{said}");
    }
}

#[tokio::test]
async fn a_redis_with_a_replica_says_what_a_failover_loses() {
    let (Some(redis), Some(replica)) = (Redis::launch(&[]), Redis::launch(&[])) else {
        return;
    };
    let follow = replica.command(&format!("REPLICAOF 127.0.0.1 {}", redis.port()));
    assert_eq!(follow, "+OK\r\n");
    let start = std::time::Instant::now();
    while !redis
        .command("INFO replication")
        .contains("connected_slaves:1")
    {
        assert!(start.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let store = RedisStore::connect(&redis.url()).await.unwrap();
    assert_eq!(store.guarantees().replicas, Some(1));
    let said = store.guarantees().to_string();
    assert!(said.contains("a failover"), "{said}");
}

#[tokio::test]
async fn a_cluster_is_refused() {
    let Some(redis) = Redis::launch(&[("cluster-enabled", "yes")]) else {
        return;
    };
    let refused = RedisStore::connect(&redis.url()).await.unwrap_err();
    assert!(
        matches!(refused, RedisConnectError::Config(_)),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("cluster"), "{refused}");
}

/// As managed ones are: `CONFIG` is forbidden, and perhaps `INFO`. The rights are those that the documentation names.
#[tokio::test]
async fn a_redis_that_does_not_tell_is_used_and_said_to_be_unknown() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let needed = "~hooklatch:* +@connection +eval +evalsha +get +set +del +time";
    for (name, more) in [
        ("open", "+info +config|get"),
        ("managed", "+info"),
        ("closed", ""),
    ] {
        let user = format!("ACL SETUSER {name} on >hush-hush resetkeys -@all {needed} {more}");
        assert_eq!(redis.command(&user), "+OK\r\n");
        let url = redis.url().replace("://", &format!("://{name}:hush-hush@"));
        let store = RedisStore::connect(&url).await.unwrap();
        let claim = event(name);
        let fence = start(&store, &claim).await;
        assert!(store.complete(&claim, fence).await.unwrap());
        assert!(store.forget(claim.event).await.unwrap());
        let found = store.guarantees();
        let known = (found.durability, found.eviction.clone(), found.replicas);
        let expected = match name {
            "open" => (RedisDurability::Nothing, RedisEviction::Never, Some(0)),
            // Whether there are snapshots is a setting that `INFO` does not tell.
            "managed" => (RedisDurability::Unknown, RedisEviction::Never, Some(0)),
            _ => (RedisDurability::Unknown, RedisEviction::Unknown, None),
        };
        assert_eq!(known, expected);
        assert!(!found.are_sound());
        let said = found.to_string();
        assert_eq!(said.contains("unknown"), name != "open", "{said}");
    }
    assert_eq!(redis.command("CONFIG SET appendonly yes"), "+OK\r\n");
    let url = redis.url().replace("://", "://managed:hush-hush@");
    let store = RedisStore::connect(&url).await.unwrap();
    assert_eq!(store.guarantees().durability, RedisDurability::Logged);
}

#[tokio::test]
async fn a_user_who_may_not_run_scripts_is_told_so_at_once() {
    let Some(redis) = Redis::launch(&[]) else {
        return;
    };
    let user =
        "ACL SETUSER weak on >hush-hush resetkeys ~other:* -@all +@connection +eval +evalsha +get";
    assert_eq!(redis.command(user), "+OK\r\n");
    let url = redis.url().replace("://", "://weak:hush-hush@");
    let refused = RedisStore::connect(&url).await.unwrap_err();
    assert!(
        matches!(refused, RedisConnectError::Unavailable(_)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn no_password_is_told() {
    let Some(redis) = Redis::launch(&[("requirepass", "hush-hush")]) else {
        return;
    };
    let store = RedisStore::connect(&redis.url()).await.unwrap();
    let told = format!("{store:?} {:#?} {:?}", store, store.guarantees());
    assert!(told.contains("127.0.0.1"), "{told}");
    assert!(!told.contains("hush"), "{told}");

    let nobody = redis.url().replace(":hush-hush@", "");
    let (host, port) = ("127.0.0.1", redis.port());
    for url in [
        nobody,
        format!("redis://:hush-wrong@{host}:{port}/"),
        format!("redis://someone:hush-wrong@{host}:{port}/"),
        format!("redis://:hush-hush@{host}:1/"),
        format!("redis://:hush-hush@{host}:{port}/hush-db"),
        format!("redis://:hush-hush@{host}:{port}:hush/"),
        format!("rediss://:hush-hush@{host}:{port}/"),
        format!("http://:hush-hush@{host}:{port}/"),
        "redis://:hush-hush@".to_owned(),
        "hush".to_owned(),
    ] {
        let options = RedisStore::options().timeout(Duration::from_secs(1));
        let refused = options.connect(&url).await.expect_err(&url);
        let told = format!("{refused} {refused:?} {:?}", refused.source());
        assert!(!told.contains("hush"), "{url}: {told}");
    }
}

#[tokio::test]
async fn a_timeout_of_zero_is_refused() {
    let refused = RedisStore::options().timeout(Duration::ZERO);
    let refused = refused.connect("redis://127.0.0.1/").await.unwrap_err();
    assert!(matches!(refused, RedisConnectError::Config(_)));
}

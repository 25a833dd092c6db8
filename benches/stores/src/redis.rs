//! Claims in Redis: the store beside its client.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use futures_util::future::join_all;
use hooklatch::{
    Key,
    store::{Claim, Claimed, Claims, RedisStore},
};
use redis::{Script, aio::MultiplexedConnection, cmd};
use tokio::runtime::Runtime;

use crate::{
    rounds::{Contestant, compare},
    servers::Redis,
};

/// Each claim on an event of its own, from 64 tasks over one connection.
pub fn all() {
    let Some(server) = Redis::launch(&[]) else {
        return;
    };
    for threads in [1, 2] {
        for content in [false, true] {
            let title = if content {
                "a claim of an event and its content"
            } else {
                "a claim of an event"
            };
            claims(&server, title, threads, content);
        }
    }
}

fn claims(server: &Redis, title: &str, threads: usize, content: bool) {
    // Connections belong to the runtime that made them, and that is made later.
    let (bare, store) = (Cell::new(None), Cell::new(None));
    let script = Arc::new(Script::new(include_str!(
        "../../../src/store/redis/scripts/claim.lua"
    )));
    let least = Arc::new(Script::new(
        "return redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1])",
    ));
    let connection = |runtime: &Runtime| {
        let made = bare
            .take()
            .unwrap_or_else(|| runtime.block_on(connect(server)));
        bare.set(Some(made.clone()));
        made
    };
    let by_script = |runtime: &Runtime, script: &Arc<Script>, all: bool| {
        let connection = connection(runtime);
        let tasks = keys(content).map(|keys| {
            let (script, mut connection) = (Arc::clone(script), connection.clone());
            runtime.spawn(async move {
                for (event, content) in keys {
                    let mut call = script.key(format!("hooklatch:e:{event}"));
                    if let Some(content) = content.filter(|_| all) {
                        call.key(format!("hooklatch:c:{content}"));
                    }
                    call.arg(if all { 30_000_000 } else { 30_000 });
                    if all {
                        call.arg(86_430_000).arg("-");
                    }
                    let _: redis::Value = call.invoke_async(&mut connection).await.unwrap();
                }
            })
        });
        let done = runtime.block_on(join_all(tasks));
        assert!(done.iter().all(Result::is_ok));
        flush(runtime, connection);
    };
    let by_store = |runtime: &Runtime| {
        let made: RedisStore = store.take().unwrap_or_else(|| {
            runtime
                .block_on(RedisStore::connect(&server.url()))
                .unwrap()
        });
        store.set(Some(made.clone()));
        let tasks = keys(content).map(|keys| {
            let store = made.clone();
            runtime.spawn(async move {
                for (event, content) in keys {
                    let mut claim = Claim::new(event);
                    claim.content = content;
                    let claimed = store.claim(&claim).await.unwrap();
                    assert!(matches!(claimed, Claimed::New { .. }));
                }
            })
        });
        let done = runtime.block_on(join_all(tasks));
        assert!(done.iter().all(Result::is_ok));
        flush(runtime, connection(runtime));
    };
    compare(
        title,
        threads,
        TASKS * EACH,
        &[
            Contestant {
                name: "bare client, the same script",
                run: Box::new(|runtime| by_script(runtime, &script, true)),
            },
            Contestant {
                name: "RedisStore",
                run: Box::new(by_store),
            },
            Contestant {
                name: "bare client, a script of one SET NX PX",
                run: Box::new(|runtime| by_script(runtime, &least, false)),
            },
        ],
    );
}

async fn connect(server: &Redis) -> MultiplexedConnection {
    let client = redis::Client::open(server.url()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

/// What the next one claims must not be slower for what the last one left.
fn flush(runtime: &Runtime, mut connection: MultiplexedConnection) {
    let flushed = runtime.block_on(cmd("FLUSHALL").query_async::<()>(&mut connection));
    flushed.unwrap();
}

/// For each task the keys that it claims, none of them claimed before.
fn keys(content: bool) -> impl Iterator<Item = Vec<(Key, Option<Key>)>> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    (0..TASKS).map(move |_| {
        let key = |number: u64| {
            let number = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
            Key::from_bytes(number.to_be_bytes())
        };
        let numbers = (0..EACH).map(|_| NEXT.fetch_add(2, Ordering::Relaxed));
        numbers
            .map(|number| (key(number), content.then(|| key(number + 1))))
            .collect()
    })
}

const TASKS: usize = 64;
const EACH: usize = 300;

//! Claims in Redis, shared by two processes, and what happens while it is away.

use std::{collections::BTreeSet, time::Duration};

use super::{
    admin::{get, metric},
    senders::printing,
    servers::Redis,
    service::{Folder, Service, send},
};

const PASSWORD: &str = "a-password-of-the-redis-of-this-test";

/// A process with its claims in this Redis, whose URL it has from the environment.
fn claiming(redis: &Redis) -> Service {
    let config = printing(&["stripe"], "redis").replace("\"redis\"", "{ env = \"REDIS_URL\" }");
    Folder::new(&config).serve_with(&[], &[("REDIS_URL", &redis.url())])
}

#[test]
fn an_event_is_handled_once_by_two_processes() {
    let Some(redis) = Redis::launch(&[("requirepass", PASSWORD)]) else {
        return;
    };
    let [first, second] = [(); 2].map(|()| claiming(&redis));
    let event = ["--event", "invoice.paid", "--id", "evt_same"];
    for service in [&first, &first, &second] {
        service.send("stripe", "stripe", &event);
    }
    assert_eq!((first.out.json().len(), second.out.json().len()), (1, 0));
    for service in [&first, &second] {
        let duplicates = "hooklatch_skipped_total{receiver=\"stripe\",reason=\"duplicate\"}";
        assert_eq!(metric(service, duplicates), Some(1.0));
    }

    let many = [
        &event[..2],
        &["--id", "evt", "-n", "20", "--duplicates", "50"],
    ]
    .concat();
    std::thread::scope(|scope| {
        let other = scope.spawn(|| second.send("stripe", "stripe", &many));
        first.send("stripe", "stripe", &many);
        other.join().unwrap();
    });
    // Their senders waited for them: all is printed.
    let printed = [first.out.json(), second.out.json()].concat();
    let ids: BTreeSet<_> = printed
        .iter()
        .map(|line| line["id"].as_str().unwrap())
        .collect();
    assert_eq!((printed.len(), ids.len()), (11, 11), "{printed:?}");
    for service in [first, second] {
        let (status, out, log) = service.stop();
        assert!(status.success());
        let said = [out, log].concat().join("\n");
        assert!(!said.contains(PASSWORD), "{said}");
    }
}

#[test]
fn without_redis_nothing_is_taken_and_it_is_not_ready_until_redis_is_back() {
    let Some(mut redis) = Redis::launch(&[("requirepass", PASSWORD)]) else {
        return;
    };
    let service = claiming(&redis);
    let ready = format!("{}/readyz", service.admin());
    let becomes = |status: u16| {
        service.until(&format!("readiness is {status}"), |_| {
            let answer = get(&ready, None);
            (answer.0 == status).then_some(answer.1)
        })
    };
    service.send("stripe", "stripe", &["--event", "invoice.paid"]);
    becomes(200);

    redis.stop();
    let answer = becomes(503);
    assert!(
        answer.contains("the store of `stripe` cannot be reached") && !answer.contains(PASSWORD),
        "{answer}"
    );
    let (url, secret) = (service.hook("stripe"), service.folder.path("secret"));
    let event = ["--event", "invoice.paid", "--id", "evt_later"];
    let refused = send("stripe", &url, &secret, &event);
    assert_eq!(refused["statuses"]["503"], 1, "{refused}");
    assert_eq!(service.out.json().len(), 1);

    redis.start();
    becomes(200);
    service.send("stripe", "stripe", &event);
    assert_eq!(service.printed(2)[1]["id"], "evt_later");

    // One that hangs is as bad as none, and asking it does not hang.
    redis.pause();
    let began = std::time::Instant::now();
    becomes(503);
    assert!(began.elapsed() < Duration::from_secs(10));
    redis.resume();
    becomes(200);
    let (_, out, log) = service.stop();
    assert!(![out, log].concat().join("\n").contains(PASSWORD));
}

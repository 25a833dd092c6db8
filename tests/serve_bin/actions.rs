//! What is done with events: forwarded to an upstream, given to a program.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use super::{
    admin::metric,
    senders::printing,
    service::{Folder, OTHER_SECRET, SECRET, Service},
    upstream::{Mood, Upstream},
};

/// A source of Stripe with this action, which is tried again soon.
fn acting(action: &str) -> String {
    printing(&["stripe"], "sqlite:hooks.db").replace(
        "print = true",
        &format!("retries = {{ attempts = 40, first = \"20ms\", longest = \"100ms\" }}\n{action}"),
    )
}

fn forward(url: &str) -> String {
    format!("[sources.forward]\nurl = \"{url}\"\nsecret = {{ file = \"other\" }}\ntimeout = \"1s\"")
}

fn forwarding(url: &str) -> Service {
    Folder::new(&acting(&forward(url))).serve()
}

/// Waits until nothing is pending and so many are dead.
fn settled(service: &Service, dead: f64) {
    service.until("everything is settled", |service| {
        let pending = metric(service, "hooklatch_inbox_pending{")?;
        let buried = metric(service, "hooklatch_inbox_dead{")?;
        (pending == 0.0 && buried == dead).then_some(())
    });
}

#[test]
fn a_flaky_upstream_gets_every_event_signed() {
    let upstream = Upstream::start(Mood::Flaky);
    let service = forwarding(&upstream.url());
    let payload = r#"{"id":"in_1","amount_paid":1999}"#;
    let event = [
        "--event",
        "invoice.paid",
        "--payload",
        payload,
        "-n",
        "60",
        "-c",
        "4",
    ];
    service.send("stripe", "stripe", &event);
    let ids = |upstream: &Upstream| {
        let taken = upstream.taken();
        let ids = taken.iter().map(|taken| {
            let event: serde_json::Value = serde_json::from_slice(&taken.body).unwrap();
            event["id"].as_str().unwrap().to_owned()
        });
        ids.collect::<BTreeSet<_>>()
    };
    service.until("all arrived", |_| {
        (ids(&upstream).len() == 60).then_some(())
    });
    settled(&service, 0.0);
    // Half of the tries failed, and more for what came too late.
    assert!(upstream.asked() >= 110, "{}", upstream.asked());
    let reasons = service.log.json();
    let reason = |text: &str| {
        reasons.iter().any(|line| {
            line["reason"]
                .as_str()
                .is_some_and(|reason| reason.contains(text))
        })
    };
    assert!(
        reason("answered 503") && reason("did not answer in time") && reason("cannot be reached")
    );
}

#[test]
fn an_upstream_is_told_the_facts_and_the_body_as_it_came() {
    let upstream = Upstream::start(Mood::Takes);
    let service = forwarding(&upstream.url());
    let body = "{ \"id\": \"evt_é 1\",\n \"type\": \"invoice.paid\", \"data\": {\"object\": {}} }";
    service.send("stripe", "stripe", &["--body", body]);
    service.until("it arrived", |_| {
        (!upstream.taken().is_empty()).then_some(())
    });
    assert_eq!(upstream.taken()[0].body, body);
    let head = &upstream.heads()[0];
    let header = |name: &str| head[name].to_str().unwrap();
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("hooklatch-event-id"), "evt_%C3%A9%201");
    assert_eq!(header("hooklatch-event-type"), "invoice.paid");
    assert_eq!(header("hooklatch-provider"), "stripe");
    assert_eq!(header("hooklatch-receiver"), "stripe");
    assert_eq!(header("hooklatch-attempt"), "1");
    assert_eq!(header("webhook-id").len(), 32);
    assert!(header("webhook-signature").starts_with("v1,"));
    assert!(!head.contains_key("stripe-signature"), "{head:?}");
}

#[test]
fn what_an_upstream_will_never_take_is_dead_at_once() {
    for status in [400, 410, 422] {
        let upstream = Upstream::start(Mood::Answers(status));
        let service = forwarding(&upstream.url());
        service.send("stripe", "stripe", &["--event", "invoice.paid"]);
        service.until("it is dead", |service| {
            service.log.said("a delivery is dead")
        });
        settled(&service, 1.0);
        assert_eq!(upstream.asked(), 1, "{status}");
    }
}

#[test]
fn what_an_upstream_may_take_later_is_tried_again() {
    for status in [302, 401, 404, 429] {
        let upstream = Upstream::start(Mood::Answers(status));
        let service = forwarding(&upstream.url());
        service.send("stripe", "stripe", &["--event", "invoice.paid"]);
        service.until("it was tried again", |_| {
            (upstream.asked() > 2).then_some(())
        });
        let heads = upstream.heads();
        assert_eq!(heads[0]["webhook-id"], heads[1]["webhook-id"]);
        assert_eq!(heads[1]["hooklatch-attempt"], "2", "{status}");
    }
}

#[test]
fn an_upstream_that_is_busy_is_left_alone_for_as_long_as_it_says() {
    let upstream = Upstream::start(Mood::Busy(503, "2"));
    let folder = Folder::new(&acting(&forward(&upstream.url())).replace("100ms", "1h"));
    let service = folder.serve();
    let began = Instant::now();
    service.send("stripe", "stripe", &["--event", "invoice.paid"]);
    service.until("it arrived", |_| {
        (!upstream.taken().is_empty()).then_some(())
    });
    assert!(began.elapsed() >= Duration::from_secs(2));
    assert_eq!(upstream.asked(), 2);
    let line = service.log.said("the action failed").unwrap();
    assert_eq!(line["reason"], "the upstream answered 503");

    // No longer than the longest pause of the source.
    let never = "Fri, 31 Dec 9999 23:59:59 GMT";
    let upstream = Upstream::start(Mood::Busy(429, never));
    let service = forwarding(&upstream.url());
    service.send("stripe", "stripe", &["--event", "invoice.paid"]);
    service.until("it arrived", |_| {
        (!upstream.taken().is_empty()).then_some(())
    });
}

#[test]
fn an_upstream_that_is_not_there_yet_gets_it_later() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    drop(listener);
    let service = forwarding(&format!("http://{addr}/events"));
    service.send("stripe", "stripe", &["--event", "invoice.paid", "-n", "5"]);
    service.says_again("the action failed", 5);
    let upstream = Upstream::on(std::net::TcpListener::bind(addr).unwrap(), Mood::Takes);
    service.until("all arrived", |_| {
        (upstream.taken().len() == 5).then_some(())
    });
}

/// A source whose program is this script.
fn running(script: &str, more: &str, variables: &[(&str, &str)]) -> Service {
    let action = format!(
        "[sources.command]\nprogram = \"./act\"\narguments = [\"$HOME\", \"two words\"]\n{more}"
    );
    let folder =
        Folder::new(&acting(&action).replace("{ file = \"secret\" }", "{ env = \"HOOK_SECRET\" }"));
    folder.write("act", &format!("#!/bin/sh\n{script}\n"));
    let place = folder.path("").to_str().unwrap().to_owned();
    let given = [
        ("HOOK_SECRET", SECRET),
        ("PLACE", &place),
        ("HOOKLATCH_TENANT", "not of this event"),
    ];
    folder.serve_with(&[], &[&given, variables].concat())
}

#[test]
fn a_program_gets_the_body_and_the_facts_and_no_secret() {
    let service = running(
        "cat > $PLACE/body; env > $PLACE/env; printf '%s|' \"$@\" > $PLACE/arguments; echo said >&2; echo unheard; mv $PLACE/env $PLACE/done",
        "",
        &[],
    );
    let body = r#"{"id":"evt_1","type":"invoice.paid","data":{"object":{}}}"#;
    service.send("stripe", "stripe", &["--body", body]);
    service.until("it ran", |service| {
        service.folder.path("done").exists().then_some(())
    });
    assert_eq!(service.folder.read("body"), body);
    assert_eq!(service.folder.read("arguments"), "$HOME|two words|");
    let env = service.folder.read("done");
    for fact in [
        "HOOKLATCH_EVENT_ID=evt_1",
        "HOOKLATCH_EVENT_TYPE=invoice.paid",
        "HOOKLATCH_PROVIDER=stripe",
        "HOOKLATCH_RECEIVER=stripe",
        "HOOKLATCH_ATTEMPT=1",
        "HOOKLATCH_CONTENT_TYPE=application/json",
    ] {
        assert!(env.lines().any(|line| line == fact), "{fact}: {env}");
    }
    for hidden in ["HOOK_SECRET", SECRET, OTHER_SECRET, "HOOKLATCH_TENANT"] {
        assert!(!env.contains(hidden), "{env}");
    }
    settled(&service, 0.0);
    let line = service.log.said("the program says").unwrap();
    assert_eq!(
        (&line["line"], &line["source"]),
        (&"said".into(), &"stripe".into())
    );
    assert!(service.out.all().is_empty(), "{:?}", service.out.all());
}

#[test]
fn a_program_says_by_its_status_what_becomes_of_the_event() {
    let service = running("echo . >> $PLACE/runs; exit 65", "", &[]);
    service.send("stripe", "stripe", &["--event", "invoice.paid"]);
    service.until("it is dead", |service| {
        service.log.said("a delivery is dead")
    });
    assert_eq!(service.folder.read("runs"), ".\n");

    // It fails twice, then it is done; and it reads nothing of a body that fills its pipe.
    let service = running("echo . >> $PLACE/runs; [ $HOOKLATCH_ATTEMPT = 3 ]", "", &[]);
    let payload = format!("{{\"text\":\"{}\"}}", "long ".repeat(100_000));
    service.folder.write("payload", &payload);
    let file = format!("@{}", service.folder.path("payload").display());
    service.send(
        "stripe",
        "stripe",
        &["--event", "invoice.paid", "--payload", &file],
    );
    service.until("it ran three times", |service| {
        (service.folder.read("runs") == ".\n.\n.\n").then_some(())
    });
    settled(&service, 0.0);
    assert_eq!(service.folder.read("runs"), ".\n.\n.\n");
}

#[test]
fn a_program_that_takes_too_long_is_killed_with_what_it_began() {
    let service = running(
        "[ $HOOKLATCH_ATTEMPT = 1 ] || exit 0; (sleep 3; echo alive > $PLACE/child) & sleep 30",
        "timeout = \"300ms\"",
        &[],
    );
    let began = Instant::now();
    service.send("stripe", "stripe", &["--event", "invoice.paid"]);
    service.says_again("the action failed", 1);
    settled(&service, 0.0);
    assert!(began.elapsed() < Duration::from_secs(20));
    std::thread::sleep(Duration::from_secs(4).saturating_sub(began.elapsed()));
    assert_eq!(service.folder.read("child"), "", "the child outlived it");
}

#[test]
fn a_closed_standard_output_ends_it_in_order() {
    let folder = Folder::new(&printing(&["stripe"], "sqlite:hooks.db"));
    let mut command = std::process::Command::new("sh");
    let binary = env!("CARGO_BIN_EXE_hooklatch");
    let config = folder.path("hooklatch.toml");
    // The reader goes after one line.
    let line = format!(
        "{{ {binary} serve --log json --config {}; echo ended with $? >&2; }} | head -n 1",
        config.display()
    );
    command.args(["-c", &line]);
    let service = Service::start(command, folder);
    let url = service.hook("stripe");
    let secret = service.folder.path("secret");
    service.until("it ends", |service| {
        // Each is answered, or nobody is there any more.
        super::service::send("stripe", &url, &secret, &["--event", "invoice.paid"]);
        let ended = |line: &String| line == "ended with 1";
        service.log.all().iter().any(ended).then_some(())
    });
    assert_eq!(service.out.all().len(), 1);
}

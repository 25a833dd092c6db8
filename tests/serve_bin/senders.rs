//! Requests of several senders, as `hooklatch send` makes them.

use std::collections::BTreeSet;

use super::service::{Folder, Service, send};

const SENDERS: [&str; 4] = ["stripe", "github", "standard-webhooks", "slack"];

/// A source for each of these senders, which prints.
pub(crate) fn printing(senders: &[&str], store: &str) -> String {
    let head = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[admin]\nlisten = \"127.0.0.1:0\"\n[store]\nurl = \"{store}\"\n"
    );
    let source = |sender: &&str| {
        format!(
            "[[sources]]\nname = \"{sender}\"\npath = \"/webhooks/{sender}\"\nprovider = \"{sender}\"\n\
             secret = {{ file = \"secret\" }}\nprint = true\n"
        )
    };
    let sources: String = senders.iter().map(source).collect();
    head + &sources
}

fn ids(service: &Service, count: usize) -> BTreeSet<String> {
    let lines = service.printed(count);
    assert_eq!(lines.len(), count, "{lines:?}");
    let ids = lines
        .iter()
        .map(|line| line["id"].as_str().unwrap().to_owned());
    ids.collect()
}

#[test]
fn events_of_four_senders_are_printed_once_and_forgeries_are_not() {
    for store in ["sqlite:hooks.db", "memory"] {
        let service = Folder::new(&printing(&SENDERS, store)).serve();
        for sender in SENDERS {
            // GitHub signs no id: its twenty events would be replays of the same bytes.
            let (count, duplicates) = if sender == "github" {
                ("1", "0")
            } else {
                ("20", "50")
            };
            let load = ["-n", count, "--duplicates", duplicates, "-c", "4"];
            service.send(
                sender,
                sender,
                &[&["--event", "user.created"], &load[..]].concat(),
            );
            for forgery in ["flip-bit", "wrong-key", "unsigned"] {
                service.send(sender, sender, &["-n", "3", "--mutate", forgery]);
            }
        }
        assert_eq!(ids(&service, 31).len(), 31);
        let line = &service.out.json()[0];
        assert_eq!(line["attempt"], 1);
        assert!(
            SENDERS.contains(&line["source"].as_str().unwrap()),
            "{line}"
        );
        assert!(line["type"].as_str().unwrap().contains("user"), "{line}");
        let (status, out, _) = service.stop();
        assert!(status.success() && out.len() == 31, "{out:?}");
    }
}

#[test]
fn what_was_accepted_is_done_after_a_kill() {
    // Nothing can be forwarded, so everything stays to be done.
    let config = printing(&["stripe"], "sqlite:hooks.db").replace(
        "print = true",
        "retries = { attempts = 30, first = \"50ms\", longest = \"1s\" }\n[sources.forward]\nurl = \"http://127.0.0.1:9/\"",
    );
    let mut service = Folder::new(&config).serve();
    service.send("stripe", "stripe", &["-n", "25", "--event", "invoice.paid"]);
    service.signal("KILL");
    service.ended();
    assert!(service.out.all().is_empty());

    let folder = std::mem::replace(&mut service.folder, Folder::new(""));
    drop(service);
    folder.write("hooklatch.toml", &printing(&["stripe"], "sqlite:hooks.db"));
    let service = folder.serve();
    assert_eq!(ids(&service, 25).len(), 25);
}

#[test]
fn a_source_is_at_its_path_and_nothing_elsewhere() {
    let service = Folder::new(&printing(&["stripe"], "memory")).serve();
    let secret = service.folder.path("secret");
    let elsewhere = send("stripe", &service.hook("github"), &secret, &[]);
    assert_eq!(elsewhere["statuses"]["404"], 1, "{elsewhere}");
    let oddly = send("github", &service.hook("stripe"), &secret, &[]);
    assert_eq!(oddly["statuses"]["401"], 1, "{oddly}");
}

#[test]
fn events_that_differ_in_nothing_signed_are_replays_and_the_sender_is_told_why() {
    let service = Folder::new(&printing(&["github", "stripe"], "memory")).serve();
    let send = |sender: &str, more: &[&str]| {
        let secret = service.folder.path("secret");
        send(sender, &service.hook(sender), &secret, more)
    };
    let push = ["--event", "push", "-n", "5"];
    let replays = send("github", &push);
    assert_eq!(
        replays["statuses"],
        serde_json::json!({"200": 1, "409": 4}),
        "{replays}"
    );
    let hint = replays["hint"].as_str().unwrap();
    assert!(hint.contains("does not sign the event id"), "{hint}");
    // Where the id is signed, each is an event.
    let events = send("stripe", &push);
    assert!(events["wrong"] == 0 && events["hint"].is_null(), "{events}");
}

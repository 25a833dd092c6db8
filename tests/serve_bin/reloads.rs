//! A changed configuration is taken over while requests come in.

use std::{
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::Value;

use super::{
    senders::printing,
    service::{Folder, Service, hooklatch, send},
};

const READ: &str = "the configuration was read again";
const BOTH: &str = "[{ file = \"other\" }, { file = \"secret\" }]";

/// Begins to send for a while, with this secret.
fn load(service: &Service, secret: &str, count: &str, rate: &str) -> std::process::Child {
    let mut command: Command = hooklatch();
    command
        .args([
            "send",
            "stripe",
            &service.hook("stripe"),
            "--json",
            "--event",
            "invoice.paid",
        ])
        .args(["-n", count, "-c", "8", "--rate", rate, "--secret-file"])
        .arg(service.folder.path(secret))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn summary(load: std::process::Child) -> Value {
    let output = load.wait_with_output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_secret_is_rolled_under_load_without_a_failed_request() {
    for store in ["sqlite:hooks.db", "memory"] {
        let before = printing(&["stripe"], store);
        let service = Folder::new(&before).serve();
        let old = load(&service, "secret", "1200", "400");
        thread::sleep(Duration::from_millis(300));
        let both = before.replace("{ file = \"secret\" }", BOTH);
        service.folder.write("hooklatch.toml", &both);
        for times in 1..=4 {
            service.signal("HUP");
            service.says_again(READ, times);
            thread::sleep(Duration::from_millis(100));
        }
        let new = load(&service, "other", "400", "400");
        for load in [old, new] {
            let summary = summary(load);
            assert_eq!(summary["wrong"], 0, "{store}: {summary}");
        }
        assert_eq!(service.printed(1600).len(), 1600);
        // Without the old secret its sender is refused.
        service.folder.write(
            "hooklatch.toml",
            &before.replace("\"secret\" }", "\"other\" }"),
        );
        service.signal("HUP");
        service.says_again(READ, 5);
        let refused = send(
            "stripe",
            &service.hook("stripe"),
            &service.folder.path("secret"),
            &[],
        );
        assert_eq!(refused["statuses"]["401"], 1, "{refused}");
    }
}

#[test]
fn what_was_handled_is_remembered_over_a_reload() {
    let service = Folder::new(&printing(&["stripe"], "memory")).serve();
    let event = ["--event", "invoice.paid", "--id", "evt_once"];
    service.send("stripe", "stripe", &event);
    service.signal("HUP");
    service.says_again(READ, 1);
    service.send("stripe", "stripe", &event);
    service.send(
        "stripe",
        "stripe",
        &["--event", "invoice.paid", "--id", "evt_after"],
    );
    let printed = service.printed(2);
    assert_eq!(printed.len(), 2, "{printed:?}");
}

#[test]
fn a_changed_file_is_noticed_and_a_new_source_appears() {
    let service = Folder::new(&printing(&["stripe"], "memory")).serve();
    let secret = service.folder.path("secret");
    let github = || {
        send(
            "github",
            &service.hook("github"),
            &secret,
            &["--event", "push"],
        )
    };
    assert_eq!(github()["statuses"]["404"], 1);
    service
        .folder
        .write("hooklatch.toml", &printing(&["stripe", "github"], "memory"));
    service.says_again(READ, 1);
    assert_eq!(github()["statuses"]["200"], 1);
    // A secret file counts as well.
    service
        .folder
        .write("secret", &service.folder.read("other"));
    service.says_again(READ, 2);
    service.send("stripe", "stripe", &["--event", "invoice.paid"]);
}

#[test]
fn a_fault_changes_nothing_and_is_told_with_its_place() {
    let good = printing(&["stripe"], "memory");
    let service = Folder::new(&good).serve();
    for (bad, told) in [
        (
            good.replace("provider = \"stripe\"", "provider = \"stripes\""),
            "stripes",
        ),
        (
            good.replace("\"secret\"", "\"no-such-file\""),
            "cannot be read",
        ),
        (format!("{good}\nthis is no TOML"), "expected"),
    ] {
        service.folder.write("hooklatch.toml", &bad);
        let fault = service.until("the fault is told", |service| {
            let lines = service.log.json();
            let fault = lines.iter().rev().find(|line| line["level"] == "ERROR")?;
            fault.to_string().contains(told).then(|| fault.clone())
        });
        assert_eq!(fault["message"], "the configuration stays as it is");
        assert!(fault["line"].as_u64() > Some(0), "{fault}");
        let expected = fault["expected"].as_str().unwrap();
        assert!(!expected.starts_with("expected"), "{fault}");
        assert!(
            fault["file"].as_str().unwrap().ends_with("hooklatch.toml"),
            "{fault}"
        );
        service.send("stripe", "stripe", &["--event", "invoice.paid"]);
    }
    assert!(service.log.said(READ).is_none());
}

#[test]
fn what_needs_a_restart_is_said() {
    let service = Folder::new(&printing(&["stripe"], "memory")).serve();
    let moved = printing(&["stripe"], "sqlite:hooks.db").replace(
        "listen = \"127.0.0.1:0\"\n[admin]",
        "listen = \"127.0.0.1:1\"\n[admin]",
    );
    service.folder.write("hooklatch.toml", &moved);
    service.says_again("changed, which counts after a restart", 2);
    let lines = service.log.json();
    let what: Vec<_> = lines
        .iter()
        .filter_map(|line| line["what"].as_str())
        .collect();
    assert_eq!(what, ["the address", "the store"]);
    service.send("stripe", "stripe", &["--event", "invoice.paid"]);
    assert!(!service.folder.path("hooks.db").exists());
}

/// Whoever opens a pipe waits until somebody writes to it.
#[test]
fn a_secret_that_became_a_pipe_changes_nothing_and_stops_nobody() {
    let service = Folder::new(&printing(&["stripe"], "memory")).serve();
    let kept = service.folder.path("kept");
    std::fs::copy(service.folder.path("secret"), &kept).unwrap();
    std::fs::remove_file(service.folder.path("secret")).unwrap();
    let made = Command::new("mkfifo")
        .arg(service.folder.path("secret"))
        .status();
    assert!(made.unwrap().success());
    service.says_again("the configuration stays as it is", 1);
    let sent = send(
        "stripe",
        &service.hook("stripe"),
        &kept,
        &["--event", "invoice.paid"],
    );
    assert_eq!(sent["statuses"]["200"], 1, "{sent}");
    std::fs::remove_file(service.folder.path("secret")).unwrap();
    std::fs::copy(&kept, service.folder.path("secret")).unwrap();
    service.says_again(READ, 1);
}

/// Reading it may take long, or never end: nothing else waits for it.
#[test]
fn a_configuration_that_cannot_be_read_to_its_end_keeps_nobody_from_ending() {
    let mut service = Folder::new(&printing(&["stripe"], "memory")).serve();
    std::fs::remove_file(service.folder.path("hooklatch.toml")).unwrap();
    let made = Command::new("mkfifo")
        .arg(service.folder.path("hooklatch.toml"))
        .status();
    assert!(made.unwrap().success());
    service.signal("HUP");
    thread::sleep(Duration::from_millis(300));
    service.send("stripe", "stripe", &["--event", "invoice.paid"]);
    service.signal("TERM");
    assert!(service.ended().success());
}

//! The command line: what it prints and how it ends.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "cli/authority.rs"]
mod authority;
#[path = "cli/chunks.rs"]
mod chunks;
#[path = "cli/config.rs"]
mod config;
#[path = "cli/deliveries.rs"]
mod deliveries;
#[path = "cli/pages.rs"]
mod pages;
#[path = "cli/place.rs"]
mod place;
#[path = "cli/purge.rs"]
mod purge;
#[path = "cli/requests.rs"]
mod requests;
#[path = "cli/round.rs"]
mod round;
#[path = "cli/send.rs"]
mod send;
#[path = "cli/sources.rs"]
mod sources;
#[path = "cli/unseen.rs"]
mod unseen;

use std::process::{Command, Output};

fn hooklatch(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hooklatch"))
        .args(arguments)
        .env("HOOK_SECRET", SECRET)
        .env("OTHER_SECRET", OTHER_SECRET)
        .env_remove("HOOKLATCH_STORE")
        .output()
        .unwrap()
}

/// What a command printed and how it ended; no secret is in either.
fn told(arguments: &[&str]) -> (String, String, Option<i32>) {
    let output = hooklatch(arguments);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    for secret in [SECRET, OTHER_SECRET] {
        assert!(!out.contains(secret) && !err.contains(secret), "{out}{err}");
    }
    (out, err, output.status.code())
}

const SECRET: &str = "whsec_5HkzNq7hLJ3xUPVZ";
const OTHER_SECRET: &str = "whsec_KXXs1TLJnq2oPmVC";

fn vectors(name: &str) -> String {
    format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A file of its own, gone with the test.
fn written(name: &str, text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

#[test]
fn files_and_folders_are_judged_and_counted() {
    let output = hooklatch(&["vectors", &vectors("slack.json"), &vectors("stripe.json")]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().last(), Some("19 passed, 0 failed, 0 skipped"));
    assert!(text.starts_with("policy stripe-06: refused, since "));
    assert_eq!(output.status.code(), Some(0));
    let folder = hooklatch(&["vectors", &vectors("")]);
    assert_eq!(folder.status.code(), Some(0));
}

#[test]
fn a_case_that_goes_wrong_is_named_and_ends_with_1() {
    let slack = std::fs::read_to_string(vectors("slack.json")).unwrap();
    let (_folder, path) = written("slack.json", &slack.replace("v0=", "v0=0"));
    let output = hooklatch(&["vectors", &path]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("FAILED slack-"), "{text}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_sender_that_is_not_known_is_skipped_and_named() {
    let slack = std::fs::read_to_string(vectors("slack.json")).unwrap();
    let (_folder, path) = written("x.json", &slack.replace("\"slack\"", "\"nobody\""));
    let output = hooklatch(&["vectors", &path]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("skipped 5 of nobody"), "{text}");
    assert!(text.ends_with("0 passed, 0 failed, 5 skipped\n"), "{text}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn what_cannot_be_read_ends_with_2() {
    let (_folder, path) = written("x.json", "{");
    for path in [&*path, "no/such/file.json", &*vectors("../flow")] {
        let output = hooklatch(&["vectors", path]);
        assert_eq!(output.status.code(), Some(2), "{path}");
        assert!(output.stdout.is_empty());
        assert!(
            String::from_utf8(output.stderr)
                .unwrap()
                .starts_with("hooklatch: ")
        );
    }
    assert_eq!(hooklatch(&["vectors"]).status.code(), Some(2));
}

#[test]
fn help_and_version_are_there() {
    for command in [
        "sign",
        "send",
        "verify",
        "explain",
        "serve",
        "deliveries",
        "providers",
        "init",
        "check",
        "vectors",
    ] {
        let (help, _, code) = told(&[command, "--help"]);
        assert!(help.contains("Exit status") && code == Some(0), "{help}");
    }
    let (help, _, _) = told(&["--help"]);
    assert!(help.contains("Exit status"), "{help}");
    let (help, _, _) = told(&["verify", "--help"]);
    assert!(help.contains("shell's history"), "{help}");
    let version = String::from_utf8(hooklatch(&["--version"]).stdout).unwrap();
    assert_eq!(
        version.trim(),
        concat!("hooklatch ", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn completions_and_manual_pages_know_all_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (script, _, code) = told(&["completions", shell]);
        let known = ["sign", "send", "verify", "explain", "providers", "vectors"];
        assert!(
            known.iter().all(|command| script.contains(command)),
            "{shell}"
        );
        assert_eq!(code, Some(0));
    }
    let (page, _, code) = told(&["man"]);
    assert!(
        page.contains(".TH hooklatch") && page.contains("\"EXIT STATUS\""),
        "{page}"
    );
    assert_eq!(code, Some(0));
    let (page, _, _) = told(&["man", "explain"]);
    assert!(page.contains("received\\-at"), "{page}");
    assert_eq!(told(&["man", "nothing"]).2, Some(2));
    assert_eq!(told(&["completions", "nothing"]).2, Some(2));
}

#[test]
fn providers_are_told_as_a_table_a_card_and_json() {
    let (table, _, code) = told(&["providers"]);
    assert_eq!(table.lines().count(), hooklatch::provider::ALL.len() + 1);
    assert_eq!(code, Some(0));
    let (card, _, _) = told(&["providers", "stripe"]);
    assert!(
        card.contains("HMAC-SHA-256 in the header stripe-signature"),
        "{card}"
    );
    assert!(
        card.contains("the whole body") && card.contains("5 min either way"),
        "{card}"
    );
    // A moment that is the event's may be as old as its last retry.
    let (card, _, _) = told(&["providers", "sendgrid"]);
    assert!(
        card.contains("of the event: up to 1 d 5 min old, or 5 min early"),
        "{card}"
    );
    let (json, _, _) = told(&["providers", "--json", "sendgrid"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json[0]["window"],
        serde_json::json!({ "past": 86_400 + 300, "future": 300 })
    );
    // A part of a name lists all that have it.
    let (some, _, _) = told(&["providers", "GitHub"]);
    let (one, _, _) = told(&["providers", "github"]);
    assert!(one.starts_with("github\n") && !some.is_empty());
    let (json, _, _) = told(&["providers", "--json", "slack"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["covers"], "whole");
    let scheme: hooklatch::Scheme = serde_json::from_value(json[0]["scheme"].clone()).unwrap();
    assert_eq!(scheme, hooklatch::provider::SLACK);
    let (_, fault, code) = told(&["providers", "nobody"]);
    assert!(fault.contains("no sender \"nobody\""), "{fault}");
    assert_eq!(code, Some(2));
}

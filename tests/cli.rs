//! The command line: what it prints and how it ends.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, Output};

fn hooklatch(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hooklatch"))
        .args(arguments)
        .output()
        .unwrap()
}

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
    let help = String::from_utf8(hooklatch(&["vectors", "--help"]).stdout).unwrap();
    assert!(help.contains("Exit status"), "{help}");
    let version = String::from_utf8(hooklatch(&["--version"]).stdout).unwrap();
    assert_eq!(
        version.trim(),
        concat!("hooklatch ", env!("CARGO_PKG_VERSION"))
    );
}

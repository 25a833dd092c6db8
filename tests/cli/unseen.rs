//! No message repeats what may be a secret.

use std::process::Command;

use super::{SECRET, told, written};

const MARK: &str = "SECRETMARK";

/// What is said of these arguments, without the mark in it, and how it ended.
fn said(arguments: &[&str]) -> (String, Option<i32>) {
    let (out, fault, code) = told(arguments);
    let said = format!("{out}{fault}");
    assert!(!said.contains(MARK), "{arguments:?}: {said}");
    (said, code)
}

#[test]
fn a_secret_that_begins_with_a_hyphen_is_a_secret() {
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{MARK}\n-----END PRIVATE KEY-----\n");
    let url = "http://127.0.0.1:1/";
    let (text, code) = said(&["send", "discord", url, "--secret", &pem]);
    assert!(text.contains("key --secret: ") && code == Some(2), "{text}");
    let hyphens = "--SECRETMARK-of-32-bytes-in-all-01";
    let (text, code) = said(&[
        "sign", "github", "--secret", hyphens, "-d", "-x", "--at", "-5",
    ]);
    assert!(
        text.contains("x-hub-signature-256: ") && code == Some(0),
        "{text}"
    );
}

#[test]
fn what_stands_where_nothing_is_expected_is_not_repeated() {
    for arguments in [
        &["sign", "github", "whsec_SECRETMARK"][..],
        &["sign", "github", "--whsec_SECRETMARK"],
        &["sign", "github", "-----BEGIN PRIVATE KEY-----\nSECRETMARK"],
        &["sign", "whsec_SECRETMARK"],
        &["sign", "meta", "--param", "verify_tokn=SECRETMARK"],
        &["sign", "meta", "--param", "SECRETMARK"],
        &["sign", "meta", "-H", "authorization Bearer SECRETMARK"],
        &["sign", "meta", "--key-name", "a SECRETMARK"],
        &["sign", "github", "--secret-env", "whsec_lowerSECRETMARK"],
        &["sign", "github", "--secret-file", "whsec_lowerSECRETMARK"],
        &[
            "sign",
            "meta",
            "--secret",
            SECRET,
            "--param-env",
            "verify_token=SECRETMARK",
        ],
        &["explain", "github", "--endpoint", "SECRETMARK", "-d", "x"],
        &[
            "explain",
            "github",
            "--endpoint",
            "a=github:whsec_SECRETMARK",
            "-d",
            "x",
        ],
        &["whsec_SECRETMARK"],
        &["deliveries", "list", "--store", "sqlite://u:SECRETMARK@x"],
    ] {
        assert_eq!(said(arguments).1, Some(2), "{arguments:?}");
    }
    // What is none is.
    assert!(said(&["sign", "github", "--odd"]).0.contains("'--odd'"));
    assert!(said(&["sign", "githib"]).0.contains("'githib'"));
    let missing = said(&["sign", "github", "--secret-env", "NO_SUCH"]).0;
    assert!(missing.contains("NO_SUCH is not set"), "{missing}");
}

#[test]
fn a_secret_parameter_comes_from_the_environment() {
    let sign = |parameter: &[&str]| {
        let url = "public_url=https://example.com/";
        let mut command = Command::new(env!("CARGO_BIN_EXE_hooklatch"));
        command.args(["sign", "square", "--secret", SECRET, "-d", "{}"]);
        command
            .args(parameter)
            .env("PUBLIC_URL", &url["public_url=".len()..]);
        command.output().unwrap()
    };
    let given = sign(&["--param", "public_url=https://example.com/"]);
    let named = sign(&["--param-env", "public_url=PUBLIC_URL"]);
    assert!(given.status.success() && named.status.success());
    assert_eq!(given.stdout, named.stdout);
    assert_ne!(given.stdout, sign(&[]).stdout);
}

#[test]
fn a_fault_of_a_secret_names_the_secret() {
    let (_folder, empty) = written("secret", "");
    for (arguments, reason) in [
        (&["sign", "github", "--secret", ""][..], "key --secret "),
        (&["sign", "github", "--secret-file", &empty], &*empty),
        (&["sign", "postmark", "--secret", SECRET], "key --secret "),
        (
            &["sign", "svix", "--secret-env", "HOOK_SECRET"],
            "key HOOK_SECRET ",
        ),
        (
            &["sign", "github", "--at", "soon"],
            "as 2026-03-01T12:00:00Z",
        ),
    ] {
        let (text, code) = said(arguments);
        assert!(text.contains(reason), "{arguments:?}: {text}");
        assert_eq!(code, Some(2));
    }
}

#[test]
fn a_short_secret_is_refused_unless_it_is_allowed() {
    let verify = ["verify", "github", "-d", "x"];
    let url = "http://127.0.0.1:1/";
    for command in [&["sign", "github"][..], &["send", "github", url], &verify] {
        let all = [command, &["--secret", MARK]].concat();
        let (text, code) = said(&all);
        assert!(
            text.contains("allowed with --allow-short-secrets"),
            "{text}"
        );
        assert_eq!(code, Some(2));
        let (text, code) = said(&[&all[..], &["--allow-short-secrets"]].concat());
        // Nobody listens there.
        let is_unsent = text.starts_with("nothing sent");
        assert_eq!(code == Some(2), is_unsent, "{text}");
        assert!(!text.contains("16 bytes"), "{text}");
    }
}

//! `sign`, `verify` and `explain`: what one writes the others read.

use std::process::Command;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PKCS_RSA_SHA256};
use serde_json::Value;

use super::{SECRET, hooklatch, told, written};

const BODY: &str = r#"{"id":"evt_1","type":"invoice.paid","note":"it's"}"#;

/// A request that was signed just now, as a raw HTTP request.
fn signed(sender: &str) -> String {
    let (raw, fault, code) = told(&[
        "sign",
        sender,
        "--secret-env",
        "HOOK_SECRET",
        "-d",
        BODY,
        "--format",
        "http",
    ]);
    assert_eq!(code, Some(0), "{sender}: {fault}");
    raw
}

#[test]
fn what_is_signed_verifies_for_senders_of_all_kinds() {
    for sender in [
        "github", "shopify", "slack", "stripe", "zoom", "square", "trello", "linear", "intercom",
    ] {
        let (_folder, path) = written("request", &signed(sender));
        let keys = [
            "--secret-env",
            "HOOK_SECRET",
            "--param",
            "public_url=http://localhost:3000/",
        ];
        let arguments = [&["verify", sender, "--request", &path][..], &keys].concat();
        let (text, fault, code) = told(&arguments);
        assert!(
            text.starts_with("verified by the key \"HOOK_SECRET\""),
            "{sender}: {text}{fault}"
        );
        assert_eq!(code, Some(0));
        let (text, _, code) = told(&[&["explain"], &arguments[1..]].concat());
        assert!(text.contains("The signature matches"), "{sender}: {text}");
        assert_eq!(code, Some(0));
    }
}

#[test]
fn what_was_changed_is_refused_and_explained() {
    let spaced = signed("stripe").replace("\":\"", "\": \"");
    let (_folder, path) = written("request", &spaced);
    let request = ["stripe", "--secret-env", "HOOK_SECRET", "--request", &path];
    let (text, _, code) = told(&[&["verify"][..], &request].concat());
    assert!(text.starts_with("refused: signature_mismatch"), "{text}");
    assert_eq!(code, Some(1));
    let (text, _, code) = told(&[&["explain"][..], &request].concat());
    assert!(text.contains("\nbody_reserialised: "), "{text}");
    assert_eq!(code, Some(1));

    let (json, _, code) = told(&[&["explain", "--json"][..], &request].concat());
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["mistakes"][0]["mistake"], "body_reserialised");
    assert_eq!((json["verifies"].as_bool(), code), (Some(false), Some(1)));

    let (_folder, path) = written("request", &spaced.replace("it's", "it is"));
    let (text, _, code) = told(&[
        "explain",
        "stripe",
        "--secret-env",
        "HOOK_SECRET",
        "--request",
        &path,
    ]);
    assert!(text.contains("None of the usual mistakes fits"), "{text}");
    assert_eq!(code, Some(3));
}

#[test]
fn a_swapped_secret_is_found_among_other_endpoints() {
    let (_folder, path) = written("request", &signed("stripe"));
    let request = [
        "explain",
        "stripe",
        "--secret-env",
        "OTHER_SECRET",
        "--request",
        &path,
    ];
    let other = ["--endpoint", "billing=stripe:HOOK_SECRET"];
    let (text, _, code) = told(&[&request[..], &other].concat());
    assert!(
        text.contains("swapped_secret: ") && text.contains("billing"),
        "{text}"
    );
    assert_eq!(code, Some(1));
    let (_, fault, code) =
        told(&[&request[..], &["--endpoint", "billing=stripe:NO_SUCH"]].concat());
    assert!(fault.contains("NO_SUCH is not set"), "{fault}");
    assert_eq!(code, Some(2));
}

#[test]
fn a_dump_of_curl_and_flags_are_read() {
    let (headers, _, _) = told(&["sign", "stripe", "--secret-env", "HOOK_SECRET", "-d", BODY]);
    let signature = headers
        .lines()
        .find(|line| line.starts_with("stripe-signature"))
        .unwrap();
    let dump = format!(
        "*   Trying 127.0.0.1:3000...\n> POST /hooks HTTP/1.1\n> Host: localhost\n> {signature}\n> \n{{ [9 bytes data]\n< HTTP/1.1 401 Unauthorized\n< \n"
    );
    let (_folder, path) = written("dump", &dump);
    let keys = ["verify", "stripe", "--secret-env", "HOOK_SECRET"];
    let (text, _, code) = told(&[&keys[..], &["--request", &path, "--body", BODY]].concat());
    assert_eq!(code, Some(0), "{text}");
    let (text, _, code) = told(&[&keys[..], &["--header", signature, "--body", BODY]].concat());
    assert_eq!(code, Some(0), "{text}");
    let (_folder, body) = written("body", BODY);
    let body = format!("@{body}");
    let (text, _, code) = told(&[&keys[..], &["-H", signature, "-d", &body]].concat());
    assert_eq!(code, Some(0), "{text}");
    let (_, fault, code) = told(&[&keys[..], &["--request", &path]].concat());
    assert!(fault.contains("there is no body"), "{fault}");
    assert_eq!(code, Some(2));
}

#[test]
fn a_moment_of_receipt_makes_an_old_request_fresh() {
    let sign = [
        "sign",
        "stripe",
        "--secret-env",
        "HOOK_SECRET",
        "-d",
        BODY,
        "--format",
        "http",
    ];
    let (raw, _, _) = told(&[&sign[..], &["--at", "2026-01-02T03:04:05Z"]].concat());
    assert!(raw.contains("t=1767323045,"), "{raw}");
    let (_folder, path) = written("request", &raw);
    let request = ["stripe", "--secret-env", "HOOK_SECRET", "--request", &path];
    let (text, _, code) = told(&[&["verify"][..], &request].concat());
    assert!(
        text.starts_with("refused: stale") && code == Some(1),
        "{text}"
    );
    let (text, _, code) = told(&[&["explain"][..], &request].concat());
    assert!(text.contains("\nclock: ") && code == Some(1), "{text}");
    let (text, _, code) =
        told(&[&["verify", "--received-at", "1767323046"][..], &request].concat());
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn secrets_come_from_files_too() {
    let (_folder, secret) = written("secret", &format!("{SECRET}\n"));
    let (_other, path) = written("request", &signed("stripe"));
    let (text, _, code) = told(&[
        "verify",
        "stripe",
        "--secret-file",
        &secret,
        "--request",
        &path,
    ]);
    assert_eq!(code, Some(0), "{text}");
    // Two line breaks are one too many, and that is explained.
    let (_folder, secret) = written("secret", &format!("{SECRET}\n\n"));
    let (text, _, code) = told(&[
        "explain",
        "stripe",
        "--secret-file",
        &secret,
        "--request",
        &path,
    ]);
    assert!(
        text.contains("secret_whitespace") && code == Some(1),
        "{text}"
    );
}

#[test]
fn a_curl_line_is_one_for_the_shell() {
    let (line, _, _) = told(&[
        "sign",
        "stripe",
        "--secret-env",
        "HOOK_SECRET",
        "-d",
        BODY,
        "--format",
        "curl",
    ]);
    let script = format!("curl() {{ printf '%s\\n' \"$@\"; }}\n{line}");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let words = String::from_utf8(output.stdout).unwrap();
    let words: Vec<_> = words.lines().collect();
    assert_eq!(words[..3], ["-X", "POST", "http://localhost:3000/"]);
    assert_eq!(words.last(), Some(&BODY));
    assert!(
        words
            .iter()
            .any(|word| word.starts_with("stripe-signature: t="))
    );
}

#[test]
fn a_request_as_json_holds_what_was_signed() {
    let event = [
        "--event",
        "invoice.paid",
        "--payload",
        r#"{"id":"in_1"}"#,
        "--id",
        "evt_7",
    ];
    let keys = [
        "sign",
        "stripe",
        "--secret-env",
        "HOOK_SECRET",
        "--format",
        "json",
    ];
    let (json, _, _) = told(&[&keys[..], &event].concat());
    let json: Value = serde_json::from_str(&json).unwrap();
    let body: Value = serde_json::from_str(json["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["id"], "evt_7");
    assert_eq!(body["data"]["object"]["id"], "in_1");
    assert!(json["headers"]["stripe-signature"].is_string());
}

#[test]
fn a_scheme_of_ones_own_is_read_from_a_file() {
    let scheme = r#"{"name":"acme","signature":{"header":"x-acme"}}"#;
    let (_folder, path) = written("acme.json", scheme);
    let (headers, fault, code) = told(&["sign", &path, "--secret-env", "HOOK_SECRET"]);
    assert!(headers.contains("x-acme: "), "{headers}{fault}");
    assert_eq!(code, Some(0));
}

#[test]
fn a_preset_is_read_back_from_its_json() {
    let (json, _, _) = told(&["providers", "github", "--json"]);
    let all: Value = serde_json::from_str(&json).unwrap();
    let (_folder, path) = written("gh.json", &all[0]["scheme"].to_string());
    let (headers, fault, code) = told(&["sign", &path, "--secret-env", "HOOK_SECRET"]);
    assert!(headers.contains("x-hub-signature-256: "), "{fault}");
    assert_eq!(code, Some(0));
}

#[test]
fn a_private_key_signs_what_its_public_key_verifies() {
    for (sender, algorithm) in [
        ("standard-webhooks", &PKCS_ED25519),
        ("discord", &PKCS_ED25519),
        ("sendgrid", &PKCS_ECDSA_P256_SHA256),
        ("wise", &PKCS_RSA_SHA256),
    ] {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let pem = key.serialize_pem();
        let (_private, path) = written("private.pem", &pem);
        // As senders show it: most as PEM.
        let shown = match sender {
            "standard-webhooks" => format!("whpk_{}", STANDARD.encode(key.public_key_raw())),
            _ => key.public_key_pem(),
        };
        let (_public, public) = written("public", &shown);
        let sign = ["sign", sender, "-d", BODY, "--format", "http"];
        let of_file = told(&[&sign[..], &["--secret-file", &path]].concat());
        let mut of_variable = Command::new(env!("CARGO_BIN_EXE_hooklatch"));
        let of_variable = of_variable.args(sign).args(["--secret-env", "PRIVATE_KEY"]);
        let of_variable = of_variable.env("PRIVATE_KEY", &pem).output().unwrap();
        for raw in [of_file.0, String::from_utf8(of_variable.stdout).unwrap()] {
            let (_request, request) = written("request", &raw);
            let verify = ["verify", sender, "--request", &request, "--secret-file"];
            let (text, fault, code) = told(&[&verify[..], &[&public]].concat());
            assert_eq!(code, Some(0), "{sender}: {text}{fault}{}", of_file.1);
        }
    }
    // One of another kind signs nothing, nor does what only looks like a key; neither is repeated.
    let other = KeyPair::generate_for(&PKCS_ED25519)
        .unwrap()
        .serialize_pem();
    let cut = other.replace("-----END", "-----");
    for (pem, reason) in [(&other, "of a kind"), (&cut, "PEM")] {
        let (_folder, path) = written("private.pem", pem);
        let (out, fault, code) = told(&["sign", "sendgrid", "--secret-file", &path]);
        assert_eq!((&*out, code), ("", Some(2)), "{fault}");
        let secret = pem.lines().nth(1).unwrap();
        assert!(fault.contains(reason) && !fault.contains(secret), "{fault}");
    }
}

#[test]
fn what_cannot_be_used_ends_with_2_and_a_reason() {
    let (_folder, none) = written("request", "this is no request");
    let (_other, chunked) = written(
        "request",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n",
    );
    let keys = ["--secret-env", "HOOK_SECRET"];
    for (arguments, reason) in [
        (&["sign", "nobody"][..], "no such sender"),
        (&["sign", "sendgrid"], "private key"),
        (&["verify", "stripe", "--request", &none], "request line"),
        (&["verify", "stripe", "--request", &chunked], "chunks"),
        (&["verify", "stripe", "--request", "no/such"], "no/such"),
        (
            &["verify", "stripe", "--body", "x", "-H", "odd"],
            "Name: value",
        ),
        (
            &["verify", "stripe", "--body", "x", "--param", "odd=1"],
            "no parameter",
        ),
        (&["sign", "stripe", "--id", "a b"], "visible ASCII"),
        (&["sign", "mailgun", "-d", "[]"], "JSON object"),
        (&["send", "stripe", "ftp://localhost/"], "has to be like"),
    ] {
        let (out, fault, code) = told(&[arguments, &keys].concat());
        assert!(fault.contains(reason), "{arguments:?}: {fault}");
        assert_eq!((&*out, code), ("", Some(2)), "{arguments:?}");
    }
    let (_, fault, code) = told(&["sign", "stripe"]);
    assert!(fault.contains("--secret-env"), "{fault}");
    assert_eq!(code, Some(2));
}

#[test]
fn a_secret_on_the_command_line_is_never_repeated() {
    for arguments in [
        &["sign", "stripe", "--secret", SECRET, "--odd"][..],
        &["verify", "stripe", "--secret", SECRET, "--body", "x"],
        &["explain", "github", "--secret", SECRET, "--body", "x"],
    ] {
        told(arguments);
    }
    assert!(
        hooklatch(&["sign", "stripe", "--secret", SECRET])
            .status
            .success()
    );
}

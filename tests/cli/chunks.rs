//! Raw requests whose body is in chunks.

use super::{told, written};

const BODY: &str = r#"{"id":"evt_1","type":"invoice.paid"}"#;

#[test]
fn a_body_in_chunks_is_joined() {
    let keys = ["stripe", "--secret-env", "HOOK_SECRET"];
    let (raw, _, _) = told(&[&["sign"], &keys[..], &["-d", BODY, "--format", "http"]].concat());
    let (head, body) = raw.split_once("\r\n\r\n").unwrap();
    let head: Vec<_> = head
        .lines()
        .filter(|line| !line.to_lowercase().starts_with("content-length"))
        .collect();
    let (one, other) = body.split_at(3);
    let chunked = |end: &str| {
        format!(
            "{}\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=y\r\n{one}\r\n{:X}\r\n{other}\r\n{end}",
            head.join("\r\n"),
            other.len(),
        )
    };
    let judged = |command: &str, text: &str| {
        let (_folder, path) = written("request.http", text);
        told(&[&[command], &keys[..], &["--request", &path]].concat())
    };
    let (text, fault, code) = judged("verify", &chunked("0\r\nX-Sum: 1\r\n\r\n"));
    assert_eq!(code, Some(0), "{text}{fault}");
    for (end, reason) in [
        ("", "has no end"),
        ("zz\r\n", "does not begin with its size"),
        ("9\r\nabc", "shorter than its size"),
        ("0\r\n\r\nmore", "behind the end of the chunks"),
    ] {
        for command in ["verify", "explain"] {
            let (_, fault, code) = judged(command, &chunked(end));
            assert!(
                fault.contains(reason) && code == Some(2),
                "{end:?}: {fault}"
            );
        }
    }
    for (coding, reason) in [
        ("gzip, chunked", "the only transfer-encoding"),
        ("chunked\r\nContent-Length: 9", "more than once"),
        ("chunked\r\nTransfer-Encoding: chunked", "more than once"),
    ] {
        let text = chunked("0\r\n\r\n").replace("Chunked", coding);
        let (_, fault, code) = judged("verify", &text);
        assert!(
            fault.contains(reason) && code == Some(2),
            "{coding}: {fault}"
        );
    }
}

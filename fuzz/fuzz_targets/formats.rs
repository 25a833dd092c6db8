//! XML and multipart bodies are read within bounds, and what was written is what is read.
#![no_main]

use std::fmt::Write;

use arbitrary::Arbitrary;
use hooklatch::fuzzing::{read_parts, read_xml};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    document: &'a str,
    text: &'a str,
    content_type: &'a str,
    body: &'a [u8],
    parts: Vec<&'a [u8]>,
}

const PATHS: [&str; 4] = ["/a", "/a/id", "/a/b/@type", "/a/b"];

fuzz_target!(|input: Input<'_>| {
    let _ = read_xml(&PATHS, input.document);
    let _ = read_parts(input.content_type, input.body);
    xml_gives_back_what_was_written(input.text);
    parts_give_back_what_was_written(&input.parts);
});

fn xml_gives_back_what_was_written(text: &str) {
    // What XML has no way to write, and what it writes otherwise.
    let plain: String = text.chars().filter(|c| !c.is_control()).collect();
    let escaped = plain
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&#62;");
    let found = read_xml(
        &["/a/id"],
        &format!("<x:a><id>{escaped}</id><other/></x:a>"),
    );
    let expected = plain.trim_matches(|c: char| c.is_ascii_whitespace());
    assert_eq!(found.expect("a document")[0].as_deref(), Some(expected));
}

fn parts_give_back_what_was_written(parts: &[&[u8]]) {
    // No more are read.
    let parts = parts.get(..1_000).unwrap_or(parts);
    const BOUNDARY: &str = "boundary-of-a-length-no-part-has-by-chance";
    let mut body = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let mut head = format!("--{BOUNDARY}\r\n");
        let _ = write!(
            head,
            "Content-Disposition: form-data; name=\"{index}\"\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(part);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--").as_bytes());
    let read = read_parts(&format!("multipart/form-data; boundary={BOUNDARY}"), &body);
    let read: Vec<Vec<u8>> = read
        .expect("parts")
        .into_iter()
        .map(|(_, _, part)| part)
        .collect();
    assert_eq!(read, parts);
}

//! The one read of a body agrees with a full parse, and finds nothing where members repeat on the way.
#![no_main]

use hooklatch::fuzzing::read_envelope;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const POINTERS: [&str; 6] = ["", "/id", "/type", "/data/object", "/data", "/0/a~1b"];

fuzz_target!(|document: &str| {
    let read = read_envelope(&POINTERS, document);
    let parsed: Result<Value, _> = serde_json::from_str(document);
    match (read, parsed) {
        (Some(found), Ok(parsed)) => {
            for (pointer, found) in POINTERS.iter().zip(found) {
                // A full parse keeps the last of repeated members; those not on the way may repeat.
                let found: Option<Value> = found.and_then(|text| serde_json::from_str(&text).ok());
                assert_eq!(found.as_ref(), parsed.pointer(pointer), "at {pointer}");
            }
        }
        // A full parse refuses what is merely skipped here: numbers out of range, lone surrogates.
        (Some(_), Err(_)) | (None, Err(_)) => {}
        (None, Ok(_)) => assert!(repeats_or_deep(document), "refused a readable document"),
    }
});

/// Whether a document could be refused for a reason: a repeated member, or depth.
fn repeats_or_deep(document: &str) -> bool {
    let names = ["id", "type", "data", "object", "a/b"];
    let escaped = document.contains("\\u") || document.contains("\\/");
    let repeated = names.iter().any(|name| document.matches(name).count() > 1);
    escaped || repeated || document.matches(['[', '{']).count() > 128
}

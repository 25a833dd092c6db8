//! No request a stranger can make panics a verifier or verifies: header grammar, timestamps, ids, content, DER.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use hooklatch::{SchemeVerifier, Source, Unverified, Verifier, provider, testing::Sender};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Stranger<'a> {
    preset: u8,
    signature: &'a [u8],
    timestamp: &'a [u8],
    id: &'a [u8],
    form: bool,
    body: &'a [u8],
}

static VERIFIERS: LazyLock<Vec<SchemeVerifier>> = LazyLock::new(|| {
    let verifier = |scheme: &hooklatch::Scheme| {
        let keys = Sender::new(scheme.clone()).keyring();
        SchemeVerifier::new(scheme.clone(), keys).expect("the sender's own key")
    };
    provider::ALL.iter().map(verifier).collect()
});

fuzz_target!(|stranger: Stranger<'_>| {
    let verifier = &VERIFIERS[usize::from(stranger.preset) % VERIFIERS.len()];
    let mut request = http::Request::post("/hook?a=b");
    let scheme = verifier.scheme();
    let timestamp = scheme.timestamp.as_ref().map(|timestamp| &timestamp.source);
    for (source, value) in [
        (Some(&scheme.signature), stranger.signature),
        (timestamp, stranger.timestamp),
        (scheme.id.as_ref(), stranger.id),
    ] {
        for name in source.iter().flat_map(|source| headers(scheme, source)) {
            request = request.header(name, value);
        }
    }
    let kind = if stranger.form {
        "application/x-www-form-urlencoded"
    } else {
        "application/json"
    };
    // Bytes no header may hold never reach us.
    let Ok(request) = request.header("content-type", kind).body(()) else {
        return;
    };
    let (head, ()) = request.into_parts();
    let body = bytes::Bytes::copy_from_slice(stranger.body);
    let now = time::OffsetDateTime::from_unix_timestamp(1_800_000_000).expect("a moment");
    let _ = verifier.check_head(&head);
    assert!(
        verifier
            .verify(&Unverified::new(&head, &body, now))
            .is_err(),
        "a stranger's request verified"
    );
});

/// The headers that may hold a text, under every prefix.
fn headers(scheme: &hooklatch::Scheme, source: &Source) -> Vec<String> {
    let names = source.places().iter().filter_map(|place| match place {
        Source::Header(name) => Some(name),
        _ => None,
    });
    let prefixes = || scheme.header_prefixes.iter().map(|prefix| &**prefix);
    let bare = scheme.header_prefixes.is_empty().then_some("");
    names
        .flat_map(|name| {
            let prefixes = prefixes().chain(bare);
            prefixes.map(move |prefix| format!("{prefix}{name}"))
        })
        .collect()
}

//! No request a stranger can make panics a verifier or verifies: header grammar, timestamps, ids, content, DER.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use hooklatch::{SchemeVerifier, Unverified, Verifier, provider, testing::Sender};
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
    provider::all().iter().map(verifier).collect()
});

fuzz_target!(|stranger: Stranger<'_>| {
    let verifier = &VERIFIERS[usize::from(stranger.preset) % VERIFIERS.len()];
    let mut request = http::Request::post("/hook?a=b");
    for (names, value) in [
        (
            &[
                "stripe-signature",
                "x-hub-signature-256",
                "webhook-signature",
                "svix-signature",
                "x-slack-signature",
                "x-twilio-email-event-webhook-signature",
            ][..],
            stranger.signature,
        ),
        (
            &[
                "webhook-timestamp",
                "svix-timestamp",
                "x-slack-request-timestamp",
                "x-twilio-email-event-webhook-timestamp",
            ][..],
            stranger.timestamp,
        ),
        (
            &["webhook-id", "svix-id", "x-github-delivery"][..],
            stranger.id,
        ),
    ] {
        for name in names {
            request = request.header(*name, value);
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

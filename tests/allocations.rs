//! A genuine request is verified without a heap allocation. In a test binary of its own: the allocator is global.
#![allow(clippy::unwrap_used)]

use std::alloc::System;

use bytes::Bytes;
use hooklatch::{Keyring, Scheme, SchemeVerifier, Signable, Unverified, Verifier, provider};
use http::request::Parts;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use time::OffsetDateTime;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

// One test, so that no other thread allocates meanwhile.
#[test]
fn a_genuine_request_is_verified_without_an_allocation() {
    let now = OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap();
    let senders = [
        (provider::STRIPE, "whsec_5HkzNq7hLJ3xUPVZ"),
        (provider::GITHUB, "It's a Secret to Everybody"),
        (
            provider::STANDARD_WEBHOOKS,
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ),
        (provider::SLACK, "8f742231b10e8888abcd99yyyzzz85a5"),
    ];
    for (scheme, secret) in senders {
        let body = Bytes::from(vec![b'x'; 1024]);
        let head = signed(&scheme, secret, &body, now);
        let verifier = SchemeVerifier::new(scheme, Keyring::new(secret)).unwrap();
        let request = Unverified::new(&head, &body, now);
        // Once before: a header value made from text is moved to shared memory by its first clone. A server's values
        // are shared from the start.
        drop(verifier.verify(&request).unwrap());
        let region = Region::new(ALLOCATOR);
        verifier.check_head(&head).unwrap();
        let verified = verifier.verify(&request);
        let change = region.change();
        assert!(verified.is_ok());
        assert_eq!(
            (change.allocations, change.reallocations),
            (0, 0),
            "{}",
            verifier.scheme().name
        );
    }
}

fn signed(scheme: &Scheme, secret: &str, body: &[u8], now: OffsetDateTime) -> Parts {
    let message = Signable::new(body)
        .with_id("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W")
        .with_timestamp(now);
    let mut request = http::Request::post("/hook").body(()).unwrap();
    request
        .headers_mut()
        .extend(scheme.sign(&Keyring::new(secret), &message).unwrap());
    request.into_parts().0
}

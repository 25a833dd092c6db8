//! What is signed verifies, and with any bit of the body flipped it does not.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use hooklatch::{Keyring, SchemeVerifier, Signable, Unverified, Verifier, provider};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Message<'a> {
    preset: u8,
    id: &'a str,
    seconds: u32,
    flip: usize,
    body: &'a [u8],
}

static SIGNED: LazyLock<Vec<(hooklatch::Scheme, Keyring, SchemeVerifier)>> = LazyLock::new(|| {
    [
        provider::STRIPE,
        provider::GITHUB,
        provider::SLACK,
        provider::STANDARD_WEBHOOKS,
    ]
    .map(|scheme| {
        let keys = Keyring::new("0123456789abcdef0123456789abcdef");
        let verifier = SchemeVerifier::new(scheme.clone(), keys.clone()).expect("a good key");
        (scheme, keys, verifier)
    })
    .into()
});

fuzz_target!(|message: Message<'_>| {
    let (scheme, keys, verifier) = &SIGNED[usize::from(message.preset) % SIGNED.len()];
    let moment = time::OffsetDateTime::from_unix_timestamp(i64::from(message.seconds) + 1)
        .expect("a moment");
    let mut signable = Signable::new(message.body).with_timestamp(moment);
    if scheme.id.as_ref().is_some_and(|id| !id.is_in_body()) {
        signable = signable.with_id(message.id);
    }
    // An id no header can hold, or one that holds a delimiter, is refused by the signer too.
    let Ok(signed) = scheme.sign(keys, &signable) else {
        return;
    };
    let (mut head, ()) = http::Request::post("/")
        .body(())
        .expect("a request")
        .into_parts();
    head.headers.extend(signed);
    let verify = |body: &[u8]| {
        let body = bytes::Bytes::copy_from_slice(body);
        verifier
            .check_head(&head)
            .and_then(|()| verifier.verify(&Unverified::new(&head, &body, moment)))
    };
    let usable_id = (1..=256).contains(&message.id.len())
        || scheme.id.as_ref().is_none_or(|id| id.is_in_body());
    if usable_id && message.id.bytes().all(|byte| byte.is_ascii_graphic()) {
        verify(message.body).expect("what was signed verifies");
    }
    let mut flipped = message.body.to_vec();
    if let Some(byte) = flipped.get_mut(message.flip % message.body.len().max(1)) {
        *byte ^= 1 << (message.flip % 8);
        assert!(verify(&flipped).is_err(), "a flipped bit verified");
    }
});

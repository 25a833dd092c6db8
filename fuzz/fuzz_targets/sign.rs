//! What is signed verifies, and with any bit of the body flipped it does not.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use hooklatch::{
    Algorithm, Coverage, Keyring, Part, Scheme, SchemeVerifier, Signable, Unverified, Verifier,
    provider, testing::Sender,
};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Message<'a> {
    preset: u8,
    id: &'a str,
    seconds: u32,
    flip: usize,
    body: &'a [u8],
}

/// Every preset that signs with a secret. What is sorted and printed again has no one body.
static SIGNED: LazyLock<Vec<(Scheme, Keyring, SchemeVerifier)>> = LazyLock::new(|| {
    let made = |scheme: &Scheme| {
        let keys = Sender::new(scheme.clone()).keyring();
        let verifier = SchemeVerifier::new(scheme.clone(), keys.clone()).expect("a good key");
        (scheme.clone(), keys, verifier)
    };
    let secret = |scheme: &&Scheme| {
        let public = [Algorithm::EcdsaP256, Algorithm::Ed25519];
        !public.contains(&scheme.methods[0].algorithm)
            && !scheme.content.contains(&Part::SortedForm)
    };
    provider::ALL.iter().filter(secret).map(made).collect()
});

fuzz_target!(|message: Message<'_>| {
    let (scheme, keys, verifier) = &SIGNED[usize::from(message.preset) % SIGNED.len()];
    let moment = time::OffsetDateTime::from_unix_timestamp(i64::from(message.seconds) + 1)
        .expect("a moment");
    let signable = Signable::new(message.body)
        .with_timestamp(moment)
        .with_id(message.id);
    // An id no header can hold, or one that holds a delimiter, is refused by the signer too.
    let Ok(signed) = scheme.sign(keys, &signable) else {
        return;
    };
    let body = signed.body().map_or(message.body, |body| body).to_vec();
    let (mut head, ()) = http::Request::post(signed.url().cloned().unwrap_or_default())
        .header("content-type", "application/x-www-form-urlencoded")
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
    let reads_id =
        scheme.content.contains(&Part::Id) || scheme.id.as_ref().is_some_and(|id| !id.is_in_body());
    let is_id = (1..=256).contains(&message.id.len())
        && message.id.bytes().all(|byte| byte.is_ascii_graphic());
    if is_id || !reads_id {
        verify(&body).expect("what was signed verifies");
    }
    if scheme.coverage() != Coverage::Whole {
        return;
    }
    let mut flipped = body;
    let at = message.flip % flipped.len().max(1);
    if let Some(byte) = flipped.get_mut(at) {
        *byte ^= 1 << (message.flip % 8);
        assert!(verify(&flipped).is_err(), "a flipped bit verified");
    }
});

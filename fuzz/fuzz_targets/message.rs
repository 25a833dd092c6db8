//! Signatures over whole messages: no header a stranger can write panics or verifies, and what is signed verifies as it was
//! signed, whatever its URL, and in no other way.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use bytes::Bytes;
use hooklatch::{Keyring, Scheme, SchemeVerifier, Signable, Unverified, Verifier, provider};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    drafts: bool,
    /// Names and values, the names being picked from those that matter.
    headers: Vec<(u8, &'a [u8])>,
    url: &'a str,
    nonce: &'a str,
    seconds: u32,
    flip: usize,
    body: &'a [u8],
}

const NAMES: [HeaderName; 8] = [
    HeaderName::from_static("signature-input"),
    HeaderName::from_static("signature"),
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("digest"),
    http::header::DATE,
    http::header::HOST,
    HeaderName::from_static("x-other"),
    http::header::AUTHORIZATION,
];

/// Both presets, with a secret: a stranger has every chance but the key.
static SCHEMES: LazyLock<[(Scheme, Keyring, SchemeVerifier); 2]> = LazyLock::new(|| {
    let made = |scheme: Scheme| {
        let keys = Keyring::new("hmac-sha256:b2YgdGhpcnR5LXR3byBieXRlcyBhdCB0aGUgbGVhc3Q=");
        let verifier = SchemeVerifier::new(scheme.clone(), keys.clone()).expect("a good key");
        (scheme, keys, verifier)
    };
    [
        made(provider::HTTP_MESSAGE_SIGNATURES),
        made(provider::DRAFT_CAVAGE),
    ]
});

fuzz_target!(|input: Input<'_>| {
    let (scheme, keys, verifier) = &SCHEMES[usize::from(input.drafts)];
    let mut headers = HeaderMap::new();
    for (name, value) in input.headers.iter().take(64) {
        // Bytes no header may hold never reach us.
        let Ok(value) = HeaderValue::from_bytes(value) else {
            return;
        };
        headers.append(&NAMES[usize::from(*name) % NAMES.len()], value);
    }
    let url: Uri = input.url.parse().unwrap_or_default();
    let moment =
        time::OffsetDateTime::from_unix_timestamp(i64::from(input.seconds) + 1).expect("a moment");
    let verify = |url: &Uri, headers: &HeaderMap, body: &[u8]| {
        let mut request = http::Request::post(url.clone())
            .body(())
            .expect("a request");
        request.headers_mut().clone_from(headers);
        let (head, ()) = request.into_parts();
        let body = Bytes::copy_from_slice(body);
        verifier.check_head(&head)?;
        verifier.verify(&Unverified::new(&head, &body, moment))
    };
    assert!(
        verify(&url, &headers, input.body).is_err(),
        "a stranger's request verified"
    );

    headers.remove("signature");
    headers.remove("signature-input");
    headers.remove(http::header::HOST);
    let message = Signable::new(input.body)
        .with_url(&url)
        .with_headers(&headers)
        .with_timestamp(moment)
        .with_id(input.nonce);
    // A nonce that no header holds, or a URL that is none, is refused by the signer too.
    let Ok(signed) = scheme.sign(keys, &message) else {
        return;
    };
    for (name, value) in signed {
        headers.insert(name, value);
    }
    let is_id = (1..=256).contains(&input.nonce.len())
        && input.nonce.bytes().all(|byte| byte.is_ascii_graphic());
    if is_id || input.drafts {
        verify(&url, &headers, input.body).expect("what was signed verifies");
    }
    let mut flipped = input.body.to_vec();
    let at = input.flip % flipped.len().max(1);
    match flipped.get_mut(at) {
        Some(byte) => *byte ^= 1 << (input.flip % 8),
        None => flipped.push(0),
    }
    assert!(
        verify(&url, &headers, &flipped).is_err(),
        "a flipped bit verified"
    );
    let text = headers["signature"].as_bytes().to_vec();
    let at = input.flip % text.len();
    let mut other = text.clone();
    other[at] ^= 1 << (input.flip % 7);
    // A label and a parameter's name are not signed, so that only bytes of the signature itself have to matter.
    let start = text
        .windows(2)
        .rposition(|pair| pair == b"=:" || pair == b"=\"")
        .expect("a signature")
        + 2;
    if at >= start
        && let Ok(other) = HeaderValue::from_bytes(&other)
    {
        headers.insert("signature", other);
        assert!(
            verify(&url, &headers, input.body).is_err(),
            "another signature verified"
        );
    }
});

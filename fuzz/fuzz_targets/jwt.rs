//! No token that a stranger can make panics a verifier or verifies: its text, its header, its claims, its signature.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hooklatch::{Proof, SchemeVerifier, Source, Unverified, Verifier, provider, testing::Sender};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Stranger<'a> {
    preset: u8,
    text: Text<'a>,
    body: &'a [u8],
}

#[derive(Arbitrary, Debug)]
enum Text<'a> {
    Raw(&'a str),
    /// A header of the right form with more members, claims, and a signature.
    Token(&'a str, &'a str, &'a [u8]),
    /// The same without a payload.
    Detached(&'a str, &'a [u8]),
}

static VERIFIERS: LazyLock<Vec<SchemeVerifier>> = LazyLock::new(|| {
    let tokens = provider::ALL
        .iter()
        .filter(|scheme| matches!(scheme.proof, Proof::Jws(_)));
    let verifier = |scheme: &hooklatch::Scheme| {
        let keys = Sender::new(scheme.clone()).keyring();
        SchemeVerifier::new(scheme.clone(), keys).expect("the sender's own key")
    };
    tokens.map(verifier).collect()
});

fuzz_target!(|stranger: Stranger<'_>| {
    let verifier = &VERIFIERS[usize::from(stranger.preset) % VERIFIERS.len()];
    let scheme = verifier.scheme();
    let header = |members: &str| {
        let names = ["HS256", "RS256", "ES256", "PS256", "ES512"];
        let alg = names[stranger.body.len() % names.len()];
        URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{alg}","kid":"current"{members}}}"#))
    };
    let tag = scheme.methods.first().map_or("", |method| &*method.tag);
    let token = match stranger.text {
        Text::Raw(text) => text.to_owned(),
        Text::Token(members, claims, signature) => format!(
            "{tag}{}.{}.{}",
            header(members),
            URL_SAFE_NO_PAD.encode(claims),
            URL_SAFE_NO_PAD.encode(signature)
        ),
        Text::Detached(members, signature) => format!(
            "{tag}{}..{}",
            header(members),
            URL_SAFE_NO_PAD.encode(signature)
        ),
    };
    let mut request = http::Request::post("/hook?a=b");
    let mut body = stranger.body.to_vec();
    match &scheme.signature {
        Source::Header(name) => request = request.header(&**name, &token),
        Source::Json(pointer) => {
            let member = pointer.trim_start_matches('/');
            body = serde_json::json!({member: token}).to_string().into_bytes();
        }
        _ => body = token.into_bytes(),
    }
    // Bytes no header may hold never reach us.
    let Ok(request) = request.body(()) else {
        return;
    };
    let (head, ()) = request.into_parts();
    let body = body.into();
    let now = time::OffsetDateTime::from_unix_timestamp(1_800_000_000).expect("a moment");
    let _ = verifier.check_head(&head);
    assert!(
        verifier
            .verify(&Unverified::new(&head, &body, now))
            .is_err(),
        "a stranger's token verified"
    );
});

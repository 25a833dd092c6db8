//! Contents of whatever parts: what `check` lets pass, signs, verifies, and covers what it says it covers.
#![no_main]

use arbitrary::Arbitrary;
use hooklatch::{
    Coverage, Grammar, Keyring, Listed, ListedAs, Method, Part, Scheme, SchemeVerifier, Signable,
    Source, Timestamp, Unverified, Verifier,
};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Message {
    parts: Vec<Piece>,
    spaced: bool,
    header: Option<u64>,
    flip: usize,
    body: String,
}

/// A part of a content, its names few so that they meet.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Piece {
    Literal(u8),
    Id,
    Timestamp,
    Method,
    Url,
    BareUrl,
    SortedUrl,
    Path,
    EscapedPath,
    Header,
    Text,
    FreeText,
    Query,
    Body,
    Crc32,
    SortedForm,
    Where,
    WhereField,
    Listed(bool),
}

fn part(piece: Piece) -> Part {
    let literal = |byte: u8| Part::Literal(char::from(b'!' + byte % 94).to_string().into());
    let inner = |part: Part| vec![Part::literal("["), part, Part::literal("]")].into();
    match piece {
        Piece::Literal(byte) => literal(byte),
        Piece::Id => Part::Id,
        Piece::Timestamp => Part::Timestamp,
        Piece::Method => Part::Method,
        Piece::Url => Part::Url,
        Piece::BareUrl => Part::BareUrl,
        Piece::SortedUrl => Part::SortedUrl,
        Piece::Path => Part::Path,
        Piece::EscapedPath => Part::EscapedPath,
        Piece::Header => Part::Header("x-header".into()),
        Piece::Text => Part::Text(Source::json("/text")),
        Piece::FreeText => Part::FreeText(Source::json("/free")),
        Piece::Query => Part::Text(Source::query("q")),
        Piece::Body => Part::Body,
        Piece::Crc32 => Part::Crc32,
        Piece::SortedForm => Part::SortedForm,
        Piece::Where => Part::Where(
            Source::header("x-header"),
            inner(Part::Header("x-header".into())),
        ),
        Piece::WhereField => {
            Part::Where(Source::field("v1"), inner(Part::Text(Source::field("t"))))
        }
        Piece::Listed(pairs) => Part::Listed(Listed {
            list: Source::field("h"),
            separator: ' ',
            written: if pairs {
                ListedAs::Pairs
            } else {
                ListedAs::Values
            },
            join: ".".into(),
            always: vec!["x-id".into()].into(),
        }),
    }
}

fuzz_target!(|message: Message| {
    let content: Vec<Part> = message.parts.iter().take(8).copied().map(part).collect();
    let scheme = Scheme {
        name: "fuzz".into(),
        grammar: Grammar::Fields {
            separator: ',',
            assign: '=',
        },
        spaced: message.spaced,
        methods: vec![Method {
            tag: "v1".into(),
            fallback_tag: Some("v0".into()),
            ..Method::HMAC_SHA256
        }]
        .into(),
        timestamp: content
            .contains(&Part::Timestamp)
            .then(|| Timestamp::unix(Source::field("t"))),
        id: Some(Source::header("x-id")),
        content: content.into(),
        ..Scheme::HMAC_SHA256
    };
    if scheme.check().is_err() {
        return;
    }
    let keys = Keyring::new("5HkzNq7hLJ3xUPVZ");
    let verifier = SchemeVerifier::new(scheme.clone(), keys.clone()).expect("a scheme that holds");
    let moment = time::OffsetDateTime::from_unix_timestamp(1_700_000_000).expect("a moment");
    let url: http::Uri = "https://hooks.example/a?q=1".parse().expect("a URL");
    let mut request = http::Request::post(url.clone()).header("content-type", "text/plain");
    if let Some(value) = message.header {
        request = request.header("x-header", value);
    }
    let (mut head, ()) = request.body(()).expect("a request").into_parts();
    let signable = Signable::new(message.body.as_bytes())
        .with_url(&url)
        .with_headers(&head.headers)
        .with_timestamp(moment)
        .with_id("msg");
    let Ok(signed) = scheme.sign(&keys, &signable) else {
        return;
    };
    head.headers.extend(signed);
    let verify = |body: &str| {
        let body = bytes::Bytes::copy_from_slice(body.as_bytes());
        verifier
            .check_head(&head)
            .and_then(|()| verifier.verify(&Unverified::new(&head, &body, moment)))
    };
    // A form that is signed has to be one.
    if !scheme.content.contains(&Part::SortedForm) {
        verify(&message.body).expect("what was signed verifies");
    }
    if scheme.coverage() != Coverage::Whole || message.body.is_empty() {
        return;
    }
    let mut flipped = message.body.into_bytes();
    let at = message.flip % flipped.len();
    flipped[at] ^= 1;
    if let Ok(flipped) = String::from_utf8(flipped) {
        assert!(verify(&flipped).is_err(), "a flipped bit verified");
    }
});

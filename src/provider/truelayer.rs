//! TrueLayer. Their page: "Verify a webhook's signature".
//!
//! - A detached token (ES512) in `Tl-Signature`, over method, path, the headers that its `tl_headers` lists, in that order
//!   and spelling, and the body. The timestamp has to be among them. A path is the same with a slash behind it.
//! - Keys are known by their `kid`, which is their name in the keyring. What the token says of where they come from
//!   (`jku`) has to be one of TrueLayer's two URLs, whole.
//! - The timestamp, `X-Tl-Webhook-Timestamp`, is taken for that of the event.
#![doc = mounting_by_kid!(TRUELAYER, "truelayer", "45fc75cf-5649-4134-84b3-192c2c78e990", "", "payment_executed")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{
        Algorithm, Discovery, Jws, KeyPlace, Listed, ListedAs, Method, Must, Names, Part, Proof,
        Requirement, Scheme, TimeFormat, Timestamp, TokenPayload,
    },
    source::{Source, TypePart},
};

/// TrueLayer: a detached ES512 token over method, path, some headers and the body, in `Tl-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const TRUELAYER: Scheme = Scheme {
    name: Cow::Borrowed("truelayer"),
    docs: Cow::Borrowed("Verify a webhook's signature"),
    quirks: Cow::Borrowed(
        "a detached token over method, path, the headers that it lists and the body",
    ),
    proof: Proof::Jws(Jws {
        payload: TokenPayload::Detached,
        require: Cow::Borrowed(&[
            Requirement {
                of: Source::Protected(Cow::Borrowed("/tl_version")),
                must: Must::Equal(Cow::Borrowed("2")),
            },
            Requirement {
                of: Source::Protected(Cow::Borrowed("/jku")),
                must: Must::OneOf(Cow::Borrowed(&[
                    Cow::Borrowed("https://webhooks.truelayer.com/.well-known/jwks"),
                    Cow::Borrowed("https://webhooks.truelayer-sandbox.com/.well-known/jwks"),
                ])),
            },
        ]),
        ..Jws::CLAIMS
    }),
    signature: Source::header("tl-signature"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::EcdsaP521Raw,
        ..Method::RS256
    }]),
    key_id: Some(Source::protected("/kid")),
    discovery: Some(Discovery {
        place: KeyPlace::Fixed(Cow::Borrowed(
            "https://webhooks.truelayer.com/.well-known/jwks",
        )),

        ..Discovery::JWKS
    }),
    content: Cow::Borrowed(&[
        Part::Method,
        Part::literal(" "),
        Part::Path,
        Part::Maybe(Cow::Borrowed("/")),
        Part::literal("\n"),
        Part::Listed(Listed {
            list: Source::Protected(Cow::Borrowed("/tl_headers")),
            separator: ',',
            written: ListedAs::Lines,
            join: Cow::Borrowed(""),
            always: Cow::Borrowed(&[Cow::Borrowed("x-tl-webhook-timestamp")]),
        }),
        Part::Body,
    ]),
    timestamp: Some(Timestamp {
        source: Source::header("x-tl-webhook-timestamp"),
        format: TimeFormat::Rfc3339,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::json("/event_id")),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/type")),
        TypePart::otherwise(Source::json("/event_type")),
    ]),
    ..Scheme::HMAC_SHA256
};

//! Finch. Their page: "Webhooks".
//!
//! - Standard Webhooks with headers of other names, and a key in base64 without `whsec_`.
#![doc = mounting!(FINCH, "finch", Keyring::new("5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH"), "employment.created")]

use std::borrow::Cow;

use crate::{
    scheme::{Encoding, Grammar, KeyFormat, Method, Part, Scheme, Timestamp},
    source::{Source, TypePart},
};

/// Finch: HMAC-SHA-256 in base64 over `{id}.{timestamp}.{body}`, as `v1,…` in `Finch-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const FINCH: Scheme = Scheme {
    name: Cow::Borrowed("finch"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("Standard Webhooks under other names"),
    signature: Source::header("finch-signature"),
    grammar: Grammar::List {
        separator: ' ',
        assign: ',',
    },
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("v1"),
        encoding: Encoding::Base64,
        key: KeyFormat {
            encoding: Encoding::Base64,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[
        Part::Id,
        Part::literal("."),
        Part::Timestamp,
        Part::literal("."),
        Part::Body,
    ]),
    timestamp: Some(Timestamp::unix(Source::header("finch-timestamp"))),
    id: Some(Source::header("finch-event-id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event_type"))]),
    payload: Cow::Borrowed("/data"),
    ..Scheme::HMAC_SHA256
};

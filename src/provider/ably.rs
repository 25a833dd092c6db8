//! Ably. Their page: "Webhook security".
//!
//! - The key is an API key as the dashboard shows it, `app.key:secret`. A request names its public part in `X-Ably-Key`, and
//!   the secret part signs.
//! - Only batched requests are signed, so switch batching on. Items have no id of their own.
#![doc = mounting!(ABLY, "ably", Keyring::new("xVLyHw.A-pwh7:7b9e55d2c0a14fb2b6f1"), "channel.message")]

use std::borrow::Cow;

use crate::{
    scheme::{Encoding, KeyFormat, Method, Scheme},
    source::{Items, Source, TypePart},
};

/// Ably: HMAC-SHA-256 in base64 over the body, in `X-Ably-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const ABLY: Scheme = Scheme {
    name: Cow::Borrowed("ably"),
    docs: Cow::Borrowed("Webhook security"),
    quirks: Cow::Borrowed(
        "a batch; the key has its id in front of it, by which the request names it",
    ),
    signature: Source::header("x-ably-signature"),
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Base64,
        key: KeyFormat {
            id_before: Some(':'),
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    key_id: Some(Source::header("x-ably-key")),
    items: Some(Items {
        pointer: Cow::Borrowed("/items"),
        id: None,
        event_type: Cow::Borrowed(&[TypePart::new(Source::json("/name"))]),
    }),
    keep_headers: Cow::Borrowed(&[Cow::Borrowed("x-ably-version")]),
    ..Scheme::HMAC_SHA256
};

//! EasyPost. Their page: "Webhooks guide".
//!
//! - The secret is normalised (NFKD) before it is a key, so that it does not matter how an accent was typed.
//! - The raw body is signed: a body that was parsed and written again has other numbers.
//! - EasyPost waits for seven seconds (from memory).
#![doc = mounting!(EASYPOST, "easypost", Keyring::new("7b9e55d2c0a14fb2b6f1"), "tracker.updated")]

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::{Derivation, KeyFormat, Method, Scheme},
    source::{Source, TypePart},
};

/// EasyPost: HMAC-SHA-256 in hex over the body, as `hmac-sha256-hex=…` in `X-Hmac-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const EASYPOST: Scheme = Scheme {
    name: Cow::Borrowed("easypost"),
    docs: Cow::Borrowed("Webhooks guide"),
    quirks: Cow::Borrowed("the secret is normalised before it is a key"),
    signature: Source::header("x-hmac-signature"),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("hmac-sha256-hex="),
        key: KeyFormat {
            derivation: Derivation::Nfkd,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/description"))]),
    payload: Cow::Borrowed("/result"),
    profile: Profile {
        answer_within: Duration::from_secs(7),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

//! Airtable. Their page: "Webhooks overview".
//!
//! - The key is `macSecretBase64` of the answer that made the webhook.
//! - A notification says only that something changed, without id or type: fetch the payloads by their cursor.
//! - That the signature is in hex is what a library of the community says; Airtable waits for 25 seconds, and a webhook ends
//!   after seven days, from memory.
#![doc = mounting!(AIRTABLE, "airtable", Keyring::new("5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH"), "ping")]

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::{Encoding, KeyFormat, Method, Scheme},
    source::Source,
};

/// Airtable: HMAC-SHA-256 in hex over the body, as `hmac-sha256=…` in `X-Airtable-Content-MAC`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const AIRTABLE: Scheme = Scheme {
    name: Cow::Borrowed("airtable"),
    docs: Cow::Borrowed("Webhooks overview"),
    quirks: Cow::Borrowed("a ping without id or type; the key is base64"),
    signature: Source::header("x-airtable-content-mac"),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("hmac-sha256="),
        key: KeyFormat {
            encoding: Encoding::Base64,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    profile: Profile {
        answer_within: Duration::from_secs(25),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

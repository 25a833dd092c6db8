//! Oracle Commerce. Their page: "Secure webhooks".
//!
//! - Each type of webhook has a secret key of its own.
//! - No event id and no type are documented: an event is known by its content, and a receiver serves one type of
//!   webhook.
#![doc = mounting!(ORACLE_COMMERCE, "oracle-commerce", Keyring::new("8f742231b10e8888abcd99"))]

use std::borrow::Cow;

use super::common::SHA512;
use crate::{
    scheme::{Encoding, Method, Scheme},
    source::Source,
};

/// Oracle Commerce: HMAC-SHA-512 in base64 over the body, in `X-Oracle-CC-WebHook-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const ORACLE_COMMERCE: Scheme = Scheme {
    name: Cow::Borrowed("oracle-commerce"),
    docs: Cow::Borrowed("Secure webhooks"),
    quirks: Cow::Borrowed("SHA-512 in base64"),
    signature: Source::header("x-oracle-cc-webhook-signature"),
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Base64,
        ..SHA512
    }]),
    ..Scheme::HMAC_SHA256
};

//! Paystack. Their page: "Webhooks".
//!
//! - The secret API key signs, `sk_live_…` or `sk_test_…`: what is taken for a mistake with every other sender is right here.
//! - No event id: an event is known by its content.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting!(PAYSTACK, "paystack", Keyring::new("sk_test_7b9e55d2c0a14fb2b6f1"), "charge.success")]

use std::borrow::Cow;

use crate::{
    scheme::{Algorithm, KeyFormat, Method, Scheme},
    source::{Source, TypePart},
};

/// Paystack: HMAC-SHA-512 in hex over the body, in `x-paystack-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const PAYSTACK: Scheme = Scheme {
    name: Cow::Borrowed("paystack"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("the secret API key signs"),
    signature: Source::header("x-paystack-signature"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::HmacSha512,
        key: KeyFormat {
            prefix: Cow::Borrowed("sk_"),
            prefix_kept: true,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    payload: Cow::Borrowed("/data"),
    ..Scheme::HMAC_SHA256
};

//! PhonePe, version 2. Their page: "Webhook handling".
//!
//! - PhonePe signs nothing: it sends the SHA-256 of the user and password of the webhook in `Authorization`, the same each
//!   time. `Delivery::coverage` is nothing: ask the API for the order before you give value. The key is
//!   `user:password`.
//! - Version 1 signs its callbacks in `X-VERIFY` and is no part of this.
//! - There is no event id: an event is known by its content.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting!(PHONEPE, "phonepe", Keyring::new("user:a-long-password"), "checkout.order.completed")]

use std::borrow::Cow;

use crate::{
    scheme::{Derivation, Encoding, KeyFormat, Method, Scheme},
    source::{Source, TypePart},
};

/// PhonePe, version 2: the SHA-256 of `user:password` in hex, in `Authorization`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const PHONEPE: Scheme = Scheme {
    name: Cow::Borrowed("phonepe"),
    docs: Cow::Borrowed("Webhook handling"),
    quirks: Cow::Borrowed("a hashed password, which signs nothing; no event id"),
    signature: Source::header("authorization"),
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Hex,
        key: KeyFormat {
            derivation: Derivation::Sha256,
            ..KeyFormat::TEXT
        },
        ..Method::TOKEN
    }]),
    content: Cow::Borrowed(&[]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    payload: Cow::Borrowed("/payload"),
    ..Scheme::HMAC_SHA256
};

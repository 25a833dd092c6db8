//! Worldpay's Access events. Their page: "Signature".
//!
//! - Several signatures in one header, each by a key of its own, which it names by its number: while a secret is rolled
//!   both are there. A keyring has each secret under its number.
//! - A signature names its hash too. Only `SHA256` counts: the hash is chosen here, never by a message.
//! - That the signature is in lower-case hex is known from memory.
#![doc = mounting!(WORLDPAY_ACCESS, "worldpay-access", Keyring::empty().and("2", "7b9e55d2c0a14fb2b6f1"), "sentForAuthorization")]

use std::borrow::Cow;

use crate::{
    scheme::{Grammar, Method, Scheme},
    source::{Source, TypePart},
};

/// Worldpay: HMAC-SHA-256 in hex over the body, as `{key id}/SHA256/…` in a list in `Event-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const WORLDPAY_ACCESS: Scheme = Scheme {
    name: Cow::Borrowed("worldpay-access"),
    docs: Cow::Borrowed("Signature"),
    quirks: Cow::Borrowed("entries of the signature name their key"),
    signature: Source::header("event-signature"),
    grammar: Grammar::KeyedList {
        separator: ',',
        assign: '/',
    },
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("SHA256/"),
        ..Method::HMAC_SHA256
    }]),
    id: Some(Source::json("/eventId")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/eventDetails/type"))]),
    payload: Cow::Borrowed("/eventDetails"),
    ..Scheme::HMAC_SHA256
};

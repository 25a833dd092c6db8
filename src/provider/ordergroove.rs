//! Ordergroove. Their page: "Webhooks verification".
//!
//! - The header reads `ts=…,sig=…`; the timestamp is that of the transmission.
//! - There is no event id: an event is known by its content.
#![doc = mounting!(ORDERGROOVE, "ordergroove", Keyring::new("8f742231b10e8888abcd99"), "subscription.create")]

use std::borrow::Cow;

use super::common::{FIELDS, TIMED};
use crate::{
    scheme::{Method, Scheme, Timestamp},
    source::{Source, TypePart},
};

/// Ordergroove: HMAC-SHA-256 in hex over `{timestamp}.{body}`, in the fields of `OrderGroove-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const ORDERGROOVE: Scheme = Scheme {
    name: Cow::Borrowed("ordergroove"),
    docs: Cow::Borrowed("Webhooks verification"),
    quirks: Cow::Borrowed("a field of its own name for the signature"),
    signature: Source::header("ordergroove-signature"),
    grammar: FIELDS,
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("sig"),
        ..Method::HMAC_SHA256
    }]),
    content: TIMED,
    timestamp: Some(Timestamp::unix(Source::field("ts"))),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    ..Scheme::HMAC_SHA256
};

//! Shippo. Their page: "Webhooks".
//!
//! - The fields are `t` and `v1`. No tolerance is known.
//! - There is no event id: an event is known by its content.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting!(SHIPPO, "shippo", Keyring::new("5HkzNq7hLJ3xUPVZ"), "transaction_created")]

use std::{borrow::Cow, time::Duration};

use super::common::{FIELDS, TIMED};
use crate::{
    scheme::{Method, Names, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Shippo: HMAC-SHA-256 in hex over `{timestamp}.{body}`, in the fields of `Shippo-Auth-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const SHIPPO: Scheme = Scheme {
    name: Cow::Borrowed("shippo"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("signs as Stripe does"),
    signature: Source::header("shippo-auth-signature"),
    grammar: FIELDS,
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("v1"),
        ..Method::HMAC_SHA256
    }]),
    content: TIMED,
    timestamp: Some(Timestamp {
        source: Source::field("t"),
        format: TimeFormat::UnixSeconds,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    ..Scheme::HMAC_SHA256
};

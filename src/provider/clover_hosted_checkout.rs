//! Clover hosted checkout. Their page: "Webhooks".
//!
//! - The fields are `t` and `v1`. No tolerance is known.
//! - There is no event id: an event is known by its content.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting!(CLOVER_HOSTED_CHECKOUT, "clover-hosted-checkout", Keyring::new("5HkzNq7hLJ3xUPVZ"), "payment")]

use std::{borrow::Cow, time::Duration};

use super::common::{FIELDS, TIMED};
use crate::{
    scheme::{Method, Names, Scheme, TimeFormat, Timestamp},
    source::Source,
};

/// Clover hosted checkout: HMAC-SHA-256 in hex over `{timestamp}.{body}`, in the fields of `Clover-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const CLOVER_HOSTED_CHECKOUT: Scheme = Scheme {
    name: Cow::Borrowed("clover-hosted-checkout"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("signs as Stripe does"),
    signature: Source::header("clover-signature"),
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
    ..Scheme::HMAC_SHA256
};

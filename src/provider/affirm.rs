//! Affirm. Their page: "Webhooks".
//!
//! - No event id is known to us: an event is known by what is signed, a timestamp included.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting!(AFFIRM, "affirm", Keyring::new("8f742231b10e8888abcd99"))]

use std::{borrow::Cow, time::Duration};

use super::common::{FIELDS, SHA512, TIMED};
use crate::{
    scheme::{Method, Names, Scheme, TimeFormat, Timestamp},
    source::Source,
};

/// Affirm: HMAC-SHA-512 in hex over `{timestamp}.{body}`, in the fields of `X-Affirm-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const AFFIRM: Scheme = Scheme {
    name: Cow::Borrowed("affirm"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("SHA-512 in a field v0"),
    signature: Source::header("x-affirm-signature"),
    grammar: FIELDS,
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("v0"),
        ..SHA512
    }]),
    content: TIMED,
    timestamp: Some(Timestamp {
        names: Names::Event,
        source: Source::field("t"),
        format: TimeFormat::UnixSeconds,
        tolerance: Duration::from_secs(300),
    }),
    ..Scheme::HMAC_SHA256
};

//! Knock. Their page: "Outbound webhooks".
//!
//! - The header reads `t=…,s=…`: the timestamp in milliseconds, the signature in base64. Whether a retry has a new
//!   timestamp is not said.
//! - The event id, `/id`, is in the signed body.
#![doc = mounting!(KNOCK, "knock", Keyring::new("8f742231b10e8888abcd99"), "message.delivered")]

use std::{borrow::Cow, time::Duration};

use super::common::{BASE64, FIELDS, TIMED};
use crate::{
    scheme::{Method, Names, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Knock: HMAC-SHA-256 in base64 over `{timestamp}.{body}`, in the fields of `x-knock-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const KNOCK: Scheme = Scheme {
    name: Cow::Borrowed("knock"),
    docs: Cow::Borrowed("Outbound webhooks"),
    quirks: Cow::Borrowed("milliseconds and base64 where others of this form have seconds and hex"),
    signature: Source::header("x-knock-signature"),
    grammar: FIELDS,
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("s"),
        ..BASE64
    }]),
    content: TIMED,
    timestamp: Some(Timestamp {
        source: Source::field("t"),
        format: TimeFormat::UnixMillis,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    payload: Cow::Borrowed("/data"),
    keep_headers: Cow::Borrowed(&[Cow::Borrowed("x-knock-environment-id")]),
    ..Scheme::HMAC_SHA256
};

//! ElevenLabs. Their page: "Webhooks: authentication".
//!
//! - The header reads `t=…,v0=…`. Their SDK lets a timestamp be half an hour old, and so it is here.
//! - There is no event id: an event is known by its content.
//! - ElevenLabs disables a webhook after ten failures in a row.
#![doc = mounting!(ELEVENLABS, "elevenlabs", Keyring::new("8f742231b10e8888abcd99"), "post_call_transcription")]

use std::{borrow::Cow, time::Duration};

use super::common::{FIELDS, TIMED};
use crate::{
    scheme::{Method, Names, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// ElevenLabs: HMAC-SHA-256 in hex over `{timestamp}.{body}`, in the fields of `ElevenLabs-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const ELEVENLABS: Scheme = Scheme {
    name: Cow::Borrowed("elevenlabs"),
    docs: Cow::Borrowed("Webhooks: authentication"),
    quirks: Cow::Borrowed("a timestamp counts for half an hour; there is no event id"),
    signature: Source::header("elevenlabs-signature"),
    grammar: FIELDS,
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("v0"),
        ..Method::HMAC_SHA256
    }]),
    content: TIMED,
    timestamp: Some(Timestamp {
        source: Source::field("t"),
        format: TimeFormat::UnixSeconds,
        names: Names::Attempt,
        tolerance: Duration::from_secs(1800),
    }),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    payload: Cow::Borrowed("/data"),
    ..Scheme::HMAC_SHA256
};

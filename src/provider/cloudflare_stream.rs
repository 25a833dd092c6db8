//! Cloudflare Stream. Their page: "Use webhooks: verify webhook authenticity".
//!
//! - The fields are `time` and `sig1`. Cloudflare names no tolerance.
//! - There is no event id: `/uid` is the video. The type is its state, `/status/state`.
#![doc = mounting!(CLOUDFLARE_STREAM, "cloudflare-stream", Keyring::new("5HkzNq7hLJ3xUPVZ"), "ready")]

use std::{borrow::Cow, time::Duration};

use super::common::{FIELDS, TIMED};
use crate::{
    scheme::{Method, Names, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Cloudflare Stream: HMAC-SHA-256 in hex over `{timestamp}.{body}`, in the fields of `Webhook-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const CLOUDFLARE_STREAM: Scheme = Scheme {
    name: Cow::Borrowed("cloudflare-stream"),
    docs: Cow::Borrowed("Use webhooks: verify webhook authenticity"),
    quirks: Cow::Borrowed("fields time and sig1"),
    signature: Source::header("webhook-signature"),
    grammar: FIELDS,
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("sig1"),
        ..Method::HMAC_SHA256
    }]),
    content: TIMED,
    timestamp: Some(Timestamp {
        source: Source::field("time"),
        format: TimeFormat::UnixSeconds,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/status/state"))]),
    ..Scheme::HMAC_SHA256
};

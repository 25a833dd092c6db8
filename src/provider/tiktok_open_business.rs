//! TikTok open business. Their page: "Webhooks verification".
//!
//! - The fields are `t` and `s`. No tolerance is known.
//! - There is no event id: an event is known by its content.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting!(TIKTOK_OPEN_BUSINESS, "tiktok-open-business", Keyring::new("5HkzNq7hLJ3xUPVZ"), "video.publish.completed")]

use std::{borrow::Cow, time::Duration};

use super::common::{FIELDS, TIMED};
use crate::{
    scheme::{Method, Names, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// TikTok open business: HMAC-SHA-256 in hex over `{timestamp}.{body}`, in the fields of `Tiktok-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const TIKTOK_OPEN_BUSINESS: Scheme = Scheme {
    name: Cow::Borrowed("tiktok-open-business"),
    docs: Cow::Borrowed("Webhooks verification"),
    quirks: Cow::Borrowed("signs as Stripe does"),
    signature: Source::header("tiktok-signature"),
    grammar: FIELDS,
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("s"),
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

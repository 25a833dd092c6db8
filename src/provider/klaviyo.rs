//! Klaviyo. Their page: "Working with system webhooks".
//!
//! - The body comes first, then the timestamp, without a delimiter.
//! - A delivery is a batch, `/data`, of events with a `topic` each and without ids.
//! - The webhook action of a flow is not signed.
#![doc = mounting!(KLAVIYO, "klaviyo", Keyring::new("5HkzNq7hLJ3xUPVZ"), "event:klaviyo.sent_sms")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Items, Source, TypePart},
};

/// Klaviyo: HMAC-SHA-256 in hex over `{body}{timestamp}`, in `Klaviyo-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const KLAVIYO: Scheme = Scheme {
    name: Cow::Borrowed("klaviyo"),
    docs: Cow::Borrowed("Working with system webhooks"),
    quirks: Cow::Borrowed("the timestamp follows the body"),
    signature: Source::header("klaviyo-signature"),
    content: Cow::Borrowed(&[Part::Body, Part::Timestamp]),
    timestamp: Some(Timestamp {
        source: Source::header("klaviyo-timestamp"),
        format: TimeFormat::UnixSeconds,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    items: Some(Items {
        pointer: Cow::Borrowed("/data"),
        id: None,
        event_type: Cow::Borrowed(&[TypePart::new(Source::json("/topic"))]),
    }),
    ..Scheme::HMAC_SHA256
};

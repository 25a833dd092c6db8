//! Podium. Their page: "Verify webhook signatures".
//!
//! - A webhook without a secret is not signed.
//! - The timestamp is in milliseconds, as in the example of their page. Whether a retry has a new one it does not
//!   say.
//! - There is no event id: an event is known by its content. The event type is `/metadata/eventType`, else
//!   `/metadata/event_type`.
#![doc = mounting!(PODIUM, "podium", Keyring::new("8f742231b10e8888abcd99"), "message.received")]

use std::{borrow::Cow, time::Duration};

use super::common::TIMED;
use crate::{
    scheme::{Names, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Podium: HMAC-SHA-256 in hex over `{podium-timestamp}.{body}`, in `podium-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const PODIUM: Scheme = Scheme {
    name: Cow::Borrowed("podium"),
    docs: Cow::Borrowed("Verify webhook signatures"),
    quirks: Cow::Borrowed("the timestamp may be in milliseconds, as in their example"),
    signature: Source::header("podium-signature"),
    content: TIMED,
    timestamp: Some(Timestamp {
        source: Source::header("podium-timestamp"),
        format: TimeFormat::UnixMillis,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/metadata/eventType")),
        TypePart::otherwise(Source::json("/metadata/event_type")),
    ]),
    payload: Cow::Borrowed("/data"),
    ..Scheme::HMAC_SHA256
};

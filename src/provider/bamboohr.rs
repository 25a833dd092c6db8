//! BambooHR. Their page: "Webhooks".
//!
//! - The body comes first, then the timestamp, without a delimiter.
//! - There is no event id and no type: an event is known by its content.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting!(BAMBOOHR, "bamboohr", Keyring::new("5HkzNq7hLJ3xUPVZ"), "employees")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{Names, Part, Scheme, TimeFormat, Timestamp},
    source::Source,
};

/// BambooHR: HMAC-SHA-256 in hex over `{body}{timestamp}`, in `X-BambooHR-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const BAMBOOHR: Scheme = Scheme {
    name: Cow::Borrowed("bamboohr"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("the timestamp follows the body"),
    signature: Source::header("x-bamboohr-signature"),
    content: Cow::Borrowed(&[Part::Body, Part::Timestamp]),
    timestamp: Some(Timestamp {
        source: Source::header("x-bamboohr-timestamp"),
        format: TimeFormat::UnixSeconds,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    ..Scheme::HMAC_SHA256
};

//! Lob. Their page: "Webhooks: securing".
//!
//! - The time is in milliseconds.
//! - The id and the type are in the signed body.
#![doc = mounting!(LOB, "lob", Keyring::new("5HkzNq7hLJ3xUPVZ"), "postcard.created")]

use std::{borrow::Cow, time::Duration};

use super::common::TIMED;
use crate::{
    scheme::{Names, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Lob: HMAC-SHA-256 in hex over `{timestamp}.{body}`, in `Lob-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const LOB: Scheme = Scheme {
    name: Cow::Borrowed("lob"),
    docs: Cow::Borrowed("Webhooks: securing"),
    quirks: Cow::Borrowed("the time is in milliseconds"),
    signature: Source::header("lob-signature"),
    content: TIMED,
    timestamp: Some(Timestamp {
        source: Source::header("lob-signature-timestamp"),
        format: TimeFormat::UnixMillis,
        names: Names::Attempt,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event_type/id"))]),
    ..Scheme::HMAC_SHA256
};

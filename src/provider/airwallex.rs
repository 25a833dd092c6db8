//! Airwallex. Their page: "Webhooks".
//!
//! - No delimiter stands between the time, which is in milliseconds, and the body.
//! - The id and the type, `/name`, are in the signed body.
#![doc = mounting!(AIRWALLEX, "airwallex", Keyring::new("5HkzNq7hLJ3xUPVZ"), "payment_intent.succeeded")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Airwallex: HMAC-SHA-256 in hex over `{timestamp}{body}`, in `x-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const AIRWALLEX: Scheme = Scheme {
    name: Cow::Borrowed("airwallex"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("the time is in milliseconds and runs into the body"),
    signature: Source::header("x-signature"),
    content: Cow::Borrowed(&[Part::Timestamp, Part::Body]),
    timestamp: Some(Timestamp {
        source: Source::header("x-timestamp"),
        format: TimeFormat::UnixMillis,
        names: Names::Attempt,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/name"))]),
    payload: Cow::Borrowed("/data/object"),
    ..Scheme::HMAC_SHA256
};

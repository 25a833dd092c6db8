//! Recurly. Their page: "Signature verification".
//!
//! - The header holds values in order: the time in milliseconds, then a signature for each active key.
//! - XML notifications are not signed, so they are refused.
//! - There is no event id: `/id` is the resource. The event type is `/object_type` and `/event_type`, as
//!   `account.created`.
//! - Recurly waits for 5 seconds and tries ten times.
#![doc = mounting!(RECURLY, "recurly", Keyring::new("5HkzNq7hLJ3xUPVZ"), "account.created")]

use std::{borrow::Cow, time::Duration};

use super::common::TIMED;
use crate::{
    profile::Profile,
    scheme::{Grammar, Names, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Recurly: HMAC-SHA-256 in hex over `{timestamp}.{body}`, as `{timestamp},{hex}` in `recurly-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const RECURLY: Scheme = Scheme {
    name: Cow::Borrowed("recurly"),
    docs: Cow::Borrowed("Signature verification"),
    quirks: Cow::Borrowed("values in order: a time in milliseconds, then signatures"),
    signature: Source::header("recurly-signature"),
    grammar: Grammar::Positional {
        separator: ',',
        first: Cow::Borrowed("t"),
    },
    content: TIMED,
    timestamp: Some(Timestamp {
        source: Source::field("t"),
        format: TimeFormat::UnixMillis,
        names: Names::Attempt,
        tolerance: Duration::from_secs(300),
    }),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/object_type")),
        TypePart::new(Source::json("/event_type")),
    ]),
    profile: Profile {
        answer_within: Duration::from_secs(5),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

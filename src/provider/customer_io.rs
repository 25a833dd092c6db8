//! Customer.io. Their page: "Reporting webhooks: securely verify requests".
//!
//! - What is signed is as with Slack, but the signature has no prefix.
//! - The id and the type, `/object_type` and `/metric`, are in the signed body.
//! - Customer.io waits for 4 seconds and tries for a week.
#![doc = mounting!(CUSTOMER_IO, "customer-io", Keyring::new("5HkzNq7hLJ3xUPVZ"), "email.opened")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Customer.io: HMAC-SHA-256 in hex over `v0:{timestamp}:{body}`, in `X-CIO-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const CUSTOMER_IO: Scheme = Scheme {
    name: Cow::Borrowed("customer-io"),
    docs: Cow::Borrowed("Reporting webhooks: securely verify requests"),
    quirks: Cow::Borrowed("signs as Slack does, without the prefix"),
    signature: Source::header("x-cio-signature"),
    content: Cow::Borrowed(&[
        Part::literal("v0:"),
        Part::Timestamp,
        Part::literal(":"),
        Part::Body,
    ]),
    timestamp: Some(Timestamp {
        source: Source::header("x-cio-timestamp"),
        format: TimeFormat::UnixSeconds,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::json("/event_id")),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/object_type")),
        TypePart::new(Source::json("/metric")),
    ]),
    profile: Profile {
        answer_within: Duration::from_secs(4),
        retry_horizon: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

//! Linear. Their page: "Webhooks: securing webhooks".
//!
//! - The timestamp, `webhookTimestamp` in milliseconds, is in the signed body. The header `Linear-Timestamp` is not
//!   signed and not read: a fresh one must never make an old body fresh.
//! - It may be 60 seconds off, either way.
//! - The event id, `Linear-Delivery`, is not signed, so identical signed bytes under another id are refused.
//! - The event type is the body's `type` and `action`: `Issue.create`.
//! - Linear waits for five seconds and tries three more times: after a minute, an hour and six hours.
#![doc = mounting!(LINEAR, "linear", Keyring::new("lin_wh_8f742231b10e8888abcd"), "Issue.create")]

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::{Names, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Linear: HMAC-SHA-256 in hex over the body, in `Linear-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const LINEAR: Scheme = Scheme {
    name: Cow::Borrowed("linear"),
    docs: Cow::Borrowed("Webhooks: securing webhooks"),
    quirks: Cow::Borrowed("the timestamp is in the signed body; the event id is not signed"),
    signature: Source::header("linear-signature"),
    timestamp: Some(Timestamp {
        source: Source::json("/webhookTimestamp"),
        format: TimeFormat::UnixMillis,
        names: Names::Attempt,
        tolerance: Duration::from_secs(60),
    }),
    id: Some(Source::header("linear-delivery")),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/type")),
        TypePart::new(Source::json("/action")),
    ]),
    payload: Cow::Borrowed("/data"),
    keep_headers: Cow::Borrowed(&[Cow::Borrowed("linear-event")]),
    profile: Profile {
        answer_within: Duration::from_secs(5),
        retry_horizon: Duration::from_secs(8 * 3600),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

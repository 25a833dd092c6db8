//! Sentry (integration platform). Their page: "Webhooks: verifying the signature".
//!
//! - The key is the client secret of the integration. Events have their signature in `Sentry-Hook-Signature`, requests
//!   of UI components in `Sentry-App-Signature`; the timestamp header is not signed and not read.
//! - The event id, `Request-ID`, is not signed: identical signed bytes under another id are refused.
//! - The event type is the resource and the action: `issue.created`.
//! - Sentry waits for one second and never tries again: what is not done in half a second is answered 503 and goes on. A
//!   failure is lost, so write the event down first. UI components read a [`Reply`](crate::Reply).
#![doc = mounting!(SENTRY, "sentry", Keyring::new("8f742231b10e8888abcd99"), "issue.created")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Sentry: HMAC-SHA-256 in hex over the body, in `Sentry-Hook-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const SENTRY: Scheme = Scheme {
    name: Cow::Borrowed("sentry"),
    docs: Cow::Borrowed("Webhooks: verifying the signature"),
    quirks: Cow::Borrowed("it waits for one second and never tries again"),
    signature: Source::FirstOf(Cow::Borrowed(&[
        Source::header("sentry-hook-signature"),
        Source::header("sentry-app-signature"),
    ])),
    id: Some(Source::header("request-id")),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::header("sentry-hook-resource")),
        TypePart::new(Source::json("/action")),
    ]),
    payload: Cow::Borrowed("/data"),
    keep_headers: Cow::Borrowed(&[Cow::Borrowed("sentry-hook-timestamp")]),
    profile: Profile {
        answer_within: Duration::from_secs(1),
        retry_horizon: Duration::ZERO,
        retention: Duration::from_secs(7 * DAY),
        reads_reply: true,
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

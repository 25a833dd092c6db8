//! Veriff. Their page: "HMAC authentication and endpoint security".
//!
//! - The key is the shared secret of the integration. `X-AUTH-CLIENT` (or `VRF-AUTH-CLIENT`) says which integration
//!   it is, and is not signed.
//! - The id in the body names the session, of which several events tell: an event is known by its content.
//! - The event type is `/action` of an event (`submitted`) and `/verification/status` of a decision (`approved`).
//! - Veriff waits for five seconds and tries every hour for up to a week.
#![doc = mounting!(VERIFF, "veriff", Keyring::new("8f742231b10e8888abcd99"), "approved")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Veriff: HMAC-SHA-256 in hex over the body, in `X-HMAC-SIGNATURE` or `VRF-HMAC-SIGNATURE`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const VERIFF: Scheme = Scheme {
    name: Cow::Borrowed("veriff"),
    docs: Cow::Borrowed("HMAC authentication and endpoint security"),
    quirks: Cow::Borrowed("the id in the body names the session, not the event"),
    signature: Source::FirstOf(Cow::Borrowed(&[
        Source::header("vrf-hmac-signature"),
        Source::header("x-hmac-signature"),
    ])),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/action")),
        TypePart::otherwise(Source::json("/verification/status")),
    ]),
    keep_headers: Cow::Borrowed(&[
        Cow::Borrowed("vrf-auth-client"),
        Cow::Borrowed("x-auth-client"),
    ]),
    profile: Profile {
        answer_within: Duration::from_secs(5),
        retry_horizon: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

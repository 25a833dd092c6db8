//! Onfido. Their page: "Webhooks: verify".
//!
//! - The key is the token of the webhook. No event id: an event is known by its content.
//! - Onfido waits for ten seconds and tries five times, the last ten hours after the one before (from memory).
#![doc = mounting!(ONFIDO, "onfido", Keyring::new("wU99mE6jJ7nXOLFwZ0tJymM1lpI15pZh"), "check.completed")]

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Onfido: HMAC-SHA-256 in hex over the body, in `X-SHA2-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const ONFIDO: Scheme = Scheme {
    name: Cow::Borrowed("onfido"),
    docs: Cow::Borrowed("Webhooks: verify"),
    quirks: Cow::Borrowed("no event id"),
    signature: Source::header("x-sha2-signature"),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/payload/action"))]),
    payload: Cow::Borrowed("/payload"),
    profile: Profile {
        retry_horizon: Duration::from_secs(13 * 3600),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

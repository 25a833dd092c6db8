//! Lemon Squeezy. Their page: "Signing requests".
//!
//! - There is no event id and no timestamp: an event is known by its content. `/meta/webhook_id` names the webhook.
//! - The event type is `/meta/event_name`; the header `X-Event-Name` says the same and is not signed.
//! - The payload is the whole body: custom data of a checkout is in `/meta/custom_data`, beside the object in
//!   `/data`.
//! - Lemon Squeezy tries three more times, within three minutes.
#![doc = mounting!(LEMON_SQUEEZY, "lemon-squeezy", Keyring::new("8f742231b10e8888abcd99"), "order_created")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Lemon Squeezy: HMAC-SHA-256 in hex over the body, in `X-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const LEMON_SQUEEZY: Scheme = Scheme {
    name: Cow::Borrowed("lemon-squeezy"),
    docs: Cow::Borrowed("Signing requests"),
    quirks: Cow::Borrowed("no event id and no timestamp: an event is known by its content"),
    signature: Source::header("x-signature"),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/meta/event_name"))]),
    profile: Profile {
        retry_horizon: Duration::from_secs(300),
        retention: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

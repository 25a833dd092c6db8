//! Checkout.com. Their page: "Manage webhooks".
//!
//! - There is no timestamp; the event id, `/id`, is in the signed body.
//! - A webhook may be set to send a key in `Authorization`, too; it is not read.
//! - Their SDK shows `authentication_failed` events that are no valid JSON: such a body is verified, then refused as
//!   unreadable.
//! - Checkout.com waits for ten seconds and tries eight more times, over about two days.
#![doc = mounting!(CHECKOUT_COM, "checkout-com", Keyring::new("8f742231b10e8888abcd99"), "payment_approved")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Checkout.com: HMAC-SHA-256 in hex over the body, in `Cko-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const CHECKOUT_COM: Scheme = Scheme {
    name: Cow::Borrowed("checkout-com"),
    docs: Cow::Borrowed("Manage webhooks"),
    quirks: Cow::Borrowed(
        "one sort of delivery may be JSON that cannot be read, signed nonetheless",
    ),
    signature: Source::header("cko-signature"),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    payload: Cow::Borrowed("/data"),
    profile: Profile {
        retry_horizon: Duration::from_secs(2 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

//! Razorpay. Their page: "Validate and test webhooks".
//!
//! - The secret is that of the webhook, not that of the API.
//! - The id in `x-razorpay-event-id` is not signed.
//! - Razorpay waits for five seconds and tries for a day, then switches the webhook off (from memory).
#![doc = mounting!(RAZORPAY, "razorpay", Keyring::new("7b9e55d2c0a14fb2b6f1"), "payment.authorized")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Razorpay: HMAC-SHA-256 in hex over the body, in `X-Razorpay-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const RAZORPAY: Scheme = Scheme {
    name: Cow::Borrowed("razorpay"),
    docs: Cow::Borrowed("Validate and test webhooks"),
    quirks: Cow::Borrowed("the id is not signed"),
    signature: Source::header("x-razorpay-signature"),
    id: Some(Source::header("x-razorpay-event-id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    payload: Cow::Borrowed("/payload"),
    profile: Profile {
        answer_within: Duration::from_secs(5),
        retry_horizon: Duration::from_secs(DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

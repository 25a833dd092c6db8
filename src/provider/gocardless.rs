//! GoCardless. Their page: "Webhooks: signing".
//!
//! - A delivery is a batch, `/events`, of up to 250 events with an id each. `/meta/webhook_id` names the delivery.
//! - The event type is the type of the resource and the action: `payments.confirmed`.
//! - There is no timestamp.
//! - GoCardless asks for 498 where a signature is wrong; any status that is no 2xx serves as well, and ours is 401.
//! - GoCardless waits for ten seconds and tries up to eight times in about a day.
#![doc = mounting!(GOCARDLESS, "gocardless", Keyring::new("8f742231b10e8888abcd99"), "payments.confirmed")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::Scheme,
    source::{Items, Source, TypePart},
};

/// GoCardless: HMAC-SHA-256 in hex over the body, in `Webhook-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const GOCARDLESS: Scheme = Scheme {
    name: Cow::Borrowed("gocardless"),
    docs: Cow::Borrowed("Webhooks: signing"),
    quirks: Cow::Borrowed("a batch of up to 250 events; an event type is resource and action"),
    signature: Source::header("webhook-signature"),
    items: Some(Items {
        pointer: Cow::Borrowed("/events"),
        id: Some(Cow::Borrowed("/id")),
        event_type: Cow::Borrowed(&[
            TypePart::new(Source::json("/resource_type")),
            TypePart::new(Source::json("/action")),
        ]),
    }),
    profile: Profile {
        retry_horizon: Duration::from_secs(DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

//! Chargebee. Their page: "Webhook settings".
//!
//! - Chargebee signs nothing: it sends the user and password of the webhook as HTTP Basic. `Delivery::coverage` is
//!   nothing. The key is `user:password`.
//! - Chargebee waits for 20 seconds and tries up to seven more times, within about two days.
#![doc = mounting!(CHARGEBEE, "chargebee", Keyring::new("user:a-long-password"), "customer_created")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Chargebee: HTTP Basic.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const CHARGEBEE: Scheme = Scheme {
    name: Cow::Borrowed("chargebee"),
    docs: Cow::Borrowed("Webhook settings"),
    quirks: Cow::Borrowed("user and password, which sign nothing"),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event_type"))]),
    payload: Cow::Borrowed("/content"),
    profile: Profile {
        answer_within: Duration::from_secs(20),
        retry_horizon: Duration::from_secs(4 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::BASIC
};

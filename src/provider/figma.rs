//! Figma. Their page: "Webhooks V2".
//!
//! - Figma signs nothing: it repeats the passcode of the webhook in the body, as `passcode`. `Delivery::coverage` is
//!   nothing, and whoever sees a body sees the passcode: keep bodies out of logs.
//! - There is no event id: `webhook_id` names the webhook. An event is known by its content, which holds its moment.
//! - A `PING` comes when the webhook is made; without a handler it is acknowledged.
//! - Figma tries three more times, within about four hours.
#![doc = mounting!(FIGMA, "figma", Keyring::new("a passcode of your choice"), "FILE_UPDATE")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{Method, Scheme},
    source::{Source, TypePart},
};

/// Figma: a passcode in the body, at `/passcode`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const FIGMA: Scheme = Scheme {
    name: Cow::Borrowed("figma"),
    docs: Cow::Borrowed("Webhooks V2"),
    quirks: Cow::Borrowed("a passcode in the body, which signs nothing; no event id"),
    signature: Source::json("/passcode"),
    methods: Cow::Borrowed(&[Method::TOKEN]),
    content: Cow::Borrowed(&[]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event_type"))]),
    profile: Profile {
        retry_horizon: Duration::from_secs(4 * 3600),
        retention: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

//! ClickUp. Their page: "Webhook signature".
//!
//! - The secret is in the answer to the request that made the webhook.
//! - An event is known by its content: `/history_items/0/id` names a change of which several events may tell, as
//!   `taskUpdated` and `taskStatusUpdated`.
//! - ClickUp waits for seven seconds, tries five times, and suspends a webhook after 100 failures.
#![doc = mounting!(CLICKUP, "clickup", Keyring::new("8f742231b10e8888abcd99"), "taskStatusUpdated")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::Scheme,
    source::{Source, TypePart},
};

/// ClickUp: HMAC-SHA-256 in hex over the body, in `X-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const CLICKUP: Scheme = Scheme {
    name: Cow::Borrowed("clickup"),
    docs: Cow::Borrowed("Webhook signature"),
    quirks: Cow::Borrowed(
        "no event id that is good for one: one history item may be told of by several events",
    ),
    signature: Source::header("x-signature"),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    profile: Profile {
        answer_within: Duration::from_secs(7),
        retention: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

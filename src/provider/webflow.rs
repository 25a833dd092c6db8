//! Webflow. Their page: "Working with webhooks: validating request signatures".
//!
//! - The key is the client secret of the OAuth app; for a webhook made with a token of the site, the secret that came
//!   with it. One made in the dashboard is not signed.
//! - The timestamp is in milliseconds; Webflow says that it counts for five minutes.
//! - There is no event id: an event is known by its content.
#![doc = mounting!(WEBFLOW, "webflow", Keyring::new("8f742231b10e8888abcd99"), "form_submission")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Webflow: HMAC-SHA-256 in hex over `{timestamp}:{body}`, in `x-webflow-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const WEBFLOW: Scheme = Scheme {
    name: Cow::Borrowed("webflow"),
    docs: Cow::Borrowed("Working with webhooks: validating request signatures"),
    quirks: Cow::Borrowed(
        "only webhooks of an OAuth app are signed; a colon between timestamp and body",
    ),
    signature: Source::header("x-webflow-signature"),
    content: Cow::Borrowed(&[Part::Timestamp, Part::literal(":"), Part::Body]),
    timestamp: Some(Timestamp {
        source: Source::header("x-webflow-timestamp"),
        format: TimeFormat::UnixMillis,
        names: Names::Attempt,
        tolerance: Duration::from_secs(300),
    }),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/triggerType"))]),
    payload: Cow::Borrowed("/payload"),
    ..Scheme::HMAC_SHA256
};

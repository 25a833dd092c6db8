//! Calendly. Their page: "Webhook signatures".
//!
//! - There is no event id: an event is known by its content.
//! - Calendly waits for 10 seconds, tries for a day and then disables the webhook.
#![doc = mounting!(CALENDLY, "calendly", Keyring::new("5HkzNq7hLJ3xUPVZ"), "invitee.created")]

use std::{borrow::Cow, time::Duration};

use super::{
    DAY,
    common::{FIELDS, TIMED},
};
use crate::{
    profile::Profile,
    scheme::{Method, Names, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Calendly: HMAC-SHA-256 in hex over `{timestamp}.{body}`, in the fields of `Calendly-Webhook-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const CALENDLY: Scheme = Scheme {
    name: Cow::Borrowed("calendly"),
    docs: Cow::Borrowed("Webhook signatures"),
    quirks: Cow::Borrowed("three minutes of tolerance"),
    signature: Source::header("calendly-webhook-signature"),
    grammar: FIELDS,
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("v1"),
        ..Method::HMAC_SHA256
    }]),
    content: TIMED,
    timestamp: Some(Timestamp {
        source: Source::field("t"),
        format: TimeFormat::UnixSeconds,
        names: Names::Attempt,
        tolerance: Duration::from_secs(180),
    }),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    payload: Cow::Borrowed("/payload"),
    profile: Profile {
        answer_within: Duration::from_secs(10),
        retry_horizon: Duration::from_secs(DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

//! Zendesk. Their page: "Verifying webhooks".
//!
//! - The time is written as `2021-03-25T05:09:27Z`, and no delimiter stands between it and the body.
//! - The event id, `X-Zendesk-Webhook-Invocation-Id`, is a header that nobody signs.
//! - A webhook may be sent by GET or DELETE, with an empty body.
//! - Zendesk waits for 12 seconds.
#![doc = mounting!(ZENDESK, "zendesk", Keyring::new("5HkzNq7hLJ3xUPVZ"), "zen:event-type:user.created")]

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::{Encoding, Method, Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Zendesk: HMAC-SHA-256 in base64 over `{timestamp}{body}`, in `X-Zendesk-Webhook-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const ZENDESK: Scheme = Scheme {
    name: Cow::Borrowed("zendesk"),
    docs: Cow::Borrowed("Verifying webhooks"),
    quirks: Cow::Borrowed("the time is RFC 3339 and runs into the body"),
    signature: Source::header("x-zendesk-webhook-signature"),
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Base64,
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[Part::Timestamp, Part::Body]),
    timestamp: Some(Timestamp {
        source: Source::header("x-zendesk-webhook-signature-timestamp"),
        format: TimeFormat::Rfc3339,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::header("x-zendesk-webhook-invocation-id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    profile: Profile {
        answer_within: Duration::from_secs(12),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

//! Square. Their page: "Verify and validate an event notification".
//!
//! - The signature covers the notification URL exactly as it stands in the dashboard, directly followed by the body:
//!   give it as `Param::PublicUrl`, or set the receiver's URL policy.
//! - There is no timestamp; the event id is in the signed body.
//! - The older `x-square-signature` (SHA-1) is not read.
//! - Square waits for ten seconds and tries up to eleven times in 24 hours (`square-retry-number`).
#![doc = mounting!(SQUARE, "square", Keyring::new("Ibxx_5AKakO-3qeNVR61Dw").with(hooklatch::Param::PublicUrl, "https://example.com/webhooks/square"), "payment.created")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{Encoding, Method, Part, Scheme},
    source::{Source, TypePart},
};

/// Square: HMAC-SHA-256 in base64 over `{url}{body}`, in `x-square-hmacsha256-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const SQUARE: Scheme = Scheme {
    name: Cow::Borrowed("square"),
    docs: Cow::Borrowed("Verify and validate an event notification"),
    quirks: Cow::Borrowed("the notification URL is signed in front of the body"),
    signature: Source::header("x-square-hmacsha256-signature"),
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Base64,
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[Part::Url, Part::Body]),
    id: Some(Source::json("/event_id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    payload: Cow::Borrowed("/data/object"),
    keep_headers: Cow::Borrowed(&[
        Cow::Borrowed("square-environment"),
        Cow::Borrowed("square-retry-number"),
        Cow::Borrowed("square-retry-reason"),
    ]),
    profile: Profile {
        answer_within: Duration::from_secs(10),
        retry_horizon: Duration::from_secs(DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

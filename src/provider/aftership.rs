//! AfterShip. Their page: "Webhook signature".
//!
//! - [`AFTERSHIP`] is Tracking. [`AFTERSHIP_RETURNS`] is Returns and Warranty, which sign the same way in another
//!   header.
//! - Organisations of Returns from before October 2022 have a third header, `am-webhook-signature`, which is not
//!   read.
//! - There is no timestamp; the event id of Tracking, `/event_id`, is in the signed body. An event of Returns is
//!   known by its content.
#![doc = mounting!(AFTERSHIP, "aftership", Keyring::new("8f742231b10e8888abcd99"), "tracking_update")]

use std::borrow::Cow;

use super::common::BASE64;
use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// AfterShip Tracking: HMAC-SHA-256 in base64 over the body, in `aftership-hmac-sha256`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const AFTERSHIP: Scheme = Scheme {
    name: Cow::Borrowed("aftership"),
    docs: Cow::Borrowed("Webhook signature"),
    quirks: Cow::Borrowed("no timestamp is signed apart from the body"),
    signature: Source::header("aftership-hmac-sha256"),
    methods: Cow::Borrowed(&[BASE64]),
    id: Some(Source::json("/event_id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    payload: Cow::Borrowed("/msg"),
    ..Scheme::HMAC_SHA256
};

/// AfterShip Returns and Warranty: HMAC-SHA-256 in base64 over the body, in `as-signature-hmac-sha256`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const AFTERSHIP_RETURNS: Scheme = Scheme {
    name: Cow::Borrowed("aftership-returns"),
    docs: Cow::Borrowed("Webhook signature"),
    quirks: Cow::Borrowed("a header of its own; no event id"),
    signature: Source::header("as-signature-hmac-sha256"),
    methods: Cow::Borrowed(&[BASE64]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    ..Scheme::HMAC_SHA256
};

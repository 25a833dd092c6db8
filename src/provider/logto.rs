//! Logto. Their page: "Secure webhooks".
//!
//! - There is no event id: an event is known by its content, which holds the moment (`createdAt`).
//! - The event type is `/event`, as `User.Created`.
#![doc = mounting!(LOGTO, "logto", Keyring::new("8f742231b10e8888abcd99"), "User.Created")]

use std::borrow::Cow;

use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Logto: HMAC-SHA-256 in hex over the body, in `logto-signature-sha-256`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const LOGTO: Scheme = Scheme {
    name: Cow::Borrowed("logto"),
    docs: Cow::Borrowed("Secure webhooks"),
    quirks: Cow::Borrowed("no event id: an event is known by its content"),
    signature: Source::header("logto-signature-sha-256"),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    ..Scheme::HMAC_SHA256
};

//! Cal.com. Their page: "Webhooks: verify the authenticity of the payload".
//!
//! - A webhook without a secret is not signed.
//! - There is no event id: an event is known by its content, which holds the moment (`createdAt`). A webhook with a
//!   template of its own sends whatever the template says.
//! - The scheme is known from public code of others.
#![doc = mounting!(CAL_COM, "cal-com", Keyring::new("8f742231b10e8888abcd99"), "BOOKING_CREATED")]

use std::borrow::Cow;

use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Cal.com: HMAC-SHA-256 in hex over the body, in `X-Cal-Signature-256`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const CAL_COM: Scheme = Scheme {
    name: Cow::Borrowed("cal-com"),
    docs: Cow::Borrowed("Webhooks: verify the authenticity of the payload"),
    quirks: Cow::Borrowed("no event id: an event is known by its content"),
    signature: Source::header("x-cal-signature-256"),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/triggerEvent"))]),
    payload: Cow::Borrowed("/payload"),
    ..Scheme::HMAC_SHA256
};

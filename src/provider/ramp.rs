//! Ramp. Their page: "Webhooks".
//!
//! - There is no timestamp; the event id, `/id`, is in the signed body.
//! - An event is thin: it names an object, which the handler fetches.
//! - That the signature is written in hex is what public code does; Ramp's page does not say it.
//! - Ramp Network is another company and signs otherwise.
#![doc = mounting!(RAMP, "ramp", Keyring::new("8f742231b10e8888abcd99"), "transactions.cleared")]

use std::borrow::Cow;

use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Ramp: HMAC-SHA-256 in hex over the body, in `X-Ramp-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const RAMP: Scheme = Scheme {
    name: Cow::Borrowed("ramp"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("an event names its object and says nothing more of it"),
    signature: Source::header("x-ramp-signature"),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    ..Scheme::HMAC_SHA256
};

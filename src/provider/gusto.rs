//! Gusto. Their page: "Webhooks: verify the signature".
//!
//! - The key is the `verification_token` of the subscription. Gusto posts it, unsigned, when the subscription is
//!   made, and waits for it on its API: do that by hand or in a handler of your own.
//! - There is no timestamp; the event id, `/uuid`, is in the signed body.
//! - An event is thin: it names an entity, which the handler fetches.
//! - Gusto waits for ten seconds.
#![doc = mounting!(GUSTO, "gusto", Keyring::new("8f742231b10e8888abcd99"), "employee.created")]

use std::borrow::Cow;

use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Gusto: HMAC-SHA-256 in hex over the body, in `X-Gusto-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const GUSTO: Scheme = Scheme {
    name: Cow::Borrowed("gusto"),
    docs: Cow::Borrowed("Webhooks: verify the signature"),
    quirks: Cow::Borrowed("the key is the verification token of the subscription"),
    signature: Source::header("x-gusto-signature"),
    id: Some(Source::json("/uuid")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event_type"))]),
    ..Scheme::HMAC_SHA256
};

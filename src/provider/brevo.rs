//! Brevo. Their page: "Secure your webhooks".
//!
//! - Brevo signs nothing: it repeats the token of the webhook in `Authorization: Bearer …`. `Delivery::coverage` is
//!   nothing. A webhook with user and password instead needs a [`Scheme`] on [`Scheme::BASIC`].
//! - `message-id` names the message and `id` the webhook, of both of which several events tell: an event is known by its
//!   content.
#![doc = mounting!(BREVO, "brevo", Keyring::new("a-long-token-of-your-choice"), "delivered")]

use std::borrow::Cow;

use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Brevo: a bearer token.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const BREVO: Scheme = Scheme {
    name: Cow::Borrowed("brevo"),
    docs: Cow::Borrowed("Secure your webhooks"),
    quirks: Cow::Borrowed("a token, which signs nothing; no event id"),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    ..Scheme::BEARER
};

//! Marqeta. Their page: "Webhooks".
//!
//! - The key is `user:password`, as they are set on the webhook. Nothing is signed: `Delivery::coverage` is nothing.
//! - A delivery has events of one kind in a member of that name, which is the event type: `transactions`.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting!(MARQETA, "marqeta", Keyring::new("webhook:a-password-of-your-choice"), "transactions")]

use std::borrow::Cow;

use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Marqeta: `Authorization: Basic …`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const MARQETA: Scheme = Scheme {
    name: Cow::Borrowed("marqeta"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed(
        "Basic credentials, which sign nothing; a delivery holds events of one kind",
    ),
    event_type: Cow::Borrowed(&[TypePart::new(Source::OtherMember(Cow::Borrowed(&[])))]),
    ..Scheme::BASIC
};

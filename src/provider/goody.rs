//! Goody. Their page: "Webhook security".
//!
//! - Goody sends through Svix, and all of [`SVIX`] holds.
#![doc = mounting!(GOODY, "goody", Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "order.created")]

use std::borrow::Cow;

use super::svix::SVIX;
use crate::scheme::Scheme;

/// Goody: signatures in base64 over `{id}.{timestamp}.{body}`, listed in `svix-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const GOODY: Scheme = Scheme {
    name: Cow::Borrowed("goody"),
    docs: Cow::Borrowed("Webhook security"),
    quirks: Cow::Borrowed("sent by Svix, under its headers"),
    ..SVIX
};

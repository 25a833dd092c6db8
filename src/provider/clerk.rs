//! Clerk. Their page: "Webhooks overview".
//!
//! - Clerk sends through Svix, and all of [`SVIX`] holds: the secret begins with `whsec_`, a retry keeps
//!   its id.
//! - The event type is `/type`, the payload `/data`: a user, a session, an organisation.
#![doc = mounting!(CLERK, "clerk", Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "user.created")]

use std::borrow::Cow;

use super::svix::SVIX;
use crate::scheme::Scheme;

/// Clerk: signatures in base64 over `{id}.{timestamp}.{body}`, listed in `svix-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const CLERK: Scheme = Scheme {
    name: Cow::Borrowed("clerk"),
    docs: Cow::Borrowed("Webhooks overview"),
    quirks: Cow::Borrowed("sent by Svix, under its headers"),
    ..SVIX
};

//! Resend. Their page: "Verify webhooks requests".
//!
//! - Resend sends through Svix, and all of [`SVIX`] holds: the secret begins with `whsec_`, a retry
//!   keeps its id.
//! - The event type is `/type`, as `email.delivered`, the payload `/data`.
#![doc = mounting!(RESEND, "resend", Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "email.delivered")]

use std::borrow::Cow;

use super::svix::SVIX;
use crate::scheme::Scheme;

/// Resend: signatures in base64 over `{id}.{timestamp}.{body}`, listed in `svix-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const RESEND: Scheme = Scheme {
    name: Cow::Borrowed("resend"),
    docs: Cow::Borrowed("Verify webhooks requests"),
    quirks: Cow::Borrowed("sent by Svix, under its headers"),
    ..SVIX
};

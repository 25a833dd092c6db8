//! Tolt. Their page: "Verify webhooks".
//!
//! - Tolt sends through Svix, and all of [`SVIX`] holds.
#![doc = mounting!(TOLT, "tolt", Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "commission.created")]

use std::borrow::Cow;

use super::svix::SVIX;
use crate::scheme::Scheme;

/// Tolt: signatures in base64 over `{id}.{timestamp}.{body}`, listed in `svix-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const TOLT: Scheme = Scheme {
    name: Cow::Borrowed("tolt"),
    docs: Cow::Borrowed("Verify webhooks"),
    quirks: Cow::Borrowed("sent by Svix, under its headers"),
    ..SVIX
};

//! Polar. Their page: "Webhooks: verify signature".
//!
//! - Standard Webhooks but for the key: the text of the whole secret, its prefix `polar_whs_` included. It is not
//!   base64.
//! - Polar waits for ten seconds and tries ten more times.
#![doc = mounting!(POLAR, "polar", Keyring::new("polar_whs_abcdefghijklmnopqrstuvwxyz012345"), "order.created")]

use std::{borrow::Cow, time::Duration};

use super::standard_webhooks::{STANDARD_PROFILE, STANDARD_WEBHOOKS, V1_TEXT};
use crate::{profile::Profile, scheme::Scheme};

/// Polar: HMAC-SHA-256 in base64 over `{id}.{timestamp}.{body}`, listed in `webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const POLAR: Scheme = Scheme {
    name: Cow::Borrowed("polar"),
    docs: Cow::Borrowed("Webhooks: verify signature"),
    quirks: Cow::Borrowed("Standard Webhooks with the secret as text, prefix and all"),
    header_prefixes: Cow::Borrowed(&[Cow::Borrowed("webhook-")]),
    methods: Cow::Borrowed(&[V1_TEXT]),
    profile: Profile {
        answer_within: Duration::from_secs(10),
        ..STANDARD_PROFILE
    },
    ..STANDARD_WEBHOOKS
};

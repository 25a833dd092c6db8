//! Svix. Their page: "Verifying webhooks manually".
//!
//! - The same signatures as [`STANDARD_WEBHOOKS`]; headers begin with `svix-`, or without
//!   Svix's brand with `webhook-`. Where both are there, `svix-` counts.
//! - The secret is base64, with or without `whsec_` in front; a public key (`whpk_`, Ed25519) needs the feature
//!   `asymmetric`.
//! - Svix waits for 15 seconds and tries again for a little over a day, each try signed anew under the same id.
//!
//! ```
//! use axum::Router;
//! use hooklatch::{EventRouter, Hooks, Keyring, RawEvent, provider};
//!
//! async fn handle(event: RawEvent) {
//!     println!("{} {}", event.id, event.event_type);
//! }
//!
//! let hooks = Hooks::new();
//! let keys = Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
//! let receiver = hooks.receiver("svix", provider::SVIX, keys)?;
//! let events = EventRouter::new().on("user.created", handle);
//! let app: Router = Router::new().route_service("/webhooks/svix", receiver.receive(events));
//!
//! let wrong = Keyring::new("sk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
//! assert!(hooks.receiver("wrong", provider::SVIX, wrong).is_err());
//! # Ok::<(), hooklatch::ConfigError>(())
//! ```

use std::{borrow::Cow, time::Duration};

use super::{DAY, standard_webhooks::STANDARD_WEBHOOKS};
use crate::{profile::Profile, scheme::Scheme};

/// Svix: signatures in base64 over `{id}.{timestamp}.{body}`, listed in `svix-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const SVIX: Scheme = Scheme {
    name: Cow::Borrowed("svix"),
    docs: Cow::Borrowed("Verifying webhooks manually"),
    quirks: Cow::Borrowed("headers begin with svix- or, unbranded, with webhook-"),
    header_prefixes: Cow::Borrowed(&[Cow::Borrowed("svix-"), Cow::Borrowed("webhook-")]),
    profile: Profile {
        answer_within: Duration::from_secs(15),
        retry_horizon: Duration::from_secs(2 * DAY),
        retention: Duration::from_secs(14 * DAY),
        ..Profile::DEFAULT
    },
    ..STANDARD_WEBHOOKS
};

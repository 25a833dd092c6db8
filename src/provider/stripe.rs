//! Stripe. Their page: "Receive Stripe events in your webhook endpoint".
//!
//! - The secret begins with `whsec_` and is used whole, as text; it is not base64.
//! - Only `v1` counts. `v0` is for their test mode and skipped: accepting it would be a downgrade.
//! - While a secret is rolled a request carries a `v1` for each; one that cannot be read spoils no other.
//! - Stripe's own libraries refuse only old timestamps; here one from the future is stale too.
//! - A thin event ([`STRIPE_V2_THIN`]) is signed the same way and says what happened to what, and nothing of how it looks
//!   now: fetch it by its id. Such an event has no `/data/object`; its payload is the whole body.
//! - Stripe waits for 20 seconds and tries again for three days, each try signed anew under the same id.
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
//! let keys = Keyring::new("whsec_5HkzNq7hLJ3xUPVZ").and("rolled", "whsec_KXXs1TLJnq2oPmVC");
//! let receiver = hooks.receiver("stripe", provider::STRIPE, keys)?;
//! let events = EventRouter::new().on("invoice.paid", handle);
//! let app: Router = Router::new().route_service("/webhooks/stripe", receiver.receive(events));
//!
//! let wrong = Keyring::new("sk_live_5HkzNq7hLJ3xUPVZ");
//! assert!(hooks.receiver("wrong", provider::STRIPE, wrong).is_err());
//! # Ok::<(), hooklatch::ConfigError>(())
//! ```

use std::{borrow::Cow, time::Duration};

use super::{
    DAY,
    common::{FIELDS, TIMED},
};
use crate::{
    profile::Profile,
    scheme::{Method, Scheme, Timestamp},
    source::{Source, TypePart},
};

/// Stripe: HMAC-SHA-256 in hex over `{timestamp}.{body}`, in the fields of `Stripe-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const STRIPE: Scheme = scheme(
    "stripe",
    "the secret is used with its prefix; only v1 signatures count",
    "/data/object",
);

/// Stripe's thin events (API version 2): as [`STRIPE`], the payload being the whole body.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const STRIPE_V2_THIN: Scheme = scheme(
    "stripe-v2-thin",
    "an event says what happened to what, and nothing of how it looks now",
    "",
);

const fn scheme(name: &'static str, quirks: &'static str, payload: &'static str) -> Scheme {
    Scheme {
        name: Cow::Borrowed(name),
        docs: Cow::Borrowed("Receive Stripe events in your webhook endpoint"),
        quirks: Cow::Borrowed(quirks),
        signature: Source::header("stripe-signature"),
        grammar: FIELDS,
        methods: Cow::Borrowed(&[Method {
            tag: Cow::Borrowed("v1"),
            ..Method::HMAC_SHA256
        }]),
        content: TIMED,
        timestamp: Some(Timestamp::unix(Source::field("t"))),
        id: Some(Source::json("/id")),
        event_type: TYPE,
        payload: Cow::Borrowed(payload),
        profile: Profile {
            answer_within: Duration::from_secs(20),
            retry_horizon: Duration::from_secs(3 * DAY),
            retention: Duration::from_secs(30 * DAY),
            ..Profile::DEFAULT
        },
        ..Scheme::HMAC_SHA256
    }
}

const TYPE: Cow<'static, [TypePart]> = Cow::Borrowed(&[TypePart::new(Source::json("/type"))]);

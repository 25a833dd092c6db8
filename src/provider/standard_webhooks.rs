//! Standard Webhooks. Their page: "Standard Webhooks specification".
//!
//! - Headers begin with `webhook-` or, of Svix, with `svix-`; where both are there, `webhook-` counts.
//! - `v1` is HMAC-SHA-256; its secret is base64, with or without `whsec_` in front.
//! - `v1a` is Ed25519 (feature `asymmetric`); its public key begins with `whpk_`. A key counts for one of the two only,
//!   whatever a request calls its signature.
//! - A sender of the standard is advised to try again for about three days, each try signed anew under the same id.
//! - An id that contains a dot is refused: id, timestamp and body are signed with dots between them.
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
//! let receiver = hooks.receiver("standard", provider::STANDARD_WEBHOOKS, keys)?;
//! let events = EventRouter::new().on("user.created", handle);
//! let app: Router = Router::new().route_service("/webhooks/standard", receiver.receive(events));
//!
//! let wrong = Keyring::new("whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
//! assert!(hooks.receiver("wrong", provider::STANDARD_WEBHOOKS, wrong).is_err());
//! # Ok::<(), hooklatch::ConfigError>(())
//! ```

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{Algorithm, Encoding, Grammar, KeyFormat, Method, Part, Scheme, Timestamp},
    source::{Source, TypePart},
};

/// Standard Webhooks: signatures in base64 over `{id}.{timestamp}.{body}`, listed in `webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const STANDARD_WEBHOOKS: Scheme = Scheme {
    name: Cow::Borrowed("standard-webhooks"),
    docs: Cow::Borrowed("Standard Webhooks specification"),
    quirks: Cow::Borrowed(
        "headers begin with webhook- or svix-; v1 (HMAC) and v1a (Ed25519) may come together",
    ),
    header_prefixes: Cow::Borrowed(&[Cow::Borrowed("webhook-"), Cow::Borrowed("svix-")]),
    signature: Source::header("signature"),
    grammar: LIST,
    methods: Cow::Borrowed(&[V1, V1A]),
    content: CONTENT,
    timestamp: Some(Timestamp::unix(Source::header("timestamp"))),
    id: Some(Source::header("id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    payload: Cow::Borrowed("/data"),
    profile: Profile {
        answer_within: Duration::from_secs(15),
        retention: Duration::from_secs(14 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

/// Entries as `v1,…`, between spaces.
pub(super) const LIST: Grammar = Grammar::List {
    separator: ' ',
    assign: ',',
};

/// The secret.
pub(super) const V1: Method = Method {
    tag: Cow::Borrowed("v1"),
    encoding: Encoding::Base64,
    key: KeyFormat {
        prefix: Cow::Borrowed("whsec_"),
        encoding: Encoding::Base64,
        ..KeyFormat::TEXT
    },
    ..Method::HMAC_SHA256
};

/// The public key.
pub(super) const V1A: Method = Method {
    fallback_tag: None,
    tag: Cow::Borrowed("v1a"),
    algorithm: Algorithm::Ed25519,
    encoding: Encoding::Base64,
    key: KeyFormat {
        prefix: Cow::Borrowed("whpk_"),
        prefix_required: true,
        encoding: Encoding::Base64,
        ..KeyFormat::TEXT
    },
};

pub(super) const CONTENT: Cow<'static, [Part]> = Cow::Borrowed(&[
    Part::Id,
    Part::literal("."),
    Part::Timestamp,
    Part::literal("."),
    Part::Body,
]);

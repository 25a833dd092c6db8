//! Whoever signs by the drafts before RFC 9421, "Signing HTTP Messages" (draft-cavage-http-signatures-12), as servers of
//! ActivityPub do.
//!
//! - One header, `Signature: keyId="…",algorithm="…",headers="…",signature="…"`. For a sender that writes the same into
//!   `Authorization`, behind `Signature `, a literal with that header as its [`Scheme::signature`](crate::Scheme::signature).
//! - The signature covers the lines that `headers` names, of which the draft wants the date alone: this preset wants
//!   `(request-target)`, `host`, `date` or `(created)`, and `digest` where there is a body, and computes the digest again.
//! - A key says what it is for: in front of it stands the name of its algorithm and a colon, as `rsa-sha256:-----BEGIN PUBLIC
//!   KEY-----…`. The name under which it is in the keyring is its `keyId`. The `algorithm` of a request decides nothing: it is
//!   `hs2019`, or that of the key. RSA keys below 2048 bits are refused, those of the draft's own examples among them.
//! - A `keyId` that is a URL is never fetched.
//! - The moment may be 300 s off; some senders sign the date of the event and retry for hours: a literal gives them more.
//! - The signed host is the one the sender was given: behind a proxy set the receiver's URL policy.
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
//! let keys = Keyring::empty().and("their-key-id", "hmac-sha256:b2YgdGhpcnR5LXR3byBieXRlcyBhdCB0aGUgbGVhc3Q=");
//! let receiver = hooks.receiver("partner", provider::DRAFT_CAVAGE, keys)?;
//! let events = EventRouter::new().on("Create", handle);
//! let app: Router = Router::new().route_service("/webhooks/partner", receiver.receive(events));
//!
//! let wrong = Keyring::new("without the name of its algorithm");
//! assert!(hooks.receiver("wrong", provider::DRAFT_CAVAGE, wrong).is_err());
//! # Ok::<(), hooklatch::ConfigError>(())
//! ```

use std::{borrow::Cow, time::Duration};

use super::http_message_signatures::method;
use crate::{
    scheme::{Algorithm, Method, Names, Part, Proof, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// The drafts before RFC 9421: a signature over request target, host, date and the digest of the body.
///
/// The [module](self) says what is odd about them and shows how to mount it.
pub const DRAFT_CAVAGE: Scheme = Scheme {
    name: Cow::Borrowed("draft-cavage"),
    docs: Cow::Borrowed("draft-cavage-http-signatures-12, Signing HTTP Messages"),
    quirks: Cow::Borrowed(
        "the receiver says what has to be covered; the body by its Digest; a key is named by the keyId",
    ),
    proof: Proof::DraftSignature,
    signature: Source::header("signature"),
    methods: Cow::Borrowed(METHODS),
    content: Cow::Borrowed(&[Part::Method, Part::Url, Part::Timestamp, Part::Body]),
    timestamp: Some(Timestamp {
        source: Source::header("date"),
        format: TimeFormat::HttpDate,
        names: Names::Attempt,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    ..Scheme::HMAC_SHA256
};

const METHODS: &[Method] = &[
    method("ed25519", "ed25519:", Algorithm::Ed25519),
    method("rsa-sha256", "rsa-sha256:", Algorithm::RsaSha256),
    method("rsa-sha512", "rsa-sha512:", Algorithm::RsaSha512),
    method("rsa-pss-sha512", "rsa-pss-sha512:", Algorithm::RsaPssSha512),
    method("ecdsa-sha256", "ecdsa-sha256:", Algorithm::EcdsaP256),
    method("hmac-sha256", "hmac-sha256:", Algorithm::HmacSha256),
];

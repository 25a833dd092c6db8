//! Whoever signs by RFC 9421, "HTTP Message Signatures", with the digest of the body by RFC 9530, "Digest Fields".
//!
//! - The signature covers what it says it covers, and an empty list is a good signature too: so it is the receiver who
//!   says what has to be covered. This preset wants the method, the URL, the moment (`created`, 300 s either way), and the
//!   digest of the body where there is one. What else a sender's own documentation promises, a literal asks for:
//!   [`MessageSignature`] says how.
//! - The body is under the signature only by its digest, which is computed again.
//! - A key says what it is for: in front of it stands the registered name of its algorithm and a colon, as
//!   `ed25519:MCowBQ…`. A public key is PEM or the base64 within, an HMAC secret is base64. The name under which it is in the
//!   keyring is its `keyid`; the signature's `alg` decides nothing, it only has to agree.
//! - The signed URL is the one the sender was given: behind a proxy set the receiver's URL policy.
//! - The `nonce`, where there is one, is the event's id. A sender that signs each retry with another nonce repeats its
//!   events under new ids then: set [`Scheme::id`](crate::Scheme::id) to its own.
//! - Of several signatures exactly one may be such as this preset wants, at most 16 are read; trailers are not, nor
//!   signatures of responses.
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
//! let receiver = hooks.receiver("partner", provider::HTTP_MESSAGE_SIGNATURES, keys)?;
//! let events = EventRouter::new().fallback(handle);
//! let app: Router = Router::new().route_service("/webhooks/partner", receiver.receive(events));
//!
//! let wrong = Keyring::new("without the name of its algorithm");
//! assert!(hooks.receiver("wrong", provider::HTTP_MESSAGE_SIGNATURES, wrong).is_err());
//! # Ok::<(), hooklatch::ConfigError>(())
//! ```

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{
        Algorithm, Encoding, KeyFormat, MessageSignature, Method, Names, Part, Proof, Scheme,
        TimeFormat, Timestamp,
    },
    source::Source,
};

/// HTTP message signatures: RFC 9421 over method, URL, moment and the digest of the body.
///
/// The [module](self) says what is odd about them and shows how to mount it.
pub const HTTP_MESSAGE_SIGNATURES: Scheme = Scheme {
    name: Cow::Borrowed("http-message-signatures"),
    docs: Cow::Borrowed("RFC 9421, HTTP Message Signatures"),
    quirks: Cow::Borrowed(
        "the receiver says what has to be covered; the body by its Content-Digest; a key is named by the keyid",
    ),
    proof: Proof::MessageSignature(MessageSignature::ANY),
    signature: Source::header("signature"),
    methods: Cow::Borrowed(METHODS),
    content: Cow::Borrowed(&[Part::Method, Part::Url, Part::Timestamp, Part::Body]),
    timestamp: Some(Timestamp {
        source: Source::field("created"),
        format: TimeFormat::UnixSeconds,
        names: Names::Attempt,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::field("nonce")),
    ..Scheme::HMAC_SHA256
};

/// A method whose tag is the registered name of its algorithm, which its keys have in front.
pub(super) const fn method(
    tag: &'static str,
    prefix: &'static str,
    algorithm: Algorithm,
) -> Method {
    Method {
        fallback_tag: None,
        tag: Cow::Borrowed(tag),
        algorithm,
        encoding: Encoding::Base64,
        key: KeyFormat {
            prefix: Cow::Borrowed(prefix),
            prefix_required: true,
            encoding: Encoding::Base64,
            ..KeyFormat::TEXT
        },
    }
}

const METHODS: &[Method] = &[
    method("ed25519", "ed25519:", Algorithm::Ed25519),
    method(
        "ecdsa-p256-sha256",
        "ecdsa-p256-sha256:",
        Algorithm::EcdsaP256Raw,
    ),
    method(
        "ecdsa-p384-sha384",
        "ecdsa-p384-sha384:",
        Algorithm::EcdsaP384Raw,
    ),
    method("rsa-pss-sha512", "rsa-pss-sha512:", Algorithm::RsaPssSha512),
    method("rsa-v1_5-sha256", "rsa-v1_5-sha256:", Algorithm::RsaSha256),
    method("hmac-sha256", "hmac-sha256:", Algorithm::HmacSha256),
];

//! Vonage. Their page: "Decoding signed webhooks".
//!
//! - A token (HS256) as bearer; its claim `payload_hash` is the digest of the body. Vonage's own libraries leave that to
//!   the caller.
//! - The key is the account's signature secret.
//! - `iat` may be 300 seconds off. The event id is the claim `jti`.
//! - The event type is the body's `status`, where it has one: `delivered`.
#![doc = mounting!(VONAGE, "vonage", Keyring::new("6fwTkDzKp1C8wJYmrVSKVfbtVeMqWGHMtB2q"), "delivered")]

use std::borrow::Cow;

use crate::{
    scheme::{BodyDigest, Jws, Must, Proof, Requirement, Scheme, Timestamp},
    source::{Source, TypePart},
};

/// Vonage: HS256 over a digest of the body, in `Authorization: Bearer …`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const VONAGE: Scheme = Scheme {
    name: Cow::Borrowed("vonage"),
    docs: Cow::Borrowed("Decoding signed webhooks"),
    quirks: Cow::Borrowed("a bearer token that names the digest of the body"),
    proof: Proof::Jws(Jws {
        require: Cow::Borrowed(&[Requirement {
            of: Source::Claim(Cow::Borrowed("/iss")),
            must: Must::Equal(Cow::Borrowed("Vonage")),
        }]),
        ..Jws::CLAIMS
    }),
    body_digest: Some(BodyDigest {
        source: Source::claim("/payload_hash"),
        ..BodyDigest::SHA256
    }),
    timestamp: Some(Timestamp::unix(Source::claim("/iat"))),
    id: Some(Source::claim("/jti")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/status"))]),
    ..Scheme::JWT_HS256
};

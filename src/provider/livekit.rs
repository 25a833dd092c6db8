//! LiveKit. Their page: "Webhooks".
//!
//! - A token (HS256) in `Authorization`, with no word in front of it; its claim `sha256` is the digest of the body in
//!   base64.
//! - The key is the API secret; the issuer is the API key, which the keyring needs as `Param::Issuer`.
//! - It counts from `nbf` to `exp`.
//! - The event type is the body's `event`: `room_started`.
#![doc = mounting!(LIVEKIT, "livekit", Keyring::new("8f742231b10e8888abcd99yyyzzz85a5").with(hooklatch::Param::Issuer, "APIx7Ft2"), "room_started")]

use std::borrow::Cow;

use crate::{
    scheme::{BodyDigest, Encoding, Jws, Method, Must, Proof, Requirement, Scheme},
    secret::Param,
    source::{Source, TypePart},
};

/// LiveKit: HS256 over a digest of the body, in `Authorization`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const LIVEKIT: Scheme = Scheme {
    name: Cow::Borrowed("livekit"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed(
        "a token without a word in front that names the digest of the body; the issuer is the API key",
    ),
    proof: Proof::Jws(Jws {
        require: Cow::Borrowed(&[
            Requirement {
                of: Source::Claim(Cow::Borrowed("/iss")),
                must: Must::EqualParam(Param::Issuer),
            },
            Requirement {
                of: Source::Claim(Cow::Borrowed("/exp")),
                must: Must::Present,
            },
        ]),
        ..Jws::CLAIMS
    }),
    signature: Source::header("authorization"),
    methods: Cow::Borrowed(&[Method::HS256]),
    content: Cow::Borrowed(&[]),
    body_digest: Some(BodyDigest {
        source: Source::claim("/sha256"),
        encoding: Encoding::Base64,
        ..BodyDigest::SHA256
    }),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    ..Scheme::HMAC_SHA256
};

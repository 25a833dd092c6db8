//! Security Event Tokens (RFC 8417) by push (RFC 8935), as Google's RISC and the Shared Signals Framework send them.
//!
//! - The whole body is a token (RS256, PS256 or ES256, `application/secevent+jwt`), and the event its claims.
//! - The keyring needs the transmitter and whom it sends to, as `Param::Issuer` and `Param::Audience`.
//! - Keys are known by their `kid`, which is their name in the keyring.
//! - The event id is `jti`. What happened is the name of a member of `events`, of which there may be several: there is no
//!   event type.
//! - A transmitter waits for 202; another 2xx will do with most.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting_by_kid!(SECURITY_EVENT_TOKENS, "security-event-tokens", "a-kid", ".with(hooklatch::Param::Issuer, \"https://transmitter.example\").with(hooklatch::Param::Audience, \"https://example.com/events\")", "")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{
        Algorithm, Jws, Method, Must, Names, Proof, Requirement, Scheme, TimeFormat, Timestamp,
        TokenPayload,
    },
    secret::Param,
    source::Source,
};

/// Security Event Tokens: the body is a token, and the event its claims.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const SECURITY_EVENT_TOKENS: Scheme = Scheme {
    name: Cow::Borrowed("security-event-tokens"),
    docs: Cow::Borrowed("RFC 8935: Push-Based Security Event Token Delivery Using HTTP"),
    quirks: Cow::Borrowed("the whole body is a token, and the event its claims; no event type"),
    proof: Proof::Jws(Jws {
        payload: TokenPayload::Event,
        require: Cow::Borrowed(&[
            Requirement {
                of: Source::Claim(Cow::Borrowed("/iss")),
                must: Must::EqualParam(Param::Issuer),
            },
            Requirement {
                of: Source::Claim(Cow::Borrowed("/aud")),
                must: Must::EqualParam(Param::Audience),
            },
            Requirement {
                of: Source::Claim(Cow::Borrowed("/events")),
                must: Must::Present,
            },
        ]),
        ..Jws::CLAIMS
    }),
    signature: Source::Body,
    methods: Cow::Borrowed(&[
        Method::RS256,
        Method {
            algorithm: Algorithm::RsaPssSha256,
            ..Method::RS256
        },
        Method::ES256,
    ]),
    key_id: Some(Source::protected("/kid")),
    content: Cow::Borrowed(&[]),
    timestamp: Some(Timestamp {
        source: Source::claim("/iat"),
        format: TimeFormat::UnixSeconds,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::json("/jti")),
    ..Scheme::HMAC_SHA256
};

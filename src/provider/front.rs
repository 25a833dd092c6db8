//! Front. Their page: "Application webhooks; Rule webhooks".
//!
//! - [`FRONT`] is the webhook of an app: SHA-256 by the signing key of the app, over a timestamp in milliseconds,
//!   too. When it is saved, Front sends a signed request with `X-Front-Challenge`, which is answered.
//! - [`FRONT_RULE`] is the webhook of a rule: SHA-1 over the body alone, by the API secret, in the same header. Front
//!   has nothing better for it.
//! - An event has an id, which is in the signed body: `/payload/id` of an app, `/id` of a rule.
#![doc = mounting!(FRONT, "front", Keyring::new("8f742231b10e8888abcd99"), "inbound_received")]

use std::{borrow::Cow, time::Duration};

use super::common::BASE64;
use crate::{
    scheme::{
        Algorithm, ChallengeAnswer, Condition, Handshake, Method, Names, Part, Scheme, TimeFormat,
        Timestamp,
    },
    source::{Source, TypePart},
};

/// The webhooks of an app of Front: HMAC-SHA-256 in base64 over `{timestamp}:{body}`, in `X-Front-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const FRONT: Scheme = Scheme {
    name: Cow::Borrowed("front"),
    docs: Cow::Borrowed("Application webhooks"),
    quirks: Cow::Borrowed(
        "a colon between timestamp and body; the URL challenge is a signed request",
    ),
    signature: Source::header("x-front-signature"),
    methods: Cow::Borrowed(&[BASE64]),
    content: Cow::Borrowed(&[Part::Timestamp, Part::literal(":"), Part::Body]),
    timestamp: Some(Timestamp {
        source: Source::header("x-front-request-timestamp"),
        format: TimeFormat::UnixMillis,
        names: Names::Attempt,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::json("/payload/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    payload: Cow::Borrowed("/payload"),
    handshakes: Cow::Borrowed(&[Handshake {
        signed: true,
        method: Cow::Borrowed("POST"),
        when: Cow::Borrowed(&[
            Condition::Present(Source::header("x-front-challenge")),
            Condition::Equals(Source::json("/type"), Cow::Borrowed("sync")),
        ]),
        answer: ChallengeAnswer::EchoJson(
            Source::header("x-front-challenge"),
            Cow::Borrowed("challenge"),
        ),
    }]),
    ..Scheme::HMAC_SHA256
};

/// The webhooks of a rule of Front: HMAC-SHA-1 in base64 over the body, in `X-Front-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const FRONT_RULE: Scheme = Scheme {
    name: Cow::Borrowed("front-rule"),
    docs: Cow::Borrowed("Rule webhooks"),
    quirks: Cow::Borrowed("SHA-1, in the header in which an app has a SHA-256"),
    signature: Source::header("x-front-signature"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::HmacSha1,
        ..BASE64
    }]),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    ..Scheme::HMAC_SHA256
};

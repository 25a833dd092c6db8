//! X (formerly Twitter). Their page: "Webhooks quickstart".
//!
//! - The key is the consumer secret of the app, with which it also asks for tokens.
//! - The event type is the member beside `for_user_id`, as `tweet_create_events`. The payload is the whole body.
//! - There is no event id and no timestamp: an event is known by its content.
//! - X waits for ten seconds.
#![doc = mounting!(X_TWITTER, "x-twitter", Keyring::new("8f742231b10e8888abcd99"), "tweet_create_events")]

use std::{borrow::Cow, time::Duration};

use super::{DAY, common::BASE64};
use crate::{
    profile::Profile,
    scheme::{AnswerPart, ChallengeAnswer, Condition, Encoding, Handshake, Method, Scheme},
    source::{Source, TypePart},
};

/// X: HMAC-SHA-256 in base64 over the body, as `sha256=…` in `x-twitter-webhooks-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const X_TWITTER: Scheme = Scheme {
    name: Cow::Borrowed("x-twitter"),
    docs: Cow::Borrowed("Webhooks quickstart"),
    quirks: Cow::Borrowed(
        "a prefix of hex and a signature in base64; the event type is the name of a member",
    ),
    signature: Source::header("x-twitter-webhooks-signature"),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("sha256="),
        ..BASE64
    }]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::OtherMember(Cow::Borrowed(&[
        Cow::Borrowed("for_user_id"),
        Cow::Borrowed("user_has_blocked"),
        Cow::Borrowed("users"),
        Cow::Borrowed("apps"),
    ])))]),
    handshakes: Cow::Borrowed(&[Handshake {
        signed: false,
        method: Cow::Borrowed("GET"),
        when: Cow::Borrowed(&[Condition::Present(Source::query("crc_token"))]),
        answer: ChallengeAnswer::Json(Cow::Borrowed(&[
            AnswerPart::Literal(Cow::Borrowed(r#"{"response_token":"sha256="#)),
            AnswerPart::Mac(Source::query("crc_token"), Encoding::Base64),
            AnswerPart::Literal(Cow::Borrowed(r#""}"#)),
        ])),
    }]),
    profile: Profile {
        retention: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

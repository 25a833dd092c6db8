//! monday.com. Their page: "Webhooks".
//!
//! - Webhooks of an app have a token (HS256, by the app's signing secret) in `Authorization`, with no word in front of it.
//!   It says nothing of the body: `Delivery::coverage` is nothing. Webhooks of a board made by hand have none at all.
//! - The URL challenge is a POST of `challenge`, answered with the same; here it needs the token too.
//! - monday tries every minute for half an hour.
#![doc = mounting!(MONDAY, "monday", Keyring::new("8f742231b10e8888abcd99yyyzzz85a5"), "create_item")]

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::{ChallengeAnswer, Condition, Handshake, Jws, Method, Proof, Scheme},
    source::{Source, TypePart},
};

/// monday.com: an HS256 token in `Authorization`, which says nothing of the body.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const MONDAY: Scheme = Scheme {
    name: Cow::Borrowed("monday"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("a token without a word in front, which signs nothing of the body"),
    proof: Proof::Jws(Jws::CLAIMS),
    signature: Source::header("authorization"),
    methods: Cow::Borrowed(&[Method::HS256]),
    content: Cow::Borrowed(&[]),
    id: Some(Source::json("/event/triggerUuid")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event/type"))]),
    payload: Cow::Borrowed("/event"),
    handshakes: Cow::Borrowed(&[
        CHALLENGE,
        Handshake {
            signed: true,
            ..CHALLENGE
        },
    ]),
    profile: Profile {
        retry_horizon: Duration::from_secs(30 * 60),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

/// An app's challenges come with a token, those of a board's own webhooks without.
const CHALLENGE: Handshake = Handshake {
    signed: false,
    method: Cow::Borrowed("POST"),
    when: Cow::Borrowed(&[
        Condition::Present(Source::Json(Cow::Borrowed("/challenge"))),
        Condition::Absent(Source::Json(Cow::Borrowed("/event"))),
    ]),
    answer: ChallengeAnswer::EchoJson(
        Source::Json(Cow::Borrowed("/challenge")),
        Cow::Borrowed("challenge"),
    ),
};

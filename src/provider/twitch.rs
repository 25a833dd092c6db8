//! Twitch (EventSub). Their page: "Handling webhook events".
//!
//! - Nothing stands between id, timestamp and body. The timestamp is RFC 3339, of which no byte can be taken for a
//!   part of its neighbours.
//! - The event type is `/subscription/type`, as `stream.online`, and the payload `/event`.
//! - That a subscription was revoked comes under its type, too, without an `/event`: the header
//!   `Twitch-Eventsub-Message-Type`, which is not signed, and `/subscription/status`, which is, tell. The handler
//!   then gets the whole body.
//! - Twitch advises to refuse what is older than ten minutes, which is done. It may repeat a message, under its id.
#![doc = mounting!(TWITCH, "twitch", Keyring::new("8f742231b10e8888abcd99"), "stream.online")]

use std::{borrow::Cow, time::Duration};

use super::common::SHA256;
use crate::{
    scheme::{ChallengeAnswer, Condition, Handshake, Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Twitch: HMAC-SHA-256 in hex over `{id}{timestamp}{body}`, as `sha256=…` in `Twitch-Eventsub-Message-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const TWITCH: Scheme = Scheme {
    name: Cow::Borrowed("twitch"),
    docs: Cow::Borrowed("Handling webhook events"),
    quirks: Cow::Borrowed("id, timestamp and body are signed with nothing between them"),
    signature: Source::header("twitch-eventsub-message-signature"),
    methods: Cow::Borrowed(&[SHA256]),
    content: Cow::Borrowed(&[Part::Id, Part::Timestamp, Part::Body]),
    timestamp: Some(Timestamp {
        source: Source::header("twitch-eventsub-message-timestamp"),
        format: TimeFormat::Rfc3339,
        names: Names::Attempt,
        tolerance: Duration::from_secs(600),
    }),
    id: Some(Source::header("twitch-eventsub-message-id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/subscription/type"))]),
    payload: Cow::Borrowed("/event"),
    handshakes: Cow::Borrowed(&[Handshake {
        signed: true,
        method: Cow::Borrowed("POST"),
        when: Cow::Borrowed(&[Condition::Equals(
            Source::header("twitch-eventsub-message-type"),
            Cow::Borrowed("webhook_callback_verification"),
        )]),
        answer: ChallengeAnswer::Echo(Source::json("/challenge")),
    }]),
    keep_headers: Cow::Borrowed(&[
        Cow::Borrowed("twitch-eventsub-message-retry"),
        Cow::Borrowed("twitch-eventsub-message-type"),
    ]),
    ..Scheme::HMAC_SHA256
};

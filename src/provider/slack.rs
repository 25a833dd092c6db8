//! Slack: events, commands and interactivity. Their page: "Verifying requests from Slack".
//!
//! - One endpoint may get JSON (events) and forms (commands; interactivity, whose JSON is in the field `payload`).
//! - The event type is `/event/type` of an event, else the body's `type`, else the name of the command.
//! - Only events have an id; a command or interaction is known by its content.
//! - Slack waits for three seconds, then tries an event again up to three times, unless told not to (`X-Slack-No-Retry`,
//!   which goes with a refusal). Commands and interactions read a [`Reply`](crate::Reply).
//! - The URL challenge is a signed POST.
#![doc = mounting!(SLACK, "slack", Keyring::new("8f742231b10e8888abcd99yyyzzz85a5"), "app_mention")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{ChallengeAnswer, Condition, Handshake, Method, Part, Scheme, Timestamp},
    source::{FormPayload, Source, TypePart},
};

/// Slack: HMAC-SHA-256 in hex over `v0:{timestamp}:{body}`, as `v0=…` in `X-Slack-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const SLACK: Scheme = Scheme {
    name: Cow::Borrowed("slack"),
    docs: Cow::Borrowed("Verifying requests from Slack"),
    quirks: Cow::Borrowed("JSON and forms come to the same endpoint; only events have an id"),
    signature: Source::header("x-slack-signature"),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("v0="),
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[
        Part::literal("v0:"),
        Part::Timestamp,
        Part::literal(":"),
        Part::Body,
    ]),
    timestamp: Some(Timestamp::unix(Source::header("x-slack-request-timestamp"))),
    id: Some(Source::json("/event_id")),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/event/type")),
        TypePart::otherwise(Source::json("/type")),
        TypePart::otherwise(Source::form("command")),
    ]),
    payload: Cow::Borrowed("/event"),
    form_payload: Some(FormPayload::Text(Cow::Borrowed("payload"))),
    handshakes: Cow::Borrowed(&[Handshake {
        signed: true,
        method: Cow::Borrowed("POST"),
        when: Cow::Borrowed(&[Condition::Equals(
            Source::json("/type"),
            Cow::Borrowed("url_verification"),
        )]),
        answer: ChallengeAnswer::Echo(Source::json("/challenge")),
    }]),
    keep_headers: Cow::Borrowed(&[
        Cow::Borrowed("x-slack-retry-num"),
        Cow::Borrowed("x-slack-retry-reason"),
    ]),
    profile: Profile {
        answer_within: Duration::from_secs(3),
        retry_horizon: Duration::from_secs(3600),
        retention: Duration::from_secs(DAY),
        stop_header: Some((Cow::Borrowed("x-slack-no-retry"), Cow::Borrowed("1"))),
        reads_reply: true,
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

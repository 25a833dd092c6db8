//! Zoom. Their page: "Using webhooks: verify and validate your endpoint".
//!
//! - The secret token of the app signs as Slack's does.
//! - There is no event id: an event is known by its content, which holds the moment it happened (`event_ts`).
//! - The URL challenge is a signed POST, `endpoint.url_validation`, answered with the MAC of its token. Zoom asks
//!   again every 72 hours.
//! - Zoom waits for three seconds and tries three more times, within three hours.
#![doc = mounting!(ZOOM, "zoom", Keyring::new("8f742231b10e8888abcd99"), "meeting.started")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{
        AnswerPart, ChallengeAnswer, Condition, Encoding, Handshake, Method, Part, Scheme,
        Timestamp,
    },
    source::{Source, TypePart},
};

/// Zoom: HMAC-SHA-256 in hex over `v0:{timestamp}:{body}`, as `v0=…` in `x-zm-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const ZOOM: Scheme = Scheme {
    name: Cow::Borrowed("zoom"),
    docs: Cow::Borrowed("Using webhooks: verify and validate your endpoint"),
    quirks: Cow::Borrowed("no event id; the URL challenge is answered with a MAC of its token"),
    signature: Source::header("x-zm-signature"),
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
    timestamp: Some(Timestamp::unix(Source::header("x-zm-request-timestamp"))),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    payload: Cow::Borrowed("/payload"),
    handshakes: Cow::Borrowed(&[Handshake {
        signed: true,
        method: Cow::Borrowed("POST"),
        when: Cow::Borrowed(&[Condition::Equals(
            Source::json("/event"),
            Cow::Borrowed("endpoint.url_validation"),
        )]),
        answer: ChallengeAnswer::Json(Cow::Borrowed(&[
            AnswerPart::Literal(Cow::Borrowed(r#"{"plainToken":""#)),
            AnswerPart::Challenge(Source::json("/payload/plainToken")),
            AnswerPart::Literal(Cow::Borrowed(r#"","encryptedToken":""#)),
            AnswerPart::Mac(Source::json("/payload/plainToken"), Encoding::Hex),
            AnswerPart::Literal(Cow::Borrowed(r#""}"#)),
        ])),
    }]),
    keep_headers: Cow::Borrowed(&[Cow::Borrowed("x-zm-trackingid")]),
    profile: Profile {
        answer_within: Duration::from_secs(3),
        retry_horizon: Duration::from_secs(3 * 3600),
        retention: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

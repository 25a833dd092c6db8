//! Okta event hooks. Their page: "Event hooks".
//!
//! - Okta signs nothing: it repeats the authentication secret of the hook in `Authorization`. `Delivery::coverage` is
//!   nothing. A hook may be set to another header; then write a [`Scheme`] with that `signature`.
//! - One delivery carries several events, in `/data/events`.
//! - Okta waits for three seconds, and tries once more after a 5xx or silence, never after a 4xx.
#![doc = mounting!(OKTA, "okta", Keyring::new("a long secret of your choice"), "user.lifecycle.create")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::{OnClientError, Profile},
    scheme::{ChallengeAnswer, Condition, Handshake, Method, Scheme},
    source::{Items, Source, TypePart},
};

/// Okta event hooks: a secret in `Authorization`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const OKTA: Scheme = Scheme {
    name: Cow::Borrowed("okta"),
    docs: Cow::Borrowed("Event hooks"),
    quirks: Cow::Borrowed("a token, which signs nothing; one delivery carries several events"),
    signature: Source::header("authorization"),
    methods: Cow::Borrowed(&[Method::TOKEN]),
    content: Cow::Borrowed(&[]),
    id: Some(Source::json("/eventId")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/eventType"))]),
    items: Some(Items {
        pointer: Cow::Borrowed("/data/events"),
        id: Some(Cow::Borrowed("/uuid")),
        event_type: Cow::Borrowed(&[TypePart::new(Source::json("/eventType"))]),
    }),
    handshakes: Cow::Borrowed(&[Handshake {
        signed: false,
        method: Cow::Borrowed("GET"),
        when: Cow::Borrowed(&[Condition::Present(Source::header(
            "x-okta-verification-challenge",
        ))]),
        answer: ChallengeAnswer::EchoJson(
            Source::header("x-okta-verification-challenge"),
            Cow::Borrowed("verification"),
        ),
    }]),
    profile: Profile {
        answer_within: Duration::from_secs(3),
        on_client_error: OnClientError::GiveUp,
        retention: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

//! Fitbit's Web API. Their page: "Using subscriptions".
//!
//! - HMAC-SHA-1; the key is the client secret followed by `&`, as in OAuth 1. Give the secret alone.
//! - A batch: an array of notifications, without ids, which say what to fetch.
//! - Fitbit waits for five seconds and switches a subscriber off that fails again and again.
//! - The API is switched off in late 2026 in favour of the Google Health API.
#![doc = mounting!(FITBIT, "fitbit", Keyring::new("7b9e55d2c0a14fb2b6f1").with(hooklatch::Param::VerifyToken, "a code of theirs"), "activities")]

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::{
        Algorithm, ChallengeAnswer, Condition, Encoding, Handshake, KeyFormat, Method, Scheme,
    },
    secret::Param,
    source::{Items, Source, TypePart},
};

/// Fitbit: HMAC-SHA-1 in base64 over the body, in `X-Fitbit-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const FITBIT: Scheme = Scheme {
    name: Cow::Borrowed("fitbit"),
    docs: Cow::Borrowed("Using subscriptions"),
    quirks: Cow::Borrowed("a batch; the key is the client secret and `&`"),
    signature: Source::header("x-fitbit-signature"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::HmacSha1,
        encoding: Encoding::Base64,
        key: KeyFormat {
            suffix: Cow::Borrowed("&"),
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    items: Some(Items {
        pointer: Cow::Borrowed(""),
        id: None,
        event_type: Cow::Borrowed(&[TypePart::new(Source::json("/collectionType"))]),
    }),
    handshakes: Cow::Borrowed(&[
        Handshake {
            signed: false,
            method: Cow::Borrowed("GET"),
            when: Cow::Borrowed(&[Condition::EqualsParam(
                Source::query("verify"),
                Param::VerifyToken,
            )]),
            answer: ChallengeAnswer::NoContent,
        },
        Handshake {
            signed: false,
            method: Cow::Borrowed("GET"),
            when: Cow::Borrowed(&[Condition::Present(Source::query("verify"))]),
            answer: ChallengeAnswer::Refuse(404),
        },
    ]),
    profile: Profile {
        answer_within: Duration::from_secs(5),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

//! Trello. Their page: "Webhooks".
//!
//! - The URL is signed as it was registered, its query included: behind a proxy give `Param::PublicUrl`.
//! - The key is the secret of the app. The id and the type are in the signed body; there is no timestamp.
//! - Trello tries three times, after 30, 60 and 120 seconds, and deletes a webhook that answers 410.
#![doc = mounting!(TRELLO, "trello", Keyring::new("5HkzNq7hLJ3xUPVZ"), "updateCard")]

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::{Algorithm, ChallengeAnswer, Encoding, Handshake, Method, Part, Scheme},
    source::{Source, TypePart},
};

/// Trello: HMAC-SHA-1 in base64 over the body and the URL, in `X-Trello-Webhook`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const TRELLO: Scheme = Scheme {
    name: Cow::Borrowed("trello"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("the URL follows the body; SHA-1"),
    signature: Source::header("x-trello-webhook"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::HmacSha1,
        encoding: Encoding::Base64,
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[Part::Body, Part::Url]),
    id: Some(Source::json("/action/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/action/type"))]),
    handshakes: Cow::Borrowed(&[Handshake {
        signed: false,
        method: Cow::Borrowed("HEAD"),
        when: Cow::Borrowed(&[]),
        answer: ChallengeAnswer::Acknowledge,
    }]),
    profile: Profile {
        retry_horizon: Duration::from_secs(210),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

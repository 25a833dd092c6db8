//! Intercom. Their page: "Webhooks: signed notifications".
//!
//! - HMAC-SHA-1 with the client secret of the app; Intercom has nothing better.
//! - There is no timestamp; the event id is in the signed body.
//! - When an endpoint is saved it is asked for with HEAD, which is answered 200.
//! - Intercom waits for five seconds and tries once more, a minute later.
#![doc = mounting!(INTERCOM, "intercom", Keyring::new("8f742231b10e8888abcd99"), "conversation.user.created")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{Algorithm, ChallengeAnswer, Handshake, Method, Scheme},
    source::{Source, TypePart},
};

/// Intercom: HMAC-SHA-1 in hex over the body, as `sha1=…` in `X-Hub-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const INTERCOM: Scheme = Scheme {
    name: Cow::Borrowed("intercom"),
    docs: Cow::Borrowed("Webhooks: signed notifications"),
    quirks: Cow::Borrowed("SHA-1; an endpoint is asked for with HEAD when it is saved"),
    signature: Source::header("x-hub-signature"),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("sha1="),
        algorithm: Algorithm::HmacSha1,
        ..Method::HMAC_SHA256
    }]),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/topic"))]),
    payload: Cow::Borrowed("/data/item"),
    handshakes: Cow::Borrowed(&[Handshake {
        signed: false,
        method: Cow::Borrowed("HEAD"),
        when: Cow::Borrowed(&[]),
        answer: ChallengeAnswer::Acknowledge,
    }]),
    profile: Profile {
        answer_within: Duration::from_secs(5),
        retry_horizon: Duration::from_secs(300),
        retention: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

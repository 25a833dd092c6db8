//! Asana. Their page: "Webhooks guide".
//!
//! - Each webhook has a secret of its own, which Asana sends in the header `X-Hook-Secret` of its first request,
//!   while the request that makes the webhook is still open.
//! - A delivery is a batch, `/events`; an empty one is a heartbeat, every eight hours.
//! - Events have no id and are known by their content. Their type is the resource and the action: `task.changed`.
//! - Asana waits for ten seconds and tries again for a day, then deletes the webhook.
#![doc = mounting!(ASANA, "asana", Keyring::new("8f742231b10e8888abcd99"), "task.changed")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{ChallengeAnswer, Condition, Handshake, Scheme},
    source::{Items, Source, TypePart},
};

/// Asana: HMAC-SHA-256 in hex over the body, in `X-Hook-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const ASANA: Scheme = Scheme {
    name: Cow::Borrowed("asana"),
    docs: Cow::Borrowed("Webhooks guide"),
    quirks: Cow::Borrowed("a batch, which is empty every eight hours; events have no id"),
    signature: Source::header("x-hook-signature"),
    items: Some(Items {
        pointer: Cow::Borrowed("/events"),
        id: None,
        event_type: Cow::Borrowed(&[
            TypePart::new(Source::json("/resource/resource_type")),
            TypePart::new(Source::json("/action")),
        ]),
    }),
    handshakes: Cow::Borrowed(&[Handshake {
        signed: false,
        method: Cow::Borrowed("POST"),
        when: Cow::Borrowed(&[Condition::Present(Source::header("x-hook-secret"))]),
        answer: ChallengeAnswer::Secret(
            Source::header("x-hook-secret"),
            Some(Cow::Borrowed("x-hook-secret")),
        ),
    }]),
    profile: Profile {
        retry_horizon: Duration::from_secs(DAY),
        retention: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

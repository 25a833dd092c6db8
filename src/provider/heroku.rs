//! Heroku (app webhooks). Their page: "App webhooks: securing webhook requests".
//!
//! - There is no timestamp; the event id, `/id`, is in the signed body.
//! - The event type is the entity and the action: `api:release.update`.
//! - A webhook may be set to send an `Authorization` header, too; it is not read.
//! - Heroku waits for ten seconds. At the level `sync` it tries again for 72 hours; at `notify` it does not.
#![doc = mounting!(HEROKU, "heroku", Keyring::new("8f742231b10e8888abcd99"), "api:release.update")]

use std::borrow::Cow;

use super::common::BASE64;
use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Heroku: HMAC-SHA-256 in base64 over the body, in `Heroku-Webhook-Hmac-SHA256`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const HEROKU: Scheme = Scheme {
    name: Cow::Borrowed("heroku"),
    docs: Cow::Borrowed("App webhooks: securing webhook requests"),
    quirks: Cow::Borrowed("the event type is what was subscribed to and the action"),
    signature: Source::header("heroku-webhook-hmac-sha256"),
    methods: Cow::Borrowed(&[BASE64]),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/webhook_metadata/event/include")),
        TypePart::new(Source::json("/action")),
    ]),
    payload: Cow::Borrowed("/data"),
    ..Scheme::HMAC_SHA256
};

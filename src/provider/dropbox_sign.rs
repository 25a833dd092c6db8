//! Dropbox Sign (HelloSign). Their page: "Events walkthrough: verify event_hash".
//!
//! - The event is JSON in the field `json` of a multipart form (feature `multipart`). Its `event_hash` covers only
//!   `event_time` and `event_type`: **what happened to which document is not signed**. `Delivery::coverage` is partial;
//!   fetch the signature request from the API.
//! - Two events of one type in one second have the same hash, so it is no id: an event is known by its JSON. Whoever has
//!   one signed event can therefore send others of that type and second, until it is stale.
//! - The time is that of the event, not of the try. Dropbox Sign tries six more times, for about two days.
//! - It wants to read `Hello API Event Received`, and waits for 30 seconds. A new callback URL gets a `callback_test`.
//! - The key is an API key of the account.
//! - The newer header `Content-Sha256`, a MAC of the JSON, is not read.
#![cfg_attr(
    feature = "multipart",
    doc = mounting!(DROPBOX_SIGN, "dropbox-sign", Keyring::new("8f742231b10e8888abcd99yyyzzz85a5"), "signature_request_signed")
)]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::{Acknowledgement, Profile},
    scheme::{Names, Part, Scheme, TimeFormat, Timestamp},
    source::{FormPayload, Format, Source, TypePart},
};

/// Dropbox Sign: HMAC-SHA-256 in hex over `{event_time}{event_type}`, all three in JSON in a form.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const DROPBOX_SIGN: Scheme = Scheme {
    name: Cow::Borrowed("dropbox-sign"),
    docs: Cow::Borrowed("Events walkthrough: verify event_hash"),
    quirks: Cow::Borrowed("only the time and type of the event are signed; the answer has a text"),
    signature: Source::json("/event/event_hash"),
    content: Cow::Borrowed(&[
        Part::Timestamp,
        Part::Text(Source::json("/event/event_type")),
    ]),
    timestamp: Some(Timestamp {
        source: Source::json("/event/event_time"),
        format: TimeFormat::UnixSeconds,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event/event_type"))]),
    form_payload: Some(FormPayload::Text(Cow::Borrowed("json"))),
    formats: Cow::Borrowed(&[Format::Multipart]),
    profile: Profile {
        answer_within: Duration::from_secs(30),
        retry_horizon: Duration::from_secs(2 * DAY),
        accepted: Some(Acknowledgement {
            content_type: Cow::Borrowed("text/plain"),
            body: Cow::Borrowed("Hello API Event Received"),
        }),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

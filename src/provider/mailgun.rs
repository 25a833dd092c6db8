//! Mailgun. Their page: "Securing webhooks".
//!
//! - The signature stands in the body and covers only `timestamp` and `token`, which stand beside it: **the event
//!   itself is not signed**. `Delivery::coverage` is partial; fetch what matters from Mailgun's API.
//! - JSON has the three under `/signature`, forms (legacy webhooks and routes) as fields. A field that comes twice is
//!   refused.
//! - The event id is the token, the one signed thing that is unique: a captured signature under another event is a
//!   duplicate, and does not run. Mailgun's own id of the event is in the payload, as `id`.
//! - Nobody documents that a retry is signed anew, so the timestamp may be as old as the last retry: eight hours.
//! - Mailgun takes 406 for "do not try again", so that is what a refusal answers; anything else but 200 is a failure.
#![doc = mounting!(MAILGUN, "mailgun", Keyring::new("key-8f742231b10e8888abcd99yyyzzz85a5"), "delivered")]

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::{Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Mailgun: HMAC-SHA-256 in hex over `{timestamp}{token}`, all three in the body.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const MAILGUN: Scheme = Scheme {
    name: Cow::Borrowed("mailgun"),
    docs: Cow::Borrowed("Securing webhooks"),
    quirks: Cow::Borrowed("only a timestamp and a token in the body are signed, not the event"),
    signature: Source::FirstOf(Cow::Borrowed(&[
        Source::json("/signature/signature"),
        Source::form("signature"),
    ])),
    content: Cow::Borrowed(&[Part::Timestamp, Part::Id]),
    timestamp: Some(Timestamp {
        source: Source::FirstOf(Cow::Borrowed(&[
            Source::json("/signature/timestamp"),
            Source::form("timestamp"),
        ])),
        format: TimeFormat::UnixSeconds,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::FirstOf(Cow::Borrowed(&[
        Source::json("/signature/token"),
        Source::form("token"),
    ]))),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/event-data/event")),
        TypePart::otherwise(Source::form("event")),
    ]),
    payload: Cow::Borrowed("/event-data"),
    profile: Profile {
        retry_horizon: Duration::from_secs(8 * 3600),
        body_limit: 32 * 1024 * 1024,
        refusal_status: 406,
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

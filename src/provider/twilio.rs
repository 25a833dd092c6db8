//! Twilio. Their page: "Webhooks security".
//!
//! - The key is the auth token of the account. The signature covers the URL as Twilio was given it, so behind a proxy
//!   say which that is: `Param::PublicUrl`, or the receiver's URL policy. With and without a port, and with an
//!   apostrophe in either spelling, it is the same URL.
//! - A form is signed field by field (sorted, each name directly before its value), so where one ends is not:
//!   `Delivery::coverage` is partial. JSON is signed by its SHA-256 in the parameter `bodySHA256` of the URL, which
//!   covers all of it.
//! - There is no timestamp. The event id, `I-Twilio-Idempotency-Token`, is the same for every try and not signed: a
//!   captured form runs again under another token, since calls repeat identical forms as a matter of course.
//! - Twilio's newer signatures with a shared key (HMAC-SHA-256) are not read.
//! - The event type is `MessageStatus`, else `CallStatus`, else JSON's `/type`. A call waits for TwiML: answer with a
//!   [`Reply`](crate::Reply).
//! - Twilio waits for 15 seconds; whether it tries again is set with the URL.
//!
//! ```
//! use axum::Router;
//! use hooklatch::{EventRouter, Hooks, Keyring, Param, RawEvent, provider};
//!
//! async fn handle(event: RawEvent) {
//!     println!("{} {}", event.id, event.event_type);
//! }
//!
//! let hooks = Hooks::new();
//! let keys = Keyring::new("12345678901234567890123456789012")
//!     .with(Param::PublicUrl, "https://example.com/webhooks/twilio");
//! let receiver = hooks.receiver("twilio", provider::TWILIO, keys)?;
//! let events = EventRouter::new().on("completed", handle);
//! let app: Router = Router::new().route_service("/webhooks/twilio", receiver.receive(events));
//!
//! let wrong = Keyring::new("");
//! assert!(hooks.receiver("wrong", provider::TWILIO, wrong).is_err());
//! # Ok::<(), hooklatch::ConfigError>(())
//! ```

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{Algorithm, BodyDigest, Encoding, Method, Part, Scheme},
    source::{Source, TypePart},
};

/// Twilio: HMAC-SHA-1 in base64 over the URL and the fields of a form, or a URL with the digest of the body.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const TWILIO: Scheme = Scheme {
    name: Cow::Borrowed("twilio"),
    docs: Cow::Borrowed("Webhooks security"),
    quirks: Cow::Borrowed(
        "the URL is signed; a form by its sorted fields, JSON by a digest in the URL",
    ),
    signature: Source::header("x-twilio-signature"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::HmacSha1,
        encoding: Encoding::Base64,
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[Part::Url, Part::SortedForm]),
    body_digest: Some(BodyDigest {
        source: Source::query("bodySHA256"),
        encoding: Encoding::Hex,
        ..BodyDigest::SHA256
    }),
    id: Some(Source::header("i-twilio-idempotency-token")),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::form("MessageStatus")),
        TypePart::otherwise(Source::form("CallStatus")),
        TypePart::otherwise(Source::json("/type")),
    ]),
    profile: Profile {
        answer_within: Duration::from_secs(15),
        retry_horizon: Duration::ZERO,
        retention: Duration::from_secs(7 * DAY),
        reads_reply: true,
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

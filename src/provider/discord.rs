//! Discord: interactions and webhook events. Their page: "Interactions overview; Webhook Events".
//!
//! - Ed25519 (feature `asymmetric`); the key is the public key of the application, in hex.
//! - Nothing stands between timestamp and body, which is safe for as long as a body begins with `{`.
//! - Discord tests an endpoint with wrong signatures, which are answered 401, and with a PING, which is answered behind
//!   verification: that of interactions with `{"type":1}`, that of events with 204.
//! - An interaction waits three seconds for a [`Reply`](crate::Reply); its event type is the number in `type`, as `2` for a
//!   command, that of an event is `/event/type`. Only interactions have an id; an event is known by its content.
//! - Events are tried again for ten minutes, and nobody documents that a retry is signed anew.
//!
//! ```
//! use axum::Router;
//! use hooklatch::{ConfigErrorKind, EventRouter, Hooks, Keyring, RawEvent, provider};
//!
//! async fn handle(event: RawEvent) {
//!     println!("{} {}", event.id, event.event_type);
//! }
//!
//! let hooks = Hooks::new();
//! let keys = Keyring::new("815f6ab74879eb667a101802f0320817478e41ee171157e779204b12761bae7c");
//! match hooks.receiver("discord", provider::DISCORD, keys) {
//!     Ok(receiver) => {
//!         let events = EventRouter::new().on("APPLICATION_AUTHORIZED", handle);
//!         let app: Router = Router::new().route_service("/webhooks/discord", receiver.receive(events));
//!     }
//!     // Without the feature it says which one is missing.
//!     Err(error) => assert_eq!(error.kind(), ConfigErrorKind::Feature),
//! }
//!
//! let wrong = Keyring::new("not a public key");
//! assert!(hooks.receiver("wrong", provider::DISCORD, wrong).is_err());
//! ```

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{
        Algorithm, AnswerPart, ChallengeAnswer, Condition, Encoding, Handshake, KeyFormat, Method,
        Names, Part, Scheme, TimeFormat, Timestamp,
    },
    source::{Source, TypePart},
};

/// Discord: Ed25519 in hex over `{timestamp}{body}`, in `X-Signature-Ed25519`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const DISCORD: Scheme = Scheme {
    name: Cow::Borrowed("discord"),
    docs: Cow::Borrowed("Interactions overview; Webhook Events"),
    quirks: Cow::Borrowed("two kinds of PING are answered; an interaction waits for a reply"),
    signature: Source::header("x-signature-ed25519"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::Ed25519,
        key: KeyFormat {
            encoding: Encoding::Hex,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[Part::Timestamp, Part::Body]),
    timestamp: Some(Timestamp {
        source: Source::header("x-signature-timestamp"),
        format: TimeFormat::UnixSeconds,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/event/type")),
        TypePart::otherwise(Source::json("/type")),
    ]),
    handshakes: Cow::Borrowed(&[
        Handshake {
            signed: true,
            method: Cow::Borrowed("POST"),
            // An event has the type 1 too, and says which beside it.
            when: Cow::Borrowed(&[
                Condition::Equals(Source::json("/type"), Cow::Borrowed("1")),
                Condition::Absent(Source::json("/event/type")),
            ]),
            answer: ChallengeAnswer::Json(Cow::Borrowed(&[AnswerPart::Literal(Cow::Borrowed(
                r#"{"type":1}"#,
            ))])),
        },
        Handshake {
            signed: true,
            method: Cow::Borrowed("POST"),
            when: Cow::Borrowed(&[Condition::Equals(Source::json("/type"), Cow::Borrowed("0"))]),
            answer: ChallengeAnswer::NoContent,
        },
    ]),
    profile: Profile {
        answer_within: Duration::from_secs(3),
        retry_horizon: Duration::from_secs(600),
        retention: Duration::from_secs(DAY),
        reads_reply: true,
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

//! Meta: Facebook, Messenger, [`WHATSAPP`] and [`INSTAGRAM`]. Their page: "Webhooks: validate payloads".
//!
//! - The key is the app secret. Meta signs the very bytes it sends, with non-ASCII characters escaped: what parses and
//!   prints them again breaks the signature.
//! - A delivery is a batch of entries, and each change of an entry is an event of its own, with its `field` as the type:
//!   `feed`. An entry without changes is one event, with the name of what it holds as the type: `messaging`.
//! - There is no event id and no timestamp: an event is known by its entry, which holds whose it is (`id`) and the moment
//!   (`time`). A handler of a change that needs these reads them in the body of the delivery.
//! - The URL challenge is a GET with `hub.challenge`; it repeats the token you chose, which the keyring holds as
//!   `Param::VerifyToken`. Without it there is no receiver.
//! - Meta waits for 20 seconds and tries again for 36 hours, WhatsApp for seven days.
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
//! let keys = Keyring::new("8f742231b10e8888abcd99")
//!     .with(Param::VerifyToken, "a word you chose");
//! let receiver = hooks.receiver("meta", provider::META, keys)?;
//! let events = EventRouter::new().on("feed", handle);
//! let app: Router = Router::new().route_service("/webhooks/meta", receiver.receive(events));
//!
//! let without_token = Keyring::new("8f742231b10e8888abcd99");
//! assert!(hooks.receiver("without", provider::META, without_token).is_err());
//! let wrong = Keyring::new("short").with(Param::VerifyToken, "a word you chose");
//! assert!(hooks.receiver("wrong", provider::META, wrong).is_err());
//! # Ok::<(), hooklatch::ConfigError>(())
//! ```

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{ChallengeAnswer, Condition, Handshake, Method, Scheme},
    secret::Param,
    source::{Items, Source, TypePart},
};

/// Facebook and Messenger: HMAC-SHA-256 in hex over the body, as `sha256=…` in `X-Hub-Signature-256`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const META: Scheme = scheme("meta", Duration::from_secs(36 * 3600));

/// Instagram, as [`META`].
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const INSTAGRAM: Scheme = scheme("instagram", Duration::from_secs(36 * 3600));

/// WhatsApp Cloud API, as [`META`], with retries for seven days.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const WHATSAPP: Scheme = scheme("whatsapp", Duration::from_secs(7 * DAY));

const fn scheme(name: &'static str, retry_horizon: Duration) -> Scheme {
    Scheme {
        name: Cow::Borrowed(name),
        docs: Cow::Borrowed("Webhooks: validate payloads"),
        quirks: Cow::Borrowed(
            "a batch of entries and changes without ids; the bytes are signed with escapes as sent",
        ),
        signature: Source::header("x-hub-signature-256"),
        methods: METHODS,
        items: Some(CHANGES),
        handshakes: HANDSHAKES,
        profile: Profile {
            answer_within: Duration::from_secs(20),
            retry_horizon,
            ..Profile::DEFAULT
        },
        ..Scheme::HMAC_SHA256
    }
}

const METHODS: Cow<'static, [Method]> = Cow::Borrowed(&[Method {
    tag: Cow::Borrowed("sha256="),
    ..Method::HMAC_SHA256
}]);

const CHANGES: Items = Items {
    pointer: Cow::Borrowed("/entry/*/changes"),
    id: None,
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/field")),
        TypePart::otherwise(Source::OtherMember(Cow::Borrowed(&[
            Cow::Borrowed("id"),
            Cow::Borrowed("time"),
            Cow::Borrowed("uid"),
        ]))),
    ]),
};

const HANDSHAKES: Cow<'static, [Handshake]> = Cow::Borrowed(&[Handshake {
    signed: false,
    method: Cow::Borrowed("GET"),
    when: Cow::Borrowed(&[
        Condition::Equals(Source::query("hub.mode"), Cow::Borrowed("subscribe")),
        Condition::EqualsParam(Source::query("hub.verify_token"), Param::VerifyToken),
    ]),
    answer: ChallengeAnswer::Echo(Source::query("hub.challenge")),
}]);

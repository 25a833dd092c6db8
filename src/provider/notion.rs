//! Notion. Their page: "Webhooks: validating the authenticity of notifications".
//!
//! - The key is the `verification_token`, which Notion makes itself and sends in the first request, signed with that very
//!   token. [`Receiver::on_secret`](crate::Receiver::on_secret) has to accept it; store it, and paste it into the form of the
//!   integration to confirm. Begin with an empty keyring, as below. Once the receiver has the token, a request
//!   that brings another is refused, and one that repeats it is answered without running a handler.
//! - The digits of the signature count in either case.
//! - There is no timestamp: what is old can only be told by the event, which holds the moment (`timestamp`).
//! - Notion tries again up to eight times, over a day.
//!
//! ```
//! use axum::Router;
//! use hooklatch::{EventRouter, Hooks, Keyring, RawEvent, Secret, provider};
//!
//! async fn handle(event: RawEvent) {
//!     println!("{} {}", event.id, event.event_type);
//! }
//!
//! async fn store(token: &Secret) -> Result<(), std::io::Error> {
//!     Ok(()) // where the keyring is read from at the next start
//! }
//!
//! let hooks = Hooks::new();
//! let receiver = hooks
//!     .receiver("notion", provider::NOTION, Keyring::empty())?
//!     .on_secret(|arrived| async move { store(arrived.secret()).await });
//! let events = EventRouter::new().on("page.created", handle);
//! let app: Router = Router::new().route_service("/webhooks/notion", receiver.receive(events));
//!
//! let wrong = Keyring::new("short");
//! assert!(hooks.receiver("wrong", provider::NOTION, wrong).is_err());
//! # Ok::<(), hooklatch::ConfigError>(())
//! ```

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{ChallengeAnswer, Condition, Encoding, Handshake, Method, Scheme},
    source::{Source, TypePart},
};

/// Notion: HMAC-SHA-256 in hex over the body, as `sha256=…` in `X-Notion-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const NOTION: Scheme = Scheme {
    name: Cow::Borrowed("notion"),
    docs: Cow::Borrowed("Webhooks: validating the authenticity of notifications"),
    quirks: Cow::Borrowed("the secret arrives in the first request; hex in either case counts"),
    signature: Source::header("x-notion-signature"),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("sha256="),
        encoding: Encoding::HexAnyCase,
        ..Method::HMAC_SHA256
    }]),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    handshakes: Cow::Borrowed(&[
        Handshake {
            signed: false,
            method: Cow::Borrowed("POST"),
            when: Cow::Borrowed(&[Condition::Present(TOKEN), Condition::Absent(TYPE)]),
            answer: ChallengeAnswer::Secret(TOKEN, None),
        },
        Handshake {
            signed: true,
            method: Cow::Borrowed("POST"),
            when: Cow::Borrowed(&[Condition::Present(TOKEN), Condition::Absent(TYPE)]),
            answer: ChallengeAnswer::Acknowledge,
        },
    ]),
    profile: Profile {
        retry_horizon: Duration::from_secs(DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

const TOKEN: Source = Source::json("/verification_token");
const TYPE: Source = Source::json("/type");

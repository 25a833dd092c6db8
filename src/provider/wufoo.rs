//! Wufoo. Their page: "Webhooks".
//!
//! - Wufoo signs nothing: it repeats the handshake key, which you chose, in the form field `HandshakeKey`. Who knows
//!   it can send anything; `Delivery::coverage` is nothing.
//! - The event id is `EntryId`, which counts within one form: give every form a receiver of its own.
//! - There is no event type.
//!
//! ```
//! use axum::Router;
//! use hooklatch::{EventRouter, Hooks, Keyring, RawEvent, provider};
//!
//! async fn handle(event: RawEvent) {
//!     println!("{} {}", event.id, event.event_type);
//! }
//!
//! let hooks = Hooks::new();
//! let keys = Keyring::new("a handshake key you chose");
//! let receiver = hooks.receiver("wufoo", provider::WUFOO, keys)?;
//! let events = EventRouter::new().fallback(handle);
//! let app: Router = Router::new().route_service("/webhooks/wufoo", receiver.receive(events));
//!
//! let wrong = Keyring::new("short");
//! assert!(hooks.receiver("wrong", provider::WUFOO, wrong).is_err());
//! # Ok::<(), hooklatch::ConfigError>(())
//! ```

use std::borrow::Cow;

use crate::{
    scheme::{Method, Scheme},
    source::Source,
};

/// Wufoo: a token in the form field `HandshakeKey`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const WUFOO: Scheme = Scheme {
    name: Cow::Borrowed("wufoo"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("a token in the form, which signs nothing; ids count within one form"),
    signature: Source::form("HandshakeKey"),
    methods: Cow::Borrowed(&[Method::TOKEN]),
    content: Cow::Borrowed(&[]),
    id: Some(Source::form("EntryId")),
    ..Scheme::HMAC_SHA256
};

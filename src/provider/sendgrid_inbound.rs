//! SendGrid's Inbound Parse: mails as webhooks. Their page: "Securing your Inbound Parse webhooks".
//!
//! - Signed only with a security policy on the parse setting: ECDSA on P-256 (feature `asymmetric`) as the event webhook,
//!   over the raw multipart bytes. Without one SendGrid signs nothing, and every request is refused here.
//! - A body is `multipart/form-data` (feature `multipart`): text parts as `from`, `subject` and `text`, the attachments as
//!   files. With "POST the raw, full MIME message" the whole mail is in the part `email` instead.
//! - Mails have no event id and no type: a retry is known by its content, and `fallback` handles them all.
//! - A mail may have 30 MB; on a 5xx SendGrid tries again for up to three days, on a 4xx never.
//! - Who wrote the mail is another question: see its parts `SPF` and `dkim`. File names are the writer's text.
//! - A part may be in another charset than UTF-8, as the part `charsets` tells: `Event` then has replacement characters, and
//!   the bytes are in `RawEvent` or axum's own `Multipart`.
//!
//! ```
//! # #[cfg(feature = "multipart")]
//! # fn main() -> Result<(), hooklatch::ConfigError> {
//! use axum::Router;
//! use hooklatch::{Attachments, ConfigErrorKind, Event, EventRouter, Hooks, Keyring, provider};
//!
//! #[derive(serde::Deserialize)]
//! struct Mail { from: String, subject: String, text: Option<String> }
//!
//! async fn mail(event: Event<Mail>, Attachments(files): Attachments) {
//!     println!("{}: {} ({} files)", event.data.from, event.data.subject, files.len());
//! }
//!
//! let hooks = Hooks::new();
//! let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
//! match hooks.receiver("mail", provider::SENDGRID_INBOUND, Keyring::new(key)) {
//!     Ok(receiver) => {
//!         let events = EventRouter::new().fallback(mail);
//!         let app: Router = Router::new().route_service("/webhooks/mail", receiver.receive(events));
//!     }
//!     // Without the features it says which one is missing.
//!     Err(error) => assert_eq!(error.kind(), ConfigErrorKind::Feature),
//! }
//!
//! let wrong = Keyring::new("no-public-key-at-all");
//! assert!(hooks.receiver("wrong", provider::SENDGRID_INBOUND, wrong).is_err());
//! # Ok(()) }
//! # #[cfg(not(feature = "multipart"))]
//! # fn main() {}
//! ```

use std::{borrow::Cow, time::Duration};

use super::{DAY, sendgrid::METHODS};
use crate::{
    profile::{OnClientError, Profile},
    scheme::{Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Format, Source},
};

/// SendGrid Inbound Parse: ECDSA on P-256 with SHA-256, DER in base64, over `{timestamp}{body}`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const SENDGRID_INBOUND: Scheme = Scheme {
    name: Cow::Borrowed("sendgrid-inbound-parse"),
    docs: Cow::Borrowed("Securing your Inbound Parse webhooks"),
    quirks: Cow::Borrowed("mails with attachments; no id; signed only with a security policy"),
    signature: Source::header("x-twilio-email-event-webhook-signature"),
    methods: Cow::Borrowed(METHODS),
    content: Cow::Borrowed(&[Part::Timestamp, Part::Body]),
    timestamp: Some(Timestamp {
        source: Source::header("x-twilio-email-event-webhook-timestamp"),
        format: TimeFormat::UnixSeconds,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    formats: Cow::Borrowed(&[Format::Multipart]),
    profile: Profile {
        retry_horizon: Duration::from_secs(3 * DAY),
        on_client_error: OnClientError::GiveUp,
        body_limit: 32 * 1024 * 1024,
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

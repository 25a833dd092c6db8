//! SendGrid's event webhook. Their page: "Getting Started with the Event Webhook Security Features".
//!
//! - ECDSA on P-256 (feature `asymmetric`); the key is the "verification key" of the dashboard, base64 without PEM.
//! - A body is an array of events and ends with CRLF, which is signed: whatever trims it breaks the signature.
//! - Nothing stands between timestamp and body, which is safe for as long as a body begins with `[`.
//! - Nobody documents that a retry is signed anew, so the timestamp may be as old as the last retry, a day.
//!
//! ```
//! use axum::Router;
//! use hooklatch::{ConfigErrorKind, Event, EventRouter, Hooks, Keyring, provider};
//! use serde_json::Value;
//!
//! /// Runs for each event of a batch.
//! async fn bounced(event: Event<Value>) {
//!     println!("{} {}", event.id, event.data["email"]);
//! }
//!
//! let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
//! match Hooks::new().receiver("sendgrid", provider::SENDGRID, Keyring::new(key)) {
//!     Ok(receiver) => {
//!         let events = EventRouter::new().on("bounce", bounced);
//!         let app: Router = Router::new().route_service("/webhooks/sendgrid", receiver.receive(events));
//!     }
//!     // Without the feature it says which one is missing.
//!     Err(error) => assert_eq!(error.kind(), ConfigErrorKind::Feature),
//! }
//!
//! let wrong = Keyring::new("no-public-key-at-all");
//! assert!(Hooks::new().receiver("wrong", provider::SENDGRID, wrong).is_err());
//! ```

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{Algorithm, Encoding, KeyFormat, Method, Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Items, Source, TypePart},
};

/// SendGrid: ECDSA on P-256 with SHA-256, DER in base64, over `{timestamp}{body}`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const SENDGRID: Scheme = Scheme {
    name: Cow::Borrowed("sendgrid"),
    docs: Cow::Borrowed("Getting Started with the Event Webhook Security Features"),
    quirks: Cow::Borrowed(
        "a batch; the CRLF at its end is signed; retries may carry the old timestamp",
    ),
    signature: Source::header("x-twilio-email-event-webhook-signature"),
    methods: Cow::Borrowed(METHODS),
    content: Cow::Borrowed(&[Part::Timestamp, Part::Body]),
    timestamp: Some(Timestamp {
        source: Source::header("x-twilio-email-event-webhook-timestamp"),
        format: TimeFormat::UnixSeconds,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    items: Some(Items {
        pointer: Cow::Borrowed(""),
        id: Some(Cow::Borrowed("/sg_event_id")),
        event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    }),
    profile: Profile {
        retry_horizon: Duration::from_secs(DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

pub(super) const METHODS: &[Method] = &[Method {
    fallback_tag: None,
    tag: Cow::Borrowed(""),
    algorithm: Algorithm::EcdsaP256,
    encoding: Encoding::Base64,
    key: KeyFormat {
        encoding: Encoding::Base64,
        ..KeyFormat::TEXT
    },
}];

//! Braintree. Their page: "Webhooks: parse".
//!
//! - The key is `public_key|private_key`, as both stand in the control panel. The MAC is made with the SHA-1 of the
//!   private key, and its text begins with the public key; pairs of other keys are passed over.
//! - The body is a form: `bt_payload` is signed and holds XML in base64 (feature `xml`), `bt_signature` the
//!   signatures. What else is in the form is not signed, so `Delivery::coverage` is partial.
//! - Some frameworks take the last newline off the payload; with it and without it, it is the same.
//! - There is no event id and no timestamp outside the XML: an event is known by what was signed. The event type is
//!   `/notification/kind`.
//! - The URL challenge is a GET with `bt_challenge`, answered with its MAC. Only 20 to 32 hexadecimal digits are: of
//!   anything more the MAC could sign an event.
//! - Braintree waits for 30 seconds and tries every hour for a day.
//!
//! ```
//! # fn main() -> Result<(), hooklatch::ConfigError> {
//! use axum::Router;
//! use hooklatch::{ConfigErrorKind, Event, EventRouter, Hooks, Keyring, provider};
//!
//! /// What the XML calls its subject.
//! #[derive(serde::Deserialize)]
//! struct Subject { subscription: Subscription }
//! #[derive(serde::Deserialize)]
//! struct Subscription { id: String }
//!
//! async fn active(event: Event<Subject>) {
//!     println!("{} {}", event.event_type, event.data.subscription.id);
//! }
//!
//! let hooks = Hooks::new();
//! let keys = Keyring::new("integration_public_key|integration_private_key");
//! match hooks.receiver("braintree", provider::BRAINTREE, keys) {
//!     Ok(receiver) => {
//!         let events = EventRouter::new().on("subscription_went_active", active);
//!         let app: Router = Router::new().route_service("/webhooks/braintree", receiver.receive(events));
//!     }
//!     // Without the feature it says which one is missing.
//!     Err(error) => assert_eq!(error.kind(), ConfigErrorKind::Feature),
//! }
//!
//! let wrong = Keyring::new("integration_private_key");
//! assert!(hooks.receiver("wrong", provider::BRAINTREE, wrong).is_err());
//! # Ok(()) }
//! ```

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{
        Algorithm, AnswerPart, ChallengeAnswer, Condition, Derivation, Encoding, Grammar,
        Handshake, KeyFormat, Method, Part, Scheme,
    },
    source::{FormPayload, Format, Source, TypePart},
};

/// Braintree: HMAC-SHA-1 in hex over the form field `bt_payload`, as `public_key|…` in `bt_signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const BRAINTREE: Scheme = Scheme {
    name: Cow::Borrowed("braintree"),
    docs: Cow::Borrowed("Webhooks: parse"),
    quirks: Cow::Borrowed("base64 of XML in a form; the key is a hash of the private key"),
    signature: Source::form("bt_signature"),
    grammar: Grammar::KeyedList {
        separator: '&',
        assign: '|',
    },
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::HmacSha1,
        key: KeyFormat {
            id_before: Some('|'),
            derivation: Derivation::Sha1,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[
        Part::Text(Source::form("bt_payload")),
        Part::Maybe(Cow::Borrowed("\n")),
    ]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::xml("/notification/kind"))]),
    payload: Cow::Borrowed("/notification/subject"),
    form_payload: Some(FormPayload::Base64(Cow::Borrowed("bt_payload"))),
    formats: Cow::Borrowed(&[Format::Xml]),
    handshakes: Cow::Borrowed(&[Handshake {
        signed: false,
        method: Cow::Borrowed("GET"),
        when: Cow::Borrowed(&[Condition::Hex(Source::query("bt_challenge"), 20, 32)]),
        answer: ChallengeAnswer::Text(Cow::Borrowed(&[
            AnswerPart::KeyId,
            AnswerPart::Literal(Cow::Borrowed("|")),
            AnswerPart::Mac(Source::query("bt_challenge"), Encoding::Hex),
        ])),
    }]),
    profile: Profile {
        answer_within: Duration::from_secs(30),
        retry_horizon: Duration::from_secs(DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

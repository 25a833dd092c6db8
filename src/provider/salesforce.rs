//! Salesforce's outbound messages. Their page: "Understanding Outbound Messaging".
//!
//! - **Salesforce signs nothing.** This preset asks for a secret token in the URL of the endpoint, as
//!   `https://example.com/webhooks/salesforce?token=…`: it says who sent a message and nothing of what is in it. Salesforce
//!   also shows a client certificate; a proxy that ends TLS should ask for it and check it against theirs.
//! - A message is SOAP (feature `xml`) and a batch: up to 100 notifications, each an event with an id of its own, the type
//!   being that of its object, as `Opportunity`. What is decoded is the object.
//! - It counts as delivered only when the body of the answer says so: this preset's answers do, once all is done.
//! - Salesforce waits for a minute and tries again for a day. A try holds whatever was not acknowledged.
//! - The body may hold a session id, which is a credential of Salesforce's API: do not log it, or do not have it sent.
//!
//! ```
//! # fn main() -> Result<(), hooklatch::ConfigError> {
//! use axum::Router;
//! use hooklatch::{ConfigErrorKind, Event, EventRouter, Hooks, Keyring, provider};
//!
//! /// The fields of the object, by their names without a prefix.
//! #[derive(serde::Deserialize)]
//! #[serde(rename_all = "PascalCase")]
//! struct Opportunity { id: String, stage_name: String }
//!
//! /// Runs for each notification.
//! async fn changed(event: Event<Opportunity>) {
//!     println!("{}: {} is {}", event.id, event.data.id, event.data.stage_name);
//! }
//!
//! let hooks = Hooks::new();
//! let token = Keyring::new("a-token-of-at-least-16-bytes");
//! match hooks.receiver("salesforce", provider::SALESFORCE_OUTBOUND, token) {
//!     Ok(receiver) => {
//!         let events = EventRouter::new().on("Opportunity", changed);
//!         let app: Router = Router::new().route_service("/webhooks/salesforce", receiver.receive(events));
//!     }
//!     // Without the feature it says which one is missing.
//!     Err(error) => assert_eq!(error.kind(), ConfigErrorKind::Feature),
//! }
//!
//! let short = Keyring::new("token");
//! assert!(hooks.receiver("short", provider::SALESFORCE_OUTBOUND, short).is_err());
//! # Ok(()) }
//! ```

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::{Acknowledgement, Profile},
    scheme::{Method, Scheme},
    source::{Format, Items, Source, TypePart},
};

/// Salesforce: a token in the query parameter `token`, since nothing is signed.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const SALESFORCE_OUTBOUND: Scheme = Scheme {
    name: Cow::Borrowed("salesforce-outbound"),
    docs: Cow::Borrowed("Understanding Outbound Messaging"),
    quirks: Cow::Borrowed(
        "nothing is signed: the token is ours to put into the URL; a batch in SOAP; the answer's body acknowledges",
    ),
    signature: Source::query("token"),
    methods: Cow::Borrowed(&[Method::TOKEN]),
    content: Cow::Borrowed(&[]),
    payload: Cow::Borrowed("/sObject"),
    items: Some(Items {
        pointer: Cow::Borrowed("/Envelope/Body/notifications/Notification"),
        id: Some(Cow::Borrowed("/Id")),
        event_type: Cow::Borrowed(&[TypePart::new(Source::xml("/sObject/@type"))]),
    }),
    formats: Cow::Borrowed(&[Format::Xml]),
    profile: Profile {
        answer_within: Duration::from_secs(60),
        retry_horizon: Duration::from_secs(DAY),
        body_limit: 8 * 1024 * 1024,
        accepted: Some(Acknowledgement {
            content_type: Cow::Borrowed("text/xml; charset=utf-8"),
            body: Cow::Borrowed(ACKNOWLEDGED),
        }),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

const ACKNOWLEDGED: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?>"#,
    r#"<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>"#,
    r#"<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>"#,
    r#"</soapenv:Body></soapenv:Envelope>"#,
);

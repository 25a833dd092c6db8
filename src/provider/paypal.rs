//! PayPal: "Integrate webhooks", on verifying them yourself.
//!
//! - RSA with SHA-256 over `{transmission id}|{transmission time}|{webhook id}|{CRC-32 of the body}`, in
//!   `PAYPAL-TRANSMISSION-SIG`. The webhook id is yours, [`Param::WebhookId`], and stands in no
//!   request.
//! - **The body is bound by a CRC-32 alone.** Whoever saw one signed request can write another body that fits its
//!   signature. So a delivery's coverage is not whole, ids are remembered, and before money moves the event has to be
//!   fetched from PayPal by its id.
//! - The certificate is at `PAYPAL-CERT-URL` and is fetched (feature `discovery`) only from `api.paypal.com` and
//!   `api-m.paypal.com`; it has to be valid and name `messageverificationcerts.paypal.com`. [`PAYPAL_SANDBOX`] knows the
//!   sandbox's, so that what its keys sign never counts in live. PayPal gives it without a chain that we could rely on:
//!   what vouches for it is TLS to that host.
//! - `PAYPAL-AUTH-ALGO` has to say `SHA256withRSA`: the algorithm is the key's, never the request's.
//! - The delivery's id is `PAYPAL-TRANSMISSION-ID`, signed. The time is of the transmission; whether a retry has a new one
//!   is not said.
//!
//! ```
//! use axum::Router;
//! use hooklatch::{EventRouter, Hooks, Keyring, Param, RawEvent, provider};
//!
//! async fn completed(event: RawEvent) { println!("to be fetched from PayPal: {}", event.id) }
//!
//! # #[cfg(feature = "discovery")] {
//! let keys = Keyring::empty().with(Param::WebhookId, "4JH86294D6297924G");
//! let paypal = Hooks::new().receiver("paypal", provider::PAYPAL, keys)?;
//! let events = EventRouter::new().on("PAYMENT.SALE.COMPLETED", completed);
//! let app: Router = Router::new().route_service("/webhooks/paypal", paypal.receive(events));
//! # }
//! assert!(Hooks::new().receiver("any", provider::PAYPAL, Keyring::empty()).is_err(), "no webhook id");
//! # Ok::<(), hooklatch::ConfigError>(())
//! ```

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::{
        Algorithm, Discovery, Encoding, KeyFormat, KeyPlace, KeyUrl, Method, Names, Part, Scheme,
        TimeFormat, Timestamp,
    },
    secret::Param,
    source::{Source, TypePart},
};

/// PayPal, live. See the [module docs](self).
pub const PAYPAL: Scheme = scheme("paypal", LIVE_URLS);

/// PayPal's sandbox. See the [module docs](self).
pub const PAYPAL_SANDBOX: Scheme = scheme("paypal-sandbox", SANDBOX_URLS);

const CONTENT: &[Part] = &[
    Part::Id,
    Part::literal("|"),
    Part::Timestamp,
    Part::literal("|"),
    Part::Param(Param::WebhookId),
    Part::literal("|"),
    Part::Crc32,
];

const TYPE: &[TypePart] = &[TypePart::new(Source::json("/event_type"))];

const LIVE_URLS: &[KeyUrl] = &[
    key_url(
        "https://api.paypal.com/v1/notifications/certs/CERT-{token}",
        LIVE,
    ),
    key_url(
        "https://api-m.paypal.com/v1/notifications/certs/CERT-{token}",
        LIVE,
    ),
];

const SANDBOX_URLS: &[KeyUrl] = &[
    key_url(
        "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-{token}",
        SANDBOX,
    ),
    key_url(
        "https://api-m.sandbox.paypal.com/v1/notifications/certs/CERT-{token}",
        SANDBOX,
    ),
];

const LIVE: &str = "messageverificationcerts.paypal.com";
const SANDBOX: &str = "messageverificationcerts.sandbox.paypal.com";

const fn key_url(url: &'static str, certificate: &'static str) -> KeyUrl {
    KeyUrl {
        url: Cow::Borrowed(url),
        certificate: Some(Cow::Borrowed(certificate)),
    }
}

const fn scheme(name: &'static str, urls: &'static [KeyUrl]) -> Scheme {
    Scheme {
        name: Cow::Borrowed(name),
        discovery: Some(Discovery {
            place: KeyPlace::Named(Cow::Borrowed(urls)),
            ..Discovery::CERTIFICATE
        }),
        docs: Cow::Borrowed("PayPal: Integrate webhooks"),
        quirks: Cow::Borrowed(
            "The body is bound by its CRC-32 alone, which anybody can forge: fetch the event before money moves. RSA under a certificate that each request names.",
        ),
        signature: Source::Header(Cow::Borrowed("paypal-transmission-sig")),
        methods: Cow::Borrowed(&[Method {
            tag: Cow::Borrowed("SHA256withRSA"),
            algorithm: Algorithm::RsaSha256,
            encoding: Encoding::Base64,
            key: KeyFormat {
                encoding: Encoding::Base64,
                ..KeyFormat::TEXT
            },
            ..Method::HMAC_SHA256
        }]),
        method_id: Some(Source::Header(Cow::Borrowed("paypal-auth-algo"))),
        key_id: Some(Source::Header(Cow::Borrowed("paypal-cert-url"))),
        content: Cow::Borrowed(CONTENT),
        timestamp: Some(Timestamp {
            source: Source::Header(Cow::Borrowed("paypal-transmission-time")),
            format: TimeFormat::Rfc3339,
            names: Names::Event,
            tolerance: Duration::from_secs(300),
        }),
        id: Some(Source::Header(Cow::Borrowed("paypal-transmission-id"))),
        event_type: Cow::Borrowed(TYPE),
        payload: Cow::Borrowed("/resource"),
        profile: Profile {
            // Up to 25 tries over three days.
            retry_horizon: Duration::from_secs(3 * super::DAY),
            ..Profile::DEFAULT
        },
        ..Scheme::HMAC_SHA256
    }
}

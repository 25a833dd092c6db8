//! Apple App Store Server Notifications, version 2. Their page: "App Store Server Notifications V2".
//!
//! - The body is `{"signedPayload": …}`, a token (ES256), and the event its claims: handlers decode these, while
//!   `Delivery::body` is the JSON around them, of which `Delivery::coverage` is partial.
//! - The token presents three certificates. The keys of the keyring are Apple's roots (Apple Root CA - G3, in base64 or
//!   PEM); the root that is presented is not looked at. The others have to have Apple's marks and to count when the
//!   notification was signed. Whether Apple took one back (OCSP) is not asked.
//! - The keyring needs the bundle id and the environment (`Production` or `Sandbox`), and in production should have the
//!   app's id, as `Param::BundleId`, `Param::Environment` and `Param::AppId`. Tokens for external purchases have no
//!   environment and are refused.
//! - `signedTransactionInfo` and `signedRenewalInfo` within are tokens too; they are not looked at.
//! - The event type is `notificationType` and, where there is one, `subtype`: `SUBSCRIBED.INITIAL_BUY`.
//! - Apple tries five more times, after 1, 12, 24, 48 and 72 hours.
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
//! # let root = hooklatch::testing::Sender::new(provider::APPLE_APP_STORE).key_text();
//! let keys = Keyring::new(root)
//!     .with(Param::BundleId, "com.example.app")
//!     .with(Param::AppId, "1234")
//!     .with(Param::Environment, "Production");
//! let receiver = hooks.receiver("apple", provider::APPLE_APP_STORE, keys)?;
//! let events = EventRouter::new().on("SUBSCRIBED*", handle);
//! let app: Router = Router::new().route_service("/webhooks/apple", receiver.receive(events));
//!
//! let wrong = Keyring::new("no certificate");
//! assert!(hooks.receiver("wrong", provider::APPLE_APP_STORE, wrong).is_err());
//! # Ok::<(), hooklatch::ConfigError>(())
//! ```

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::{
        Chain, Jws, Method, Must, Names, Proof, Requirement, Scheme, TimeFormat, Timestamp,
        TokenPayload,
    },
    secret::Param,
    source::{Source, TypePart},
};

/// Apple App Store Server Notifications: the body holds an ES256 token, and the event is its claims.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const APPLE_APP_STORE: Scheme = Scheme {
    name: Cow::Borrowed("apple-app-store"),
    docs: Cow::Borrowed("App Store Server Notifications V2"),
    quirks: Cow::Borrowed(
        "the event is a token with a chain of certificates; the keys are Apple's roots",
    ),
    proof: Proof::Jws(Jws {
        payload: TokenPayload::Event,
        require: Cow::Borrowed(&[
            Requirement {
                of: Source::FirstOf(Cow::Borrowed(&[
                    Source::Claim(Cow::Borrowed("/data/bundleId")),
                    Source::Claim(Cow::Borrowed("/summary/bundleId")),
                ])),
                must: Must::EqualParam(Param::BundleId),
            },
            Requirement {
                of: Source::FirstOf(Cow::Borrowed(&[
                    Source::Claim(Cow::Borrowed("/data/appAppleId")),
                    Source::Claim(Cow::Borrowed("/summary/appAppleId")),
                ])),
                must: Must::EqualParamIfSet(Param::AppId),
            },
            Requirement {
                of: Source::FirstOf(Cow::Borrowed(&[
                    Source::Claim(Cow::Borrowed("/data/environment")),
                    Source::Claim(Cow::Borrowed("/summary/environment")),
                ])),
                must: Must::EqualParam(Param::Environment),
            },
        ]),
        chain: Some(Chain {
            leaf: Cow::Borrowed("1.2.840.113635.100.6.11.1"),
            intermediate: Cow::Borrowed("1.2.840.113635.100.6.2.1"),
        }),
        ..Jws::CLAIMS
    }),
    signature: Source::json("/signedPayload"),
    methods: Cow::Borrowed(&[Method::ES256]),
    content: Cow::Borrowed(&[]),
    timestamp: Some(Timestamp {
        source: Source::claim("/signedDate"),
        format: TimeFormat::UnixMillis,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::json("/notificationUUID")),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/notificationType")),
        TypePart::new(Source::json("/subtype")),
    ]),
    profile: Profile {
        retry_horizon: Duration::from_secs(157 * 3600),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

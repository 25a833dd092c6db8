//! The senders known by name: one constant each, made of public facts.
//!
//! A module for each says what is odd about the sender and shows how to mount it. A preset is a [`Scheme`] like any other; to
//! change one thing of it, write a literal:
//!
//! ```
//! use hooklatch::{Hooks, Keyring, Scheme, provider};
//!
//! // The whole event instead of its object.
//! let stripe = Scheme { payload: "".into(), ..provider::STRIPE };
//! let keys = Keyring::new("whsec_5HkzNq7hLJ3xUPVZ");
//! let receiver = Hooks::new().receiver("stripe", stripe, keys)?;
//! # Ok::<(), hooklatch::ConfigError>(())
//! ```

/// The part of a preset's page that shows how to mount it: the constant, a name, a keyring that it takes, and a type of
/// event.
macro_rules! mounting {
    ($constant:ident, $name:literal, $keys:expr, $event:literal) => {
        concat!(
            "\n```\n",
            "use axum::Router;\n",
            "use hooklatch::{EventRouter, Hooks, Keyring, RawEvent, provider};\n\n",
            "async fn handle(event: RawEvent) {\n",
            "    println!(\"{} {}\", event.id, event.event_type);\n",
            "}\n\n",
            "let hooks = Hooks::new();\n",
            "let keys = ",
            stringify!($keys),
            ";\n",
            "let receiver = hooks.receiver(\"",
            $name,
            "\", provider::",
            stringify!($constant),
            ", keys)?;\n",
            "let events = EventRouter::new().on(\"",
            $event,
            "\", handle);\n",
            "let app: Router = Router::new().route_service(\"/webhooks/",
            $name,
            "\", receiver.receive(events));\n\n",
            "let wrong = Keyring::new(\"short\");\n",
            "assert!(hooks.receiver(\"wrong\", provider::",
            stringify!($constant),
            ", wrong).is_err());\n",
            "# Ok::<(), hooklatch::ConfigError>(())\n",
            "```\n"
        )
    };
}

/// The same for a sender whose keys are public ones, which a cargo feature reads.
macro_rules! mounting_public {
    ($constant:ident, $name:literal, $keys:expr, $event:literal) => {
        concat!(
            "\n```\n",
            "use axum::Router;\n",
            "use hooklatch::{ConfigErrorKind, EventRouter, Hooks, Keyring, RawEvent, provider};\n\n",
            "async fn handle(event: RawEvent) {\n",
            "    println!(\"{} {}\", event.id, event.event_type);\n",
            "}\n\n",
            "let hooks = Hooks::new();\n",
            "let keys = ",
            stringify!($keys),
            ";\n",
            "match hooks.receiver(\"",
            $name,
            "\", provider::",
            stringify!($constant),
            ", keys) {\n",
            "    Ok(receiver) => {\n",
            "        let events = EventRouter::new().on(\"",
            $event,
            "\", handle);\n",
            "        let app: Router = Router::new().route_service(\"/webhooks/",
            $name,
            "\", receiver.receive(events));\n",
            "    }\n",
            "    // Without the feature it says which one is missing.\n",
            "    Err(error) => assert_eq!(error.kind(), ConfigErrorKind::Feature),\n",
            "}\n\n",
            "let wrong = Keyring::new(\"not a public key\");\n",
            "assert!(hooks.receiver(\"wrong\", provider::",
            stringify!($constant),
            ", wrong).is_err());\n",
            "```\n"
        )
    };
}

/// The same for a sender whose public keys have names: the constant, a name, the name of a key, the calls that give the
/// keyring its parameters, and a type of event.
macro_rules! mounting_by_kid {
    ($constant:ident, $name:literal, $kid:literal, $params:literal, $event:literal) => {
        concat!(
            "\n```\n",
            "use axum::Router;\n",
            "use hooklatch::{EventRouter, Hooks, Keyring, RawEvent, provider};\n\n",
            "async fn handle(event: RawEvent) {\n",
            "    println!(\"{} {}\", event.id, event.event_type);\n",
            "}\n\n",
            "let hooks = Hooks::new();\n",
            "# let key = hooklatch::testing::Sender::new(provider::",
            stringify!($constant),
            ").key_text();\n",
            "// The sender's public key, as PEM or JWK, under its `kid`.\n",
            "let keys = Keyring::empty().and(\"",
            $kid,
            "\", key)",
            $params,
            ";\n",
            "let receiver = hooks.receiver(\"",
            $name,
            "\", provider::",
            stringify!($constant),
            ", keys)?;\n",
            "let events = EventRouter::new().on(\"",
            $event,
            "*\", handle);\n",
            "let app: Router = Router::new().route_service(\"/webhooks/",
            $name,
            "\", receiver.receive(events));\n\n",
            "let wrong = Keyring::new(\"no key\");\n",
            "assert!(hooks.receiver(\"wrong\", provider::",
            stringify!($constant),
            ", wrong).is_err());\n",
            "# Ok::<(), hooklatch::ConfigError>(())\n",
            "```\n"
        )
    };
}

pub mod ably;
pub mod adobe_commerce_webhooks;
pub mod airtable;
pub mod apple_app_store;
pub mod bigcommerce;
pub mod braintree;
pub mod circle;
pub mod discord;
pub mod easypost;
pub mod ebay;
pub mod finch;
pub mod fitbit;
pub mod github;
pub mod github_secret_scanning;
pub mod gitlab;
pub mod google_pubsub;
pub mod integrated_finance;
pub mod intercom;
pub mod kinde;
pub mod linear;
pub mod livekit;
pub mod mailgun;
pub mod messagebird;
pub mod meta;
pub mod microsoft_bot_framework;
pub mod microsoft_teams;
pub mod monday;
pub mod netlify;
pub mod onfido;
pub mod open_banking_uk;
pub mod paddle;
pub mod pagerduty;
pub mod paystack;
pub mod plaid;
pub mod pusher;
pub mod razorpay;
pub mod salesforce;
pub mod security_event_tokens;
pub mod sendgrid;
pub mod sendgrid_inbound;
pub mod sentry;
pub mod shipengine;
pub mod shopify;
pub mod slack;
pub mod square;
pub mod standard_webhooks;
pub mod stripe;
pub mod svix;
pub mod teamwork;
pub mod telegram;
pub mod telnyx;
pub mod travis_ci;
pub mod truelayer;
pub mod twilio;
pub mod typeform;
pub mod vonage;
pub mod wise;
pub mod woocommerce;
pub mod woovi_openpix;
pub mod worldline;
pub mod worldpay_access;
pub mod wufoo;
pub mod zoom;

use crate::scheme::Scheme;

pub use self::{
    ably::ABLY,
    adobe_commerce_webhooks::ADOBE_COMMERCE_WEBHOOKS,
    airtable::AIRTABLE,
    apple_app_store::APPLE_APP_STORE,
    bigcommerce::BIGCOMMERCE,
    braintree::BRAINTREE,
    circle::CIRCLE,
    discord::DISCORD,
    easypost::EASYPOST,
    ebay::EBAY,
    finch::FINCH,
    fitbit::FITBIT,
    github::GITHUB,
    github_secret_scanning::GITHUB_SECRET_SCANNING,
    gitlab::{GITLAB, GITLAB_TOKEN},
    google_pubsub::{GOOGLE_PLAY_RTDN, GOOGLE_PUBSUB},
    integrated_finance::INTEGRATED_FINANCE,
    intercom::INTERCOM,
    kinde::KINDE,
    linear::LINEAR,
    livekit::LIVEKIT,
    mailgun::MAILGUN,
    messagebird::MESSAGEBIRD,
    meta::{INSTAGRAM, META, WHATSAPP},
    microsoft_bot_framework::MICROSOFT_BOT_FRAMEWORK,
    microsoft_teams::MICROSOFT_TEAMS,
    monday::MONDAY,
    netlify::NETLIFY,
    onfido::ONFIDO,
    open_banking_uk::OPEN_BANKING_UK,
    paddle::PADDLE_BILLING,
    pagerduty::PAGERDUTY,
    paystack::PAYSTACK,
    plaid::PLAID,
    pusher::PUSHER,
    razorpay::RAZORPAY,
    salesforce::SALESFORCE_OUTBOUND,
    security_event_tokens::SECURITY_EVENT_TOKENS,
    sendgrid::SENDGRID,
    sendgrid_inbound::SENDGRID_INBOUND,
    sentry::SENTRY,
    shipengine::SHIPENGINE,
    shopify::SHOPIFY,
    slack::SLACK,
    square::SQUARE,
    standard_webhooks::STANDARD_WEBHOOKS,
    stripe::STRIPE,
    svix::SVIX,
    teamwork::TEAMWORK,
    telegram::TELEGRAM,
    telnyx::TELNYX,
    travis_ci::TRAVIS_CI,
    truelayer::TRUELAYER,
    twilio::TWILIO,
    typeform::TYPEFORM,
    vonage::VONAGE,
    wise::WISE,
    woocommerce::WOOCOMMERCE,
    woovi_openpix::WOOVI_OPENPIX,
    worldline::WORLDLINE,
    worldpay_access::WORLDPAY_ACCESS,
    wufoo::WUFOO,
    zoom::ZOOM,
};

/// All presets, sorted by name. One that needs a cargo feature is here without it too; a receiver for it then is a
/// [`ConfigError`](crate::ConfigError) of kind [`Feature`](crate::ConfigErrorKind::Feature).
pub static ALL: &[Scheme] = &[
    ABLY,
    ADOBE_COMMERCE_WEBHOOKS,
    AIRTABLE,
    APPLE_APP_STORE,
    BIGCOMMERCE,
    BRAINTREE,
    CIRCLE,
    DISCORD,
    EASYPOST,
    EBAY,
    FINCH,
    FITBIT,
    GITHUB,
    GITHUB_SECRET_SCANNING,
    GITLAB,
    GITLAB_TOKEN,
    GOOGLE_PLAY_RTDN,
    GOOGLE_PUBSUB,
    INSTAGRAM,
    INTEGRATED_FINANCE,
    INTERCOM,
    KINDE,
    LINEAR,
    LIVEKIT,
    MAILGUN,
    MESSAGEBIRD,
    META,
    MICROSOFT_BOT_FRAMEWORK,
    MICROSOFT_TEAMS,
    MONDAY,
    NETLIFY,
    ONFIDO,
    OPEN_BANKING_UK,
    PADDLE_BILLING,
    PAGERDUTY,
    PAYSTACK,
    PLAID,
    PUSHER,
    RAZORPAY,
    SALESFORCE_OUTBOUND,
    SECURITY_EVENT_TOKENS,
    SENDGRID,
    SENDGRID_INBOUND,
    SENTRY,
    SHIPENGINE,
    SHOPIFY,
    SLACK,
    SQUARE,
    STANDARD_WEBHOOKS,
    STRIPE,
    SVIX,
    TEAMWORK,
    TELEGRAM,
    TELNYX,
    TRAVIS_CI,
    TRUELAYER,
    TWILIO,
    TYPEFORM,
    VONAGE,
    WHATSAPP,
    WISE,
    WOOCOMMERCE,
    WOOVI_OPENPIX,
    WORLDLINE,
    WORLDPAY_ACCESS,
    WUFOO,
    ZOOM,
];

/// The preset of this name, as a configuration file holds it: `stripe`, `gitlab-token`. `None` where there is none.
///
/// ```
/// use hooklatch::provider;
///
/// assert_eq!(provider::by_name("stripe"), Some(&provider::STRIPE));
/// assert_eq!(provider::by_name("Stripe"), None);
/// ```
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Scheme> {
    ALL.iter().find(|scheme| scheme.name == name)
}

/// Seconds in a day.
const DAY: u64 = 24 * 3600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_makes_sense_and_is_found_by_its_name() {
        for scheme in ALL {
            scheme.check().unwrap();
            assert_eq!(by_name(&scheme.name), Some(scheme));
            assert!(!scheme.docs.is_empty(), "{}", scheme.name);
        }
        assert!(ALL.is_sorted_by(|one, other| one.name < other.name));
    }

    #[test]
    fn a_preset_survives_a_configuration_file() {
        for scheme in ALL {
            let text = serde_json::to_string(scheme).unwrap();
            assert_eq!(serde_json::from_str::<Scheme>(&text).unwrap(), *scheme);
        }
    }
}

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

pub mod ably;
pub mod adobe_commerce_webhooks;
pub mod airtable;
pub mod bigcommerce;
pub mod braintree;
pub mod circle;
pub mod discord;
pub mod draft_cavage;
pub mod easypost;
pub mod ebay;
pub mod finch;
pub mod fitbit;
pub mod github;
pub mod github_secret_scanning;
pub mod gitlab;
pub mod http_message_signatures;
pub mod integrated_finance;
pub mod intercom;
pub mod linear;
pub mod mailgun;
pub mod meta;
pub mod microsoft_teams;
pub mod onfido;
pub mod paddle;
pub mod pagerduty;
pub mod paystack;
pub mod pusher;
pub mod razorpay;
pub mod salesforce;
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
pub mod twilio;
pub mod typeform;
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
    bigcommerce::BIGCOMMERCE,
    braintree::BRAINTREE,
    circle::CIRCLE,
    discord::DISCORD,
    draft_cavage::DRAFT_CAVAGE,
    easypost::EASYPOST,
    ebay::EBAY,
    finch::FINCH,
    fitbit::FITBIT,
    github::GITHUB,
    github_secret_scanning::GITHUB_SECRET_SCANNING,
    gitlab::{GITLAB, GITLAB_TOKEN},
    http_message_signatures::HTTP_MESSAGE_SIGNATURES,
    integrated_finance::INTEGRATED_FINANCE,
    intercom::INTERCOM,
    linear::LINEAR,
    mailgun::MAILGUN,
    meta::{INSTAGRAM, META, WHATSAPP},
    microsoft_teams::MICROSOFT_TEAMS,
    onfido::ONFIDO,
    paddle::PADDLE_BILLING,
    pagerduty::PAGERDUTY,
    paystack::PAYSTACK,
    pusher::PUSHER,
    razorpay::RAZORPAY,
    salesforce::SALESFORCE_OUTBOUND,
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
    twilio::TWILIO,
    typeform::TYPEFORM,
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
    BIGCOMMERCE,
    BRAINTREE,
    CIRCLE,
    DISCORD,
    DRAFT_CAVAGE,
    EASYPOST,
    EBAY,
    FINCH,
    FITBIT,
    GITHUB,
    GITHUB_SECRET_SCANNING,
    GITLAB,
    GITLAB_TOKEN,
    HTTP_MESSAGE_SIGNATURES,
    INSTAGRAM,
    INTEGRATED_FINANCE,
    INTERCOM,
    LINEAR,
    MAILGUN,
    META,
    MICROSOFT_TEAMS,
    ONFIDO,
    PADDLE_BILLING,
    PAGERDUTY,
    PAYSTACK,
    PUSHER,
    RAZORPAY,
    SALESFORCE_OUTBOUND,
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
    TWILIO,
    TYPEFORM,
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

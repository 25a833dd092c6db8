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
pub mod afterpay;
pub mod agora;
pub mod airtable;
pub mod airwallex;
pub mod authorize_net;
pub mod bamboohr;
pub mod bigcommerce;
pub mod braintree;
pub mod buildkite;
pub mod calendly;
pub mod cashfree;
pub mod circle;
pub mod circleci;
pub mod cloudflare_stream;
pub mod clover_hosted_checkout;
pub mod coinbase_cdp;
pub mod contentful;
pub mod customer_io;
pub mod discord;
pub mod dlocal;
pub mod docusign;
pub mod easypost;
pub mod ebay;
pub mod finch;
pub mod fitbit;
pub mod frame_io;
pub mod github;
pub mod github_secret_scanning;
pub mod gitlab;
pub mod hook0;
pub mod hubspot_v3;
pub mod integrated_finance;
pub mod intercom;
pub mod klaviyo;
pub mod linear;
pub mod linkedin;
pub mod lob;
pub mod mailgun;
pub mod mercado_pago;
pub mod merge;
pub mod meta;
pub mod microsoft_teams;
pub mod mollie;
pub mod mux;
pub mod notion;
pub mod onfido;
pub mod paddle;
pub mod pagerduty;
pub mod paystack;
pub mod persona;
pub mod plivo;
pub mod pusher;
pub mod quicknode;
pub mod razorpay;
pub mod recurly;
pub mod salesforce;
pub mod sanity;
pub mod sendgrid;
pub mod sendgrid_inbound;
pub mod sentry;
pub mod shipengine;
pub mod shippo;
pub mod shopify;
pub mod sinch;
pub mod slack;
pub mod square;
pub mod standard_webhooks;
pub mod stripe;
pub mod supabase_auth;
pub mod svix;
pub mod teamwork;
pub mod telegram;
pub mod telnyx;
pub mod tiktok_open_business;
pub mod toast;
pub mod travis_ci;
pub mod trello;
pub mod twilio;
pub mod typeform;
pub mod wise;
pub mod woocommerce;
pub mod woovi_openpix;
pub mod workos;
pub mod worldline;
pub mod worldpay_access;
pub mod wufoo;
pub mod zendesk;
pub mod zoom;

use crate::scheme::Scheme;

pub use self::{
    ably::ABLY,
    adobe_commerce_webhooks::ADOBE_COMMERCE_WEBHOOKS,
    afterpay::AFTERPAY,
    agora::AGORA,
    airtable::AIRTABLE,
    airwallex::AIRWALLEX,
    authorize_net::AUTHORIZE_NET,
    bamboohr::BAMBOOHR,
    bigcommerce::BIGCOMMERCE,
    braintree::BRAINTREE,
    buildkite::{BUILDKITE, BUILDKITE_TOKEN},
    calendly::CALENDLY,
    cashfree::CASHFREE,
    circle::CIRCLE,
    circleci::CIRCLECI,
    cloudflare_stream::CLOUDFLARE_STREAM,
    clover_hosted_checkout::CLOVER_HOSTED_CHECKOUT,
    coinbase_cdp::COINBASE_CDP,
    contentful::CONTENTFUL,
    customer_io::CUSTOMER_IO,
    discord::DISCORD,
    dlocal::DLOCAL,
    docusign::DOCUSIGN,
    easypost::EASYPOST,
    ebay::EBAY,
    finch::FINCH,
    fitbit::FITBIT,
    frame_io::FRAME_IO,
    github::GITHUB,
    github_secret_scanning::GITHUB_SECRET_SCANNING,
    gitlab::{GITLAB, GITLAB_TOKEN},
    hook0::HOOK0,
    hubspot_v3::HUBSPOT_V3,
    integrated_finance::INTEGRATED_FINANCE,
    intercom::INTERCOM,
    klaviyo::KLAVIYO,
    linear::LINEAR,
    linkedin::LINKEDIN,
    lob::LOB,
    mailgun::MAILGUN,
    mercado_pago::MERCADO_PAGO,
    merge::MERGE,
    meta::{INSTAGRAM, META, WHATSAPP},
    microsoft_teams::MICROSOFT_TEAMS,
    mollie::MOLLIE,
    mux::MUX,
    notion::NOTION,
    onfido::ONFIDO,
    paddle::PADDLE_BILLING,
    pagerduty::PAGERDUTY,
    paystack::PAYSTACK,
    persona::PERSONA,
    plivo::PLIVO_V2,
    pusher::PUSHER,
    quicknode::QUICKNODE,
    razorpay::RAZORPAY,
    recurly::RECURLY,
    salesforce::SALESFORCE_OUTBOUND,
    sanity::SANITY,
    sendgrid::SENDGRID,
    sendgrid_inbound::SENDGRID_INBOUND,
    sentry::SENTRY,
    shipengine::SHIPENGINE,
    shippo::SHIPPO,
    shopify::SHOPIFY,
    sinch::{SINCH, SINCH_NUMBERS},
    slack::SLACK,
    square::SQUARE,
    standard_webhooks::STANDARD_WEBHOOKS,
    stripe::STRIPE,
    supabase_auth::SUPABASE_AUTH,
    svix::SVIX,
    teamwork::TEAMWORK,
    telegram::TELEGRAM,
    telnyx::TELNYX,
    tiktok_open_business::TIKTOK_OPEN_BUSINESS,
    toast::TOAST,
    travis_ci::TRAVIS_CI,
    trello::TRELLO,
    twilio::TWILIO,
    typeform::TYPEFORM,
    wise::WISE,
    woocommerce::WOOCOMMERCE,
    woovi_openpix::WOOVI_OPENPIX,
    workos::WORKOS,
    worldline::WORLDLINE,
    worldpay_access::WORLDPAY_ACCESS,
    wufoo::WUFOO,
    zendesk::ZENDESK,
    zoom::ZOOM,
};

/// All presets, sorted by name. One that needs a cargo feature is here without it too; a receiver for it then is a
/// [`ConfigError`](crate::ConfigError) of kind [`Feature`](crate::ConfigErrorKind::Feature).
pub static ALL: &[Scheme] = &[
    ABLY,
    ADOBE_COMMERCE_WEBHOOKS,
    AFTERPAY,
    AGORA,
    AIRTABLE,
    AIRWALLEX,
    AUTHORIZE_NET,
    BAMBOOHR,
    BIGCOMMERCE,
    BRAINTREE,
    BUILDKITE,
    BUILDKITE_TOKEN,
    CALENDLY,
    CASHFREE,
    CIRCLE,
    CIRCLECI,
    CLOUDFLARE_STREAM,
    CLOVER_HOSTED_CHECKOUT,
    COINBASE_CDP,
    CONTENTFUL,
    CUSTOMER_IO,
    DISCORD,
    DLOCAL,
    DOCUSIGN,
    EASYPOST,
    EBAY,
    FINCH,
    FITBIT,
    FRAME_IO,
    GITHUB,
    GITHUB_SECRET_SCANNING,
    GITLAB,
    GITLAB_TOKEN,
    HOOK0,
    HUBSPOT_V3,
    INSTAGRAM,
    INTEGRATED_FINANCE,
    INTERCOM,
    KLAVIYO,
    LINEAR,
    LINKEDIN,
    LOB,
    MAILGUN,
    MERCADO_PAGO,
    MERGE,
    META,
    MICROSOFT_TEAMS,
    MOLLIE,
    MUX,
    NOTION,
    ONFIDO,
    PADDLE_BILLING,
    PAGERDUTY,
    PAYSTACK,
    PERSONA,
    PLIVO_V2,
    PUSHER,
    QUICKNODE,
    RAZORPAY,
    RECURLY,
    SALESFORCE_OUTBOUND,
    SANITY,
    SENDGRID,
    SENDGRID_INBOUND,
    SENTRY,
    SHIPENGINE,
    SHIPPO,
    SHOPIFY,
    SINCH,
    SINCH_NUMBERS,
    SLACK,
    SQUARE,
    STANDARD_WEBHOOKS,
    STRIPE,
    SUPABASE_AUTH,
    SVIX,
    TEAMWORK,
    TELEGRAM,
    TELNYX,
    TIKTOK_OPEN_BUSINESS,
    TOAST,
    TRAVIS_CI,
    TRELLO,
    TWILIO,
    TYPEFORM,
    WHATSAPP,
    WISE,
    WOOCOMMERCE,
    WOOVI_OPENPIX,
    WORKOS,
    WORLDLINE,
    WORLDPAY_ACCESS,
    WUFOO,
    ZENDESK,
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

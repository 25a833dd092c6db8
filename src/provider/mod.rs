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

pub mod adyen;
pub mod afterpay;
pub mod agora;
pub mod airwallex;
pub mod authorize_net;
pub mod aws_sns;
pub mod bamboohr;
pub mod bigcommerce;
pub mod braintree;
pub mod buildkite;
pub mod calendly;
pub mod cashfree;
pub mod circleci;
pub mod cloudflare_stream;
pub mod clover_hosted_checkout;
pub mod coinbase_cdp;
pub mod contentful;
pub mod customer_io;
pub mod discord;
pub mod dlocal;
pub mod docusign;
pub mod frame_io;
pub mod github;
pub mod gitlab;
pub mod hook0;
pub mod hubspot_v3;
pub mod intercom;
pub mod klaviyo;
pub mod linear;
pub mod linkedin;
pub mod lob;
pub mod mailgun;
pub mod mercado_pago;
pub mod merge;
pub mod meta;
pub mod mollie;
pub mod mux;
pub mod notion;
pub mod paddle;
pub mod pagerduty;
pub mod paypal;
pub mod persona;
pub mod plivo;
pub mod quicknode;
pub mod recurly;
pub mod salesforce;
pub mod sanity;
pub mod sendgrid;
pub mod sendgrid_inbound;
pub mod sentry;
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
pub mod tiktok_open_business;
pub mod toast;
pub mod trello;
pub mod twilio;
pub mod typeform;
pub mod woocommerce;
pub mod workos;
pub mod wufoo;
pub mod zendesk;
pub mod zoom;

use crate::scheme::Scheme;

pub use self::{
    adyen::{ADYEN, ADYEN_PLATFORM},
    afterpay::AFTERPAY,
    agora::AGORA,
    airwallex::AIRWALLEX,
    authorize_net::AUTHORIZE_NET,
    aws_sns::AWS_SNS,
    bamboohr::BAMBOOHR,
    bigcommerce::BIGCOMMERCE,
    braintree::BRAINTREE,
    buildkite::{BUILDKITE, BUILDKITE_TOKEN},
    calendly::CALENDLY,
    cashfree::CASHFREE,
    circleci::CIRCLECI,
    cloudflare_stream::CLOUDFLARE_STREAM,
    clover_hosted_checkout::CLOVER_HOSTED_CHECKOUT,
    coinbase_cdp::COINBASE_CDP,
    contentful::CONTENTFUL,
    customer_io::CUSTOMER_IO,
    discord::DISCORD,
    dlocal::DLOCAL,
    docusign::DOCUSIGN,
    frame_io::FRAME_IO,
    github::GITHUB,
    gitlab::{GITLAB, GITLAB_TOKEN},
    hook0::HOOK0,
    hubspot_v3::HUBSPOT_V3,
    intercom::INTERCOM,
    klaviyo::KLAVIYO,
    linear::LINEAR,
    linkedin::LINKEDIN,
    lob::LOB,
    mailgun::MAILGUN,
    mercado_pago::MERCADO_PAGO,
    merge::MERGE,
    meta::{INSTAGRAM, META, WHATSAPP},
    mollie::MOLLIE,
    mux::MUX,
    notion::NOTION,
    paddle::PADDLE_BILLING,
    pagerduty::PAGERDUTY,
    paypal::{PAYPAL, PAYPAL_SANDBOX},
    persona::PERSONA,
    plivo::PLIVO_V2,
    quicknode::QUICKNODE,
    recurly::RECURLY,
    salesforce::SALESFORCE_OUTBOUND,
    sanity::SANITY,
    sendgrid::SENDGRID,
    sendgrid_inbound::SENDGRID_INBOUND,
    sentry::SENTRY,
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
    tiktok_open_business::TIKTOK_OPEN_BUSINESS,
    toast::TOAST,
    trello::TRELLO,
    twilio::TWILIO,
    typeform::TYPEFORM,
    woocommerce::WOOCOMMERCE,
    workos::WORKOS,
    wufoo::WUFOO,
    zendesk::ZENDESK,
    zoom::ZOOM,
};

/// All presets, sorted by name. One that needs a cargo feature is here without it too; a receiver for it then is a
/// [`ConfigError`](crate::ConfigError) of kind [`Feature`](crate::ConfigErrorKind::Feature).
pub static ALL: &[Scheme] = &[
    ADYEN,
    ADYEN_PLATFORM,
    AFTERPAY,
    AGORA,
    AIRWALLEX,
    AUTHORIZE_NET,
    AWS_SNS,
    BAMBOOHR,
    BIGCOMMERCE,
    BRAINTREE,
    BUILDKITE,
    BUILDKITE_TOKEN,
    CALENDLY,
    CASHFREE,
    CIRCLECI,
    CLOUDFLARE_STREAM,
    CLOVER_HOSTED_CHECKOUT,
    COINBASE_CDP,
    CONTENTFUL,
    CUSTOMER_IO,
    DISCORD,
    DLOCAL,
    DOCUSIGN,
    FRAME_IO,
    GITHUB,
    GITLAB,
    GITLAB_TOKEN,
    HOOK0,
    HUBSPOT_V3,
    INSTAGRAM,
    INTERCOM,
    KLAVIYO,
    LINEAR,
    LINKEDIN,
    LOB,
    MAILGUN,
    MERCADO_PAGO,
    MERGE,
    META,
    MOLLIE,
    MUX,
    NOTION,
    PADDLE_BILLING,
    PAGERDUTY,
    PAYPAL,
    PAYPAL_SANDBOX,
    PERSONA,
    PLIVO_V2,
    QUICKNODE,
    RECURLY,
    SALESFORCE_OUTBOUND,
    SANITY,
    SENDGRID,
    SENDGRID_INBOUND,
    SENTRY,
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
    TIKTOK_OPEN_BUSINESS,
    TOAST,
    TRELLO,
    TWILIO,
    TYPEFORM,
    WHATSAPP,
    WOOCOMMERCE,
    WORKOS,
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

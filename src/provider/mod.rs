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

pub mod auth0;
pub mod bigcommerce;
pub mod braintree;
pub mod brevo;
pub mod chargebee;
pub mod cloudflare_notifications;
pub mod discord;
pub mod dropbox_sign;
pub mod figma;
pub mod flutterwave;
pub mod getstream;
pub mod gitea;
pub mod github;
pub mod gitlab;
pub mod hubspot_insecure;
pub mod intercom;
pub mod kakao;
pub mod lever;
pub mod linear;
pub mod mailgun;
pub mod meta;
pub mod nango;
pub mod nuvei;
pub mod okta;
pub mod paddle;
pub mod pagerduty;
pub mod phonepe;
pub mod pipedrive;
pub mod postmark;
pub mod salesforce;
pub mod segment;
pub mod sendgrid;
pub mod sendgrid_inbound;
pub mod sentry;
pub mod shopify;
pub mod slack;
pub mod sparkpost;
pub mod square;
pub mod standard_webhooks;
pub mod stripe;
pub mod svix;
pub mod teamwork;
pub mod telegram;
pub mod twilio;
pub mod typeform;
pub mod websub;
pub mod woocommerce;
pub mod wufoo;
pub mod zoom;

use crate::scheme::Scheme;

pub use self::{
    auth0::AUTH0,
    bigcommerce::BIGCOMMERCE,
    braintree::BRAINTREE,
    brevo::BREVO,
    chargebee::CHARGEBEE,
    cloudflare_notifications::CLOUDFLARE_NOTIFICATIONS,
    discord::DISCORD,
    dropbox_sign::DROPBOX_SIGN,
    figma::FIGMA,
    flutterwave::{FLUTTERWAVE, FLUTTERWAVE_V4},
    getstream::GETSTREAM,
    gitea::GITEA,
    github::GITHUB,
    gitlab::{GITLAB, GITLAB_TOKEN},
    hubspot_insecure::{HUBSPOT_V1, HUBSPOT_V2},
    intercom::INTERCOM,
    kakao::KAKAO,
    lever::LEVER,
    linear::LINEAR,
    mailgun::MAILGUN,
    meta::{INSTAGRAM, META, WHATSAPP},
    nango::NANGO,
    nuvei::NUVEI_DMN,
    okta::OKTA,
    paddle::PADDLE_BILLING,
    pagerduty::PAGERDUTY,
    phonepe::PHONEPE,
    pipedrive::PIPEDRIVE,
    postmark::POSTMARK,
    salesforce::SALESFORCE_OUTBOUND,
    segment::SEGMENT,
    sendgrid::SENDGRID,
    sendgrid_inbound::SENDGRID_INBOUND,
    sentry::SENTRY,
    shopify::SHOPIFY,
    slack::SLACK,
    sparkpost::SPARKPOST,
    square::SQUARE,
    standard_webhooks::STANDARD_WEBHOOKS,
    stripe::STRIPE,
    svix::SVIX,
    teamwork::TEAMWORK,
    telegram::TELEGRAM,
    twilio::TWILIO,
    typeform::TYPEFORM,
    websub::{WEBSUB, WEBSUB_SHA1},
    woocommerce::WOOCOMMERCE,
    wufoo::WUFOO,
    zoom::ZOOM,
};

/// All presets, sorted by name. One that needs a cargo feature is here without it too; a receiver for it then is a
/// [`ConfigError`](crate::ConfigError) of kind [`Feature`](crate::ConfigErrorKind::Feature).
pub static ALL: &[Scheme] = &[
    AUTH0,
    BIGCOMMERCE,
    BRAINTREE,
    BREVO,
    CHARGEBEE,
    CLOUDFLARE_NOTIFICATIONS,
    DISCORD,
    DROPBOX_SIGN,
    FIGMA,
    FLUTTERWAVE,
    FLUTTERWAVE_V4,
    GETSTREAM,
    GITEA,
    GITHUB,
    GITLAB,
    GITLAB_TOKEN,
    HUBSPOT_V1,
    HUBSPOT_V2,
    INSTAGRAM,
    INTERCOM,
    KAKAO,
    LEVER,
    LINEAR,
    MAILGUN,
    META,
    NANGO,
    NUVEI_DMN,
    OKTA,
    PADDLE_BILLING,
    PAGERDUTY,
    PHONEPE,
    PIPEDRIVE,
    POSTMARK,
    SALESFORCE_OUTBOUND,
    SEGMENT,
    SENDGRID,
    SENDGRID_INBOUND,
    SENTRY,
    SHOPIFY,
    SLACK,
    SPARKPOST,
    SQUARE,
    STANDARD_WEBHOOKS,
    STRIPE,
    SVIX,
    TEAMWORK,
    TELEGRAM,
    TWILIO,
    TYPEFORM,
    WEBSUB,
    WEBSUB_SHA1,
    WHATSAPP,
    WOOCOMMERCE,
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

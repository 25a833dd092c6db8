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

pub mod azure_event_grid;
pub mod bigcommerce;
pub mod braintree;
pub mod cloudevents;
pub mod discord;
pub mod github;
pub mod gitlab;
pub mod intercom;
pub mod linear;
pub mod mailgun;
pub mod meta;
pub mod microsoft_graph;
pub mod notion;
pub mod paddle;
pub mod pagerduty;
pub mod salesforce;
pub mod sendgrid;
pub mod sendgrid_inbound;
pub mod sentry;
pub mod shopify;
pub mod slack;
pub mod square;
pub mod standard_webhooks;
pub mod stripe;
pub mod svix;
pub mod teamwork;
pub mod telegram;
pub mod twilio;
pub mod typeform;
pub mod woocommerce;
pub mod wufoo;
pub mod zoom;

use crate::scheme::Scheme;

pub use self::{
    azure_event_grid::AZURE_EVENT_GRID,
    bigcommerce::BIGCOMMERCE,
    braintree::BRAINTREE,
    cloudevents::{CLOUDEVENTS_BATCH, CLOUDEVENTS_HTTP, CLOUDEVENTS_QUERY, CLOUDEVENTS_WEBHOOK},
    discord::DISCORD,
    github::GITHUB,
    gitlab::{GITLAB, GITLAB_TOKEN},
    intercom::INTERCOM,
    linear::LINEAR,
    mailgun::MAILGUN,
    meta::{INSTAGRAM, META, WHATSAPP},
    microsoft_graph::MICROSOFT_GRAPH,
    notion::NOTION,
    paddle::PADDLE_BILLING,
    pagerduty::PAGERDUTY,
    salesforce::SALESFORCE_OUTBOUND,
    sendgrid::SENDGRID,
    sendgrid_inbound::SENDGRID_INBOUND,
    sentry::SENTRY,
    shopify::SHOPIFY,
    slack::SLACK,
    square::SQUARE,
    standard_webhooks::STANDARD_WEBHOOKS,
    stripe::STRIPE,
    svix::SVIX,
    teamwork::TEAMWORK,
    telegram::TELEGRAM,
    twilio::TWILIO,
    typeform::TYPEFORM,
    woocommerce::WOOCOMMERCE,
    wufoo::WUFOO,
    zoom::ZOOM,
};

/// All presets, sorted by name. One that needs a cargo feature is here without it too; a receiver for it then is a
/// [`ConfigError`](crate::ConfigError) of kind [`Feature`](crate::ConfigErrorKind::Feature).
pub static ALL: &[Scheme] = &[
    AZURE_EVENT_GRID,
    BIGCOMMERCE,
    BRAINTREE,
    CLOUDEVENTS_HTTP,
    CLOUDEVENTS_BATCH,
    CLOUDEVENTS_WEBHOOK,
    CLOUDEVENTS_QUERY,
    DISCORD,
    GITHUB,
    GITLAB,
    GITLAB_TOKEN,
    INSTAGRAM,
    INTERCOM,
    LINEAR,
    MAILGUN,
    META,
    MICROSOFT_GRAPH,
    NOTION,
    PADDLE_BILLING,
    PAGERDUTY,
    SALESFORCE_OUTBOUND,
    SENDGRID,
    SENDGRID_INBOUND,
    SENTRY,
    SHOPIFY,
    SLACK,
    SQUARE,
    STANDARD_WEBHOOKS,
    STRIPE,
    SVIX,
    TEAMWORK,
    TELEGRAM,
    TWILIO,
    TYPEFORM,
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

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
/// event where the sender has types.
macro_rules! mounting {
    ($constant:ident, $name:literal, $keys:expr, $event:literal) => {
        mounting!(@ $constant, $name, $keys, concat!(".on(\"", $event, "\", handle)"))
    };
    ($constant:ident, $name:literal, $keys:expr) => {
        mounting!(@ $constant, $name, $keys, ".fallback(handle)")
    };
    (@ $constant:ident, $name:literal, $keys:expr, $route:expr) => {
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
            "let events = EventRouter::new()",
            $route,
            ";\n",
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
pub mod affirm;
pub mod aftership;
pub mod alchemy;
pub mod anthropic;
pub mod asana;
pub mod ashby;
pub mod bigcommerce;
pub mod bitbucket;
pub mod bland;
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
pub mod brex;
pub mod cal_com;
pub mod chargify;
pub mod checkout_com;
pub mod clerk;
pub mod clickup;
pub mod coinbase_commerce;
mod common;
pub mod discord;
pub mod discourse;
pub mod documenso;
pub mod dropbox;
pub mod dub;
pub mod dynamic;
pub mod elevenlabs;
pub mod emailit;
pub mod etsy;
pub mod fastspring;
pub mod fizzy;
pub mod fourthwall;
pub mod front;
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
pub mod gocardless;
pub mod goody;
pub mod greenhouse;
pub mod gusto;
pub mod hcp_terraform;
pub mod help_scout;
pub mod heroku;
pub mod hyperswitch;
pub mod increase;
pub mod intercom;
pub mod jira;
pub mod knock;
pub mod kontent_ai;
pub mod learning_360;
pub mod lemon_squeezy;
pub mod lightspeed;
pub mod line;
pub mod linear;
pub mod lithic;
pub mod liveblocks;
pub mod logto;
pub mod loop_returns;
pub mod loops;
pub mod mailgun;
pub mod make;
pub mod marqeta;
pub mod meta;
pub mod modern_treasury;
pub mod npm;
pub mod nuvemshop;
pub mod nylas;
pub mod openai;
pub mod oracle_commerce;
pub mod orb;
pub mod ordergroove;
pub mod paddle;
pub mod pagerduty;
pub mod panda_doc;
pub mod podium;
pub mod polar;
pub mod quickbooks;
pub mod ramp;
pub mod render;
pub mod replicate;
pub mod resend;
pub mod retell;
pub mod salesforce;
pub mod sanity;
pub mod sendgrid;
pub mod sendgrid_inbound;
pub mod sentry;
pub mod shipengine;
pub mod shippo;
pub mod shopify;
pub mod sinch;
pub mod signable;
pub mod signature_api;
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
pub mod tolt;
pub mod twilio;
pub mod twitch;
pub mod typeform;
pub mod wise;
pub mod uploadcare;
pub mod vercel;
pub mod veriff;
pub mod webflow;
pub mod woocommerce;
pub mod woovi_openpix;
pub mod workos;
pub mod worldline;
pub mod worldpay_access;
pub mod wufoo;
pub mod zendesk;
pub mod x_twitter;
pub mod xero;
pub mod zoho;
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
    affirm::AFFIRM,
    aftership::{AFTERSHIP, AFTERSHIP_RETURNS},
    alchemy::ALCHEMY,
    anthropic::ANTHROPIC,
    asana::ASANA,
    ashby::ASHBY,
    bigcommerce::BIGCOMMERCE,
    bitbucket::{BITBUCKET_CLOUD, BITBUCKET_SERVER},
    bland::BLAND,
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
    brex::BREX,
    cal_com::CAL_COM,
    chargify::CHARGIFY,
    checkout_com::CHECKOUT_COM,
    clerk::CLERK,
    clickup::CLICKUP,
    coinbase_commerce::COINBASE_COMMERCE,
    discord::DISCORD,
    discourse::DISCOURSE,
    documenso::DOCUMENSO,
    dropbox::DROPBOX,
    dub::DUB,
    dynamic::DYNAMIC,
    elevenlabs::ELEVENLABS,
    emailit::EMAILIT,
    etsy::ETSY,
    fastspring::FASTSPRING,
    fizzy::FIZZY,
    fourthwall::FOURTHWALL,
    front::{FRONT, FRONT_RULE},
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
    gocardless::GOCARDLESS,
    goody::GOODY,
    greenhouse::GREENHOUSE,
    gusto::GUSTO,
    hcp_terraform::HCP_TERRAFORM,
    help_scout::HELPSCOUT,
    heroku::HEROKU,
    hyperswitch::HYPERSWITCH,
    increase::INCREASE,
    intercom::INTERCOM,
    jira::JIRA,
    knock::KNOCK,
    kontent_ai::KONTENT_AI,
    learning_360::LEARNING_360,
    lemon_squeezy::LEMON_SQUEEZY,
    lightspeed::LIGHTSPEED_X_SERIES,
    line::LINE,
    linear::LINEAR,
    lithic::LITHIC,
    liveblocks::LIVEBLOCKS,
    logto::LOGTO,
    loop_returns::LOOP_RETURNS,
    loops::LOOPS,
    mailgun::MAILGUN,
    make::MAKE,
    marqeta::MARQETA,
    meta::{INSTAGRAM, META, WHATSAPP},
    modern_treasury::MODERN_TREASURY,
    npm::NPM,
    nuvemshop::NUVEMSHOP,
    nylas::NYLAS,
    openai::OPENAI,
    oracle_commerce::ORACLE_COMMERCE,
    orb::ORB,
    ordergroove::ORDERGROOVE,
    paddle::PADDLE_BILLING,
    pagerduty::PAGERDUTY,
    panda_doc::PANDADOC,
    podium::PODIUM,
    polar::POLAR,
    quickbooks::QUICKBOOKS,
    ramp::RAMP,
    render::RENDER,
    replicate::REPLICATE,
    resend::RESEND,
    retell::RETELL,
    salesforce::SALESFORCE_OUTBOUND,
    sanity::SANITY,
    sendgrid::SENDGRID,
    sendgrid_inbound::SENDGRID_INBOUND,
    sentry::SENTRY,
    shipengine::SHIPENGINE,
    shippo::SHIPPO,
    shopify::SHOPIFY,
    sinch::{SINCH, SINCH_NUMBERS},
    signable::SIGNABLE,
    signature_api::SIGNATURE_API,
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
    tolt::TOLT,
    twilio::TWILIO,
    twitch::TWITCH,
    typeform::TYPEFORM,
    wise::WISE,
    uploadcare::UPLOADCARE,
    vercel::VERCEL,
    veriff::VERIFF,
    webflow::WEBFLOW,
    woocommerce::WOOCOMMERCE,
    woovi_openpix::WOOVI_OPENPIX,
    workos::WORKOS,
    worldline::WORLDLINE,
    worldpay_access::WORLDPAY_ACCESS,
    wufoo::WUFOO,
    zendesk::ZENDESK,
    x_twitter::X_TWITTER,
    xero::XERO,
    zoho::ZOHO,
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
    LEARNING_360,
    AFFIRM,
    AFTERSHIP,
    AFTERSHIP_RETURNS,
    ALCHEMY,
    ANTHROPIC,
    ASANA,
    ASHBY,
    BIGCOMMERCE,
    BITBUCKET_CLOUD,
    BITBUCKET_SERVER,
    BLAND,
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
    BREX,
    CAL_COM,
    CHARGIFY,
    CHECKOUT_COM,
    CLERK,
    CLICKUP,
    COINBASE_COMMERCE,
    DISCORD,
    DISCOURSE,
    DOCUMENSO,
    DROPBOX,
    DUB,
    DYNAMIC,
    ELEVENLABS,
    EMAILIT,
    ETSY,
    FASTSPRING,
    FIZZY,
    FOURTHWALL,
    FRONT,
    FRONT_RULE,
    GITHUB,
    GITHUB_SECRET_SCANNING,
    GITLAB,
    GITLAB_TOKEN,
    HOOK0,
    HUBSPOT_V3,
    GOCARDLESS,
    GOODY,
    GREENHOUSE,
    GUSTO,
    HCP_TERRAFORM,
    HELPSCOUT,
    HEROKU,
    HYPERSWITCH,
    INCREASE,
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
    JIRA,
    KNOCK,
    KONTENT_AI,
    LEMON_SQUEEZY,
    LIGHTSPEED_X_SERIES,
    LINE,
    LINEAR,
    LITHIC,
    LIVEBLOCKS,
    LOGTO,
    LOOP_RETURNS,
    LOOPS,
    MAILGUN,
    MAKE,
    MARQETA,
    META,
    MODERN_TREASURY,
    NPM,
    NUVEMSHOP,
    NYLAS,
    OPENAI,
    ORACLE_COMMERCE,
    ORB,
    ORDERGROOVE,
    PADDLE_BILLING,
    PAGERDUTY,
    PANDADOC,
    PODIUM,
    POLAR,
    QUICKBOOKS,
    RAMP,
    RENDER,
    REPLICATE,
    RESEND,
    RETELL,
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
    SIGNABLE,
    SIGNATURE_API,
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
    TOLT,
    TWILIO,
    TWITCH,
    TYPEFORM,
    UPLOADCARE,
    VERCEL,
    VERIFF,
    WEBFLOW,
    WHATSAPP,
    WISE,
    WOOCOMMERCE,
    WOOVI_OPENPIX,
    WORKOS,
    WORLDLINE,
    WORLDPAY_ACCESS,
    WUFOO,
    ZENDESK,
    X_TWITTER,
    XERO,
    ZOHO,
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

//! The senders known by name: one constant each, made of public facts.
//!
//! A module for each says what is odd about the sender and shows how to mount it. [`ALL`] has them all, [`by_name`] finds one
//! by the name that a configuration file holds, and the guide has them in one table.
//!
//! ```
//! use hooklatch::{Coverage, provider};
//!
//! let preset = provider::by_name("aws-sns").expect("a sender that is known");
//! assert_eq!(preset, &provider::AWS_SNS);
//! // Senders whose events have to be fetched, since their signature does not cover the body.
//! let thin = provider::ALL.iter().filter(|scheme| scheme.coverage() != Coverage::Whole);
//! assert!(thin.clone().any(|scheme| scheme.name == "paypal"));
//! ```
//!
//! A sender with several ways to sign has a preset for each, as `hubspot-v1` and `hubspot-v3`: a receiver takes one of them, so
//! that a weaker signature never stands in for a stronger one.
//!
//! A preset is a [`Scheme`] like any other; to change one thing of it, write a literal:
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

/// What every example of mounting a preset begins with, and imports besides.
macro_rules! mounting_head {
    ($besides:literal) => {
        concat!(
            "\n```\n",
            "use axum::Router;\n",
            "use hooklatch::{",
            $besides,
            "EventRouter, Hooks, Keyring, RawEvent, provider};\n\n",
            "async fn handle(event: RawEvent) {\n",
            "    println!(\"{} {}\", event.id, event.event_type);\n",
            "}\n\n",
            "let hooks = Hooks::new();\n",
        )
    };
}

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
            mounting_head!(""),
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
            mounting_head!("ConfigErrorKind, "),
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
            mounting_head!(""),
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
pub mod adyen;
pub mod affirm;
pub mod afterpay;
pub mod aftership;
pub mod agora;
pub mod airtable;
pub mod airwallex;
pub mod alchemy;
pub mod anthropic;
pub mod apple_app_store;
pub mod asana;
pub mod ashby;
pub mod auth0;
pub mod authorize_net;
pub mod aws_sns;
pub mod azure_event_grid;
pub mod bamboohr;
pub mod bigcommerce;
pub mod bitbucket;
pub mod bland;
pub mod braintree;
pub mod brevo;
pub mod brex;
pub mod buildkite;
pub mod cal_com;
pub mod calendly;
pub mod cashfree;
pub mod chargebee;
pub mod chargify;
pub mod checkout_com;
pub mod circle;
pub mod circleci;
pub mod clerk;
pub mod clickup;
pub mod cloudevents;
pub mod cloudflare_notifications;
pub mod cloudflare_stream;
pub mod clover_hosted_checkout;
pub mod coinbase_cdp;
pub mod coinbase_commerce;
mod common;
pub mod contentful;
pub mod customer_io;
pub mod discord;
pub mod discourse;
pub mod dlocal;
pub mod documenso;
pub mod docusign;
pub mod draft_cavage;
pub mod dropbox;
pub mod dropbox_sign;
pub mod dub;
pub mod dynamic;
pub mod easypost;
pub mod ebay;
pub mod elevenlabs;
pub mod emailit;
pub mod etsy;
pub mod fastspring;
pub mod figma;
pub mod finch;
pub mod fitbit;
pub mod fizzy;
pub mod flutterwave;
pub mod fourthwall;
pub mod frame_io;
pub mod front;
pub mod getstream;
pub mod gitea;
pub mod github;
pub mod github_secret_scanning;
pub mod gitlab;
pub mod gocardless;
pub mod goody;
pub mod google_pubsub;
pub mod greenhouse;
pub mod gusto;
pub mod hcp_terraform;
pub mod help_scout;
pub mod heroku;
pub mod hook0;
pub mod http_message_signatures;
pub mod hubspot_insecure;
pub mod hubspot_v3;
pub mod hyperswitch;
pub mod increase;
pub mod inespay;
pub mod integrated_finance;
pub mod intercom;
pub mod jira;
pub mod kakao;
pub mod kinde;
pub mod klaviyo;
pub mod knock;
pub mod kontent_ai;
pub mod learning_360;
pub mod lemon_squeezy;
pub mod lever;
pub mod lightspeed;
pub mod line;
pub mod linear;
pub mod linkedin;
pub mod lithic;
pub mod liveblocks;
pub mod livekit;
pub mod lob;
pub mod logto;
pub mod loop_returns;
pub mod loops;
pub mod mailgun;
pub mod make;
pub mod mandrill;
pub mod marqeta;
pub mod mercado_pago;
pub mod merge;
pub mod messagebird;
pub mod meta;
pub mod microsoft_bot_framework;
pub mod microsoft_graph;
pub mod microsoft_teams;
pub mod modern_treasury;
pub mod mollie;
pub mod monday;
pub mod mux;
pub mod nango;
pub mod netlify;
pub mod notion;
pub mod npm;
pub mod nuvei;
pub mod nuvemshop;
pub mod nylas;
pub mod okta;
pub mod onfido;
pub mod open_banking_uk;
pub mod openai;
pub mod oracle_commerce;
pub mod orb;
pub mod ordergroove;
pub mod paddle;
pub mod pagerduty;
pub mod panda_doc;
pub mod paypal;
pub mod paystack;
pub mod persona;
pub mod phonepe;
pub mod pipedrive;
pub mod plaid;
pub mod plivo;
pub mod podium;
pub mod polar;
pub mod postmark;
pub mod pusher;
pub mod quickbooks;
pub mod quicknode;
pub mod ramp;
pub mod razorpay;
pub mod recurly;
pub mod render;
pub mod replicate;
pub mod resend;
pub mod retell;
pub mod salesforce;
pub mod sanity;
pub mod security_event_tokens;
pub mod segment;
pub mod sendgrid;
pub mod sendgrid_inbound;
pub mod sentry;
pub mod shipengine;
pub mod shippo;
pub mod shopify;
pub mod signable;
pub mod signature_api;
pub mod sinch;
pub mod slack;
pub mod sparkpost;
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
pub mod tolt;
pub mod travis_ci;
pub mod trello;
pub mod truelayer;
pub mod twilio;
pub mod twitch;
pub mod typeform;
pub mod uploadcare;
pub mod vercel;
pub mod veriff;
pub mod vonage;
pub mod webflow;
pub mod websub;
pub mod wise;
pub mod woocommerce;
pub mod woovi_openpix;
pub mod workos;
pub mod worldline;
pub mod worldpay_access;
pub mod wufoo;
pub mod x_twitter;
pub mod xero;
pub mod zendesk;
pub mod zoho;
pub mod zoom;

use crate::scheme::Scheme;

pub use self::{
    ably::ABLY,
    adobe_commerce_webhooks::ADOBE_COMMERCE_WEBHOOKS,
    adyen::{ADYEN, ADYEN_PLATFORM},
    affirm::AFFIRM,
    afterpay::AFTERPAY,
    aftership::{AFTERSHIP, AFTERSHIP_RETURNS},
    agora::AGORA,
    airtable::AIRTABLE,
    airwallex::AIRWALLEX,
    alchemy::ALCHEMY,
    anthropic::ANTHROPIC,
    apple_app_store::APPLE_APP_STORE,
    asana::ASANA,
    ashby::ASHBY,
    auth0::AUTH0,
    authorize_net::AUTHORIZE_NET,
    aws_sns::AWS_SNS,
    azure_event_grid::AZURE_EVENT_GRID,
    bamboohr::BAMBOOHR,
    bigcommerce::BIGCOMMERCE,
    bitbucket::{BITBUCKET_CLOUD, BITBUCKET_SERVER},
    bland::BLAND,
    braintree::BRAINTREE,
    brevo::BREVO,
    brex::BREX,
    buildkite::{BUILDKITE, BUILDKITE_TOKEN},
    cal_com::CAL_COM,
    calendly::CALENDLY,
    cashfree::CASHFREE,
    chargebee::CHARGEBEE,
    chargify::CHARGIFY,
    checkout_com::CHECKOUT_COM,
    circle::CIRCLE,
    circleci::CIRCLECI,
    clerk::CLERK,
    clickup::CLICKUP,
    cloudevents::{CLOUDEVENTS_BATCH, CLOUDEVENTS_HTTP, CLOUDEVENTS_QUERY, CLOUDEVENTS_WEBHOOK},
    cloudflare_notifications::CLOUDFLARE_NOTIFICATIONS,
    cloudflare_stream::CLOUDFLARE_STREAM,
    clover_hosted_checkout::CLOVER_HOSTED_CHECKOUT,
    coinbase_cdp::COINBASE_CDP,
    coinbase_commerce::COINBASE_COMMERCE,
    contentful::CONTENTFUL,
    customer_io::CUSTOMER_IO,
    discord::DISCORD,
    discourse::DISCOURSE,
    dlocal::DLOCAL,
    documenso::DOCUMENSO,
    docusign::DOCUSIGN,
    draft_cavage::DRAFT_CAVAGE,
    dropbox::DROPBOX,
    dropbox_sign::DROPBOX_SIGN,
    dub::DUB,
    dynamic::DYNAMIC,
    easypost::EASYPOST,
    ebay::EBAY,
    elevenlabs::ELEVENLABS,
    emailit::EMAILIT,
    etsy::ETSY,
    fastspring::FASTSPRING,
    figma::FIGMA,
    finch::FINCH,
    fitbit::FITBIT,
    fizzy::FIZZY,
    flutterwave::{FLUTTERWAVE, FLUTTERWAVE_V4},
    fourthwall::FOURTHWALL,
    frame_io::FRAME_IO,
    front::{FRONT, FRONT_RULE},
    getstream::GETSTREAM,
    gitea::GITEA,
    github::{GITHUB, GITHUB_SHA1},
    github_secret_scanning::GITHUB_SECRET_SCANNING,
    gitlab::{GITLAB, GITLAB_TOKEN},
    gocardless::GOCARDLESS,
    goody::GOODY,
    google_pubsub::{GOOGLE_PLAY_RTDN, GOOGLE_PUBSUB},
    greenhouse::GREENHOUSE,
    gusto::GUSTO,
    hcp_terraform::HCP_TERRAFORM,
    help_scout::HELPSCOUT,
    heroku::HEROKU,
    hook0::HOOK0,
    http_message_signatures::HTTP_MESSAGE_SIGNATURES,
    hubspot_insecure::{HUBSPOT_V1, HUBSPOT_V2},
    hubspot_v3::HUBSPOT_V3,
    hyperswitch::HYPERSWITCH,
    increase::INCREASE,
    inespay::INESPAY,
    integrated_finance::INTEGRATED_FINANCE,
    intercom::INTERCOM,
    jira::JIRA,
    kakao::KAKAO,
    kinde::KINDE,
    klaviyo::KLAVIYO,
    knock::KNOCK,
    kontent_ai::KONTENT_AI,
    learning_360::LEARNING_360,
    lemon_squeezy::LEMON_SQUEEZY,
    lever::LEVER,
    lightspeed::LIGHTSPEED_X_SERIES,
    line::LINE,
    linear::LINEAR,
    linkedin::LINKEDIN,
    lithic::LITHIC,
    liveblocks::LIVEBLOCKS,
    livekit::LIVEKIT,
    lob::LOB,
    logto::LOGTO,
    loop_returns::LOOP_RETURNS,
    loops::LOOPS,
    mailgun::MAILGUN,
    make::MAKE,
    mandrill::MANDRILL,
    marqeta::MARQETA,
    mercado_pago::MERCADO_PAGO,
    merge::MERGE,
    messagebird::MESSAGEBIRD,
    meta::{INSTAGRAM, META, WHATSAPP},
    microsoft_bot_framework::MICROSOFT_BOT_FRAMEWORK,
    microsoft_graph::MICROSOFT_GRAPH,
    microsoft_teams::MICROSOFT_TEAMS,
    modern_treasury::MODERN_TREASURY,
    mollie::MOLLIE,
    monday::MONDAY,
    mux::MUX,
    nango::NANGO,
    netlify::NETLIFY,
    notion::NOTION,
    npm::NPM,
    nuvei::NUVEI_DMN,
    nuvemshop::NUVEMSHOP,
    nylas::NYLAS,
    okta::OKTA,
    onfido::ONFIDO,
    open_banking_uk::OPEN_BANKING_UK,
    openai::OPENAI,
    oracle_commerce::ORACLE_COMMERCE,
    orb::ORB,
    ordergroove::ORDERGROOVE,
    paddle::PADDLE_BILLING,
    pagerduty::PAGERDUTY,
    panda_doc::PANDADOC,
    paypal::{PAYPAL, PAYPAL_SANDBOX},
    paystack::PAYSTACK,
    persona::PERSONA,
    phonepe::PHONEPE,
    pipedrive::PIPEDRIVE,
    plaid::PLAID,
    plivo::{PLIVO, PLIVO_V2},
    podium::PODIUM,
    polar::POLAR,
    postmark::POSTMARK,
    pusher::PUSHER,
    quickbooks::QUICKBOOKS,
    quicknode::QUICKNODE,
    ramp::RAMP,
    razorpay::RAZORPAY,
    recurly::RECURLY,
    render::RENDER,
    replicate::REPLICATE,
    resend::RESEND,
    retell::RETELL,
    salesforce::SALESFORCE_OUTBOUND,
    sanity::SANITY,
    security_event_tokens::SECURITY_EVENT_TOKENS,
    segment::SEGMENT,
    sendgrid::SENDGRID,
    sendgrid_inbound::SENDGRID_INBOUND,
    sentry::SENTRY,
    shipengine::SHIPENGINE,
    shippo::SHIPPO,
    shopify::SHOPIFY,
    signable::SIGNABLE,
    signature_api::SIGNATURE_API,
    sinch::{SINCH, SINCH_NUMBERS},
    slack::SLACK,
    sparkpost::SPARKPOST,
    square::SQUARE,
    standard_webhooks::STANDARD_WEBHOOKS,
    stripe::{STRIPE, STRIPE_V2_THIN},
    supabase_auth::SUPABASE_AUTH,
    svix::SVIX,
    teamwork::TEAMWORK,
    telegram::TELEGRAM,
    telnyx::TELNYX,
    tiktok_open_business::TIKTOK_OPEN_BUSINESS,
    toast::TOAST,
    tolt::TOLT,
    travis_ci::TRAVIS_CI,
    trello::TRELLO,
    truelayer::TRUELAYER,
    twilio::TWILIO,
    twitch::TWITCH,
    typeform::TYPEFORM,
    uploadcare::UPLOADCARE,
    vercel::VERCEL,
    veriff::VERIFF,
    vonage::VONAGE,
    webflow::WEBFLOW,
    websub::{WEBSUB, WEBSUB_SHA1},
    wise::WISE,
    woocommerce::WOOCOMMERCE,
    woovi_openpix::WOOVI_OPENPIX,
    workos::WORKOS,
    worldline::WORLDLINE,
    worldpay_access::WORLDPAY_ACCESS,
    wufoo::WUFOO,
    x_twitter::X_TWITTER,
    xero::XERO,
    zendesk::ZENDESK,
    zoho::ZOHO,
    zoom::ZOOM,
};

/// All presets, sorted by name. One that needs a cargo feature is here without it too; a receiver for it then is a
/// [`ConfigError`](crate::ConfigError) of kind [`Feature`](crate::ConfigErrorKind::Feature).
pub static ALL: &[Scheme] = &[
    LEARNING_360,
    ABLY,
    ADOBE_COMMERCE_WEBHOOKS,
    ADYEN,
    ADYEN_PLATFORM,
    AFFIRM,
    AFTERPAY,
    AFTERSHIP,
    AFTERSHIP_RETURNS,
    AGORA,
    AIRTABLE,
    AIRWALLEX,
    ALCHEMY,
    ANTHROPIC,
    APPLE_APP_STORE,
    ASANA,
    ASHBY,
    AUTH0,
    AUTHORIZE_NET,
    AWS_SNS,
    AZURE_EVENT_GRID,
    BAMBOOHR,
    BIGCOMMERCE,
    BITBUCKET_CLOUD,
    BITBUCKET_SERVER,
    BLAND,
    BRAINTREE,
    BREVO,
    BREX,
    BUILDKITE,
    BUILDKITE_TOKEN,
    CAL_COM,
    CALENDLY,
    CASHFREE,
    CHARGEBEE,
    CHARGIFY,
    CHECKOUT_COM,
    CIRCLE,
    CIRCLECI,
    CLERK,
    CLICKUP,
    CLOUDEVENTS_HTTP,
    CLOUDEVENTS_BATCH,
    CLOUDEVENTS_WEBHOOK,
    CLOUDEVENTS_QUERY,
    CLOUDFLARE_NOTIFICATIONS,
    CLOUDFLARE_STREAM,
    CLOVER_HOSTED_CHECKOUT,
    COINBASE_CDP,
    COINBASE_COMMERCE,
    CONTENTFUL,
    CUSTOMER_IO,
    DISCORD,
    DISCOURSE,
    DLOCAL,
    DOCUMENSO,
    DOCUSIGN,
    DRAFT_CAVAGE,
    DROPBOX,
    DROPBOX_SIGN,
    DUB,
    DYNAMIC,
    EASYPOST,
    EBAY,
    ELEVENLABS,
    EMAILIT,
    ETSY,
    FASTSPRING,
    FIGMA,
    FINCH,
    FITBIT,
    FIZZY,
    FLUTTERWAVE,
    FLUTTERWAVE_V4,
    FOURTHWALL,
    FRAME_IO,
    FRONT,
    FRONT_RULE,
    GETSTREAM,
    GITEA,
    GITHUB,
    GITHUB_SECRET_SCANNING,
    GITHUB_SHA1,
    GITLAB,
    GITLAB_TOKEN,
    GOCARDLESS,
    GOODY,
    GOOGLE_PLAY_RTDN,
    GOOGLE_PUBSUB,
    GREENHOUSE,
    GUSTO,
    HCP_TERRAFORM,
    HELPSCOUT,
    HEROKU,
    HOOK0,
    HTTP_MESSAGE_SIGNATURES,
    HUBSPOT_V1,
    HUBSPOT_V2,
    HUBSPOT_V3,
    HYPERSWITCH,
    INCREASE,
    INESPAY,
    INSTAGRAM,
    INTEGRATED_FINANCE,
    INTERCOM,
    JIRA,
    KAKAO,
    KINDE,
    KLAVIYO,
    KNOCK,
    KONTENT_AI,
    LEMON_SQUEEZY,
    LEVER,
    LIGHTSPEED_X_SERIES,
    LINE,
    LINEAR,
    LINKEDIN,
    LITHIC,
    LIVEBLOCKS,
    LIVEKIT,
    LOB,
    LOGTO,
    LOOP_RETURNS,
    LOOPS,
    MAILGUN,
    MAKE,
    MANDRILL,
    MARQETA,
    MERCADO_PAGO,
    MERGE,
    MESSAGEBIRD,
    META,
    MICROSOFT_BOT_FRAMEWORK,
    MICROSOFT_GRAPH,
    MICROSOFT_TEAMS,
    MODERN_TREASURY,
    MOLLIE,
    MONDAY,
    MUX,
    NANGO,
    NETLIFY,
    NOTION,
    NPM,
    NUVEI_DMN,
    NUVEMSHOP,
    NYLAS,
    OKTA,
    ONFIDO,
    OPEN_BANKING_UK,
    OPENAI,
    ORACLE_COMMERCE,
    ORB,
    ORDERGROOVE,
    PADDLE_BILLING,
    PAGERDUTY,
    PANDADOC,
    PAYPAL,
    PAYPAL_SANDBOX,
    PAYSTACK,
    PERSONA,
    PHONEPE,
    PIPEDRIVE,
    PLAID,
    PLIVO,
    PLIVO_V2,
    PODIUM,
    POLAR,
    POSTMARK,
    PUSHER,
    QUICKBOOKS,
    QUICKNODE,
    RAMP,
    RAZORPAY,
    RECURLY,
    RENDER,
    REPLICATE,
    RESEND,
    RETELL,
    SALESFORCE_OUTBOUND,
    SANITY,
    SECURITY_EVENT_TOKENS,
    SEGMENT,
    SENDGRID,
    SENDGRID_INBOUND,
    SENTRY,
    SHIPENGINE,
    SHIPPO,
    SHOPIFY,
    SIGNABLE,
    SIGNATURE_API,
    SINCH,
    SINCH_NUMBERS,
    SLACK,
    SPARKPOST,
    SQUARE,
    STANDARD_WEBHOOKS,
    STRIPE,
    STRIPE_V2_THIN,
    SUPABASE_AUTH,
    SVIX,
    TEAMWORK,
    TELEGRAM,
    TELNYX,
    TIKTOK_OPEN_BUSINESS,
    TOAST,
    TOLT,
    TRAVIS_CI,
    TRELLO,
    TRUELAYER,
    TWILIO,
    TWITCH,
    TYPEFORM,
    UPLOADCARE,
    VERCEL,
    VERIFF,
    VONAGE,
    WEBFLOW,
    WEBSUB,
    WEBSUB_SHA1,
    WHATSAPP,
    WISE,
    WOOCOMMERCE,
    WOOVI_OPENPIX,
    WORKOS,
    WORLDLINE,
    WORLDPAY_ACCESS,
    WUFOO,
    X_TWITTER,
    XERO,
    ZENDESK,
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

//! Amazon SNS: "Verifying the signatures of Amazon SNS messages".
//!
//! - A JSON body signed by RSA under the certificate at its `/SigningCertURL`: `SignatureVersion` 1 with SHA-1, 2 with
//!   SHA-256. Set your topics to 2.
//! - The certificate is fetched (feature `discovery`), only from `sns.<region>.amazonaws.com` of the topic's own region,
//!   and has to name `sns.amazonaws.com` and be valid. AWS gives it without the rest of its chain, so what vouches for it
//!   is TLS to that host. A keyring may hold it instead, named by its URL.
//! - A signature says that a message is of *some* topic: anybody may subscribe your URL to a topic of theirs. The keyring
//!   has to list yours, [`Param::Topics`].
//! - Signed are the message, id, subject, time, topic and type, and of confirmations their token and URL, but not
//!   `UnsubscribeURL`. A subject that is missing or null is not signed. Raw message delivery has no signature.
//! - `Timestamp` is when the message was published; it repeats on each retry. AWS retries for up to an hour. The id is
//!   `/MessageId`, signed.
//! - The type is `/Type`: `Notification`, `SubscriptionConfirmation` or `UnsubscribeConfirmation`. Route the second to a
//!   handler that takes a [`Confirmation`] and calls `ConfirmSubscription` with its topic and token. Never fetch
//!   `SubscribeURL`.
//!
//! ```
//! use axum::Router;
//! use hooklatch::{Event, EventRouter, Hooks, Keyring, Param, provider};
//! use provider::aws_sns::{Confirmation, Notification};
//!
//! async fn confirm(event: Event<Confirmation>) {
//!     // sns.confirm_subscription().topic_arn(event.data.topic_arn).token(event.data.token).send().await
//! }
//! async fn ordered(event: Event<Notification>) { println!("{}", event.data.message) }
//!
//! # #[cfg(feature = "discovery")] {
//! let keys = Keyring::empty().with(Param::Topics, "arn:aws:sns:eu-west-1:123456789012:orders");
//! let sns = Hooks::new().receiver("orders", provider::AWS_SNS, keys)?;
//! let events = EventRouter::new().on("SubscriptionConfirmation", confirm).on("Notification", ordered);
//! let app: Router = Router::new().route_service("/webhooks/sns", sns.receive(events));
//! # }
//! assert!(Hooks::new().receiver("anybody", provider::AWS_SNS, Keyring::empty()).is_err());
//! # Ok::<(), hooklatch::ConfigError>(())
//! ```

use std::{borrow::Cow, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    profile::Profile,
    scheme::{
        Algorithm, Allowed, Discovery, Encoding, KeyFormat, KeyPlace, KeyUrl, Method, Names, Part,
        Scheme, TimeFormat, Timestamp,
    },
    secret::Param,
    source::{Source, TypePart},
};

/// Amazon SNS. See the [module docs](self).
pub const AWS_SNS: Scheme = Scheme {
    name: Cow::Borrowed("aws-sns"),
    docs: Cow::Borrowed("Amazon SNS: Verifying the signatures of Amazon SNS messages"),
    quirks: Cow::Borrowed(
        "RSA under a certificate that each message names; any topic's messages have a valid signature, so yours are listed; UnsubscribeURL is unsigned.",
    ),
    signature: Source::Json(Cow::Borrowed("/Signature")),
    methods: Cow::Borrowed(&[
        Method {
            tag: Cow::Borrowed("2"),
            algorithm: Algorithm::RsaSha256,
            ..METHOD
        },
        Method {
            tag: Cow::Borrowed("1"),
            algorithm: Algorithm::RsaSha1,
            ..METHOD
        },
    ]),
    method_id: Some(Source::Json(Cow::Borrowed("/SignatureVersion"))),
    // AWS Lambda is given the second name.
    key_id: Some(Source::FirstOf(Cow::Borrowed(&[
        Source::Json(Cow::Borrowed("/SigningCertURL")),
        Source::Json(Cow::Borrowed("/SigningCertUrl")),
    ]))),
    allowed: Some(Allowed {
        source: TOPIC,
        param: Param::Topics,
    }),
    discovery: Some(Discovery {
        place: KeyPlace::Named(Cow::Borrowed(&[KeyUrl {
            url: Cow::Borrowed("https://sns.{region}.{dns}/SimpleNotificationService-{hex32}.pem"),
            certificate: Some(Cow::Borrowed("sns.amazonaws.com")),
        }])),
        ..Discovery::CERTIFICATE
    }),
    content: Cow::Borrowed(&[
        Part::literal("Message\n"),
        Part::Text(Source::json("/Message")),
        Part::literal("\nMessageId\n"),
        Part::Id,
        Part::literal("\n"),
        Part::Where(
            Source::json("/Subject"),
            Cow::Borrowed(&[
                Part::literal("Subject\n"),
                Part::Text(Source::json("/Subject")),
                Part::literal("\n"),
            ]),
        ),
        Part::Where(
            Source::json("/SubscribeURL"),
            Cow::Borrowed(&[
                Part::literal("SubscribeURL\n"),
                Part::Text(Source::json("/SubscribeURL")),
                Part::literal("\n"),
            ]),
        ),
        Part::literal("Timestamp\n"),
        Part::Timestamp,
        Part::literal("\n"),
        Part::Where(
            Source::json("/Token"),
            Cow::Borrowed(&[
                Part::literal("Token\n"),
                Part::Text(Source::json("/Token")),
                Part::literal("\n"),
            ]),
        ),
        Part::literal("TopicArn\n"),
        Part::Text(TOPIC),
        Part::literal("\nType\n"),
        Part::Text(Source::json("/Type")),
        Part::literal("\n"),
    ]),
    timestamp: Some(Timestamp {
        source: Source::Json(Cow::Borrowed("/Timestamp")),
        format: TimeFormat::Rfc3339,
        names: Names::Event,
        tolerance: Duration::from_secs(3600),
    }),
    id: Some(Source::Json(Cow::Borrowed("/MessageId"))),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/Type"))]),
    profile: Profile {
        // Fifteen seconds, then retries by the topic's policy, which by itself takes no more than an hour.
        answer_within: Duration::from_secs(15),
        retry_horizon: Duration::from_secs(3600),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

const METHOD: Method = Method {
    encoding: Encoding::Base64,
    key: KeyFormat {
        encoding: Encoding::Base64,
        ..KeyFormat::TEXT
    },
    ..Method::HMAC_SHA256
};

const TOPIC: Source = Source::Json(Cow::Borrowed("/TopicArn"));

/// A message of a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Notification {
    /// The topic, one of the keyring's.
    pub topic_arn: String,
    /// What was published.
    pub message: String,
    /// The subject it was published with.
    #[serde(default)]
    pub subject: Option<String>,
}

/// Asks to confirm that a topic may send here (`SubscriptionConfirmation`), or tells that it no longer does
/// (`UnsubscribeConfirmation`; confirming that one subscribes again). Signed, and of one of the keyring's topics.
///
/// Hand both members to the action `ConfirmSubscription`. There is no URL in it on purpose: a URL that came with a request
/// is nothing to fetch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Confirmation {
    /// The topic, one of the keyring's.
    pub topic_arn: String,
    /// The token that confirms.
    pub token: String,
}

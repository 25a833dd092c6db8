//! Azure Event Grid, in its own event schema. Their page: "Endpoint validation with Event Grid event schema".
//!
//! - Nothing is signed. Put a secret of your own into the URL that you give to Event Grid, as the parameter `code`: it says
//!   who sent the request, and nothing of what is in it. Logs of URLs hold it. Another place, as a header among the delivery
//!   properties of the subscription, is `Scheme { signature: Source::header("…"), ..provider::AZURE_EVENT_GRID }`.
//! - A delivery is an array of events. The id of each is `/id`, the type `/eventType`.
//! - The URL challenge is a POST with one event, `SubscriptionValidation`, whose code is repeated. Where the secret is in a
//!   header it may come without, and is answered too: it confirms nothing but that the endpoint can read.
//! - In the CloudEvents schema Event Grid is [`CLOUDEVENTS_WEBHOOK`](super::CLOUDEVENTS_WEBHOOK).
//! - Event Grid waits for 30 seconds and tries again for 24 hours.
#![doc = mounting!(AZURE_EVENT_GRID, "azure-event-grid", Keyring::new("a-secret-of-your-own-for-the-url"), "Microsoft.Storage.BlobCreated")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{ChallengeAnswer, Condition, Handshake, Method, Scheme},
    source::{Items, Source, TypePart},
};

/// Azure Event Grid: a secret of your own in the query, as `code`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const AZURE_EVENT_GRID: Scheme = Scheme {
    name: Cow::Borrowed("azure-event-grid"),
    docs: Cow::Borrowed("Endpoint validation with Event Grid event schema"),
    quirks: Cow::Borrowed("nothing is signed: the secret is in the URL, and you make it"),
    signature: Source::query("code"),
    methods: Cow::Borrowed(&[Method::TOKEN]),
    content: Cow::Borrowed(&[]),
    items: Some(Items {
        pointer: Cow::Borrowed(""),
        id: Some(Cow::Borrowed("/id")),
        event_type: Cow::Borrowed(&[TypePart::new(Source::json("/eventType"))]),
    }),
    handshakes: Cow::Borrowed(&[validation(true), validation(false)]),
    keep_headers: Cow::Borrowed(&[
        Cow::Borrowed("aeg-delivery-count"),
        Cow::Borrowed("aeg-event-type"),
        Cow::Borrowed("aeg-subscription-name"),
    ]),
    profile: Profile {
        answer_within: Duration::from_secs(30),
        retry_horizon: Duration::from_secs(DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

const fn validation(signed: bool) -> Handshake {
    Handshake {
        signed,
        method: Cow::Borrowed("POST"),
        when: Cow::Borrowed(VALIDATION),
        answer: ChallengeAnswer::EchoJson(
            Source::json("/0/data/validationCode"),
            Cow::Borrowed("validationResponse"),
        ),
    }
}

const VALIDATION: &[Condition] = &[
    Condition::Equals(
        Source::header("aeg-event-type"),
        Cow::Borrowed("SubscriptionValidation"),
    ),
    Condition::Equals(
        Source::json("/0/eventType"),
        Cow::Borrowed("Microsoft.EventGrid.SubscriptionValidationEvent"),
    ),
];

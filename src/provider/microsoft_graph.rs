//! Microsoft Graph change notifications. Their page: "Receive change notifications through webhooks".
//!
//! - Nothing is signed. The key is the `clientState` that you give with a subscription (at most 128 characters, make it
//!   random): each notification repeats it, and one without it refuses the whole delivery. Subscriptions of several
//!   `clientState` are several keys. It says who sent the request, and nothing of what is in it.
//! - A delivery is a batch of notifications, maybe of several subscriptions. There is no event id: a notification is known by
//!   its content. The event type is `changeType` (`created`), else `lifecycleEvent` (`missed`).
//! - The tokens in `validationTokens`, which come with encrypted content, are not looked at; nor is that content decrypted.
//! - The URL challenge is a POST with `validationToken` in the query, repeated as plain text within ten seconds.
//! - Graph waits for ten seconds, slows down where answers often take longer, and tries again for four hours.
#![doc = mounting!(MICROSOFT_GRAPH, "microsoft-graph", Keyring::new("a-client-state-that-is-random"), "created")]

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::{ChallengeAnswer, Condition, Handshake, Method, Proof, Scheme},
    source::{Items, Source, TypePart},
};

/// Microsoft Graph: the `clientState` of the subscription in each notification.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const MICROSOFT_GRAPH: Scheme = Scheme {
    name: Cow::Borrowed("microsoft-graph"),
    docs: Cow::Borrowed("Receive change notifications through webhooks"),
    quirks: Cow::Borrowed("a token in each notification of a batch, and no signature"),
    proof: Proof::Items,
    signature: Source::json("/clientState"),
    methods: Cow::Borrowed(&[Method::TOKEN]),
    content: Cow::Borrowed(&[]),
    items: Some(Items {
        pointer: Cow::Borrowed("/value"),
        id: None,
        event_type: Cow::Borrowed(&[
            TypePart::new(Source::json("/changeType")),
            TypePart::otherwise(Source::json("/lifecycleEvent")),
        ]),
    }),
    handshakes: Cow::Borrowed(&[Handshake {
        signed: false,
        method: Cow::Borrowed("POST"),
        when: Cow::Borrowed(&[Condition::Present(Source::query("validationToken"))]),
        answer: ChallengeAnswer::Echo(Source::query("validationToken")),
    }]),
    profile: Profile {
        answer_within: Duration::from_secs(10),
        retry_horizon: Duration::from_secs(4 * 3600),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

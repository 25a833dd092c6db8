//! LINE (Messaging API). Their page: "Verify webhook signature".
//!
//! - The key is the channel secret, as text.
//! - A delivery is a batch, `/events`, each event with its `webhookEventId`, which a redelivery keeps. The button
//!   "Verify" of their console sends a signed empty one.
//! - There is no signed timestamp but that of each event.
//! - LINE waits for two seconds. It tries again only where redelivery is turned on for the channel.
#![doc = mounting!(LINE, "line", Keyring::new("8f742231b10e8888abcd99"), "message")]

use std::{borrow::Cow, time::Duration};

use super::common::BASE64;
use crate::{
    profile::Profile,
    scheme::Scheme,
    source::{Items, Source, TypePart},
};

/// LINE: HMAC-SHA-256 in base64 over the body, in `x-line-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const LINE: Scheme = Scheme {
    name: Cow::Borrowed("line"),
    docs: Cow::Borrowed("Verify webhook signature"),
    quirks: Cow::Borrowed("a batch, which is empty when a URL is tested; it waits for two seconds"),
    signature: Source::header("x-line-signature"),
    methods: Cow::Borrowed(&[BASE64]),
    items: Some(Items {
        pointer: Cow::Borrowed("/events"),
        id: Some(Cow::Borrowed("/webhookEventId")),
        event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    }),
    profile: Profile {
        answer_within: Duration::from_secs(2),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

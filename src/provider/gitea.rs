//! Gitea, Forgejo and Gogs. Their page: "Webhooks".
//!
//! - All three send the same headers under names of their own; the first whose signature is there counts for all.
//! - What is signed is the JSON. Where the webhook sends a form, that is the text of its field `payload`, not the form:
//!   `Delivery::coverage` is then partial, since another field of it could be anybody's. `Event` reads the signed JSON
//!   in both cases.
//! - The id is in a header and not signed, so the same bytes under another id are refused as a replay.
//! - The type is the header's, `push`; the `action` of the body is not added.
//! - They wait for five seconds and never try again by themselves.
#![doc = mounting!(GITEA, "gitea", Keyring::new("8f742231b10e8888abcd99yyyzzz85a5"), "push")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{Part, Scheme},
    source::{FormPayload, Source, TypePart},
};

/// Gitea, Forgejo, Gogs: HMAC-SHA-256 in hex over the JSON, in `x-gitea-signature` or that of another name.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const GITEA: Scheme = Scheme {
    name: Cow::Borrowed("gitea"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("of a form the JSON in it is signed; the id is not"),
    header_prefixes: Cow::Borrowed(&[
        Cow::Borrowed("x-gitea-"),
        Cow::Borrowed("x-forgejo-"),
        Cow::Borrowed("x-gogs-"),
    ]),
    signature: Source::header("signature"),
    content: Cow::Borrowed(&[Part::Document]),
    id: Some(Source::header("delivery")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::header("event"))]),
    form_payload: Some(FormPayload::Text(Cow::Borrowed("payload"))),
    profile: Profile {
        answer_within: Duration::from_secs(5),
        retry_horizon: Duration::ZERO,
        retention: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

//! Microsoft Teams' outgoing webhooks. Their page: "Create an Outgoing Webhook".
//!
//! - The signature stands where a credential would, as `Authorization: HMAC …`; the security token is base64 of the key.
//! - Teams waits for five seconds for a [`Reply`](crate::Reply), the message that answers.
//! - No timestamp is signed.
#![doc = mounting!(MICROSOFT_TEAMS, "microsoft-teams", Keyring::new("5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH"), "message")]

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::{Encoding, KeyFormat, Method, Scheme},
    source::{Source, TypePart},
};

/// Microsoft Teams: HMAC-SHA-256 in base64 over the body, as `HMAC …` in `Authorization`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const MICROSOFT_TEAMS: Scheme = Scheme {
    name: Cow::Borrowed("microsoft-teams"),
    docs: Cow::Borrowed("Create an Outgoing Webhook"),
    quirks: Cow::Borrowed("the signature stands in Authorization; a message waits for a reply"),
    signature: Source::header("authorization"),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("HMAC "),
        encoding: Encoding::Base64,
        key: KeyFormat {
            encoding: Encoding::Base64,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    profile: Profile {
        answer_within: Duration::from_secs(5),
        reads_reply: true,
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

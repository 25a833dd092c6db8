//! Supabase Auth hooks. Their page: "Auth hooks: HTTP hooks".
//!
//! - It signs as Standard Webhooks, but joins several signatures by a comma and a space, and the secret begins with
//!   `v1,whsec_`. Put each of several secrets into the keyring.
//! - Database webhooks are not signed.
//! - The hook is the URL you gave: there is no event type. Supabase reads the answer: give a [`Reply`](crate::Reply),
//!   within 5 seconds.
#![doc = mounting!(SUPABASE_AUTH, "supabase-auth", Keyring::new("v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "signup")]

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::{Encoding, Grammar, KeyFormat, Method, Part, Scheme, Timestamp},
    source::Source,
};

/// Supabase Auth hooks: HMAC-SHA-256 in base64 over `{id}.{timestamp}.{body}`, as `v1,…` in `webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const SUPABASE_AUTH: Scheme = Scheme {
    name: Cow::Borrowed("supabase-auth"),
    docs: Cow::Borrowed("Auth hooks: HTTP hooks"),
    quirks: Cow::Borrowed("signatures are joined by a comma and a space; the answer is read"),
    signature: Source::header("webhook-signature"),
    grammar: Grammar::List {
        separator: ' ',
        assign: ',',
    },
    spaced: true,
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("v1"),
        encoding: Encoding::Base64,
        key: KeyFormat {
            prefix: Cow::Borrowed("v1,whsec_"),
            encoding: Encoding::Base64,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[
        Part::Id,
        Part::literal("."),
        Part::Timestamp,
        Part::literal("."),
        Part::Body,
    ]),
    timestamp: Some(Timestamp::unix(Source::header("webhook-timestamp"))),
    id: Some(Source::header("webhook-id")),
    profile: Profile {
        answer_within: Duration::from_secs(5),
        reads_reply: true,
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

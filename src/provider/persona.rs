//! Persona. Their page: "Webhooks best practices: checking signatures".
//!
//! - The secret begins with `wbhsec_` and is used whole, as text.
//! - While a secret is rolled the header has a group of fields for each key, a space between them; each group has a
//!   time of its own.
//! - The id and the type are in the signed body.
//! - Persona waits for 5 seconds and tries eight times in about a day.
#![doc = mounting!(PERSONA, "persona", Keyring::new("5HkzNq7hLJ3xUPVZ"), "inquiry.completed")]

use std::{borrow::Cow, time::Duration};

use super::{
    DAY,
    common::{FIELDS, TIMED},
};
use crate::{
    profile::Profile,
    scheme::{Method, Names, Scheme, Several, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Persona: HMAC-SHA-256 in hex over `{timestamp}.{body}`, in the fields of `Persona-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const PERSONA: Scheme = Scheme {
    name: Cow::Borrowed("persona"),
    docs: Cow::Borrowed("Webhooks best practices: checking signatures"),
    quirks: Cow::Borrowed("groups of fields with a space between, one for each key"),
    signature: Source::header("persona-signature"),
    grammar: FIELDS,
    several: Several::Between(' '),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("v1"),
        ..Method::HMAC_SHA256
    }]),
    content: TIMED,
    timestamp: Some(Timestamp {
        source: Source::field("t"),
        format: TimeFormat::UnixSeconds,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::json("/data/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/data/attributes/name"))]),
    profile: Profile {
        answer_within: Duration::from_secs(5),
        retry_horizon: Duration::from_secs(DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

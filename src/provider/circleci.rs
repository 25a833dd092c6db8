//! CircleCI. Their page: "Outbound webhooks".
//!
//! - The header is a list of versions, of which only `v1` is known; others are skipped.
//! - There is no timestamp. The id and the type are in the signed body.
//! - CircleCI waits for 10 seconds and tries again.
#![doc = mounting!(CIRCLECI, "circleci", Keyring::new("5HkzNq7hLJ3xUPVZ"), "workflow-completed")]

use std::{borrow::Cow, time::Duration};

use super::common::FIELDS;
use crate::{
    profile::Profile,
    scheme::{Method, Scheme},
    source::{Source, TypePart},
};

/// CircleCI: HMAC-SHA-256 in hex over the body, as `v1=…` in `circleci-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const CIRCLECI: Scheme = Scheme {
    name: Cow::Borrowed("circleci"),
    docs: Cow::Borrowed("Outbound webhooks"),
    quirks: Cow::Borrowed("only v1 counts; later versions beside it are skipped"),
    signature: Source::header("circleci-signature"),
    grammar: FIELDS,
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("v1"),
        ..Method::HMAC_SHA256
    }]),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    profile: Profile {
        answer_within: Duration::from_secs(10),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

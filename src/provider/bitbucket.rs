//! Bitbucket, in the cloud and on a server. Their page: "Manage webhooks: validating webhook deliveries".
//!
//! - Both sign as GitHub does, but the header is `X-Hub-Signature`, in which GitHub puts a SHA-1. A webhook without a
//!   secret is not signed.
//! - [`BITBUCKET_CLOUD`] has its id in `X-Request-UUID` and its type in `X-Event-Key`, as `repo:push`; neither is
//!   signed. It waits for ten seconds and tries twice more.
//! - [`BITBUCKET_SERVER`] (Data Center) has its id in `X-Request-Id`, which is not signed; the type, as
//!   `repo:refs_changed`, is in the body too, and read from there. A test sends `{"test": true}`, which has no type.
//! - There is no timestamp: identical signed bytes under another id are refused.
#![doc = mounting!(BITBUCKET_CLOUD, "bitbucket", Keyring::new("8f742231b10e8888abcd99"), "repo:push")]

use std::{borrow::Cow, time::Duration};

use super::{DAY, common::SHA256};
use crate::{
    profile::Profile,
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Bitbucket Cloud: HMAC-SHA-256 in hex over the body, as `sha256=…` in `X-Hub-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const BITBUCKET_CLOUD: Scheme = Scheme {
    name: Cow::Borrowed("bitbucket-cloud"),
    docs: Cow::Borrowed("Manage webhooks: validating webhook deliveries"),
    quirks: Cow::Borrowed(
        "a SHA-256 in the header that elsewhere holds a SHA-1; id and type are not signed",
    ),
    signature: Source::header("x-hub-signature"),
    methods: Cow::Borrowed(&[SHA256]),
    id: Some(Source::header("x-request-uuid")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::header("x-event-key"))]),
    keep_headers: Cow::Borrowed(&[
        Cow::Borrowed("x-attempt-number"),
        Cow::Borrowed("x-hook-uuid"),
    ]),
    profile: Profile {
        retry_horizon: Duration::from_secs(3600),
        retention: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

/// Bitbucket Server and Data Center: HMAC-SHA-256 in hex over the body, as `sha256=…` in `X-Hub-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const BITBUCKET_SERVER: Scheme = Scheme {
    name: Cow::Borrowed("bitbucket-server"),
    docs: Cow::Borrowed("Event payload"),
    quirks: Cow::Borrowed(
        "a SHA-256 in the header that elsewhere holds a SHA-1; the id is not signed",
    ),
    signature: Source::header("x-hub-signature"),
    methods: Cow::Borrowed(&[SHA256]),
    id: Some(Source::header("x-request-id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/eventKey"))]),
    keep_headers: Cow::Borrowed(&[Cow::Borrowed("x-event-key")]),
    ..Scheme::HMAC_SHA256
};

//! Sanity. Their page: "Webhooks: securing".
//!
//! - The fields are parted by a comma, by spaces or by both.
//! - The id, `idempotency-key`, and the type, `sanity-operation`, are headers that nobody signs.
//! - Sanity waits for 30 seconds and tries for half an hour.
#![doc = mounting!(SANITY, "sanity", Keyring::new("5HkzNq7hLJ3xUPVZ"), "update")]

use std::{borrow::Cow, time::Duration};

use super::common::{FIELDS, TIMED};
use crate::{
    profile::Profile,
    scheme::{Encoding, Method, Names, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Sanity: HMAC-SHA-256 in base64url over `{timestamp}.{body}`, in the fields of `sanity-webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const SANITY: Scheme = Scheme {
    name: Cow::Borrowed("sanity"),
    docs: Cow::Borrowed("Webhooks: securing"),
    quirks: Cow::Borrowed("base64url without padding; the time is in milliseconds"),
    signature: Source::header("sanity-webhook-signature"),
    grammar: FIELDS,
    spaced: true,
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("v1"),
        encoding: Encoding::Base64Url,
        ..Method::HMAC_SHA256
    }]),
    content: TIMED,
    timestamp: Some(Timestamp {
        source: Source::field("t"),
        format: TimeFormat::UnixMillis,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::header("idempotency-key")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::header("sanity-operation"))]),
    profile: Profile {
        answer_within: Duration::from_secs(30),
        retry_horizon: Duration::from_secs(1800),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

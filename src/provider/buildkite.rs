//! Buildkite. Their page: "Webhooks: webhook signature".
//!
//! - A webhook either signs (`buildkite`) or sends its token (`buildkite-token`), which says nothing of the body.
//! - The event type is the header `X-Buildkite-Event`, which nobody signs, and there is no event id.
#![doc = mounting!(BUILDKITE, "buildkite", Keyring::new("5HkzNq7hLJ3xUPVZ"), "build.finished")]
#![doc = mounting!(BUILDKITE_TOKEN, "buildkite-token", Keyring::new("309c9c842g8565adecpd"), "build.finished")]

use std::borrow::Cow;

use super::common::{FIELDS, TIMED};
use crate::{
    scheme::{Method, Scheme, Timestamp},
    source::{Source, TypePart},
};

/// Buildkite: HMAC-SHA-256 in hex over `{timestamp}.{body}`, in the fields of `X-Buildkite-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const BUILDKITE: Scheme = Scheme {
    name: Cow::Borrowed("buildkite"),
    docs: Cow::Borrowed("Webhooks: webhook signature"),
    quirks: Cow::Borrowed("either a signature or a token, never both"),
    signature: Source::header("x-buildkite-signature"),
    grammar: FIELDS,
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("signature"),
        ..Method::HMAC_SHA256
    }]),
    content: TIMED,
    timestamp: Some(Timestamp::unix(Source::field("timestamp"))),
    event_type: Cow::Borrowed(&[TypePart::new(Source::header("x-buildkite-event"))]),
    ..Scheme::HMAC_SHA256
};

/// Buildkite: a static token in `X-Buildkite-Token`, where the webhook is set so.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const BUILDKITE_TOKEN: Scheme = Scheme {
    name: Cow::Borrowed("buildkite-token"),
    docs: Cow::Borrowed("Webhooks: webhook token"),
    quirks: Cow::Borrowed("a static token: it covers nothing of the request"),
    signature: Source::header("x-buildkite-token"),
    methods: Cow::Borrowed(&[Method::TOKEN]),
    content: Cow::Borrowed(&[]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::header("x-buildkite-event"))]),
    ..Scheme::HMAC_SHA256
};

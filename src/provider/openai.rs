//! OpenAI. Their page: "Webhooks".
//!
//! - Standard Webhooks. Their SDK takes a secret without `whsec_` as text, where others take it as base64: here it
//!   needs the prefix, and has one way to be read.
//! - Their SDK accepts signatures without `v1,` and timestamps with spaces or a sign; OpenAI sends neither, and they
//!   are refused here.
//! - An event is thin: `/data` names an object, as a response, which the handler fetches.
//! - OpenAI tries again for 72 hours.
#![doc = mounting!(OPENAI, "openai", Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "response.completed")]

use std::borrow::Cow;

use super::standard_webhooks::{STANDARD_WEBHOOKS, V1};
use crate::scheme::{KeyFormat, Method, Scheme};

/// OpenAI: HMAC-SHA-256 in base64 over `{id}.{timestamp}.{body}`, listed in `webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const OPENAI: Scheme = Scheme {
    name: Cow::Borrowed("openai"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed(
        "a secret without whsec_ is refused, for their SDK would take it as text",
    ),
    header_prefixes: Cow::Borrowed(&[Cow::Borrowed("webhook-")]),
    methods: Cow::Borrowed(&[Method {
        key: KeyFormat {
            prefix_required: true,
            ..V1.key
        },
        ..V1
    }]),
    ..STANDARD_WEBHOOKS
};

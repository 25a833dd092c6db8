//! Kontent.ai (legacy webhooks). Their page: "Validate received notifications (`kontent-ai/webhook-helper-js`)".
//!
//! - The event type is the type of the message and its operation, the id `/message/id`: both are in the signed body.
//! - Newer webhooks of Kontent.ai have another header and form and are not meant here.
#![doc = mounting!(KONTENT_AI, "kontent-ai", Keyring::new("8f742231b10e8888abcd99"), "content_item_variant.publish")]

use std::borrow::Cow;

use super::common::BASE64;
use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Kontent.ai: HMAC-SHA-256 in base64 over the body, in `X-KC-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const KONTENT_AI: Scheme = Scheme {
    name: Cow::Borrowed("kontent-ai"),
    docs: Cow::Borrowed("Validate received notifications (`kontent-ai/webhook-helper-js`)"),
    quirks: Cow::Borrowed("a notification tells of several items"),
    signature: Source::header("x-kc-signature"),
    methods: Cow::Borrowed(&[BASE64]),
    id: Some(Source::json("/message/id")),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/message/type")),
        TypePart::new(Source::json("/message/operation")),
    ]),
    payload: Cow::Borrowed("/data"),
    ..Scheme::HMAC_SHA256
};

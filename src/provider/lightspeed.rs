//! Lightspeed (X-Series). Their page: "Webhooks".
//!
//! - The header reads `signature=…,algorithm=HMAC-SHA256`. The word for the algorithm is not read: no other counts.
//! - The body is a form, which is signed as it is; the document is JSON in its field `payload`.
//! - No event id is known to us: an event is known by its content.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting!(LIGHTSPEED_X_SERIES, "lightspeed", Keyring::new("8f742231b10e8888abcd99"), "sale.update")]

use std::borrow::Cow;

use super::common::FIELDS;
use crate::{
    scheme::{Method, Scheme},
    source::{FormPayload, Source, TypePart},
};

/// Lightspeed X-Series: HMAC-SHA-256 in hex over the body, in the field `signature` of `X-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const LIGHTSPEED_X_SERIES: Scheme = Scheme {
    name: Cow::Borrowed("lightspeed-x-series-ecom"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("JSON in a field of a form; the signature says its algorithm"),
    signature: Source::header("x-signature"),
    grammar: FIELDS,
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("signature"),
        ..Method::HMAC_SHA256
    }]),
    form_payload: Some(FormPayload::Text(Cow::Borrowed("payload"))),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    ..Scheme::HMAC_SHA256
};

//! PandaDoc. Their page: "How to verify webhook authenticity".
//!
//! - The signature comes in the URL, `?signature=…`: keep it out of the logs of proxies, or take them for what they
//!   are.
//! - A delivery is a batch, a JSON array. Events have no id and are known by their content.
//! - The key is the shared key of the subscription.
#![doc = mounting!(PANDADOC, "pandadoc", Keyring::new("8f742231b10e8888abcd99"), "document_state_changed")]

use std::borrow::Cow;

use crate::{
    scheme::Scheme,
    source::{Items, Source, TypePart},
};

/// PandaDoc: HMAC-SHA-256 in hex over the body, in the query as `signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const PANDADOC: Scheme = Scheme {
    name: Cow::Borrowed("pandadoc"),
    docs: Cow::Borrowed("How to verify webhook authenticity"),
    quirks: Cow::Borrowed("the signature is a parameter of the URL; the body is a batch"),
    signature: Source::query("signature"),
    items: Some(Items {
        pointer: Cow::Borrowed(""),
        id: None,
        event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    }),
    payload: Cow::Borrowed("/data"),
    ..Scheme::HMAC_SHA256
};

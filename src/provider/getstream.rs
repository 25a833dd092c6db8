//! Stream (getstream.io). Their page: "Webhooks".
//!
//! - A body may be gzip, where the app is set so: what is signed is what is in it. It is taken out within bounds, with the
//!   feature `gzip`; without it such a body is refused.
//! - The key is the API secret of the app. `X-Api-Key` names the app, and counts for nothing here.
//! - `X-Webhook-Id` is not signed: the same bytes under another id are refused as a replay.
#![doc = mounting!(GETSTREAM, "getstream", Keyring::new("8f742231b10e8888abcd99yyyzzz85a5"), "message.new")]

use std::borrow::Cow;

use crate::{
    scheme::{Compression, Scheme},
    source::{Source, TypePart},
};

/// Stream: HMAC-SHA-256 in hex over the body out of its gzip, in `x-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const GETSTREAM: Scheme = Scheme {
    name: Cow::Borrowed("getstream"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("signs what is in the gzip; the id is not signed"),
    compression: Compression::SignedExpanded,
    id: Some(Source::header("x-webhook-id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    ..Scheme::HMAC_SHA256
};

//! Agora. Their page: "Webhooks".
//!
//! - The older header, `Agora-Signature`, is an HMAC-SHA-1 and not read.
//! - The id and the type, a number, are in the signed body.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting!(AGORA, "agora", Keyring::new("5HkzNq7hLJ3xUPVZ"), "101")]

use std::borrow::Cow;

use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Agora: HMAC-SHA-256 in hex over the body, in `Agora-Signature-V2`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const AGORA: Scheme = Scheme {
    name: Cow::Borrowed("agora"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("SHA-256, by the second header"),
    signature: Source::header("agora-signature-v2"),
    id: Some(Source::json("/noticeId")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/eventType"))]),
    payload: Cow::Borrowed("/payload"),
    ..Scheme::HMAC_SHA256
};

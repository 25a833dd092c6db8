//! Documenso. Their page: "Webhook verification".
//!
//! - Nothing is signed: the header repeats the secret of the webhook. `Delivery::coverage` is nothing. A webhook
//!   without a secret sends an empty header, which is refused.
//! - There is no event id: an event is known by its content.
//! - The event type is `/event`, as `DOCUMENT_COMPLETED`, the payload `/payload`.
#![doc = mounting!(DOCUMENSO, "documenso", Keyring::new("8f742231b10e8888abcd99"), "DOCUMENT_COMPLETED")]

use std::borrow::Cow;

use crate::{
    scheme::{Method, Scheme},
    source::{Source, TypePart},
};

/// Documenso: a token in `X-Documenso-Secret`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const DOCUMENSO: Scheme = Scheme {
    name: Cow::Borrowed("documenso"),
    docs: Cow::Borrowed("Webhook verification"),
    quirks: Cow::Borrowed("a token, which signs nothing"),
    signature: Source::header("x-documenso-secret"),
    methods: Cow::Borrowed(&[Method::TOKEN]),
    content: Cow::Borrowed(&[]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    payload: Cow::Borrowed("/payload"),
    ..Scheme::HMAC_SHA256
};

//! Plivo. Their page: "Signature validation".
//!
//! - Only the URL, without its query, and a nonce are signed: nothing of the body is the sender's word.
//! - Behind a proxy say which URL it is: `Param::PublicUrl`, or the receiver's URL policy.
//! - There is no event id, no timestamp, and nothing that tells a replay.
#![doc = mounting!(PLIVO_V2, "plivo-v2", Keyring::new("MAMJBKMJBKZDK0NDK5ZG"), "answered")]

use std::borrow::Cow;

use crate::{
    scheme::{Encoding, Method, Part, Scheme},
    source::{Source, TypePart},
};

/// Plivo, version 2: HMAC-SHA-256 in base64 over `{url}{nonce}`, in `X-Plivo-Signature-V2`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const PLIVO_V2: Scheme = Scheme {
    name: Cow::Borrowed("plivo-v2"),
    docs: Cow::Borrowed("Signature validation"),
    quirks: Cow::Borrowed("only the URL is signed, and nothing of the body"),
    signature: Source::header("x-plivo-signature-v2"),
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Base64,
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[
        Part::BareUrl,
        Part::Header(Cow::Borrowed("x-plivo-signature-v2-nonce")),
    ]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::form("Event"))]),
    ..Scheme::HMAC_SHA256
};

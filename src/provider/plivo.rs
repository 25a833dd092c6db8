//! Plivo. Their page: "Signature validation".
//!
//! - The key is the auth token of the account, or of the subaccount; `X-Plivo-Signature-Ma-V3`, by the token of the main
//!   account, comes along and is not read. While a token is rolled there are several signatures, with commas between.
//! - Version 3 ([`PLIVO`]) signs the URL with its parameters sorted, the fields of the form sorted, and a nonce. Where one
//!   of these ends is not signed: `Delivery::coverage` is partial.
//! - Version 2 ([`PLIVO_V2`]) signs only the URL, without its query, and a nonce: nothing of the body is the sender's
//!   word. Both come in one request, so there is no need for it.
//! - Behind a proxy say which URL it is: `Param::PublicUrl`, or the receiver's URL policy. Let Plivo call it by POST.
//! - There is no event id, no timestamp, and nothing but the nonce that tells a replay.
#![doc = mounting!(PLIVO, "plivo", Keyring::new("MAMJBKMJBKZDK0NDK5ZG").with(hooklatch::Param::PublicUrl, "https://example.com/webhooks/plivo"), "StartApp")]

use std::borrow::Cow;

use super::common::BASE64;
use crate::{
    scheme::{Part, Scheme, Several},
    source::{Source, TypePart},
};

/// Plivo, version 3: HMAC-SHA-256 in base64 over the sorted URL, the sorted form and a nonce, in `X-Plivo-Signature-V3`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const PLIVO: Scheme = Scheme {
    name: Cow::Borrowed("plivo"),
    docs: Cow::Borrowed("Signature validation"),
    quirks: Cow::Borrowed("URL and form are signed with their fields sorted, and a nonce"),
    signature: Source::header("x-plivo-signature-v3"),
    several: Several::Between(','),
    methods: Cow::Borrowed(&[BASE64]),
    content: Cow::Borrowed(&[
        Part::SortedUrl,
        Part::SortedForm,
        Part::literal("."),
        Part::Header(Cow::Borrowed("x-plivo-signature-v3-nonce")),
    ]),
    event_type: EVENT,
    ..Scheme::HMAC_SHA256
};

/// Plivo, version 2: HMAC-SHA-256 in base64 over `{url}{nonce}`, in `X-Plivo-Signature-V2`. Prefer [`PLIVO`], which signs
/// the form too.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const PLIVO_V2: Scheme = Scheme {
    name: Cow::Borrowed("plivo-v2"),
    docs: Cow::Borrowed("Signature validation"),
    quirks: Cow::Borrowed("only the URL is signed, and nothing of the body"),
    signature: Source::header("x-plivo-signature-v2"),
    methods: Cow::Borrowed(&[BASE64]),
    content: Cow::Borrowed(&[
        Part::BareUrl,
        Part::Header(Cow::Borrowed("x-plivo-signature-v2-nonce")),
    ]),
    event_type: EVENT,
    ..Scheme::HMAC_SHA256
};

const EVENT: Cow<'static, [TypePart]> = Cow::Borrowed(&[TypePart::new(Source::form("Event"))]);

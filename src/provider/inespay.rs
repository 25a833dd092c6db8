//! Inespay. Their page: "Notifications".
//!
//! - The body is a form: `dataReturn` is signed and holds JSON in base64, `signatureDataReturn` the signature. What else
//!   is in the form is not signed, so `Delivery::coverage` is partial.
//! - The key is the API key. The signature is the base64 of hexadecimal digits.
//! - An event is known by what was signed: `/singlePayinId` is that of the payment, of which there may be several. There is
//!   no event type and no timestamp.
//! - The scheme is known from public code of others. Some of it also reads the two fields as members of JSON, which is not
//!   read here.
#![doc = mounting!(INESPAY, "inespay", Keyring::new("8f742231b10e8888abcd99"))]

use std::borrow::Cow;

use crate::{
    scheme::{Encoding, Method, Part, Scheme},
    source::{FormPayload, Source},
};

/// Inespay: HMAC-SHA-256 in base64 of hex over the form field `dataReturn`, in the field `signatureDataReturn`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const INESPAY: Scheme = Scheme {
    name: Cow::Borrowed("inespay"),
    docs: Cow::Borrowed("Notifications"),
    quirks: Cow::Borrowed("base64 of JSON in a form; no event id and no type"),
    signature: Source::form("signatureDataReturn"),
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Base64OfHex,
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[Part::Text(Source::form("dataReturn"))]),
    form_payload: Some(FormPayload::Base64(Cow::Borrowed("dataReturn"))),
    ..Scheme::HMAC_SHA256
};

//! Flutterwave. Their page: "Webhooks".
//!
//! - Until its API's version 3, Flutterwave signs nothing: it repeats the secret hash of the dashboard in `verif-hash`
//!   ([`FLUTTERWAVE`]). `Delivery::coverage` is nothing: ask the API for the transaction before you give value.
//! - Version 4 signs the body ([`FLUTTERWAVE_V4`]), in `flutterwave-signature`.
//! - In version 3 `/data/id` is that of a charge or a transfer, which are counted apart: an event is known by its
//!   content instead.
#![doc = mounting!(FLUTTERWAVE_V4, "flutterwave-v4", Keyring::new("a long secret hash of your choice"), "charge.completed")]

use std::borrow::Cow;

use crate::{
    scheme::{Encoding, Method, Scheme},
    source::{Source, TypePart},
};

/// Flutterwave, version 3: a token in `verif-hash`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const FLUTTERWAVE: Scheme = Scheme {
    name: Cow::Borrowed("flutterwave"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("a token, which signs nothing; no event id"),
    signature: Source::header("verif-hash"),
    methods: Cow::Borrowed(&[Method::TOKEN]),
    content: Cow::Borrowed(&[]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    payload: Cow::Borrowed("/data"),
    ..Scheme::HMAC_SHA256
};

/// Flutterwave, version 4: HMAC-SHA-256 in base64 over the body, in `flutterwave-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const FLUTTERWAVE_V4: Scheme = Scheme {
    name: Cow::Borrowed("flutterwave-v4"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("version 3 of the API signs nothing: flutterwave"),
    signature: Source::header("flutterwave-signature"),
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Base64,
        ..Method::HMAC_SHA256
    }]),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    payload: Cow::Borrowed("/data"),
    ..Scheme::HMAC_SHA256
};

//! Toast. Their page: "Webhooks".
//!
//! - The timestamp stands in the body and follows it in what is signed.
//! - The id is `/guid`, else `/eventGuid`, in the signed body.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting!(TOAST, "toast", Keyring::new("5HkzNq7hLJ3xUPVZ"), "order_updated")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{Encoding, Method, Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Toast: HMAC-SHA-256 in base64 over the body and its own `/timestamp`, in `Toast-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const TOAST: Scheme = Scheme {
    name: Cow::Borrowed("toast"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("the timestamp of the body follows the body"),
    signature: Source::header("toast-signature"),
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Base64,
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[Part::Body, Part::Timestamp]),
    timestamp: Some(Timestamp {
        source: Source::json("/timestamp"),
        format: TimeFormat::Rfc3339,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::FirstOf(Cow::Borrowed(&[
        Source::json("/guid"),
        Source::json("/eventGuid"),
    ]))),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/eventType"))]),
    ..Scheme::HMAC_SHA256
};

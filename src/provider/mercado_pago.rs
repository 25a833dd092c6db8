//! Mercado Pago. Their page: "Webhooks - secret signature".
//!
//! - The body is not signed, only the query parameter `data.id`, the header `x-request-id` and the time. Fetch the
//!   resource of that id: nothing else is known.
//! - A part that is missing is left out of what is signed.
//! - The event id is `x-request-id`: the id in the body is nobody's word.
//! - Notifications of QR codes are not signed: they are refused.
#![doc = mounting!(MERCADO_PAGO, "mercado-pago", Keyring::new("5HkzNq7hLJ3xUPVZ"), "payment")]

use std::{borrow::Cow, time::Duration};

use super::common::FIELDS;
use crate::{
    scheme::{Method, Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Mercado Pago: HMAC-SHA-256 in hex over `id:{data.id};request-id:{x-request-id};ts:{ts};`, in the fields of
/// `x-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const MERCADO_PAGO: Scheme = Scheme {
    name: Cow::Borrowed("mercado-pago"),
    docs: Cow::Borrowed("Webhooks - secret signature"),
    quirks: Cow::Borrowed("no part of the body is signed"),
    signature: Source::header("x-signature"),
    grammar: FIELDS,
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("v1"),
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[
        Part::Where(
            Source::Query(Cow::Borrowed("data.id")),
            Cow::Borrowed(&[
                Part::literal("id:"),
                Part::Text(Source::Query(Cow::Borrowed("data.id"))),
                Part::literal(";"),
            ]),
        ),
        Part::Where(
            Source::Header(Cow::Borrowed("x-request-id")),
            Cow::Borrowed(&[
                Part::literal("request-id:"),
                Part::Text(Source::Header(Cow::Borrowed("x-request-id"))),
                Part::literal(";"),
            ]),
        ),
        Part::literal("ts:"),
        Part::Timestamp,
        Part::literal(";"),
    ]),
    timestamp: Some(Timestamp {
        source: Source::field("ts"),
        format: TimeFormat::UnixMillis,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::header("x-request-id")),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/type")),
        TypePart::new(Source::json("/action")),
    ]),
    ..Scheme::HMAC_SHA256
};

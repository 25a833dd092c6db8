//! dLocal. Their page: "Notifications".
//!
//! - The signature follows `V2-HMAC-SHA256, Signature: ` in `Authorization`.
//! - There is no event id: an event is known by its content. The type is its `/status`.
//! - dLocal Go signs otherwise.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting!(DLOCAL, "dlocal", Keyring::new("5HkzNq7hLJ3xUPVZ"), "PAID")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{Method, Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// dLocal: HMAC-SHA-256 in hex over `{login}{date}{body}`, in `Authorization`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const DLOCAL: Scheme = Scheme {
    name: Cow::Borrowed("dlocal"),
    docs: Cow::Borrowed("Notifications"),
    quirks: Cow::Borrowed("login, date and body run into each other"),
    signature: Source::header("authorization"),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("V2-HMAC-SHA256, Signature: "),
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[
        Part::Header(Cow::Borrowed("x-login")),
        Part::Timestamp,
        Part::Body,
    ]),
    timestamp: Some(Timestamp {
        source: Source::header("x-date"),
        format: TimeFormat::Rfc3339,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/status"))]),
    ..Scheme::HMAC_SHA256
};

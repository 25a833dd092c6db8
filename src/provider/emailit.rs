//! Emailit. Their page: "Request signature".
//!
//! - The timestamp, `X-Emailit-Timestamp`, is that of the signing.
//! - The event type is read from `/type`. An event is known by its content.
#![doc = mounting!(EMAILIT, "emailit", Keyring::new("8f742231b10e8888abcd99"), "email.delivered")]

use std::borrow::Cow;

use super::common::TIMED;
use crate::{
    scheme::{Scheme, Timestamp},
    source::{Source, TypePart},
};

/// Emailit: HMAC-SHA-256 in hex over `{timestamp}.{body}`, in `X-Emailit-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const EMAILIT: Scheme = Scheme {
    name: Cow::Borrowed("emailit"),
    docs: Cow::Borrowed("Request signature"),
    quirks: Cow::Borrowed("signature and timestamp in headers of their own"),
    signature: Source::header("x-emailit-signature"),
    content: TIMED,
    timestamp: Some(Timestamp::unix(Source::header("x-emailit-timestamp"))),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    ..Scheme::HMAC_SHA256
};

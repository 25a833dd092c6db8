//! Help Scout. Their page: "Webhooks: verifying (`helpscout/helpscout-api-php`)".
//!
//! - The event type is the header `X-HelpScout-Event`, as `convo.created`, which is not signed: where it matters,
//!   look into the body.
//! - There is no event id, and a body is the object as it is: an event is known by its content, and two events that
//!   tell the same of one object are one.
#![doc = mounting!(HELPSCOUT, "helpscout", Keyring::new("8f742231b10e8888abcd99"), "convo.created")]

use std::borrow::Cow;

use super::common::BASE64;
use crate::{
    scheme::{Algorithm, Method, Scheme},
    source::{Source, TypePart},
};

/// Help Scout: HMAC-SHA-1 in base64 over the body, in `X-HelpScout-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const HELPSCOUT: Scheme = Scheme {
    name: Cow::Borrowed("helpscout"),
    docs: Cow::Borrowed("Webhooks: verifying (`helpscout/helpscout-api-php`)"),
    quirks: Cow::Borrowed("SHA-1 in base64; the event type is not signed"),
    signature: Source::header("x-helpscout-signature"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::HmacSha1,
        ..BASE64
    }]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::header("x-helpscout-event"))]),
    ..Scheme::HMAC_SHA256
};

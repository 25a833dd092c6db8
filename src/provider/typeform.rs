//! Typeform. Their page: "Secure your webhooks".
//!
//! - The signature is base64 behind `sha256=`, where most senders write hex.
//! - There is no timestamp; the event id is in the signed body.
//! - Typeform waits for 30 seconds and tries again for ten hours; 404 and 410 disable the webhook.
#![doc = mounting!(TYPEFORM, "typeform", Keyring::new("8f742231b10e8888abcd99"), "form_response")]

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::{Encoding, Method, Scheme},
    source::{Source, TypePart},
};

/// Typeform: HMAC-SHA-256 in base64 over the body, as `sha256=…` in `Typeform-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const TYPEFORM: Scheme = Scheme {
    name: Cow::Borrowed("typeform"),
    docs: Cow::Borrowed("Secure your webhooks"),
    quirks: Cow::Borrowed("base64 behind sha256="),
    signature: Source::header("typeform-signature"),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("sha256="),
        encoding: Encoding::Base64,
        ..Method::HMAC_SHA256
    }]),
    id: Some(Source::json("/event_id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event_type"))]),
    payload: Cow::Borrowed("/form_response"),
    profile: Profile {
        answer_within: Duration::from_secs(30),
        retry_horizon: Duration::from_secs(10 * 3600),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

//! Vercel. Their page: "Securing webhooks".
//!
//! - The secret is that of the webhook, shown once; an integration signs with its client secret.
//! - There is no timestamp; the event id, `/id`, is in the signed body.
//! - Vercel waits for 30 seconds and tries again for a day.
#![doc = mounting!(VERCEL, "vercel", Keyring::new("8f742231b10e8888abcd99"), "deployment.created")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{Algorithm, Method, Scheme},
    source::{Source, TypePart},
};

/// Vercel: HMAC-SHA-1 in hex over the body, in `x-vercel-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const VERCEL: Scheme = Scheme {
    name: Cow::Borrowed("vercel"),
    docs: Cow::Borrowed("Securing webhooks"),
    quirks: Cow::Borrowed("SHA-1, in hex without a prefix"),
    signature: Source::header("x-vercel-signature"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::HmacSha1,
        ..Method::HMAC_SHA256
    }]),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    payload: Cow::Borrowed("/payload"),
    profile: Profile {
        answer_within: Duration::from_secs(30),
        retry_horizon: Duration::from_secs(DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

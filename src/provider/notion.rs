//! Notion. Their page: "Webhooks".
//!
//! - The key is the `verification_token` that Notion sends in its first request; put it into the keyring, and into
//!   their form.
//! - The digits of the signature count in either case.
//! - The id and the type are in the signed body. There is no timestamp.
//! - Notion tries up to eight times in about a day.
#![doc = mounting!(NOTION, "notion", Keyring::new("secret_5HkzNq7hLJ3xUPVZ"), "page.created")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{Encoding, Method, Scheme},
    source::{Source, TypePart},
};

/// Notion: HMAC-SHA-256 in hex over the body, as `sha256=…` in `X-Notion-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const NOTION: Scheme = Scheme {
    name: Cow::Borrowed("notion"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("the key is the token of the first request; hex in either case counts"),
    signature: Source::header("x-notion-signature"),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("sha256="),
        encoding: Encoding::HexAnyCase,
        ..Method::HMAC_SHA256
    }]),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    profile: Profile {
        retry_horizon: Duration::from_secs(DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

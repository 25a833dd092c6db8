//! npm (hooks). Their page: "npm hooks".
//!
//! - There is no event id: an event is known by its content, which holds the moment it happened (`time`).
//! - The public registry has retired its hooks; the scheme lives on in receivers.
#![doc = mounting!(NPM, "npm", Keyring::new("8f742231b10e8888abcd99"), "package:publish")]

use std::borrow::Cow;

use super::common::SHA256;
use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// npm: HMAC-SHA-256 in hex over the body, as `sha256=…` in `x-npm-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const NPM: Scheme = Scheme {
    name: Cow::Borrowed("npm"),
    docs: Cow::Borrowed("npm hooks"),
    quirks: Cow::Borrowed("no event id: an event is known by its content"),
    signature: Source::header("x-npm-signature"),
    methods: Cow::Borrowed(&[SHA256]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    ..Scheme::HMAC_SHA256
};

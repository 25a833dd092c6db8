//! FastSpring. Their page: "Message security".
//!
//! - A delivery is a batch, `/events`, each event with an id.
//! - A 200 accepts the whole batch. FastSpring would read a list of ids from a 202, which is not used here: a batch
//!   that is not done is answered by an error, and what was done is not done twice.
//! - The scheme is known from public code of others.
#![doc = mounting!(FASTSPRING, "fastspring", Keyring::new("8f742231b10e8888abcd99"), "order.completed")]

use std::borrow::Cow;

use super::common::BASE64;
use crate::{
    scheme::Scheme,
    source::{Items, Source, TypePart},
};

/// FastSpring: HMAC-SHA-256 in base64 over the body, in `X-FS-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const FASTSPRING: Scheme = Scheme {
    name: Cow::Borrowed("fastspring"),
    docs: Cow::Borrowed("Message security"),
    quirks: Cow::Borrowed("a batch; with a 202 it would read which events were accepted"),
    signature: Source::header("x-fs-signature"),
    methods: Cow::Borrowed(&[BASE64]),
    items: Some(Items {
        pointer: Cow::Borrowed("/events"),
        id: Some(Cow::Borrowed("/id")),
        event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    }),
    payload: Cow::Borrowed("/data"),
    ..Scheme::HMAC_SHA256
};

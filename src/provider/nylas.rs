//! Nylas. Their page: "Webhooks: verify a webhook".
//!
//! - Each webhook has a secret of its own, which comes with it once its URL has answered the challenge, a GET with
//!   `?challenge=`.
//! - There is no timestamp; the event id, `/id`, is in the signed body.
//! - A webhook can be set to compress its bodies. What is signed then are the bytes as sent; reading them takes the
//!   feature `gzip`. That is known from memory.
//! - Nylas waits for ten seconds.
#![doc = mounting!(NYLAS, "nylas", Keyring::new("8f742231b10e8888abcd99"), "message.created")]

use std::borrow::Cow;

use crate::{
    scheme::{ChallengeAnswer, Compression, Condition, Handshake, Scheme},
    source::{Source, TypePart},
};

/// Nylas: HMAC-SHA-256 in hex over the body, in `X-Nylas-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const NYLAS: Scheme = Scheme {
    name: Cow::Borrowed("nylas"),
    docs: Cow::Borrowed("Webhooks: verify a webhook"),
    quirks: Cow::Borrowed(
        "the URL challenge is answered with its text; a compressed body is signed as sent",
    ),
    signature: Source::header("x-nylas-signature"),
    compression: Compression::SignedCompressed,
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    payload: Cow::Borrowed("/data/object"),
    handshakes: Cow::Borrowed(&[Handshake {
        signed: false,
        method: Cow::Borrowed("GET"),
        when: Cow::Borrowed(&[Condition::Present(Source::query("challenge"))]),
        answer: ChallengeAnswer::Echo(Source::query("challenge")),
    }]),
    ..Scheme::HMAC_SHA256
};

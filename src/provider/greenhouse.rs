//! Greenhouse (Recruiting). Their page: "Webhooks: authentication".
//!
//! - A space stands between the algorithm and the signature. No other algorithm counts.
//! - The event id, `Greenhouse-Event-ID`, is not signed and there is no timestamp: identical signed bytes under
//!   another id are refused.
#![doc = mounting!(GREENHOUSE, "greenhouse", Keyring::new("8f742231b10e8888abcd99"), "candidate_hired")]

use std::borrow::Cow;

use crate::{
    scheme::{Method, Scheme},
    source::{Source, TypePart},
};

/// Greenhouse: HMAC-SHA-256 in hex over the body, as `sha256 …` in `Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const GREENHOUSE: Scheme = Scheme {
    name: Cow::Borrowed("greenhouse"),
    docs: Cow::Borrowed("Webhooks: authentication"),
    quirks: Cow::Borrowed("the word sha256 and a space stand in front of the signature"),
    signature: Source::header("signature"),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("sha256 "),
        ..Method::HMAC_SHA256
    }]),
    id: Some(Source::header("greenhouse-event-id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/action"))]),
    payload: Cow::Borrowed("/payload"),
    ..Scheme::HMAC_SHA256
};

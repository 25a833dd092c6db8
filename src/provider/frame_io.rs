//! Frame.io. Their page: "Webhooks overview: security and verification".
//!
//! - There is no event id: an event is known by its content.
//! - A custom action waits for a JSON answer: give a [`Reply`](crate::Reply) under a profile that says so.
//! - Frame.io waits for 5 seconds and tries five times.
#![doc = mounting!(FRAME_IO, "frame-io", Keyring::new("5HkzNq7hLJ3xUPVZ"), "file.created")]

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::{Method, Part, Scheme, Timestamp},
    source::{Source, TypePart},
};

/// Frame.io: HMAC-SHA-256 in hex over `v0:{timestamp}:{body}`, as `v0=…` in `X-Frameio-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const FRAME_IO: Scheme = Scheme {
    name: Cow::Borrowed("frame-io"),
    docs: Cow::Borrowed("Webhooks overview: security and verification"),
    quirks: Cow::Borrowed("signs as Slack does"),
    signature: Source::header("x-frameio-signature"),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("v0="),
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[
        Part::literal("v0:"),
        Part::Timestamp,
        Part::literal(":"),
        Part::Body,
    ]),
    timestamp: Some(Timestamp::unix(Source::header(
        "x-frameio-request-timestamp",
    ))),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    profile: Profile {
        answer_within: Duration::from_secs(5),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

//! QuickNode. Their page: "Streams webhook security".
//!
//! - The security token begins with `qnsec_` and is used whole, as text.
//! - There is no event id and no type: an event is known by its content.
#![doc = mounting!(QUICKNODE, "quicknode", Keyring::new("5HkzNq7hLJ3xUPVZ"), "block")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{Names, Part, Scheme, TimeFormat, Timestamp},
    source::Source,
};

/// QuickNode Streams: HMAC-SHA-256 in hex over `{nonce}{timestamp}{body}`, in `X-QN-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const QUICKNODE: Scheme = Scheme {
    name: Cow::Borrowed("quicknode"),
    docs: Cow::Borrowed("Streams webhook security"),
    quirks: Cow::Borrowed("nonce, timestamp and body run into each other"),
    signature: Source::header("x-qn-signature"),
    content: Cow::Borrowed(&[
        Part::Header(Cow::Borrowed("x-qn-nonce")),
        Part::Timestamp,
        Part::Body,
    ]),
    timestamp: Some(Timestamp {
        source: Source::header("x-qn-timestamp"),
        format: TimeFormat::UnixSeconds,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    ..Scheme::HMAC_SHA256
};

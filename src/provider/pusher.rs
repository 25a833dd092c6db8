//! Pusher Channels. Their page: "Webhooks".
//!
//! - The secret of the app signs; a request names the key of the app in `X-Pusher-Key`, under which a keyring has it.
//! - A batch, without ids. The moment in `time_ms` is that of the batch: their Python library refuses one older than 300 s,
//!   the others do not look at it, and nobody says that a retry has a new one.
#![doc = mounting!(PUSHER, "pusher", Keyring::empty().and("3a9cf1d2", "7b9e55d2c0a14fb2b6f1"), "channel_vacated")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{Names, Scheme, TimeFormat, Timestamp},
    source::{Items, Source, TypePart},
};

/// Pusher: HMAC-SHA-256 in hex over the body, in `X-Pusher-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const PUSHER: Scheme = Scheme {
    name: Cow::Borrowed("pusher"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("a batch; the request names its key"),
    signature: Source::header("x-pusher-signature"),
    key_id: Some(Source::header("x-pusher-key")),
    timestamp: Some(Timestamp {
        source: Source::json("/time_ms"),
        format: TimeFormat::UnixMillis,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    items: Some(Items {
        pointer: Cow::Borrowed("/events"),
        id: None,
        event_type: Cow::Borrowed(&[TypePart::new(Source::json("/name"))]),
    }),
    ..Scheme::HMAC_SHA256
};

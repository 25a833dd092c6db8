//! Lever. Their page: "Webhooks".
//!
//! - The signature stands in the body and covers only `token` and `triggeredAt`, which stand beside it: **the event itself
//!   is not signed**. `Delivery::coverage` is partial; fetch what matters from Lever's API.
//! - The event id is the token, the one signed thing that is unique: a captured signature under another event is a
//!   duplicate, and does not run. Lever's own id is in the payload, as `id`.
//! - Nobody documents that a retry is signed anew, so the timestamp may be as old as the last retry.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting!(LEVER, "lever", Keyring::new("8f742231b10e8888abcd99yyyzzz85a5"), "candidateHired")]

use std::{borrow::Cow, time::Duration};

use crate::{
    scheme::{Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Lever: HMAC-SHA-256 in hex over `{token}{triggeredAt}`, all three in the body.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const LEVER: Scheme = Scheme {
    name: Cow::Borrowed("lever"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("only a token and a timestamp in the body are signed, not the event"),
    signature: Source::json("/signature"),
    content: Cow::Borrowed(&[Part::Id, Part::Timestamp]),
    timestamp: Some(Timestamp {
        source: Source::json("/triggeredAt"),
        format: TimeFormat::UnixMillis,
        names: Names::Event,
        tolerance: Duration::from_secs(300),
    }),
    id: Some(Source::json("/token")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    ..Scheme::HMAC_SHA256
};

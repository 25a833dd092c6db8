//! Coinbase Commerce. Their page: "Webhooks security".
//!
//! - The event is `/event` of a body that tells of the delivery; `/event/id` is the same on every try, the outer
//!   `/id` is not read.
//! - Every try has a body of its own (`attempt_number`). There is no signed timestamp.
//! - Coinbase Commerce tries again for three days.
#![doc = mounting!(COINBASE_COMMERCE, "coinbase-commerce", Keyring::new("8f742231b10e8888abcd99"), "charge:confirmed")]

use std::borrow::Cow;

use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Coinbase Commerce: HMAC-SHA-256 in hex over the body, in `X-CC-Webhook-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const COINBASE_COMMERCE: Scheme = Scheme {
    name: Cow::Borrowed("coinbase-commerce"),
    docs: Cow::Borrowed("Webhooks security"),
    quirks: Cow::Borrowed("the event is wrapped in what tells of its delivery"),
    signature: Source::header("x-cc-webhook-signature"),
    id: Some(Source::json("/event/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event/type"))]),
    payload: Cow::Borrowed("/event/data"),
    ..Scheme::HMAC_SHA256
};

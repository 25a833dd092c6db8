//! Replicate. Their page: "Verify webhooks".
//!
//! - Standard Webhooks; their SDK does not look at the timestamp, which is judged here.
//! - The body is a prediction or training. Its `status` is the event type: `succeeded`.
//! - The secret belongs to the account and is fetched by their API.
//! - A webhook says which events it wants (`webhook_events_filter`); what tells of an end is tried again, what tells
//!   of progress is not.
#![doc = mounting!(REPLICATE, "replicate", Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "succeeded")]

use std::borrow::Cow;

use super::standard_webhooks::{STANDARD_WEBHOOKS, V1};
use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Replicate: HMAC-SHA-256 in base64 over `{id}.{timestamp}.{body}`, listed in `webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const REPLICATE: Scheme = Scheme {
    name: Cow::Borrowed("replicate"),
    docs: Cow::Borrowed("Verify webhooks"),
    quirks: Cow::Borrowed(
        "the event type is the status of the prediction, which is the whole body",
    ),
    header_prefixes: Cow::Borrowed(&[Cow::Borrowed("webhook-")]),
    methods: Cow::Borrowed(&[V1]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/status"))]),
    payload: Cow::Borrowed(""),
    ..STANDARD_WEBHOOKS
};

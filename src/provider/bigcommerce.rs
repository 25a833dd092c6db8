//! BigCommerce. Their page: "HTTPS webhooks overview".
//!
//! - Standard Webhooks but for the key: the client secret as text, not base64.
//! - The event type is the scope, as `store/order/created`.
//! - BigCommerce tries again for 48 hours, then deactivates the webhook. A domain of whose answers within two minutes fewer
//!   than nine in ten are successes gets nothing for three minutes.
#![doc = mounting!(BIGCOMMERCE, "bigcommerce", Keyring::new("8f742231b10e8888abcd99"), "store/order/created")]

use std::{borrow::Cow, time::Duration};

use super::{
    DAY,
    standard_webhooks::{CONTENT, LIST, V1_TEXT},
};
use crate::{
    profile::Profile,
    scheme::{Scheme, Timestamp},
    source::{Source, TypePart},
};

/// BigCommerce: HMAC-SHA-256 in base64 over `{id}.{timestamp}.{body}`, listed in `webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const BIGCOMMERCE: Scheme = Scheme {
    name: Cow::Borrowed("bigcommerce"),
    docs: Cow::Borrowed("HTTPS webhooks overview"),
    quirks: Cow::Borrowed("Standard Webhooks with the client secret as text"),
    signature: Source::header("webhook-signature"),
    grammar: LIST,
    methods: Cow::Borrowed(&[V1_TEXT]),
    content: CONTENT,
    timestamp: Some(Timestamp::unix(Source::header("webhook-timestamp"))),
    id: Some(Source::header("webhook-id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/scope"))]),
    payload: Cow::Borrowed("/data"),
    profile: Profile {
        retry_horizon: Duration::from_secs(2 * DAY),
        retention: Duration::from_secs(14 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

//! Etsy. Their page: "Webhooks".
//!
//! - Standard Webhooks. The event id is the header `webhook-id`, which is signed.
//! - The event type is `/event_type`, as `order.paid`; the body names the object by its `resource_url`.
//! - Etsy tries eight times, over a little more than a day.
#![doc = mounting!(ETSY, "etsy", Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "order.paid")]

use std::{borrow::Cow, time::Duration};

use super::{
    DAY,
    standard_webhooks::{STANDARD_PROFILE, STANDARD_WEBHOOKS, V1},
};
use crate::{
    profile::Profile,
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Etsy: HMAC-SHA-256 in base64 over `{id}.{timestamp}.{body}`, listed in `webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const ETSY: Scheme = Scheme {
    name: Cow::Borrowed("etsy"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed(
        "Standard Webhooks; an event names its object by the URL to fetch it from",
    ),
    header_prefixes: Cow::Borrowed(&[Cow::Borrowed("webhook-")]),
    methods: Cow::Borrowed(&[V1]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event_type"))]),
    payload: Cow::Borrowed(""),
    profile: Profile {
        retry_horizon: Duration::from_secs(2 * DAY),
        ..STANDARD_PROFILE
    },
    ..STANDARD_WEBHOOKS
};

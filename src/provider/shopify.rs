//! Shopify. Their page: "Deliver webhooks through HTTPS".
//!
//! - The secret is the client secret of the app; what the admin page "Notifications" sends is signed with another.
//! - Headers begin with `X-Shopify-`, those of the newer Events with `Shopify-`; none of them is under the signature.
//! - The event id, `X-Shopify-Webhook-Id`, is not signed and there is no signed timestamp. Identical bodies under
//!   distinct ids are ordinary, so a repeat runs and says so (`Delivery::repeats_content`).
//! - The event type is the topic, as `orders/create`.
//! - Shopify waits for five seconds, tries eight times in four hours, then removes the subscription. After a rotation
//!   the old secret may sign for another hour.
#![doc = mounting!(SHOPIFY, "shopify", Keyring::new("hush-a-client-secret-of-shopify"), "orders/create")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::{Profile, Repeats},
    scheme::{Encoding, Method, Scheme},
    source::{Source, TypePart},
};

/// Shopify: HMAC-SHA-256 in base64 over the body, in `X-Shopify-Hmac-Sha256`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const SHOPIFY: Scheme = Scheme {
    name: Cow::Borrowed("shopify"),
    docs: Cow::Borrowed("Deliver webhooks through HTTPS"),
    quirks: Cow::Borrowed("no header is signed; identical bodies under distinct ids are ordinary"),
    header_prefixes: Cow::Borrowed(&[Cow::Borrowed("x-shopify-"), Cow::Borrowed("shopify-")]),
    signature: Source::header("hmac-sha256"),
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Base64,
        ..Method::HMAC_SHA256
    }]),
    id: Some(Source::header("webhook-id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::header("topic"))]),
    keep_headers: Cow::Borrowed(&[
        Cow::Borrowed("x-shopify-api-version"),
        Cow::Borrowed("x-shopify-event-id"),
        Cow::Borrowed("x-shopify-shop-domain"),
        Cow::Borrowed("x-shopify-triggered-at"),
        Cow::Borrowed("shopify-api-version"),
        Cow::Borrowed("shopify-event-id"),
        Cow::Borrowed("shopify-shop-domain"),
        Cow::Borrowed("shopify-triggered-at"),
    ]),
    profile: Profile {
        answer_within: Duration::from_secs(5),
        retry_horizon: Duration::from_secs(4 * 3600),
        retention: Duration::from_secs(7 * DAY),
        repeats: Repeats::Flag,
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

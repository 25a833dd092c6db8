//! Segment webhooks. Their page: "Webhooks destination: authentication".
//!
//! - A body is one event, or where batching is on an array of up to 4,000. **Of an array only the first element is
//!   signed**: `Delivery::coverage` is then partial, and all others may be anybody's. Leave batching off, or take only what
//!   you can check otherwise.
//! - The signature is HMAC-SHA-1, over the element as it stands in the body.
//! - A secret is optional with Segment; without one nothing is signed, and nothing accepted.
//! - Segment waits for five seconds and tries again for four hours.
#![doc = mounting!(SEGMENT, "segment", Keyring::new("8f742231b10e8888abcd99yyyzzz85a5"), "track")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{Algorithm, Method, Part, Scheme},
    source::{Items, Source, TypePart},
};

/// Segment: HMAC-SHA-1 in hex over the body, of an array over its first element, in `x-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const SEGMENT: Scheme = Scheme {
    name: Cow::Borrowed("segment"),
    docs: Cow::Borrowed("Webhooks destination: authentication"),
    quirks: Cow::Borrowed("of a batch only the first event is signed"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::HmacSha1,
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[Part::FirstElement]),
    items: Some(Items {
        pointer: Cow::Borrowed(""),
        id: Some(Cow::Borrowed("/messageId")),
        event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    }),
    profile: Profile {
        answer_within: Duration::from_secs(5),
        retry_horizon: Duration::from_secs(4 * 3600),
        retention: Duration::from_secs(7 * DAY),
        body_limit: 4 * 1024 * 1024,
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

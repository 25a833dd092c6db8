//! HubSpot. Their page: "Validating requests (v3)".
//!
//! - The URL is signed, without a delimiter: behind a proxy give `Param::PublicUrl`. It is taken as it was received;
//!   their page decodes some escapes of it, their own code none.
//! - A delivery is a batch, an array of up to a hundred events.
//! - HubSpot waits for 5 seconds and tries ten times in a day.
#![doc = mounting!(HUBSPOT_V3, "hubspot-v3", Keyring::new("5HkzNq7hLJ3xUPVZ"), "contact.creation")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{Encoding, Method, Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Items, Source, TypePart},
};

/// HubSpot, version 3: HMAC-SHA-256 in base64 over `{method}{url}{body}{timestamp}`, in `X-HubSpot-Signature-v3`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const HUBSPOT_V3: Scheme = Scheme {
    name: Cow::Borrowed("hubspot-v3"),
    docs: Cow::Borrowed("Validating requests (v3)"),
    quirks: Cow::Borrowed("method and URL are signed; a batch"),
    signature: Source::header("x-hubspot-signature-v3"),
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Base64,
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[Part::Method, Part::Url, Part::Body, Part::Timestamp]),
    timestamp: Some(Timestamp {
        source: Source::header("x-hubspot-request-timestamp"),
        format: TimeFormat::UnixMillis,
        names: Names::Attempt,
        tolerance: Duration::from_secs(300),
    }),
    items: Some(Items {
        pointer: Cow::Borrowed(""),
        id: Some(Cow::Borrowed("/eventId")),
        event_type: Cow::Borrowed(&[TypePart::new(Source::json("/subscriptionType"))]),
    }),
    profile: Profile {
        answer_within: Duration::from_secs(5),
        retry_horizon: Duration::from_secs(DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

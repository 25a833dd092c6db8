//! HubSpot, its first two kinds of signature. Their page: "Validating requests".
//!
//! - **Both are insecure**: the plain SHA-256 of the client secret followed by the request. Whoever has one can make that
//!   of a longer request without the secret. `Delivery::coverage` is partial. Take the third kind wherever HubSpot sends
//!   it, and fetch what matters where it does not.
//! - The first ([`HUBSPOT_V1`]) is that of app webhooks, whose body is an array of events. `eventId` is not promised to be
//!   unique.
//! - The second ([`HUBSPOT_V2`]) is that of workflow actions and CRM cards, and covers the URL: give the keyring
//!   `Param::PublicUrl`, or the receiver a policy. HubSpot gets cards by GET, which a receiver of events refuses.
//! - Both stand in `X-HubSpot-Signature`; `X-HubSpot-Signature-Version` says which, and counts for nothing here: the
//!   receiver does.
//! - HubSpot waits for five seconds and tries up to ten more times, within a day.
#![doc = mounting!(HUBSPOT_V1, "hubspot-v1", Keyring::new("8f742231-b10e-8888-abcd-99yyyzzz85a5"), "contact.creation")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{Algorithm, Method, Part, Scheme},
    source::{Items, Source, TypePart},
};

/// HubSpot's first kind: SHA-256 in hex of `{secret}{body}`, in `x-hubspot-signature`. **Insecure.**
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const HUBSPOT_V1: Scheme = Scheme {
    name: Cow::Borrowed("hubspot-v1"),
    docs: Cow::Borrowed("Validating requests (v1)"),
    quirks: Cow::Borrowed("insecure: a plain hash, which whoever has one can extend"),
    signature: Source::header("x-hubspot-signature"),
    methods: Cow::Borrowed(&[PREFIX_HASH]),
    items: Some(Items {
        pointer: Cow::Borrowed(""),
        id: Some(Cow::Borrowed("/eventId")),
        event_type: Cow::Borrowed(&[TypePart::new(Source::json("/subscriptionType"))]),
    }),
    profile: PROFILE,
    ..Scheme::HMAC_SHA256
};

/// HubSpot's second kind: SHA-256 in hex of `{secret}{method}{url}{body}`, in `x-hubspot-signature`. **Insecure.**
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const HUBSPOT_V2: Scheme = Scheme {
    name: Cow::Borrowed("hubspot-v2"),
    docs: Cow::Borrowed("Validating requests (v2)"),
    quirks: Cow::Borrowed("insecure: a plain hash, which whoever has one can extend; no event id"),
    signature: Source::header("x-hubspot-signature"),
    methods: Cow::Borrowed(&[PREFIX_HASH]),
    content: Cow::Borrowed(&[Part::Method, Part::Url, Part::Body]),
    profile: PROFILE,
    ..Scheme::HMAC_SHA256
};

const PREFIX_HASH: Method = Method {
    algorithm: Algorithm::InsecurePrefixSha256,
    ..Method::HMAC_SHA256
};

const PROFILE: Profile = Profile {
    answer_within: Duration::from_secs(5),
    retry_horizon: Duration::from_secs(DAY),
    retention: Duration::from_secs(7 * DAY),
    ..Profile::DEFAULT
};

//! Mollie. Their page: "Webhooks (new) / signature verification".
//!
//! - The header may come several times, once for each secret; one that holds is enough. The prefix `sha256=` may be
//!   missing.
//! - Classic webhooks, `id=tr_…` in a form, are not signed: they are refused here.
//! - The id and the type are in the signed body. There is no timestamp.
//! - Mollie waits for 15 seconds and tries for 26 hours.
#![doc = mounting!(MOLLIE, "mollie", Keyring::new("5HkzNq7hLJ3xUPVZ"), "payment-link.paid")]

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::{Method, Scheme, Several},
    source::{Source, TypePart},
};

/// Mollie: HMAC-SHA-256 in hex over the body, in `X-Mollie-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const MOLLIE: Scheme = Scheme {
    name: Cow::Borrowed("mollie"),
    docs: Cow::Borrowed("Webhooks (new) / signature verification"),
    quirks: Cow::Borrowed("the header may repeat and its prefix be missing"),
    signature: Source::header("x-mollie-signature"),
    several: Several::Repeated,
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("sha256="),
        fallback_tag: Some(Cow::Borrowed("")),
        ..Method::HMAC_SHA256
    }]),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    profile: Profile {
        answer_within: Duration::from_secs(15),
        retry_horizon: Duration::from_secs(93600),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

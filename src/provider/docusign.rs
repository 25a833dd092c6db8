//! DocuSign Connect. Their page: "How to validate an HMAC signature".
//!
//! - Each active key signs under a header of its own, `X-DocuSign-Signature-1`, `-2` and so on; the first 16 are read
//!   and one that holds is enough.
//! - There is no event id and no timestamp: an event is known by its content.
//! - XML bodies are as well signed, but no type is read of them.
//! - DocuSign waits for 100 seconds and tries for up to 15 days.
#![doc = mounting!(DOCUSIGN, "docusign", Keyring::new("5HkzNq7hLJ3xUPVZ"), "envelope-completed")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{Encoding, Method, Scheme, Several},
    source::{Source, TypePart},
};

/// DocuSign Connect: HMAC-SHA-256 in base64 over the body, in `X-DocuSign-Signature-1` and so on.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const DOCUSIGN: Scheme = Scheme {
    name: Cow::Borrowed("docusign"),
    docs: Cow::Borrowed("How to validate an HMAC signature"),
    quirks: Cow::Borrowed("numbered headers, one for each active key"),
    signature: Source::header("x-docusign-signature-"),
    several: Several::Numbered,
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Base64,
        ..Method::HMAC_SHA256
    }]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    profile: Profile {
        answer_within: Duration::from_secs(100),
        retry_horizon: Duration::from_secs(15 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

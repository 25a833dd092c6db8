//! LinkedIn. Their page: "Webhooks overview".
//!
//! - As their page has it, `hmacsha256=` is in front of the body that is signed; some implementations have it in the
//!   header instead.
//! - There is no event id and no timestamp: an event is known by its content.
#![doc = mounting!(LINKEDIN, "linkedin", Keyring::new("5HkzNq7hLJ3xUPVZ"), "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS")]

use std::borrow::Cow;

use crate::{
    scheme::{Part, Scheme},
    source::{Source, TypePart},
};

/// LinkedIn: HMAC-SHA-256 in hex over `hmacsha256={body}`, in `X-LI-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const LINKEDIN: Scheme = Scheme {
    name: Cow::Borrowed("linkedin"),
    docs: Cow::Borrowed("Webhooks overview"),
    quirks: Cow::Borrowed("the signed text begins with hmacsha256="),
    signature: Source::header("x-li-signature"),
    content: Cow::Borrowed(&[Part::literal("hmacsha256="), Part::Body]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    ..Scheme::HMAC_SHA256
};

//! Dub. Their page: "Webhooks: verify webhook requests".
//!
//! - The secret begins with `whsec_` and is used whole, as text. This is not Standard Webhooks.
//! - There is no timestamp; the event id, `/id`, is in the signed body. The event type is `/event`, as
//!   `link.clicked`.
//! - Dub tries again with growing pauses and disables a webhook after 20 failures in a row.
#![doc = mounting!(DUB, "dub", Keyring::new("whsec_5HkzNq7hLJ3xUPVZ"), "lead.created")]

use std::borrow::Cow;

use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Dub: HMAC-SHA-256 in hex over the body, in `Dub-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const DUB: Scheme = Scheme {
    name: Cow::Borrowed("dub"),
    docs: Cow::Borrowed("Webhooks: verify webhook requests"),
    quirks: Cow::Borrowed("not Standard Webhooks, whatever its id looks like"),
    signature: Source::header("dub-signature"),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    payload: Cow::Borrowed("/data"),
    ..Scheme::HMAC_SHA256
};

//! Hyperswitch (outgoing webhooks). Their page: "Webhooks".
//!
//! - The key is the `payment_response_hash_key` of the business profile.
//! - There is no timestamp; the event id, `/event_id`, is in the signed body.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting!(HYPERSWITCH, "hyperswitch", Keyring::new("8f742231b10e8888abcd99"), "payment_succeeded")]

use std::borrow::Cow;

use super::common::SHA512;
use crate::{
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Hyperswitch: HMAC-SHA-512 in hex over the body, in `x-webhook-signature-512`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const HYPERSWITCH: Scheme = Scheme {
    name: Cow::Borrowed("hyperswitch"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("SHA-512 with the key that signs payment responses"),
    signature: Source::header("x-webhook-signature-512"),
    methods: Cow::Borrowed(&[SHA512]),
    id: Some(Source::json("/event_id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event_type"))]),
    payload: Cow::Borrowed("/content"),
    ..Scheme::HMAC_SHA256
};

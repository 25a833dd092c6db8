//! Authorize.Net. Their page: "Webhooks".
//!
//! - The key is the text of the signature key, as most implementations have it; some decode its hex digits.
//! - The id and the type are in the signed body. There is no timestamp.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting!(AUTHORIZE_NET, "authorize-net", Keyring::new("5HkzNq7hLJ3xUPVZ"), "net.authorize.payment.authcapture.created")]

use std::borrow::Cow;

use crate::{
    scheme::{Algorithm, Encoding, Method, Scheme},
    source::{Source, TypePart},
};

/// Authorize.Net: HMAC-SHA-512 in upper-case hex over the body, as `sha512=…` in `X-ANET-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const AUTHORIZE_NET: Scheme = Scheme {
    name: Cow::Borrowed("authorize-net"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("upper-case hex of HMAC-SHA-512"),
    signature: Source::header("x-anet-signature"),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("sha512="),
        algorithm: Algorithm::HmacSha512,
        encoding: Encoding::HexUpper,
        ..Method::HMAC_SHA256
    }]),
    id: Some(Source::json("/notificationId")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/eventType"))]),
    payload: Cow::Borrowed("/payload"),
    ..Scheme::HMAC_SHA256
};

//! Ways to sign that many senders share.

use std::borrow::Cow;

use crate::scheme::{Algorithm, Encoding, Grammar, Method, Part};

/// HMAC-SHA-256 in base64.
pub(super) const BASE64: Method = Method {
    encoding: Encoding::Base64,
    ..Method::HMAC_SHA256
};

/// HMAC-SHA-256 in hex, behind `sha256=`.
pub(super) const SHA256: Method = Method {
    tag: Cow::Borrowed("sha256="),
    ..Method::HMAC_SHA256
};

/// HMAC-SHA-512 in hex.
pub(super) const SHA512: Method = Method {
    algorithm: Algorithm::HmacSha512,
    ..Method::HMAC_SHA256
};

/// Fields as `t=…,v1=…`.
pub(super) const FIELDS: Grammar = Grammar::Fields {
    separator: ',',
    assign: '=',
};

/// `{timestamp}.{body}`.
pub(super) const TIMED: Cow<'static, [Part]> =
    Cow::Borrowed(&[Part::Timestamp, Part::literal("."), Part::Body]);

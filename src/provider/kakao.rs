//! Kakao. Their page: "Unlink webhook".
//!
//! - Kakao signs nothing: it sends the admin key of the app as `Authorization: KakaoAK …`. `Delivery::coverage` is
//!   nothing, and the key is one that can do everything: keep it apart.
//! - The body is a form without an event id: an event is known by its content.
//! - Its security events (account state changes) are JSON web tokens and no part of this.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting!(KAKAO, "kakao", Keyring::new("8f742231b10e8888abcd99yyyzzz85a5"), "UNLINK_FROM_APPS")]

use std::borrow::Cow;

use crate::{
    scheme::{Method, Scheme},
    source::{Source, TypePart},
};

/// Kakao: the admin key in `Authorization: KakaoAK …`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const KAKAO: Scheme = Scheme {
    name: Cow::Borrowed("kakao"),
    docs: Cow::Borrowed("Unlink webhook"),
    quirks: Cow::Borrowed("a token, which signs nothing; no event id"),
    signature: Source::header("authorization"),
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("KakaoAK "),
        ..Method::TOKEN
    }]),
    content: Cow::Borrowed(&[]),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/referrer_type")),
        TypePart::otherwise(Source::form("referrer_type")),
    ]),
    ..Scheme::HMAC_SHA256
};

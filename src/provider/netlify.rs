//! Netlify deploy notifications. Their page: "Deploy notifications: payload signature".
//!
//! - A token (HS256) in `X-Webhook-Signature`; its claim `sha256` is the digest of the body. It never expires.
//! - The `id` of the body is that of the deploy, which all events of a deploy share: an event is known by its content.
//! - The event type, `X-Netlify-Event`, is not signed.
//! - After six failures Netlify disables the notification.
#![doc = mounting!(NETLIFY, "netlify", Keyring::new("8f742231b10e8888abcd99yyyzzz85a5"), "deploy_created")]

use std::borrow::Cow;

use crate::{
    scheme::{BodyDigest, Jws, Method, Must, Proof, Requirement, Scheme},
    source::{Source, TypePart},
};

/// Netlify: HS256 over a digest of the body, in `X-Webhook-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const NETLIFY: Scheme = Scheme {
    name: Cow::Borrowed("netlify"),
    docs: Cow::Borrowed("Deploy notifications: payload signature"),
    quirks: Cow::Borrowed(
        "a token that names the digest of the body and never expires; no event id",
    ),
    proof: Proof::Jws(Jws {
        require: Cow::Borrowed(&[Requirement {
            of: Source::Claim(Cow::Borrowed("/iss")),
            must: Must::Equal(Cow::Borrowed("netlify")),
        }]),
        ..Jws::CLAIMS
    }),
    signature: Source::header("x-webhook-signature"),
    methods: Cow::Borrowed(&[Method::HS256]),
    content: Cow::Borrowed(&[]),
    body_digest: Some(BodyDigest {
        source: Source::claim("/sha256"),
        ..BodyDigest::SHA256
    }),
    event_type: Cow::Borrowed(&[TypePart::new(Source::header("x-netlify-event"))]),
    ..Scheme::HMAC_SHA256
};

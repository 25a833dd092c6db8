//! Plaid. Their page: "Webhook verification".
//!
//! - A token (ES256) in `Plaid-Verification`; its claim `request_body_sha256` is the digest of the raw body, which is
//!   written over several lines with two spaces.
//! - Keys are known by their `kid`, which is their name in the keyring. Plaid gives each by its API.
//! - Every try is signed anew: `iat` may be 300 seconds off.
//! - There is no event id: an event is known by its body, so identical bodies within two days count once.
//! - The event type is the body's `webhook_type` and `webhook_code`: `TRANSACTIONS.SYNC_UPDATES_AVAILABLE`.
//! - Plaid waits for ten seconds.
#![doc = mounting_by_kid!(PLAID, "plaid", "6c5516e1-92dc-479e-a8ff-5a51992e0001", "", "ITEM.ERROR")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{
        BodyDigest, Discovery, Jws, KeyAccess, KeyDocument, KeyMember, KeyPlace, Method, Proof,
        Scheme, Timestamp,
    },
    secret::Param,
    source::{Source, TypePart},
};

/// Plaid: ES256 over a digest of the body, in `Plaid-Verification`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const PLAID: Scheme = Scheme {
    name: Cow::Borrowed("plaid"),
    docs: Cow::Borrowed("Webhook verification"),
    quirks: Cow::Borrowed("a token that names the digest of the body; no event id"),
    proof: Proof::Jws(Jws::CLAIMS),
    signature: Source::header("plaid-verification"),
    methods: Cow::Borrowed(&[Method::ES256]),
    key_id: Some(Source::protected("/kid")),
    discovery: Some(Discovery {
        place: KeyPlace::Fixed(Cow::Borrowed(
            "https://production.plaid.com/webhook_verification_key/get",
        )),
        document: KeyDocument::Json(Cow::Borrowed("/key")),
        access: KeyAccess::Post(Cow::Borrowed(&[
            (
                Cow::Borrowed("client_id"),
                KeyMember::Param(Param::ClientId),
            ),
            (
                Cow::Borrowed("secret"),
                KeyMember::Param(Param::ClientSecret),
            ),
            (Cow::Borrowed("key_id"), KeyMember::KeyId),
        ])),
        ..Discovery::JWKS
    }),
    content: Cow::Borrowed(&[]),
    body_digest: Some(BodyDigest {
        source: Source::claim("/request_body_sha256"),
        ..BodyDigest::SHA256
    }),
    timestamp: Some(Timestamp::unix(Source::claim("/iat"))),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/webhook_type")),
        TypePart::new(Source::json("/webhook_code")),
    ]),
    profile: Profile {
        answer_within: Duration::from_secs(10),
        retention: Duration::from_secs(2 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

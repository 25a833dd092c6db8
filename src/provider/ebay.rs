//! eBay. Their page: "Marketplace account deletion notifications".
//!
//! - ECDSA on P-256 with SHA-1 (feature `asymmetric`). The signature stands with the id of its key in base64 of a JSON object;
//!   the `alg` and `digest` beside them count for nothing, since a message does not choose how it is verified.
//! - A public key is fetched by its id from the Notification API and stands in the keyring under that id. They give PEM on
//!   one line, which is taken as it is.
//! - eBay signs the body as its own library writes it, which is how it is sent.
#![doc = mounting_public!(EBAY, "ebay", Keyring::empty().and("9936261a-7d7b-4621-a0f1-96ccb428af49", "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==").with(hooklatch::Param::VerifyToken, "a-token-of-32-letters-or-more-you-chose").with(hooklatch::Param::PublicUrl, "https://example.com/webhooks/ebay"), "MARKETPLACE_ACCOUNT_DELETION")]

use std::borrow::Cow;

use crate::{
    scheme::{
        Algorithm, AnswerPart, ChallengeAnswer, Condition, Discovery, Encoding, Grammar, Handshake,
        KeyAccess, KeyDocument, KeyFormat, KeyPlace, Method, Scheme,
    },
    secret::Param,
    source::{Source, TypePart},
};

/// eBay: ECDSA on P-256 with SHA-1, DER in base64, over the body, within the JSON of `X-EBAY-SIGNATURE`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const EBAY: Scheme = Scheme {
    name: Cow::Borrowed("ebay"),
    docs: Cow::Borrowed("Marketplace account deletion notifications"),
    quirks: Cow::Borrowed("the signature and the id of its key stand in base64 of JSON"),
    signature: Source::header("x-ebay-signature"),
    grammar: Grammar::Base64Json,
    methods: Cow::Borrowed(&[Method {
        fallback_tag: None,
        algorithm: Algorithm::EcdsaP256Sha1,
        encoding: Encoding::Base64,
        tag: Cow::Borrowed("signature"),
        key: KeyFormat {
            encoding: Encoding::Base64,
            ..KeyFormat::TEXT
        },
    }]),
    key_id: Some(Source::field("kid")),
    discovery: Some(Discovery {
        place: KeyPlace::PerKey(Cow::Borrowed(
            "https://api.ebay.com/commerce/notification/v1/public_key/{uuid}",
        )),
        document: KeyDocument::Json(Cow::Borrowed("/key")),
        access: KeyAccess::Bearer,
        ..Discovery::JWKS
    }),
    id: Some(Source::json("/notification/notificationId")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/metadata/topic"))]),
    payload: Cow::Borrowed("/notification"),
    handshakes: Cow::Borrowed(&[Handshake {
        signed: false,
        method: Cow::Borrowed("GET"),
        when: Cow::Borrowed(&[Condition::Present(Source::query("challenge_code"))]),
        answer: ChallengeAnswer::Json(Cow::Borrowed(&[
            AnswerPart::Literal(Cow::Borrowed(r#"{"challengeResponse":""#)),
            AnswerPart::Sha256(
                Source::query("challenge_code"),
                Cow::Borrowed(&[Param::VerifyToken, Param::PublicUrl]),
                Encoding::Hex,
            ),
            AnswerPart::Literal(Cow::Borrowed(r#""}"#)),
        ])),
    }]),
    ..Scheme::HMAC_SHA256
};

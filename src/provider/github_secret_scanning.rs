//! GitHub's secret scanning, as its partners receive it. Their page: "Secret scanning partner program".
//!
//! - ECDSA on P-256 (feature `asymmetric`). A request names its key in `Github-Public-Key-Identifier`; the keys are at
//!   <https://api.github.com/meta/public_keys/secret_scanning>, and stand in the keyring under those identifiers.
//! - A batch: an array of found tokens, without ids. Nothing says when it was sent.
#![doc = mounting_public!(GITHUB_SECRET_SCANNING, "github-secret-scanning", Keyring::empty().and("f9525bf080f75b3506ca1ead061add62b8633a346606dc5fe544e29231c6ee0d", "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="), "some_type")]

use std::borrow::Cow;

use crate::{
    scheme::{Algorithm, Discovery, Encoding, KeyDocument, KeyFormat, KeyPlace, Method, Scheme},
    source::{Items, Source, TypePart},
};

/// GitHub secret scanning: ECDSA on P-256 with SHA-256, DER in base64, over the body, in `Github-Public-Key-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const GITHUB_SECRET_SCANNING: Scheme = Scheme {
    name: Cow::Borrowed("github-secret-scanning"),
    docs: Cow::Borrowed("Secret scanning partner program"),
    quirks: Cow::Borrowed("a batch; the request names its key"),
    signature: Source::header("github-public-key-signature"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::EcdsaP256,
        encoding: Encoding::Base64,
        key: KeyFormat {
            encoding: Encoding::Base64,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    key_id: Some(Source::header("github-public-key-identifier")),
    discovery: Some(Discovery {
        place: KeyPlace::Fixed(Cow::Borrowed(
            "https://api.github.com/meta/public_keys/secret_scanning",
        )),
        document: KeyDocument::JsonList {
            list: Cow::Borrowed("/public_keys"),
            id: Cow::Borrowed("key_identifier"),
            key: Cow::Borrowed("key"),
        },
        ..Discovery::JWKS
    }),
    items: Some(Items {
        pointer: Cow::Borrowed(""),
        id: None,
        event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    }),
    ..Scheme::HMAC_SHA256
};

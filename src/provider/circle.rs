//! Circle. Their page: "Verify digital signatures".
//!
//! - ECDSA on P-256 (feature `asymmetric`). A request names its key; the keys come from `/v2/notifications/publicKey/{id}`,
//!   base64 without PEM, and stand in the keyring under their id.
//! - Older APIs of Circle deliver through AWS SNS.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting_public!(CIRCLE, "circle", Keyring::empty().and("879dc113-5ca4-4ff7-a6b7-54652083fcf8", "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="), "transactions.inbound")]

use std::borrow::Cow;

use crate::{
    scheme::{Algorithm, Encoding, KeyFormat, Method, Scheme},
    source::{Source, TypePart},
};

/// Circle: ECDSA on P-256 with SHA-256, DER in base64, over the body, in `X-Circle-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const CIRCLE: Scheme = Scheme {
    name: Cow::Borrowed("circle"),
    docs: Cow::Borrowed("Verify digital signatures"),
    quirks: Cow::Borrowed("the request names its key"),
    signature: Source::header("x-circle-signature"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::EcdsaP256,
        encoding: Encoding::Base64,
        key: KeyFormat {
            encoding: Encoding::Base64,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    key_id: Some(Source::header("x-circle-key-id")),
    id: Some(Source::json("/notificationId")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/notificationType"))]),
    payload: Cow::Borrowed("/notification"),
    ..Scheme::HMAC_SHA256
};

//! ShipStation's API, once ShipEngine. Their page: "Validate webhooks".
//!
//! - RSA with SHA-256 (feature `asymmetric`). A request names its key; the keys are published as a JWK Set, which
//!   [`Keyring::from_jwks`](crate::Keyring::from_jwks) takes.
//! - The timestamp is RFC 3339, and no older than 300 s.
//! - No event id: an event is known by its content.
//! - Known from code that others published, not from the sender's own.
#![doc = mounting_public!(SHIPENGINE, "shipengine", Keyring::empty().and("se-1", "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwpb91cEYuyJNQepZAVfPZIlPZfNUefH+n6w9SW3fykqKu938cR7WadQv87oF2VuT+fDt7kqeRziTmPSUhqPUys/V2Q1rlfJuXbE+Gga37t7zwd0egQ+KyOEHQOpcTwKmtZ81ieGHynAQzsn1We3jwt760MsCPJ7GMT141ByQM+yW1Bx+4SG3IGjXWyqOWrcXsxAvIXkpUD/jK/L958CgnZEgz0BSEh0QxYLITnW1lLokSx/dTianWPFEhMC9BgijempgNXHNfcVirg1lPSygz7KqoKUN0oHqWLr2U1A+7kqrl6O2nx3CKs1bj1hToT1+p4kcMoHXA7kA+VBLUpEsVwIDAQAB"), "API_TRACK")]

use std::{borrow::Cow, time::Duration};

use super::common::TIMED;
use crate::{
    scheme::{
        Algorithm, Discovery, Encoding, KeyFormat, KeyPlace, Method, Names, Scheme, TimeFormat,
        Timestamp,
    },
    source::{Source, TypePart},
};

/// ShipEngine: RSA with SHA-256 in base64 over `{timestamp}.{body}`, in `X-ShipEngine-RSA-SHA256-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const SHIPENGINE: Scheme = Scheme {
    name: Cow::Borrowed("shipengine"),
    docs: Cow::Borrowed("Validate webhooks"),
    quirks: Cow::Borrowed("the request names its key, one of a JWK Set"),
    signature: Source::header("x-shipengine-rsa-sha256-signature"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::RsaSha256,
        encoding: Encoding::Base64,
        key: KeyFormat {
            encoding: Encoding::Base64,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    key_id: Some(Source::header("x-shipengine-rsa-sha256-key-id")),
    discovery: Some(Discovery {
        place: KeyPlace::Fixed(Cow::Borrowed("https://api.shipengine.com/jwks")),

        ..Discovery::JWKS
    }),
    content: TIMED,
    timestamp: Some(Timestamp {
        source: Source::header("x-shipengine-timestamp"),
        format: TimeFormat::Rfc3339,
        names: Names::Attempt,
        tolerance: Duration::from_secs(300),
    }),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/resource_type"))]),
    payload: Cow::Borrowed("/data"),
    ..Scheme::HMAC_SHA256
};

//! Wise. Their page: "Webhook signature verification".
//!
//! - RSA with SHA-256 (feature `asymmetric`). The public keys stand in their documentation, one for the sandbox and one for
//!   production.
//! - The old header `X-Signature`, RSA with SHA-1, is not read.
//! - The id in `X-Delivery-Id` and the mark of a test in `X-Test-Notification` are not signed, and known from memory.
//! - No timestamp but that of the event, `sent_at`, which nobody says to judge by.
#![doc = mounting_public!(WISE, "wise", Keyring::new("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwpb91cEYuyJNQepZAVfPZIlPZfNUefH+n6w9SW3fykqKu938cR7WadQv87oF2VuT+fDt7kqeRziTmPSUhqPUys/V2Q1rlfJuXbE+Gga37t7zwd0egQ+KyOEHQOpcTwKmtZ81ieGHynAQzsn1We3jwt760MsCPJ7GMT141ByQM+yW1Bx+4SG3IGjXWyqOWrcXsxAvIXkpUD/jK/L958CgnZEgz0BSEh0QxYLITnW1lLokSx/dTianWPFEhMC9BgijempgNXHNfcVirg1lPSygz7KqoKUN0oHqWLr2U1A+7kqrl6O2nx3CKs1bj1hToT1+p4kcMoHXA7kA+VBLUpEsVwIDAQAB"), "transfers#state-change")]

use std::borrow::Cow;

use crate::{
    scheme::{Algorithm, Encoding, KeyFormat, Method, Scheme},
    source::{Source, TypePart},
};

/// Wise: RSA with SHA-256 in base64 over the body, in `X-Signature-SHA256`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const WISE: Scheme = Scheme {
    name: Cow::Borrowed("wise"),
    docs: Cow::Borrowed("Webhook signature verification"),
    quirks: Cow::Borrowed("a public key from the documentation; the id is not signed"),
    signature: Source::header("x-signature-sha256"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::RsaSha256,
        encoding: Encoding::Base64,
        key: KeyFormat {
            encoding: Encoding::Base64,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    id: Some(Source::header("x-delivery-id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event_type"))]),
    payload: Cow::Borrowed("/data"),
    keep_headers: Cow::Borrowed(&[Cow::Borrowed("x-test-notification")]),
    ..Scheme::HMAC_SHA256
};

//! Woovi, or OpenPix. Their page: "Chave pública do webhook no Sandbox".
//!
//! - RSA with SHA-256 (feature `asymmetric`). The public keys stand in their documentation, as PEM or as base64 of the PEM,
//!   one for the sandbox and one for production; either is taken.
//! - That the signature is in base64, and the type in `event`, is known from memory. No event id: an event is known by its
//!   content.
#![doc = mounting_public!(WOOVI_OPENPIX, "woovi-openpix", Keyring::new("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwpb91cEYuyJNQepZAVfPZIlPZfNUefH+n6w9SW3fykqKu938cR7WadQv87oF2VuT+fDt7kqeRziTmPSUhqPUys/V2Q1rlfJuXbE+Gga37t7zwd0egQ+KyOEHQOpcTwKmtZ81ieGHynAQzsn1We3jwt760MsCPJ7GMT141ByQM+yW1Bx+4SG3IGjXWyqOWrcXsxAvIXkpUD/jK/L958CgnZEgz0BSEh0QxYLITnW1lLokSx/dTianWPFEhMC9BgijempgNXHNfcVirg1lPSygz7KqoKUN0oHqWLr2U1A+7kqrl6O2nx3CKs1bj1hToT1+p4kcMoHXA7kA+VBLUpEsVwIDAQAB"), "OPENPIX:CHARGE_COMPLETED")]

use std::borrow::Cow;

use crate::{
    scheme::{Algorithm, Encoding, KeyFormat, Method, Scheme},
    source::{Source, TypePart},
};

/// Woovi and OpenPix: RSA with SHA-256 in base64 over the body, in `x-webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const WOOVI_OPENPIX: Scheme = Scheme {
    name: Cow::Borrowed("woovi-openpix"),
    docs: Cow::Borrowed("Chave pública do webhook no Sandbox"),
    quirks: Cow::Borrowed("a public key from the documentation"),
    signature: Source::header("x-webhook-signature"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::RsaSha256,
        encoding: Encoding::Base64,
        key: KeyFormat {
            encoding: Encoding::Base64,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    ..Scheme::HMAC_SHA256
};

//! Adobe Commerce webhooks. Their page: "Webhooks signature verification".
//!
//! - RSA with SHA-256 (feature `asymmetric`). Their page calls it an HMAC by a private key; it is verified with the public
//!   key, and a public key makes no HMAC here.
//! - Whether the body or base64 of it is signed, their page leaves open; here it is the body.
//! - A call that waits for its answer: a handler's [`Reply`](crate::Reply) reaches the shop. Neither id nor type.
#![doc = mounting_public!(ADOBE_COMMERCE_WEBHOOKS, "adobe-commerce-webhooks", Keyring::new("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwpb91cEYuyJNQepZAVfPZIlPZfNUefH+n6w9SW3fykqKu938cR7WadQv87oF2VuT+fDt7kqeRziTmPSUhqPUys/V2Q1rlfJuXbE+Gga37t7zwd0egQ+KyOEHQOpcTwKmtZ81ieGHynAQzsn1We3jwt760MsCPJ7GMT141ByQM+yW1Bx+4SG3IGjXWyqOWrcXsxAvIXkpUD/jK/L958CgnZEgz0BSEh0QxYLITnW1lLokSx/dTianWPFEhMC9BgijempgNXHNfcVirg1lPSygz7KqoKUN0oHqWLr2U1A+7kqrl6O2nx3CKs1bj1hToT1+p4kcMoHXA7kA+VBLUpEsVwIDAQAB"), "event")]

use std::borrow::Cow;

use crate::{
    profile::Profile,
    scheme::{Algorithm, Encoding, KeyFormat, Method, Scheme},
    source::Source,
};

/// Adobe Commerce: RSA with SHA-256 in base64 over the body, in `x-adobe-commerce-webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const ADOBE_COMMERCE_WEBHOOKS: Scheme = Scheme {
    name: Cow::Borrowed("adobe-commerce-webhooks"),
    docs: Cow::Borrowed("Webhooks signature verification"),
    quirks: Cow::Borrowed("a synchronous call, without id or type"),
    signature: Source::header("x-adobe-commerce-webhook-signature"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::RsaSha256,
        encoding: Encoding::Base64,
        key: KeyFormat {
            encoding: Encoding::Base64,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    profile: Profile {
        reads_reply: true,
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

//! Travis CI. Their page: "Configure webhook notifications: verifying webhook requests".
//!
//! - RSA with SHA-1 (feature `asymmetric`); the public key is at <https://api.travis-ci.com/config>, as
//!   `config.notifications.webhook.public_key`.
//! - A form; what is signed is the decoded text of its field `payload`, so the rest of the form is not.
//! - The id of a build is in every notification about it, so that an event is known by its content.
//! - The header is called `Signature` and has nothing to do with HTTP message signatures (RFC 9421).
#![doc = mounting_public!(TRAVIS_CI, "travis-ci", Keyring::new("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwpb91cEYuyJNQepZAVfPZIlPZfNUefH+n6w9SW3fykqKu938cR7WadQv87oF2VuT+fDt7kqeRziTmPSUhqPUys/V2Q1rlfJuXbE+Gga37t7zwd0egQ+KyOEHQOpcTwKmtZ81ieGHynAQzsn1We3jwt760MsCPJ7GMT141ByQM+yW1Bx+4SG3IGjXWyqOWrcXsxAvIXkpUD/jK/L958CgnZEgz0BSEh0QxYLITnW1lLokSx/dTianWPFEhMC9BgijempgNXHNfcVirg1lPSygz7KqoKUN0oHqWLr2U1A+7kqrl6O2nx3CKs1bj1hToT1+p4kcMoHXA7kA+VBLUpEsVwIDAQAB"), "passed")]

use std::borrow::Cow;

use crate::{
    scheme::{
        Algorithm, Discovery, Encoding, KeyDocument, KeyFormat, KeyPlace, Method, Part, Scheme,
    },
    source::{FormPayload, Source, TypePart},
};

/// Travis CI: RSA with SHA-1 in base64 over the decoded form field `payload`, in `Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const TRAVIS_CI: Scheme = Scheme {
    name: Cow::Borrowed("travis-ci"),
    docs: Cow::Borrowed("Configure webhook notifications: verifying webhook requests"),
    quirks: Cow::Borrowed("a form, of which the text of one field is signed"),
    signature: Source::header("signature"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::RsaSha1,
        encoding: Encoding::Base64,
        key: KeyFormat {
            encoding: Encoding::Base64,
            ..KeyFormat::TEXT
        },
        ..Method::HMAC_SHA256
    }]),
    discovery: Some(Discovery {
        place: KeyPlace::Fixed(Cow::Borrowed("https://api.travis-ci.com/config")),
        document: KeyDocument::Json(Cow::Borrowed("/config/notifications/webhook/public_key")),
        ..Discovery::JWKS
    }),
    content: Cow::Borrowed(&[Part::Text(Source::form("payload"))]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/state"))]),
    form_payload: Some(FormPayload::Text(Cow::Borrowed("payload"))),
    keep_headers: Cow::Borrowed(&[Cow::Borrowed("travis-repo-slug")]),
    ..Scheme::HMAC_SHA256
};

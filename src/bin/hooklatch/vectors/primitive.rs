//! Bare signatures over a body, as Wycheproof lists them.

use std::borrow::Cow;

use hooklatch::{Algorithm, Encoding, KeyFormat, Method, Scheme, Source};

use super::{
    case::Case,
    judge::{Verdict, judge_by},
};

/// What the words of a case's scheme say of its algorithm; the first that all stand there.
const ALGORITHMS: [(&[&str], Algorithm); 17] = [
    (&["ed25519"], Algorithm::Ed25519),
    (&["p256", "sha1"], Algorithm::EcdsaP256Sha1),
    (&["p256", "raw"], Algorithm::EcdsaP256Raw),
    (&["p256"], Algorithm::EcdsaP256),
    (&["p384"], Algorithm::EcdsaP384Raw),
    (&["p521"], Algorithm::EcdsaP521Raw),
    (&["pss", "sha256"], Algorithm::RsaPssSha256),
    (&["pss", "sha384"], Algorithm::RsaPssSha384),
    (&["pss", "sha512"], Algorithm::RsaPssSha512),
    (&["rsa", "sha1"], Algorithm::RsaSha1),
    (&["rsa", "sha256"], Algorithm::RsaSha256),
    (&["rsa", "sha384"], Algorithm::RsaSha384),
    (&["rsa", "sha512"], Algorithm::RsaSha512),
    (&["hmac", "sha1"], Algorithm::HmacSha1),
    (&["hmac", "sha256"], Algorithm::HmacSha256),
    (&["hmac", "sha384"], Algorithm::HmacSha384),
    (&["hmac", "sha512"], Algorithm::HmacSha512),
];

/// The scheme whose content is the body and whose signature is the header `signature_hex`.
pub(crate) fn verdict(case: &Case) -> Result<Verdict, String> {
    let words = case.scheme.to_ascii_lowercase();
    let (_, algorithm) = ALGORITHMS
        .iter()
        .find(|(all, _)| all.iter().all(|word| words.contains(word)))
        .ok_or_else(|| format!("no algorithm is called {:?}", case.scheme))?;
    let kind = case.key_text("type").unwrap_or_default();
    let encoding = match kind.rsplit('-').next() {
        Some("hex") => Encoding::Hex,
        Some("base64") => Encoding::Base64,
        _ => Encoding::Text,
    };
    let scheme = Scheme {
        name: Cow::Borrowed("primitive"),
        signature: Source::header("signature_hex"),
        methods: Cow::Owned(vec![Method {
            algorithm: *algorithm,
            encoding: Encoding::Hex,
            key: KeyFormat {
                encoding,
                ..KeyFormat::TEXT
            },
            ..Method::HMAC_SHA256
        }]),
        ..Scheme::HMAC_SHA256
    };
    judge_by(case, &scheme)
}

//! The texts in which senders give their public keys, to the bytes of a key. Pure.

use super::{
    Algorithm, KeyFormat, certificate::Certificate, encoding, jwk::Jwk, pem, validity::Validity,
};

/// A public key as bytes: SPKI in DER, or raw. Of a certificate with what that says of it.
pub(super) struct KeyText {
    pub(super) key: Vec<u8>,
    pub(super) valid: Option<Validity>,
}

impl KeyText {
    fn bare(key: Vec<u8>) -> Self {
        Self { key, valid: None }
    }

    fn of_certificate(certificate: &Certificate) -> Self {
        Self {
            key: certificate.spki().to_vec(),
            valid: Some(Validity::of(certificate)),
        }
    }
}

/// What a text may be: a PEM block or a JWK is recognised whatever the format says; else bytes in the encoding of the
/// format, or in another one that senders use. Whoever builds the key finds the one that is one.
pub(super) fn candidates(
    algorithm: Algorithm,
    format: &KeyFormat,
    text: &[u8],
) -> Result<Vec<KeyText>, &'static str> {
    let text = text.trim_ascii();
    let text = text.strip_prefix(format.prefix.as_bytes()).unwrap_or(text);
    if pem::is_pem(text) {
        return from_pem(algorithm, text).map(|key| vec![key]);
    }
    if text.starts_with(b"{") {
        let key = Jwk::parse(text)?.key_for(algorithm)?;
        return Ok(vec![KeyText::bare(key)]);
    }
    let decoded = format
        .public_encodings()
        .filter_map(|encoding| encoding::decode_key(encoding, text));
    let mut found = Vec::new();
    for bytes in decoded {
        // Some senders show the whole PEM text in base64.
        if pem::is_pem(&bytes) {
            return from_pem(algorithm, &bytes).map(|key| vec![key]);
        }
        found.push(match Certificate::from_der(&bytes) {
            Ok(certificate) => KeyText::of_certificate(&certificate),
            Err(_) => KeyText::bare(bytes.to_vec()),
        });
    }
    if found.is_empty() {
        return Err("is not written as the sender writes its public keys");
    }
    Ok(found)
}

fn from_pem(algorithm: Algorithm, text: &[u8]) -> Result<KeyText, &'static str> {
    match pem::label(text) {
        Some(pem::PUBLIC_KEY) => pem::only(text, pem::PUBLIC_KEY).map(KeyText::bare),
        Some(pem::RSA_PUBLIC_KEY) if algorithm.is_rsa() => {
            pem::only(text, pem::RSA_PUBLIC_KEY).map(KeyText::bare)
        }
        Some(pem::RSA_PUBLIC_KEY) => Err("is an RSA key, which the sender's algorithm is not"),
        Some(pem::CERTIFICATE) => {
            Certificate::from_pem(text).map(|certificate| KeyText::of_certificate(&certificate))
        }
        Some(label) if label.ends_with("PRIVATE KEY") => {
            Err("is a private key; only the sender's public key belongs here")
        }
        _ => Err("is PEM, but neither a PUBLIC KEY, an RSA PUBLIC KEY nor a CERTIFICATE"),
    }
}

#[cfg(test)]
mod tests;

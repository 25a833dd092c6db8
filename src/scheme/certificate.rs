//! X.509 certificates (RFC 5280), as far as a receiver of webhooks needs them: the key within, when it counts, whom it
//! names, and who signed it. Every certificate of this crate is read here: one that is configured as a key, one that a
//! sender's URL gives, and those of a chain. Building and judging a chain is the business of who has one.
//!
//! Parsing is strict DER, bounded by the text that is given, and believes nothing: [`Certificate::is_signed_by`] alone
//! says that somebody vouches.
#![allow(
    dead_code,
    reason = "chains and fetched certificates need more of it than a configured key"
)]

use std::time::Duration;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    ECDSA_P521_SHA512_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use time::OffsetDateTime;
use x509_cert::{
    der::{Decode, Encode, Reader, SliceReader, asn1::AnyRef, oid::ObjectIdentifier},
    ext::pkix::{BasicConstraints, SubjectAltName, name::GeneralName},
    time::Time,
};

use super::pem;

/// A certificate, taken apart.
#[derive(Clone)]
pub(crate) struct Certificate {
    der: Vec<u8>,
    /// What is signed, byte for byte.
    signed: Vec<u8>,
    signature_algorithm: ObjectIdentifier,
    signature: Vec<u8>,
    spki: Vec<u8>,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    common_name: Option<String>,
    dns_names: Vec<String>,
    is_ca: bool,
    extensions: Vec<ObjectIdentifier>,
}

impl Certificate {
    /// The first certificate of a PEM text.
    pub(crate) fn from_pem(text: &[u8]) -> Result<Self, &'static str> {
        let mut blocks = pem::blocks(text, pem::CERTIFICATE)?;
        let first = blocks
            .next()
            .ok_or("is PEM without a block of a CERTIFICATE")?;
        Self::from_der(&first?)
    }

    /// All certificates of a PEM text, in their order.
    pub(crate) fn all_from_pem(text: &[u8]) -> Result<Vec<Self>, &'static str> {
        let blocks = pem::blocks(text, pem::CERTIFICATE)?;
        blocks.map(|block| Self::from_der(&block?)).collect()
    }

    /// A certificate as DER, and nothing behind it.
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, &'static str> {
        Self::parse(der).map_err(|_| "is not an X.509 certificate in DER")
    }

    fn parse(der: &[u8]) -> Result<Self, x509_cert::der::Error> {
        let certificate = x509_cert::Certificate::from_der(der)?;
        let tbs = certificate.tbs_certificate();
        let signature = certificate.signature().as_bytes();
        // The two places that name the algorithm have to agree (RFC 5280, section 4.1.1.2).
        if tbs.signature() != certificate.signature_algorithm() {
            return Err(x509_cert::der::ErrorKind::Failed.into());
        }
        let names = tbs.get_extension::<SubjectAltName>()?;
        let constraints = tbs.get_extension::<BasicConstraints>()?;
        // One that cannot be read names nobody.
        let common_name = tbs.subject().common_name().ok().flatten();
        let extensions = tbs.extensions().map(Vec::as_slice).unwrap_or_default();
        Ok(Self {
            der: der.to_vec(),
            signed: first_of_sequence(der)?.to_vec(),
            signature_algorithm: certificate.signature_algorithm().oid,
            signature: signature.unwrap_or_default().to_vec(),
            spki: tbs.subject_public_key_info().to_der()?,
            not_before: moment(tbs.validity().not_before),
            not_after: moment(tbs.validity().not_after),
            issuer: tbs.issuer().to_der()?,
            subject: tbs.subject().to_der()?,
            common_name: common_name.map(|name| name.value().into_owned()),
            dns_names: names
                .map(|(_, names)| dns_names(&names))
                .unwrap_or_default(),
            is_ca: constraints.is_some_and(|(_, constraints)| constraints.ca),
            extensions: extensions
                .iter()
                .map(|extension| extension.extn_id)
                .collect(),
        })
    }

    /// The certificate as it came.
    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    /// The subject's public key, as SubjectPublicKeyInfo in DER.
    pub(crate) fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The first moment of its validity.
    pub(crate) const fn not_before(&self) -> OffsetDateTime {
        self.not_before
    }

    /// The last moment of its validity.
    pub(crate) const fn not_after(&self) -> OffsetDateTime {
        self.not_after
    }

    /// Whether it is valid at this moment; both ends count.
    pub(crate) fn counts_at(&self, now: OffsetDateTime) -> bool {
        (self.not_before..=self.not_after).contains(&now)
    }

    /// The issuer's name in DER: equal to the [`subject`](Self::subject) of the issuer's certificate.
    pub(crate) fn issuer(&self) -> &[u8] {
        &self.issuer
    }

    /// The subject's name in DER.
    pub(crate) fn subject(&self) -> &[u8] {
        &self.subject
    }

    /// The subject's common name.
    pub(crate) fn common_name(&self) -> Option<&str> {
        self.common_name.as_deref()
    }

    /// The DNS names of the subject alternative name.
    pub(crate) fn dns_names(&self) -> &[String] {
        &self.dns_names
    }

    /// Whether it may sign other certificates.
    pub(crate) const fn is_ca(&self) -> bool {
        self.is_ca
    }

    /// Whether it has an extension of this dotted object identifier.
    pub(crate) fn has_extension(&self, oid: &str) -> bool {
        let oid = ObjectIdentifier::new(oid);
        oid.is_ok_and(|oid| self.extensions.contains(&oid))
    }

    /// Whether the key (SubjectPublicKeyInfo in DER) signed this certificate. Names, validity and the right to sign are
    /// not looked at. Signatures with SHA-1 never count.
    pub(crate) fn is_signed_by(&self, issuer_spki: &[u8]) -> bool {
        // A key is of one curve, so that of several algorithms at most one takes it.
        verifications(&self.signature_algorithm)
            .iter()
            .any(|algorithm| {
                let key = UnparsedPublicKey::new(*algorithm, issuer_spki);
                key.verify(&self.signed, &self.signature).is_ok()
            })
    }
}

/// The algorithms by which an object identifier may be meant, one for each curve.
fn verifications(oid: &ObjectIdentifier) -> &'static [&'static dyn VerificationAlgorithm] {
    match *oid {
        RSA_SHA256 => &[&RSA_PKCS1_2048_8192_SHA256],
        RSA_SHA384 => &[&RSA_PKCS1_2048_8192_SHA384],
        RSA_SHA512 => &[&RSA_PKCS1_2048_8192_SHA512],
        ECDSA_SHA256 => &[&ECDSA_P256_SHA256_ASN1, &ECDSA_P384_SHA256_ASN1],
        ECDSA_SHA384 => &[&ECDSA_P384_SHA384_ASN1, &ECDSA_P256_SHA384_ASN1],
        ECDSA_SHA512 => &[&ECDSA_P521_SHA512_ASN1],
        EDDSA => &[&ED25519],
        _ => &[],
    }
}

/// The first element of a sequence, with its head.
fn first_of_sequence(der: &[u8]) -> Result<&[u8], x509_cert::der::Error> {
    let sequence = AnyRef::from_der(der)?;
    SliceReader::new(sequence.value())?.tlv_bytes()
}

fn dns_names(names: &SubjectAltName) -> Vec<String> {
    let name = |name: &GeneralName| match name {
        GeneralName::DnsName(name) => Some(name.as_str().to_owned()),
        _ => None,
    };
    names.0.iter().filter_map(name).collect()
}

/// X.509 knows whole seconds from 1970 to the end of 9999, all of which are moments.
fn moment(time: Time) -> OffsetDateTime {
    let since: Duration = time.to_unix_duration();
    OffsetDateTime::UNIX_EPOCH + since
}

const RSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const RSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const RSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");
const EDDSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

#[cfg(test)]
pub(in crate::scheme) mod tests;

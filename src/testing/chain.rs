//! A throw-away chain of three certificates, for senders that present theirs in a token.

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, KeyPair,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::scheme::Chain;

/// The leaf's key, and the certificates above it.
pub(super) struct Certified {
    leaf: EcdsaKeyPair,
    /// Leaf, intermediate and root, in base64.
    pub(super) certificates: [String; 3],
}

impl Certified {
    /// A new chain with the marks of this one.
    pub(super) fn generate(chain: &Chain) -> Self {
        let root = pair(&ECDSA_P256_SHA256_ASN1_SIGNING);
        let intermediate = pair(&ECDSA_P256_SHA256_ASN1_SIGNING);
        let leaf = pair(&ECDSA_P256_SHA256_FIXED_SIGNING);
        let (top, middle, bottom) = ("Test Root", "Test Intermediate", "Test Leaf");
        let mark = |oid: &str| extension(oid, &[0x05, 0x00]);
        let certificates = [
            certificate(bottom, &leaf, middle, &intermediate, &mark(&chain.leaf)),
            certificate(
                middle,
                &intermediate,
                top,
                &root,
                &[authority(), mark(&chain.intermediate)].concat(),
            ),
            certificate(top, &root, top, &root, &authority()),
        ];
        Self {
            leaf,
            certificates: certificates.map(|der| STANDARD.encode(der)),
        }
    }

    /// The root, as the receiver's keyring has it.
    pub(super) fn root(&self) -> &str {
        let [.., root] = &self.certificates;
        root
    }

    pub(super) fn sign(&self, content: &[u8]) -> Vec<u8> {
        signature(&self.leaf, content)
    }
}

fn pair(algorithm: &'static EcdsaSigningAlgorithm) -> EcdsaKeyPair {
    EcdsaKeyPair::generate(algorithm).expect("the system has random bytes")
}

fn signature(pair: &EcdsaKeyPair, content: &[u8]) -> Vec<u8> {
    let signature = pair.sign(&SystemRandom::new(), content);
    let signature = signature.expect("the system has random bytes");
    signature.as_ref().to_vec()
}

/// A certificate (RFC 5280, section 4.1) that counts from 2020 to 2049.
fn certificate(
    subject: &str,
    key: &EcdsaKeyPair,
    issuer: &str,
    by: &EcdsaKeyPair,
    extensions: &[u8],
) -> Vec<u8> {
    let spki = key.public_key().as_der().expect("a public key has a form");
    let algorithm = sequence(&[&oid(ECDSA_WITH_SHA256)]);
    let times = [
        tlv(UTC_TIME, b"200101000000Z"),
        tlv(UTC_TIME, b"491231235959Z"),
    ];
    let signed = sequence(&[
        &tlv(VERSION, &tlv(INTEGER, &[2])),
        &tlv(INTEGER, &[1]),
        &algorithm,
        &name(issuer),
        &sequence(&[&times.concat()]),
        &name(subject),
        spki.as_ref(),
        &tlv(EXTENSIONS, &sequence(&[extensions])),
    ]);
    let bits = [&[0], &*signature(by, &signed)].concat();
    sequence(&[&signed, &algorithm, &tlv(BIT_STRING, &bits)])
}

fn name(common: &str) -> Vec<u8> {
    let attribute = sequence(&[&oid(COMMON_NAME), &tlv(UTF8_STRING, common.as_bytes())]);
    sequence(&[&tlv(SET, &attribute)])
}

/// What says that a certificate may sign others.
fn authority() -> Vec<u8> {
    extension(BASIC_CONSTRAINTS, &sequence(&[&tlv(BOOLEAN, &[0xff])]))
}

fn extension(id: &str, value: &[u8]) -> Vec<u8> {
    sequence(&[&oid(id), &tlv(OCTET_STRING, value)])
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(SEQUENCE, &parts.concat())
}

/// A dotted object identifier.
fn oid(dotted: &str) -> Vec<u8> {
    let mut arcs = dotted
        .split('.')
        .map(|arc| arc.parse::<u32>().expect("a number"));
    let first = arcs.next().expect("an arc") * 40 + arcs.next().expect("two arcs");
    let bytes = std::iter::once(first).chain(arcs).flat_map(|arc| {
        let septets = (0..5).rev().map(move |place| arc >> (7 * place));
        let mut septets: Vec<u32> = septets.skip_while(|rest| *rest == 0).collect();
        if septets.is_empty() {
            septets.push(0);
        }
        let last = septets.len() - 1;
        septets.into_iter().enumerate().map(move |(index, rest)| {
            let more = if index < last { 0x80 } else { 0 };
            u8::try_from(rest & 0x7f).expect("seven bits") | more
        })
    });
    tlv(OBJECT_IDENTIFIER, &bytes.collect::<Vec<u8>>())
}

/// A tag, a length and a value in DER.
fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let len = u16::try_from(value.len()).expect("a small certificate");
    let [high, low] = len.to_be_bytes();
    let head = match len {
        0..=0x7f => vec![tag, low],
        0x80..=0xff => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [head, value.to_vec()].concat()
}

const ECDSA_WITH_SHA256: &str = "1.2.840.10045.4.3.2";
const COMMON_NAME: &str = "2.5.4.3";
const BASIC_CONSTRAINTS: &str = "2.5.29.19";

const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;

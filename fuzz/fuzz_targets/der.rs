//! No bytes a stranger can choose are a signature of a public key: DER of ECDSA, and the numbers of RSA, ECDSA and Ed25519.
#![no_main]

use std::{borrow::Cow, sync::LazyLock};

use bytes::Bytes;
use hooklatch::{
    Algorithm, Encoding, KeyFormat, Keyring, Method, Scheme, SchemeVerifier, Unverified, Verifier,
};
use libfuzzer_sys::fuzz_target;

const P256: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lfw0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==";
const ED25519: &str = "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=";
const RSA: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHqgDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5WUtzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI2wIDAQAB";

/// A verifier for each kind of public key: those of RFC 9421, appendix B.1.
static VERIFIERS: LazyLock<Vec<SchemeVerifier>> = LazyLock::new(|| {
    let kinds = [
        (Algorithm::EcdsaP256, P256),
        (Algorithm::EcdsaP256Sha1, P256),
        (Algorithm::EcdsaP256Raw, P256),
        (Algorithm::Ed25519, ED25519),
        (Algorithm::RsaSha1, RSA),
        (Algorithm::RsaSha256, RSA),
        (Algorithm::RsaSha512, RSA),
        (Algorithm::RsaPssSha256, RSA),
        (Algorithm::RsaPssSha512, RSA),
    ];
    let made = |(algorithm, key): (Algorithm, &str)| {
        let method = Method {
            algorithm,
            encoding: Encoding::Hex,
            key: KeyFormat {
                encoding: Encoding::Base64,
                ..KeyFormat::TEXT
            },
            ..Method::HMAC_SHA256
        };
        let scheme = Scheme {
            methods: Cow::Owned(vec![method]),
            ..Scheme::HMAC_SHA256
        };
        SchemeVerifier::new(scheme, Keyring::new(key)).expect("a public key")
    };
    kinds.into_iter().map(made).collect()
});

fuzz_target!(|input: (&[u8], &[u8])| {
    let (signature, body) = input;
    let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    let request = http::Request::post("/").header("x-signature", hex).body(());
    let (head, ()) = request.expect("a request").into_parts();
    let body = Bytes::copy_from_slice(body);
    let now = time::OffsetDateTime::UNIX_EPOCH;
    for verifier in &*VERIFIERS {
        let _ = verifier.check_head(&head);
        let judged = verifier.verify(&Unverified::new(&head, &body, now));
        assert!(judged.is_err(), "bytes of a stranger's are a signature");
    }
});

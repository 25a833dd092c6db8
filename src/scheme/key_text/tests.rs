use crate::{
    error::ConfigErrorKind,
    scheme::{
        Algorithm, Encoding, KeyFormat, Keys, Method, Scheme, certificate::Certificate,
        certificate::tests::LEAF, encoding::encode,
    },
    secret::Keyring,
};

const N_2048: &str = "pxjeFO9-qNd2DTNu91SNgR_FEdmKNCH8Fkbcd4_CNs6T8rBY2avYK-kD8uHLShFOU-dNZIjEurPSOlkX7NxLDGlfToojEXq8SevpbbfmXUr4tS6A-Rv-JNfAjl47zgikaO3aAM8B-27i1EbGCWXqCcCfDmEC7HfhwKO-5qYgquUt9QQhT6_OXKZnR-qDDmMChhCCSteSRNomOl068QqOGAstLbUnlY-WjIL9Sa1tTmSIcMcyDw5sPXRl7A-5E260Q8UJcJKkJC8LKCDpH88LN-fqLF_-ppF_9Otc-xemEyAACmQ0uBxmBpzcQdVffTQWQHRheDIx8T2tuNKAN8V-cw";
const ED25519: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

fn scheme(algorithm: Algorithm) -> Scheme {
    let key = KeyFormat {
        encoding: Encoding::Base64,
        ..KeyFormat::TEXT
    };
    let method = Method {
        algorithm,
        key,
        ..Method::HMAC_SHA256
    };
    Scheme {
        methods: vec![method].into(),
        ..Scheme::HMAC_SHA256
    }
}

fn takes(algorithm: Algorithm, text: &str) -> bool {
    Keys::new(&scheme(algorithm), Keyring::new(text)).is_ok()
}

fn rsa(n: &str, more: &str) -> String {
    format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB"{more}}}"#)
}

#[test]
fn a_key_may_be_written_as_any_sender_writes_it() {
    let spki = Certificate::from_pem(LEAF.as_bytes()).unwrap();
    let spki = encode(Encoding::Base64, spki.spki()).unwrap();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{spki}\n-----END PUBLIC KEY-----\n");
    let of_pem = encode(Encoding::Base64, pem.as_bytes()).unwrap();
    for text in [
        &*spki,
        &pem,
        &pem.replace('\n', ""),
        &of_pem,
        LEAF,
        &LEAF.replace('\n', ""),
    ] {
        assert!(takes(Algorithm::EcdsaP256, text), "{text}");
        assert!(!takes(Algorithm::EcdsaP384Raw, text), "{text}");
        assert!(!takes(Algorithm::Ed25519, text), "{text}");
        assert!(!takes(Algorithm::RsaSha256, text), "{text}");
    }
    for text in [
        ED25519,
        &ED25519.to_ascii_uppercase(),
        "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    ] {
        assert!(takes(Algorithm::Ed25519, text), "{text}");
        assert!(!takes(Algorithm::EcdsaP256, text), "{text}");
    }
    for label in [
        "PRIVATE KEY",
        "EC PRIVATE KEY",
        "RSA PUBLIC KEY",
        "PGP PUBLIC KEY BLOCK",
    ] {
        assert!(
            !takes(Algorithm::EcdsaP256, &pem.replace("PUBLIC KEY", label)),
            "{label}"
        );
    }
}

#[test]
fn a_jwk_is_a_key_of_its_own_algorithm_alone() {
    assert!(takes(Algorithm::RsaSha256, &rsa(N_2048, "")));
    assert!(takes(Algorithm::RsaPssSha512, &rsa(N_2048, "")));
    assert!(takes(
        Algorithm::RsaSha256,
        &rsa(N_2048, r#","alg":"RS256","use":"sig","key_ops":["verify"]"#)
    ));
    for more in [
        r#","alg":"RS512""#,
        r#","alg":"HS256""#,
        r#","use":"enc""#,
        r#","key_ops":["sign"]"#,
        r#","crv":"P-256""#,
        r#","d":"AQAB""#,
        r#","e":"AQAB""#,
    ] {
        assert!(!takes(Algorithm::RsaSha256, &rsa(N_2048, more)), "{more}");
    }
    let okp = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    assert!(takes(Algorithm::Ed25519, okp));
    assert!(!takes(
        Algorithm::Ed25519,
        &okp.replace("Ed25519", "X25519")
    ));
    assert!(!takes(
        Algorithm::Ed25519,
        r#"{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#
    ));
    // The published pair of RFC 7517, appendix A.1.
    let ec = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#;
    assert!(takes(Algorithm::EcdsaP256, ec) && takes(Algorithm::EcdsaP256Raw, ec));
    assert!(!takes(Algorithm::EcdsaP384Raw, ec) && !takes(Algorithm::RsaSha256, ec));
    // Not on the curve, and shorter than its field.
    assert!(!takes(Algorithm::EcdsaP256, &ec.replace("4Etl", "5Etl")));
    assert!(!takes(Algorithm::EcdsaP256, &ec.replace("MKBC", "")));
}

#[test]
fn weak_keys_are_refused() {
    let modulus = |len: usize| {
        let mut bytes = vec![0xff; len];
        bytes[0] = 0x80;
        encode(Encoding::Base64Url, &bytes).unwrap()
    };
    assert!(takes(Algorithm::RsaSha256, &rsa(&modulus(512), "")));
    for len in [128, 255, 513, 1024] {
        assert!(
            !takes(Algorithm::RsaSha256, &rsa(&modulus(len), "")),
            "{len}"
        );
    }
    for e in ["Aw", "AQ", "EQ", "AAE", "AQAA", "AP__", ""] {
        let text = rsa(N_2048, "").replace("AQAB", e);
        assert!(!takes(Algorithm::RsaSha256, &text), "{e}");
    }
    assert!(!takes(Algorithm::Ed25519, &"00".repeat(32)));
    let point = format!("04{}", "00".repeat(64));
    assert!(!takes(Algorithm::EcdsaP256, &point) && !takes(Algorithm::EcdsaP256, "00"));
}

#[test]
fn a_public_key_is_no_secret() {
    let hmac = |text: &str| Keys::new(&Scheme::HMAC_SHA256, Keyring::new(text));
    let der = Certificate::from_pem(LEAF.as_bytes()).unwrap();
    let der = encode(Encoding::Base64, der.der()).unwrap();
    for text in [&*rsa(N_2048, ""), LEAF, &LEAF.replace('\n', ""), &der] {
        assert_eq!(
            hmac(text).unwrap_err().kind(),
            ConfigErrorKind::Key,
            "{text}"
        );
    }
}

#[test]
fn of_a_set_the_keys_of_the_senders_kind_are_taken() {
    let of_set = |kid: &str, more: &str| rsa(N_2048, &format!(r#","kid":"{kid}"{more}"#));
    let okp = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"c"}"#;
    let set = format!(
        r#"{{"keys":[{},{okp},{},{{"kty":"new","kid":"d"}},{}]}}"#,
        of_set("a", ""),
        of_set("b", r#","use":"enc""#),
        of_set("e", r#","alg":"RS512""#),
    );
    let keyring = || Keyring::from_jwks(&set).unwrap();
    let names: Vec<String> = keyring()
        .keys()
        .iter()
        .map(|key| key.name().to_owned())
        .collect();
    assert_eq!(names, ["a", "c", "e"]);
    let keys = |algorithm| Keys::new(&scheme(algorithm), keyring());
    let taken = |algorithm| keys(algorithm).unwrap().current().keys.len();
    assert_eq!(taken(Algorithm::RsaSha256), 1);
    assert_eq!(taken(Algorithm::RsaSha512), 2);
    assert_eq!(taken(Algorithm::Ed25519), 1);
    assert!(keys(Algorithm::EcdsaP256).is_err());
    assert!(Keys::new(&Scheme::HMAC_SHA256, keyring()).is_err());
    for bad in [
        "",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#,
    ] {
        assert!(Keyring::from_jwks(bad).is_err(), "{bad}");
    }
    let private = format!(r#"{{"keys":[{}]}}"#, of_set("a", r#","d":"AQAB""#));
    assert!(Keyring::from_jwks(&private).is_err());
}

#[test]
fn a_certificates_key_counts_while_the_certificate_does() {
    let keys = Keys::new(&scheme(Algorithm::EcdsaP256), Keyring::new(LEAF)).unwrap();
    let ring = keys.current();
    let certificate = Certificate::from_pem(LEAF.as_bytes()).unwrap();
    let (first, last) = (certificate.not_before(), certificate.not_after());
    let second = time::Duration::SECOND;
    assert!(ring.keys[0].counts_at(first) && ring.keys[0].counts_at(last));
    assert!(!ring.keys[0].counts_at(first - second) && !ring.keys[0].counts_at(last + second));
}

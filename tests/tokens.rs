//! Tokens as an attacker would write them: every one of these is refused before anything is believed.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use hooklatch::{
    Algorithm, BodyDigest, ConfigErrorKind, Coverage, Encoding, Jws, Keyring, Method, Must, Param,
    Part, Proof, Requirement, Scheme, SchemeVerifier, Source, TokenPayload, Unverified, Verified,
    Verifier, provider,
};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const NOW: i64 = 1_800_000_000;
const HEADER: &str = r#"{"alg":"HS256"}"#;

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn mac(secret: &[u8], input: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(input.as_bytes());
    encoded(mac.finalize().into_bytes())
}

/// A token of this header and these claims, signed with the secret whatever the header says.
fn token(header: &str, claims: &str) -> String {
    let input = format!("{}.{}", encoded(header), encoded(claims));
    let signature = mac(SECRET.as_bytes(), &input);
    format!("{input}.{signature}")
}

fn bearer() -> Scheme {
    Scheme::JWT_HS256
}

fn verifier(scheme: &Scheme) -> SchemeVerifier {
    SchemeVerifier::new(scheme.clone(), Keyring::new(SECRET)).unwrap()
}

fn judge(verifier: &SchemeVerifier, authorization: &str, body: &'static str) -> Option<Verified> {
    let request = http::Request::post("https://example.com/hook?a=b")
        .header("authorization", authorization)
        .body(())
        .unwrap();
    let (head, ()) = request.into_parts();
    let now = OffsetDateTime::from_unix_timestamp(NOW).unwrap();
    let body = Bytes::from_static(body.as_bytes());
    let verified = verifier.verify(&Unverified::new(&head, &body, now)).ok();
    if verified.is_some() {
        assert!(verifier.check_head(&head).is_ok());
    }
    verified
}

fn accepts(scheme: &Scheme, token: &str, body: &'static str) -> bool {
    judge(&verifier(scheme), &format!("Bearer {token}"), body).is_some()
}

fn requiring(of: Source, must: Must) -> Scheme {
    Scheme {
        proof: Proof::Jws(Jws {
            require: Cow::Owned(vec![Requirement { of, must }]),
            ..Jws::CLAIMS
        }),
        ..bearer()
    }
}

#[test]
fn a_good_token_is_one_and_says_nothing_of_the_body() {
    let verified = judge(
        &verifier(&bearer()),
        &format!("Bearer {}", token(HEADER, "{}")),
        "x",
    );
    let verified = verified.unwrap();
    assert_eq!(verified.coverage(), Coverage::Nothing);
    assert_eq!(verified.key(), "current");
    assert!(verified.timestamp().is_none());
}

#[test]
fn the_algorithm_is_the_keys_own() {
    for alg in [
        "none", "None", "NONE", "", "hs256", "HS256 ", "HS384", "HS512", "RS256", "ES256", "EdDSA",
    ] {
        let header = format!(r#"{{"alg":"{alg}"}}"#);
        assert!(!accepts(&bearer(), &token(&header, "{}"), ""), "{alg}");
        let unsigned = format!("{}.{}.", encoded(&header), encoded("{}"));
        assert!(!accepts(&bearer(), &unsigned, ""), "{alg}");
    }
    for header in [
        r#"{"typ":"JWT"}"#,
        r#"{"alg":null}"#,
        r#"{"alg":["HS256"]}"#,
        r#"{"alg":{"HS256":1}}"#,
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"HS256","\u0061lg":"none"}"#,
        r#"["HS256"]"#,
        r#""HS256""#,
        "",
        "{",
    ] {
        assert!(!accepts(&bearer(), &token(header, "{}"), ""), "{header}");
    }
}

#[test]
fn a_token_has_one_spelling() {
    let good = token(HEADER, "{}");
    assert!(accepts(&bearer(), &good, ""));
    let parts: Vec<&str> = good.split('.').collect();
    let (header, claims, signature) = (parts[0], parts[1], parts[2]);
    let last = &signature[..signature.len() - 1];
    for bad in [
        format!("{header}.{claims}"),
        format!("{header}.{claims}."),
        format!(".{claims}.{signature}"),
        format!("{header}..{signature}"),
        format!("{good}."),
        format!("{good}.{signature}"),
        format!("{header}.{claims}.{signature}="),
        format!("{header}=.{claims}.{signature}"),
        format!("{header}.{claims}=.{signature}"),
        format!("{header} .{claims}.{signature}"),
        format!("{header}.{claims}.{signature} "),
        format!(" {good}"),
        format!("{header}.{claims}.{last}"),
        format!("{header}.{claims}.{last}!"),
        format!("{header}.{claims}.{signature}AA"),
        format!("{header}.{claims}.{}", "A".repeat(43)),
        format!("{header}.{claims}.{}", hex(SECRET.as_bytes())),
        ".".to_owned(),
        "..".to_owned(),
        String::new(),
        "A".repeat(70_000),
        format!("{}.{claims}.{signature}", "A".repeat(20_000)),
    ] {
        assert!(
            !accepts(&bearer(), &bad, ""),
            "{}",
            &bad[..bad.len().min(120)]
        );
    }
    // The signature's last letter carries two bits that count for nothing.
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let others = letters.chars().filter(|one| !signature.ends_with(*one));
    for other in others {
        assert!(!accepts(
            &bearer(),
            &format!("{header}.{claims}.{last}{other}"),
            ""
        ));
    }
    let verifier = verifier(&bearer());
    for bad in [
        good.clone(),
        format!("bearer {good}"),
        format!("Basic {good}"),
    ] {
        assert!(judge(&verifier, &bad, "").is_none());
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn claims_are_read_strictly() {
    for claims in [
        r#"{"iss":"a","iss":"a"}"#,
        r#"{"a":{"b":1,"b":1}}"#,
        r#"{"a":1e999}"#,
        r#"{"exp":"1900000000"} x"#,
        r#"{"exp":null}"#,
        r#"{"exp":1900000000.5}"#,
        r#"{"exp":-1}"#,
        r#"{"exp":0}"#,
        r#"{"exp":1e30}"#,
        r#"{"exp":9223372036854775807}"#,
        r#"{"exp":18446744073709551615}"#,
        r#"{"exp":99999999999999999999999999}"#,
        r#"{"nbf":9223372036854775807}"#,
        r#"{"exp":{}}"#,
        "[]",
        "null",
        "",
        "\u{0}",
    ] {
        assert!(!accepts(&bearer(), &token(HEADER, claims), ""), "{claims}");
    }
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    assert!(!accepts(&bearer(), &token(HEADER, &deep), ""));
}

#[test]
fn what_must_be_understood_is_or_the_token_is_refused() {
    for header in [
        r#"{"alg":"HS256","crit":["exp"],"exp":1}"#,
        r#"{"alg":"HS256","crit":["alg"]}"#,
        r#"{"alg":"HS256","crit":[]}"#,
        r#"{"alg":"HS256","crit":"b64"}"#,
        r#"{"alg":"HS256","crit":null}"#,
        r#"{"alg":"HS256","crit":[1]}"#,
        r#"{"alg":"HS256","crit":["b64"]}"#,
        r#"{"alg":"HS256","crit":["b64","b64"],"b64":true}"#,
        r#"{"alg":"HS256","crit":["b64"],"b64":false}"#,
        r#"{"alg":"HS256","b64":false}"#,
        r#"{"alg":"HS256","b64":"true"}"#,
        r#"{"alg":"HS256","b64":null}"#,
    ] {
        assert!(!accepts(&bearer(), &token(header, "{}"), ""), "{header}");
    }
}

#[test]
fn keys_that_a_token_brings_are_none() {
    let other = b"ffffffffffffffffffffffffffffffff";
    let key = encoded(other);
    for header in [
        format!(r#"{{"alg":"HS256","jwk":{{"kty":"oct","k":"{key}"}}}}"#),
        r#"{"alg":"HS256","jku":"https://evil.example/jwks"}"#.to_owned(),
        r#"{"alg":"HS256","x5u":"https://evil.example/cert"}"#.to_owned(),
        r#"{"alg":"HS256","x5c":["MIIB"]}"#.to_owned(),
        r#"{"alg":"HS256","kid":"../../dev/null"}"#.to_owned(),
    ] {
        let input = format!("{}.{}", encoded(&header), encoded("{}"));
        let forged = format!("{input}.{}", mac(other, &input));
        assert!(!accepts(&bearer(), &forged, ""), "{header}");
        // They are no fault either.
        assert!(accepts(&bearer(), &token(&header, "{}"), ""), "{header}");
    }
}

#[test]
fn a_token_names_its_key_where_keys_have_names() {
    let scheme = Scheme {
        key_id: Some(Source::protected("/kid")),
        ..bearer()
    };
    let other = "ffffffffffffffffffffffffffffffff";
    let one = Keyring::empty().and("a", SECRET);
    let two = one.clone().and("b", other);
    let judged = |keyring: &Keyring, header: &str| {
        let verifier = SchemeVerifier::new(scheme.clone(), keyring.clone()).unwrap();
        judge(&verifier, &format!("Bearer {}", token(header, "{}")), "").is_some()
    };
    let named = |name: &str| format!(r#"{{"alg":"HS256","kid":"{name}"}}"#);
    assert!(judged(&two, &named("a")));
    assert!(!judged(&two, &named("b")));
    assert!(!judged(&two, &named("c")));
    assert!(!judged(&two, &named("")));
    assert!(!judged(&two, HEADER));
    assert!(judged(&one, HEADER));
    assert!(!judged(&one, r#"{"alg":"HS256","kid":"b"}"#));
}

#[test]
fn the_digest_of_the_body_is_that_of_this_body() {
    let scheme = |may_lack| Scheme {
        proof: Proof::Jws(Jws {
            empty_without_digest: may_lack,
            ..Jws::CLAIMS
        }),
        body_digest: Some(BodyDigest {
            source: Source::claim("/sha256"),
            ..BodyDigest::SHA256
        }),
        ..bearer()
    };
    assert_eq!(scheme(false).coverage(), Coverage::Whole);
    let claims = |body: &str| format!(r#"{{"sha256":"{}"}}"#, hex(&Sha256::digest(body)));
    let good = token(HEADER, &claims("{}"));
    assert!(accepts(&scheme(false), &good, "{}"));
    assert!(!accepts(&scheme(false), &good, "{} "));
    assert!(!accepts(&scheme(true), &good, ""));
    let upper = token(
        HEADER,
        &claims("{}").to_uppercase().replace("SHA256", "sha256"),
    );
    assert!(!accepts(&scheme(false), &upper, "{}"));
    for lacking in [
        "{}",
        r#"{"sha256":null}"#,
        r#"{"sha256":""}"#,
        r#"{"sha256":["x"]}"#,
    ] {
        let lacking = token(HEADER, lacking);
        assert!(!accepts(&scheme(false), &lacking, ""));
        assert!(!accepts(&scheme(true), &lacking, "{}"));
    }
    assert!(accepts(&scheme(true), &token(HEADER, "{}"), ""));
}

#[test]
fn claims_are_what_they_have_to_be() {
    let equal = requiring(Source::claim("/iss"), Must::Equal("acme".into()));
    assert!(accepts(&equal, &token(HEADER, r#"{"iss":"acme"}"#), ""));
    for claims in [
        r#"{"iss":"acme "}"#,
        r#"{"iss":["acme"]}"#,
        r#"{"iss":null}"#,
        "{}",
    ] {
        assert!(!accepts(&equal, &token(HEADER, claims), ""), "{claims}");
    }
    let url = requiring(Source::claim("/url"), Must::UrlSha256(Encoding::Hex));
    let digest = |url: &str| format!(r#"{{"url":"{}"}}"#, hex(&Sha256::digest(url)));
    assert!(accepts(
        &url,
        &token(HEADER, &digest("https://example.com/hook?a=b")),
        ""
    ));
    assert!(!accepts(
        &url,
        &token(HEADER, &digest("https://example.com/hook?a=c")),
        ""
    ));
    let text = requiring(Source::claim("/to"), Must::EqualText(Source::json("/to")));
    let to = token(HEADER, r#"{"to":"us"}"#);
    assert!(accepts(&text, &to, r#"{"to":"us"}"#));
    for body in [
        r#"{"to":"them"}"#,
        r#"{"to":"us","to":"them"}"#,
        "{}",
        "",
        "to=us",
    ] {
        assert!(!accepts(&text, &to, body), "{body}");
    }
    assert!(!accepts(&text, &token(HEADER, "{}"), "{}"));
}

#[test]
fn a_parameter_that_tokens_name_is_needed() {
    let audience = requiring(Source::claim("/aud"), Must::EqualParam(Param::Audience));
    let bare = SchemeVerifier::new(audience.clone(), Keyring::new(SECRET)).unwrap_err();
    assert_eq!(bare.kind(), ConfigErrorKind::Param);
    let empty = Keyring::new(SECRET).with(Param::Audience, " ");
    assert!(SchemeVerifier::new(audience.clone(), empty).is_err());
    let keyring = Keyring::new(SECRET).with(Param::Audience, "us");
    let verifier = SchemeVerifier::new(audience, keyring).unwrap();
    let judged = |claims: &str| {
        let token = token(HEADER, claims);
        judge(&verifier, &format!("Bearer {token}"), "").is_some()
    };
    assert!(judged(r#"{"aud":"us"}"#));
    assert!(judged(r#"{"aud":["them","us"]}"#));
    for claims in [
        r#"{"aud":"them"}"#,
        r#"{"aud":[]}"#,
        r#"{"aud":[["us"]]}"#,
        "{}",
    ] {
        assert!(!judged(claims), "{claims}");
    }
}

#[test]
fn a_detached_payload_is_the_content_and_no_other() {
    let scheme = |unencoded| Scheme {
        proof: Proof::Jws(Jws {
            payload: TokenPayload::Detached,
            unencoded,
            ..Jws::CLAIMS
        }),
        content: Cow::Borrowed(&[Part::Body]),
        ..bearer()
    };
    let detached = |header: &str, payload: &str| {
        let input = format!("{}.{payload}", encoded(header));
        format!("{}..{}", encoded(header), mac(SECRET.as_bytes(), &input))
    };
    let good = detached(HEADER, &encoded("{}"));
    assert!(accepts(&scheme(false), &good, "{}"));
    assert!(!accepts(&scheme(false), &good, "[]"));
    assert!(!accepts(&scheme(false), &detached(HEADER, "{}"), "{}"));
    // A payload of its own would be another content.
    assert!(!accepts(&scheme(false), &token(HEADER, "{}"), "{}"));
    let raw = r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#;
    assert!(accepts(&scheme(true), &detached(raw, "{}"), "{}"));
    assert!(!accepts(
        &scheme(true),
        &detached(raw, &encoded("{}")),
        "{}"
    ));
    assert!(!accepts(&scheme(false), &detached(raw, "{}"), "{}"));
    let quiet = r#"{"alg":"HS256","b64":false}"#;
    assert!(!accepts(&scheme(true), &detached(quiet, "{}"), "{}"));
}

#[test]
fn a_public_key_is_no_secret() {
    let spki = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{spki}\n-----END PUBLIC KEY-----");
    for key in [spki, &*pem] {
        assert!(SchemeVerifier::new(bearer(), Keyring::new(key)).is_err());
    }
    let es256 = Scheme {
        methods: Cow::Owned(vec![Method {
            tag: "Bearer ".into(),
            ..Method::ES256
        }]),
        ..bearer()
    };
    let verifier = SchemeVerifier::new(es256, Keyring::new(spki)).unwrap();
    for secret in [spki.as_bytes(), pem.as_bytes()] {
        for alg in ["HS256", "ES256"] {
            let input = format!(
                "{}.{}",
                encoded(format!(r#"{{"alg":"{alg}"}}"#)),
                encoded("{}")
            );
            let forged = format!("Bearer {input}.{}", mac(secret, &input));
            assert!(judge(&verifier, &forged, "").is_none());
        }
    }
}

#[test]
fn a_scheme_of_a_token_has_to_make_sense() {
    let method = |change: &dyn Fn(&mut Method)| {
        let mut method = Method {
            tag: "Bearer ".into(),
            ..Method::HS256
        };
        change(&mut method);
        Cow::Owned(vec![method])
    };
    let jws = |jws: Jws| Scheme {
        proof: Proof::Jws(jws),
        ..bearer()
    };
    for bad in [
        Scheme {
            methods: method(&|method| method.algorithm = Algorithm::HmacSha1),
            ..bearer()
        },
        Scheme {
            methods: method(&|method| method.algorithm = Algorithm::EcdsaP256),
            ..bearer()
        },
        Scheme {
            methods: method(&|method| method.encoding = Encoding::Hex),
            ..bearer()
        },
        Scheme {
            content: Cow::Borrowed(&[Part::Body]),
            ..bearer()
        },
        jws(Jws {
            payload: TokenPayload::Detached,
            ..Jws::CLAIMS
        }),
        jws(Jws {
            payload: TokenPayload::Event,
            ..Jws::CLAIMS
        }),
        jws(Jws {
            unencoded: true,
            ..Jws::CLAIMS
        }),
        requiring(Source::json("/iss"), Must::Present),
        requiring(Source::claim("iss"), Must::Present),
        requiring(Source::claim("/iss"), Must::OneOf(Cow::Borrowed(&[]))),
        Scheme {
            id: Some(Source::claim("/jti")),
            ..Scheme::HMAC_SHA256
        },
        Scheme {
            signature: Source::Body,
            ..Scheme::HMAC_SHA256
        },
    ] {
        assert!(bad.check().is_err(), "{bad:?}");
    }
}

#[test]
fn tokens_that_sign_nothing_of_the_body_say_so() {
    for (scheme, coverage) in [
        (&provider::GOOGLE_PUBSUB, Coverage::Nothing),
        (&provider::MICROSOFT_BOT_FRAMEWORK, Coverage::Nothing),
        (&provider::MONDAY, Coverage::Nothing),
        (&provider::PLAID, Coverage::Whole),
        (&provider::KINDE, Coverage::Whole),
        (&provider::APPLE_APP_STORE, Coverage::Partial),
        (&provider::TRUELAYER, Coverage::Whole),
        (&provider::OPEN_BANKING_UK, Coverage::Whole),
    ] {
        assert_eq!(scheme.coverage(), coverage, "{}", scheme.name);
    }
}

//! What holds of every scheme: what is signed verifies, and nothing else does.
#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

use std::borrow::Cow;

use bytes::Bytes;
use hooklatch::{
    Algorithm, ConfigErrorKind, Coverage, Encoding, Grammar, Keyring, Method, Names, Param, Part,
    Rejection, RejectionKind, Scheme, SchemeVerifier, Signable, Signed, Source, TimeFormat,
    Timestamp, Unverified, Verified, Verifier, provider,
};
use http::{HeaderMap, HeaderName, HeaderValue, request::Parts};
use proptest::{prelude::*, sample::Index};
use time::OffsetDateTime;

const SECRET: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";

fn moment() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap()
}

/// A head with these headers, in this order, repeats kept.
fn head(headers: &[(HeaderName, HeaderValue)]) -> Parts {
    let (mut head, ()) = http::Request::post("https://example.com/hook?a=b")
        .body(())
        .unwrap()
        .into_parts();
    for (name, value) in headers {
        head.headers.append(name, value.clone());
    }
    head
}

fn judge(verifier: &SchemeVerifier, head: &Parts, body: &[u8]) -> Result<Verified, Rejection> {
    let body = Bytes::copy_from_slice(body);
    let early = verifier.check_head(head);
    let verified = verifier.verify(&Unverified::new(head, &body, moment()));
    if let Err(rejection) = early {
        assert!(
            verified.is_err(),
            "the head was refused and the request was not"
        );
        assert_eq!(rejection.status(), 401);
        return Err(rejection);
    }
    verified
}

fn sign(scheme: &Scheme, secret: &str, body: &[u8]) -> Vec<(HeaderName, HeaderValue)> {
    let url = "https://example.com/hook?a=b".parse().unwrap();
    let message = Signable::new(body)
        .with_id(ID)
        .with_timestamp(moment())
        .with_url(&url);
    headers_of(&scheme.sign(&Keyring::new(secret), &message).unwrap())
}

fn headers_of(signed: &Signed) -> Vec<(HeaderName, HeaderValue)> {
    signed.headers().to_vec()
}

fn verifier(scheme: &Scheme) -> SchemeVerifier {
    SchemeVerifier::new(scheme.clone(), Keyring::new(SECRET)).unwrap()
}

fn hmac_presets() -> Vec<Scheme> {
    vec![
        provider::GITHUB,
        provider::SLACK,
        provider::STANDARD_WEBHOOKS,
        provider::STRIPE,
    ]
}

/// Every HMAC with every encoding in every grammar, id and timestamp signed.
fn synthetic() -> Vec<Scheme> {
    let mut schemes = Vec::new();
    for algorithm in [
        Algorithm::HmacSha1,
        Algorithm::HmacSha256,
        Algorithm::HmacSha384,
        Algorithm::HmacSha512,
    ] {
        for encoding in [Encoding::Hex, Encoding::Base64, Encoding::Base64Url] {
            for (grammar, tag) in [
                (Grammar::Single, ""),
                (Grammar::Single, "sig="),
                (
                    Grammar::Fields {
                        separator: ';',
                        assign: '=',
                    },
                    "h1",
                ),
                (
                    Grammar::List {
                        separator: ' ',
                        assign: ',',
                    },
                    "v1",
                ),
            ] {
                let fields = matches!(grammar, Grammar::Fields { .. });
                let source = |name: &'static str| {
                    if fields {
                        Source::field(name)
                    } else {
                        Source::header(name)
                    }
                };
                let method = Method {
                    tag: tag.into(),
                    algorithm,
                    encoding,
                    ..Method::HMAC_SHA256
                };
                schemes.push(Scheme {
                    grammar,
                    methods: vec![method].into(),
                    content: vec![
                        Part::Id,
                        Part::literal(":"),
                        Part::Timestamp,
                        Part::literal(":"),
                        Part::Path,
                        Part::Body,
                    ]
                    .into(),
                    id: Some(source("x-id")),
                    timestamp: Some(Timestamp::unix(source("x-time"))),
                    ..Scheme::HMAC_SHA256
                });
            }
        }
    }
    schemes
}

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_signed_verifies_and_no_flipped_bit_or_other_key_does(
        body in proptest::collection::vec(any::<u8>(), 1..300),
        bit: Index,
    ) {
        for scheme in hmac_presets().into_iter().chain(synthetic()) {
            let verifier = verifier(&scheme);
            let headers = sign(&scheme, SECRET, &body);
            let verified = judge(&verifier, &head(&headers), &body).unwrap();
            prop_assert_eq!(verified.coverage(), Coverage::Whole);
            prop_assert_eq!(verified.key(), "current");

            let tampered = flipped(&body, bit.index(body.len() * 8));
            prop_assert!(judge(&verifier, &head(&headers), &tampered).is_err());

            let (name, signature) = &headers[0];
            let tampered = flipped(signature.as_bytes(), bit.index(signature.len() * 8));
            if let Ok(value) = HeaderValue::from_bytes(&tampered) {
                let mut headers = headers.clone();
                headers[0] = (name.clone(), value);
                prop_assert!(judge(&verifier, &head(&headers), &body).is_err(), "{:?}", headers);
            }
            let foreign = sign(&scheme, OTHER, &body);
            let refused = judge(&verifier, &head(&foreign), &body).unwrap_err();
            prop_assert_eq!(refused.kind(), RejectionKind::SignatureMismatch);
        }
    }

    #[test]
    fn no_header_text_makes_it_panic(text in "\\PC{0,80}", time in "\\PC{0,20}", id in "\\PC{0,20}") {
        for scheme in hmac_presets() {
            let verifier = verifier(&scheme);
            for prefix in ["webhook-", "svix-", "x-", "x-slack-", "stripe-"] {
                let header = |name: &str, value: &str| {
                    let name = HeaderName::from_bytes(format!("{prefix}{name}").as_bytes()).unwrap();
                    HeaderValue::from_bytes(value.as_bytes()).ok().map(|value| (name, value))
                };
                let headers = [
                    header("signature", &text),
                    header("hub-signature-256", &text),
                    header("timestamp", &time),
                    header("request-timestamp", &time),
                    header("id", &id),
                ];
                let headers: Vec<_> = headers.into_iter().flatten().collect();
                let refused = judge(&verifier, &head(&headers), b"{}").is_err();
                prop_assert!(refused);
            }
        }
    }
}

/// The headers of a Standard Webhooks request, with one set to these values (none: taken away).
fn with_header(name: &'static str, values: &[&[u8]]) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = sign(&provider::STANDARD_WEBHOOKS, SECRET, b"{}");
    headers.retain(|(header, _)| header != name);
    let name = HeaderName::from_static(name);
    headers.extend(
        values
            .iter()
            .map(|value| (name.clone(), HeaderValue::from_bytes(value).unwrap())),
    );
    headers
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn bad_headers_are_refused_before_the_body() {
    let verifier = verifier(&provider::STANDARD_WEBHOOKS);
    let signature = sign(&provider::STANDARD_WEBHOOKS, SECRET, b"{}")[0]
        .1
        .to_str()
        .unwrap()
        .to_owned();
    let good = with_header("webhook-signature", &[signature.as_bytes()]);
    assert!(judge(&verifier, &head(&good), b"{}").is_ok());

    let long = "a".repeat(20_000);
    let many = vec![&*signature; 37_500 / signature.len()].join(" ");
    let twice: [&[u8]; 2] = [signature.as_bytes(), signature.as_bytes()];
    let base64 = signature.strip_prefix("v1,").unwrap();
    let unpadded = base64.trim_end_matches('=');
    let last = unpadded.chars().last().unwrap();
    let stray = format!(
        "v1,{}{}=",
        unpadded.strip_suffix(last).unwrap(),
        char::from(u8::try_from(last).unwrap() + 1)
    );
    let texts = [
        String::new(),
        " ".to_owned(),
        long.clone(),
        many,
        vec!["v1,"; 12_500].concat(),
        vec!["v9,x"; 17].join(" "),
        base64.to_owned(),
        format!("v1a,{base64}"),
        format!("V1,{base64}"),
        format!("v1={base64}"),
        format!("v1,{unpadded}"),
        format!("v1,{base64}="),
        format!("v1,{base64} "),
        format!(" {signature}"),
        stray,
        format!("v1,{}", base64.to_lowercase()),
        format!("v1,{}", base64.replace('=', "-")),
        format!("v1,{}", &base64[4..]),
        format!("v1,{base64}{base64}"),
        "v1,é".to_owned(),
        "v1,".to_owned(),
    ];
    for text in &texts {
        let headers = with_header("webhook-signature", &[text.as_bytes()]);
        let shown = text.get(..60).unwrap_or(text);
        assert!(
            judge(&verifier, &head(&headers), b"{}").is_err(),
            "signature {shown:?}"
        );
    }
    let bad: [(&'static str, Vec<&[u8]>); 13] = [
        ("webhook-signature", vec![]),
        ("webhook-signature", twice.to_vec()),
        ("webhook-signature", vec![b"v1,\xff\xfe"]),
        ("webhook-timestamp", vec![]),
        ("webhook-timestamp", vec![b"1700000000", b"1700000000"]),
        ("webhook-timestamp", vec![b"\xd9\xa1\xd9\xa7"]),
        ("webhook-id", vec![]),
        ("webhook-id", vec![b""]),
        ("webhook-id", vec![ID.as_bytes(), ID.as_bytes()]),
        ("webhook-id", vec![b"msg\xc3\xa9"]),
        ("webhook-id", vec![b"msg 1"]),
        ("webhook-id", vec![&long.as_bytes()[..257]]),
        ("webhook-id", vec![long.as_bytes()]),
    ];
    for (name, values) in bad {
        let head = head(&with_header(name, &values));
        assert!(verifier.check_head(&head).is_err(), "{name} {values:?}");
        assert!(judge(&verifier, &head, b"{}").is_err());
    }
}

#[test]
fn timestamps_are_plain_digits() {
    let ones = "1".repeat(20_000);
    let bad = [
        "+1700000000",
        "01700000000",
        "1700000000.0",
        "-1",
        "0",
        "",
        "1.7e9",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "-9223372036854775808",
        &ones,
        "NaN",
        "inf",
        "0x6553f100",
        "1,7",
    ];
    let standard = verifier(&provider::STANDARD_WEBHOOKS);
    let stripe = verifier(&provider::STRIPE);
    let signature = sign(&provider::STRIPE, SECRET, b"{}")[0]
        .1
        .to_str()
        .unwrap()
        .to_owned();
    for text in bad {
        let head_of = head(&with_header("webhook-timestamp", &[text.as_bytes()]));
        assert!(standard.check_head(&head_of).is_err(), "{text:.30}");
        let signature = signature.replace("1700000000", text);
        let head_of = head(&[(
            HeaderName::from_static("stripe-signature"),
            HeaderValue::from_str(&signature).unwrap(),
        )]);
        assert!(stripe.check_head(&head_of).is_err(), "{text:.30}");
    }
    for text in [
        format!("t=1700000000,{signature}"),
        format!("{signature},t=1700000000"),
        signature.replace("t=", "T="),
    ] {
        let head_of = head(&[(
            HeaderName::from_static("stripe-signature"),
            HeaderValue::from_str(&text).unwrap(),
        )]);
        assert!(stripe.check_head(&head_of).is_err(), "{text}");
    }
}

#[test]
fn a_body_counts_byte_for_byte() {
    let body = br#"{"a": 1}"#;
    for scheme in hmac_presets() {
        let verifier = verifier(&scheme);
        let headers = head(&sign(&scheme, SECRET, body));
        assert!(judge(&verifier, &headers, body).is_ok());
        for other in [
            &br#"{"a":1}"#[..],
            b"{\"a\": 1}\n",
            b"\xef\xbb\xbf{\"a\": 1}",
            b"",
            br#"{"a": 3}"#,
            b" {\"a\": 1}",
        ] {
            assert!(
                judge(&verifier, &headers, other).is_err(),
                "{}",
                scheme.name
            );
        }
    }
}

#[test]
fn an_id_cannot_be_shifted_across_its_delimiter() {
    let scheme = provider::STANDARD_WEBHOOKS;
    let message = Signable::new(b"{}")
        .with_id("msg.1")
        .with_timestamp(moment());
    assert!(scheme.sign(&Keyring::new(SECRET), &message).is_err());
    // What is signed as id "1", timestamp "2", body "1700000000.{}" reads the same as id "1.2" with body "{}".
    let time = OffsetDateTime::from_unix_timestamp(2).unwrap();
    let message = Signable::new(b"1700000000.{}")
        .with_id("1")
        .with_timestamp(time);
    let mut headers = headers_of(&scheme.sign(&Keyring::new(SECRET), &message).unwrap());
    assert!(judge(&verifier(&scheme), &head(&headers), b"1700000000.{}").is_ok());
    for (name, value) in &mut headers {
        match name.as_str() {
            "webhook-id" => *value = HeaderValue::from_static("1.2"),
            "webhook-timestamp" => *value = HeaderValue::from_static("1700000000"),
            _ => {}
        }
    }
    let rejection = judge(&verifier(&scheme), &head(&headers), b"{}").unwrap_err();
    assert_eq!(rejection.kind(), RejectionKind::SignatureMalformed);
}

#[test]
fn a_signature_counts_at_every_place_of_a_list() {
    let scheme = provider::STANDARD_WEBHOOKS;
    let good = sign(&scheme, SECRET, b"{}")[0]
        .1
        .to_str()
        .unwrap()
        .to_owned();
    let other = sign(&scheme, OTHER, b"{}")[0]
        .1
        .to_str()
        .unwrap()
        .to_owned();
    for list in [
        format!("{good} {other} v2,x"),
        format!("{other} {good} v2,x"),
        format!("v2,x {other} {good}"),
        format!("v1,potato {good}"),
        format!("v1a,{} {good}", "A".repeat(86)),
    ] {
        let headers = with_header("webhook-signature", &[list.as_bytes()]);
        assert!(
            judge(&verifier(&scheme), &head(&headers), b"{}").is_ok(),
            "{list}"
        );
    }
}

#[test]
fn the_first_prefix_that_is_there_counts_for_all_headers() {
    let scheme = provider::STANDARD_WEBHOOKS;
    let webhook = sign(&scheme, SECRET, b"{}");
    let svix: Vec<_> = webhook
        .iter()
        .map(|(name, value)| {
            (
                HeaderName::try_from(name.as_str().replace("webhook-", "svix-")).unwrap(),
                value.clone(),
            )
        })
        .collect();
    assert!(judge(&verifier(&scheme), &head(&svix), b"{}").is_ok());
    assert!(
        judge(
            &verifier(&scheme),
            &head(&[svix.clone(), webhook.clone()].concat()),
            b"{}"
        )
        .is_ok()
    );
    assert!(
        judge(
            &verifier(&scheme),
            &head(&[svix[0].clone(), webhook[1].clone(), webhook[2].clone()]),
            b"{}"
        )
        .is_err()
    );
}

#[test]
fn every_key_that_counts_is_tried_and_named() {
    let scheme = provider::STRIPE;
    let headers = head(&sign(&scheme, OTHER, b"{}"));
    let keyring = |last| Keyring::new(SECRET).and_until("2024", OTHER, last);
    let verifier = SchemeVerifier::new(scheme, keyring(moment())).unwrap();
    assert_eq!(judge(&verifier, &headers, b"{}").unwrap().key(), "2024");
    let keys = verifier.keys();
    keys.replace(keyring(moment() - time::Duration::SECOND))
        .unwrap();
    assert_eq!(
        judge(&verifier, &headers, b"{}").unwrap_err().kind(),
        RejectionKind::SignatureMismatch
    );
    keys.replace(Keyring::empty().and_until("2024", OTHER, moment() - time::Duration::SECOND))
        .unwrap();
    assert_eq!(
        judge(&verifier, &headers, b"{}").unwrap_err().kind(),
        RejectionKind::KeysUnavailable
    );
    keys.replace(Keyring::new(OTHER)).unwrap();
    assert_eq!(judge(&verifier, &headers, b"{}").unwrap().key(), "current");
    assert_eq!(
        keys.replace(Keyring::new("short")).unwrap_err().kind(),
        ConfigErrorKind::Key
    );
    assert!(judge(&verifier, &headers, b"{}").is_ok());
    assert!(!format!("{verifier:?} {keys:?}").contains(&OTHER[..6]));
}

#[test]
fn an_unsigned_id_may_be_missing_but_not_odd() {
    let scheme = provider::GITHUB;
    let verifier = verifier(&scheme);
    let signed = sign(&scheme, SECRET, b"{}");
    let signature = signed[0].clone();
    assert_eq!(
        judge(&verifier, &head(&signed), b"{}").unwrap().id(),
        Some(ID)
    );
    assert_eq!(
        judge(&verifier, &head(std::slice::from_ref(&signature)), b"{}")
            .unwrap()
            .id(),
        None
    );
    let id = |value: &[u8]| {
        (
            HeaderName::from_static("x-github-delivery"),
            HeaderValue::from_bytes(value).unwrap(),
        )
    };
    for ids in [
        vec![id(b"1"), id(b"1")],
        vec![id(b"")],
        vec![id(&[b'1'; 257])],
        vec![id(b"\xff")],
    ] {
        let headers: Vec<_> = ids.into_iter().chain([signature.clone()]).collect();
        assert_eq!(
            verifier.check_head(&head(&headers)).unwrap_err().kind(),
            RejectionKind::SignatureMalformed
        );
    }
}

#[test]
fn tokens_are_compared_and_cover_nothing() {
    let basic = Keyring::new("user:correct horse battery");
    for (scheme, keyring) in [
        (Scheme::BEARER, Keyring::new(SECRET)),
        (Scheme::BASIC, basic),
    ] {
        let verifier = SchemeVerifier::new(scheme.clone(), keyring.clone()).unwrap();
        let signed = headers_of(&scheme.sign(&keyring, &Signable::new(b"{}")).unwrap());
        let verified = judge(&verifier, &head(&signed), b"any").unwrap();
        assert_eq!(verified.coverage(), Coverage::Nothing);
        let text = signed[0].1.to_str().unwrap();
        let (word, token) = text.split_once(' ').unwrap();
        let judged = |text: String| {
            let value = HeaderValue::from_str(&text).unwrap();
            judge(
                &verifier,
                &head(&[(HeaderName::from_static("authorization"), value)]),
                b"{}",
            )
            .is_ok()
        };
        assert!(judged(format!("{} {token}", word.to_uppercase())));
        assert!(judged(format!("{} {token}", word.to_lowercase())));
        for bad in [
            format!("{word}  {token}"),
            token.to_owned(),
            format!("{word} {token}x"),
            format!("{word} "),
            format!("X{text}"),
        ] {
            assert!(!judged(bad.clone()), "{bad}");
        }
        assert!(!judged(format!("{word} {}", &token[1..])));
    }
}

#[test]
fn urls_headers_and_forms_can_be_signed() {
    let url = "https://example.com/hook?a=b".parse().unwrap();
    let mut extra = HeaderMap::new();
    extra.insert("x-event", HeaderValue::from_static("paid"));
    let message = Signable::new(b"b=2&a=1&a=1")
        .with_url(&url)
        .with_headers(&extra);
    let scheme = Scheme {
        content: vec![
            Part::Method,
            Part::Url,
            Part::Header("x-event".into()),
            Part::literal("|"),
            Part::SortedForm,
        ]
        .into(),
        ..Scheme::HMAC_SHA256
    };
    assert_eq!(scheme.coverage(), Coverage::Partial);
    let keyring = Keyring::new(SECRET);
    let mut headers = headers_of(&scheme.sign(&keyring, &message).unwrap());
    headers.push((
        HeaderName::from_static("x-event"),
        HeaderValue::from_static("paid"),
    ));
    let verifier = SchemeVerifier::new(scheme.clone(), keyring.clone()).unwrap();
    assert!(judge(&verifier, &head(&headers), b"a=1&b=2").is_ok());
    assert!(judge(&verifier, &head(&headers), b"a=1&b=3").is_err());
    assert!(judge(&verifier, &head(&headers[..1]), b"a=1&b=2").is_err());

    let keyring = keyring.with(Param::PublicUrl, "https://public.example/hook");
    let mut headers = headers_of(&scheme.sign(&keyring, &message).unwrap());
    headers.push((
        HeaderName::from_static("x-event"),
        HeaderValue::from_static("paid"),
    ));
    assert!(judge(&verifier, &head(&headers), b"a=1&b=2").is_err());
    let verifier = SchemeVerifier::new(scheme, keyring).unwrap();
    assert!(judge(&verifier, &head(&headers), b"a=1&b=2").is_ok());
}

#[test]
fn a_signature_may_be_a_query_parameter() {
    let scheme = Scheme {
        signature: Source::query("sig"),
        ..Scheme::HMAC_SHA256
    };
    let signed = sign(&Scheme::HMAC_SHA256, SECRET, b"{}");
    let signature = signed[0].1.to_str().unwrap();
    let judged = |uri: String| {
        let (head, ()) = http::Request::post(uri).body(()).unwrap().into_parts();
        judge(&verifier(&scheme), &head, b"{}").is_ok()
    };
    assert!(judged(format!("/hook?x=y&sig={signature}")));
    assert!(!judged(format!("/hook?sig={signature}&sig={signature}")));
    assert!(!judged("/hook".to_owned()));
    assert!(!judged("/hook?sig=".to_owned()));
    let uri = "/hook?x=y".parse().unwrap();
    let message = Signable::new(b"{}").with_url(&uri);
    let signed = scheme.sign(&Keyring::new(SECRET), &message).unwrap();
    assert!(signed.headers().is_empty() && signed.body().is_none());
    let url = signed.url().unwrap().to_string();
    assert_eq!(url, format!("/hook?x=y&sig={signature}"));
    assert!(judged(url));
}

#[test]
fn other_timestamps_are_read_as_described() {
    for (format, names) in [
        (TimeFormat::UnixMillis, Names::Attempt),
        (TimeFormat::Rfc3339, Names::Event),
    ] {
        let source = Source::header("x-time");
        let timestamp = Timestamp {
            format,
            names,
            ..Timestamp::unix(source)
        };
        let scheme = Scheme {
            timestamp: Some(timestamp),
            content: Cow::Owned(vec![Part::Timestamp, Part::literal(":"), Part::Body]),
            ..Scheme::HMAC_SHA256
        };
        let time = judge(
            &verifier(&scheme),
            &head(&sign(&scheme, SECRET, b"{}")),
            b"{}",
        )
        .unwrap()
        .timestamp()
        .unwrap();
        assert_eq!(time.at, moment());
        assert_eq!(time.future.as_secs(), 300);
        assert_eq!(
            time.past.as_secs(),
            if names == Names::Event {
                3 * 24 * 3600 + 300
            } else {
                300
            }
        );
    }
}

#[test]
fn a_private_keys_signature_cannot_be_made_from_the_public_one() {
    let key = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
    let message = Signable::new(b"{}").with_id(ID).with_timestamp(moment());
    assert!(
        provider::STANDARD_WEBHOOKS
            .sign(&Keyring::new(key), &message)
            .is_err()
    );
    if cfg!(not(feature = "asymmetric")) {
        let error =
            SchemeVerifier::new(provider::STANDARD_WEBHOOKS, Keyring::new(key)).unwrap_err();
        assert_eq!(error.kind(), ConfigErrorKind::Feature);
        assert!(error.to_string().contains("asymmetric"));
    }
}

/// A request names its key in a header, in the entry of a list, or within base64 of JSON.
#[test]
fn a_request_counts_for_the_key_it_names_alone() {
    let tagged = |tag: &'static str| {
        Cow::Owned(vec![Method {
            tag: tag.into(),
            ..Method::HMAC_SHA256
        }])
    };
    let schemes = [
        Scheme {
            key_id: Some(Source::header("x-key")),
            ..Scheme::HMAC_SHA256
        },
        Scheme {
            grammar: Grammar::KeyedList {
                separator: ',',
                assign: '/',
            },
            methods: tagged("SHA256/"),
            ..Scheme::HMAC_SHA256
        },
        Scheme {
            grammar: Grammar::Base64Json,
            methods: tagged("signature"),
            key_id: Some(Source::field("kid")),
            ..Scheme::HMAC_SHA256
        },
    ];
    for scheme in schemes {
        let both = Keyring::empty().and("1", SECRET).and("2", OTHER);
        let verifier = SchemeVerifier::new(scheme.clone(), both).unwrap();
        let signed = |name: &'static str, secret: &str| {
            let keys = Keyring::empty().and(name, secret);
            headers_of(&scheme.sign(&keys, &Signable::new(b"{}")).unwrap())
        };
        let accepts = |headers: &[_]| judge(&verifier, &head(headers), b"{}").is_ok();
        assert!(accepts(&signed("1", SECRET)) && accepts(&signed("2", OTHER)));
        // The right signature under the name of another key, of none, and of no name.
        for (name, secret) in [("2", SECRET), ("1", OTHER), ("3", SECRET), ("", SECRET)] {
            assert!(
                !accepts(&signed(name, secret)),
                "{name}: {:?}",
                scheme.grammar
            );
        }
        let named = scheme.sign_with(
            &scheme.methods[0].tag,
            &|_| vec![0; 32],
            &Signable::new(b""),
        );
        assert!(named.is_err(), "whose key it is has to be said");
    }
}

#[test]
fn the_id_in_front_of_a_key_is_its_name_in_requests() {
    let keys = || Keyring::new("app.one:0123456789abcdef").and("old", "app.two:fedcba9876543210");
    let verifier = SchemeVerifier::new(provider::ABLY, keys()).unwrap();
    let signed = headers_of(&provider::ABLY.sign(&keys(), &Signable::new(b"{}")).unwrap());
    let accepted = judge(&verifier, &head(&signed), b"{}").unwrap();
    assert_eq!(accepted.key(), "current");
    for other in ["app.two", "current", "app.one:0123456789abcdef", ""] {
        let mut headers = signed.clone();
        let key = headers
            .iter_mut()
            .find(|(name, _)| name == "x-ably-key")
            .unwrap();
        key.1 = HeaderValue::from_static(other);
        assert!(judge(&verifier, &head(&headers), b"{}").is_err(), "{other}");
    }
}

#[test]
fn an_accent_is_the_same_key_however_it_was_typed() {
    let signed = sign(&provider::EASYPOST, "sécret of sixteen", b"{}");
    let keys = Keyring::new("se\u{301}cret of sixteen");
    let verifier = SchemeVerifier::new(provider::EASYPOST, keys).unwrap();
    assert!(judge(&verifier, &head(&signed), b"{}").is_ok());
    let keys = Keyring::new("secret of sixteen");
    let verifier = SchemeVerifier::new(provider::EASYPOST, keys).unwrap();
    assert!(judge(&verifier, &head(&signed), b"{}").is_err());
}

#[cfg(feature = "asymmetric")]
mod asymmetric {
    use aws_lc_rs::{
        encoding::{AsDer as _, PublicKeyX509Der},
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
    };
    use base64::{Engine as _, prelude::BASE64_STANDARD};

    use super::*;

    #[test]
    fn what_a_private_key_signs_verifies() {
        let ed25519 = Ed25519KeyPair::generate().unwrap();
        let whpk = format!("whpk_{}", BASE64_STANDARD.encode(ed25519.public_key()));
        let make = |content: &[u8]| ed25519.sign(content).as_ref().to_vec();
        check(&provider::STANDARD_WEBHOOKS, &whpk, "v1a", &make);

        let ecdsa = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let spki: PublicKeyX509Der<'_> = ecdsa.public_key().as_der().unwrap();
        let base64 = BASE64_STANDARD.encode(spki.as_ref());
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n{}\n-----END PUBLIC KEY-----\n",
            &base64[..64],
            &base64[64..]
        );
        let random = SystemRandom::new();
        let make = |content: &[u8]| ecdsa.sign(&random, content).unwrap().as_ref().to_vec();
        check(&provider::SENDGRID, &base64, "", &make);
        check(&provider::SENDGRID, &pem, "", &make);
        for wrong in [
            &*whpk,
            SECRET,
            "",
            "-----BEGIN PUBLIC KEY-----",
            &pem.replace("PUBLIC", "PRIVATE"),
        ] {
            assert!(
                SchemeVerifier::new(provider::SENDGRID, Keyring::new(wrong)).is_err(),
                "{wrong}"
            );
        }
        assert!(SchemeVerifier::new(provider::STRIPE, Keyring::new(&*pem)).is_err());
    }

    fn check(scheme: &Scheme, key: &str, tag: &str, make: &dyn Fn(&[u8]) -> Vec<u8>) {
        let verifier = SchemeVerifier::new(scheme.clone(), Keyring::new(key)).unwrap();
        let message = Signable::new(b"[{}]\r\n")
            .with_id(ID)
            .with_timestamp(moment());
        let headers = headers_of(&scheme.sign_with(tag, make, &message).unwrap());
        assert_eq!(
            judge(&verifier, &head(&headers), b"[{}]\r\n")
                .unwrap()
                .coverage(),
            Coverage::Whole
        );
        assert!(judge(&verifier, &head(&headers), b"[{}]").is_err());
        // A key of one kind never checks a signature of another, whatever the tag says.
        let relabelled = headers[0].1.to_str().unwrap().replace("v1a,", "v1,");
        if relabelled != headers[0].1 {
            let mut headers = headers;
            headers[0].1 = HeaderValue::from_str(&relabelled).unwrap();
            assert!(judge(&verifier, &head(&headers), b"[{}]\r\n").is_err());
        }
    }

    #[test]
    fn a_public_key_is_read_as_its_method_says() {
        let method = Method {
            algorithm: Algorithm::Ed25519,
            key: hooklatch::KeyFormat {
                encoding: Encoding::Hex,
                ..hooklatch::KeyFormat::TEXT
            },
            ..Method::HMAC_SHA256
        };
        let scheme = Scheme {
            methods: vec![method].into(),
            ..Scheme::HMAC_SHA256
        };
        assert!(SchemeVerifier::new(scheme.clone(), Keyring::new("00".repeat(32))).is_err());
        let key = "7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa";
        assert!(SchemeVerifier::new(scheme.clone(), Keyring::new(key)).is_ok());
        assert!(SchemeVerifier::new(scheme, Keyring::new(&key[2..])).is_err());
    }
}

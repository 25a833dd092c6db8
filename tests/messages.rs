//! Signatures over whole messages (RFC 9421, draft-cavage), written by hand and attacked. What a signature is, this file
//! says for itself: it composes and signs without the crate.
#![allow(
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]
#![allow(clippy::too_many_lines, reason = "a table may be long")]

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use hooklatch::{
    ConfigErrorKind, Coverage, EventRouter, Hooks, Keyring, MessageSignature, Param, Part, Proof,
    Rejection, RejectionKind, Scheme, SchemeVerifier, Source, Unverified, Verified, Verifier,
    provider,
    testing::{ManualClock, Sender},
};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tower::ServiceExt;

const NOW: i64 = 1_700_000_000;
const BODY: &str = r#"{"id":"evt_1","type":"a"}"#;
const SECRET: &[u8] = b"of thirty-two bytes at the least";
const DATE: &str = "Tue, 14 Nov 2023 22:13:20 GMT";
const STRICT: &str = r#""@method" "@target-uri" "content-digest""#;

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(NOW).unwrap()
}

fn keyring() -> Keyring {
    Keyring::empty().and("key-1", format!("hmac-sha256:{}", STANDARD.encode(SECRET)))
}

fn mac(base: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).unwrap();
    mac.update(base.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn content_digest(body: &str) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

/// A request as it is sent.
#[derive(Clone)]
struct Sent {
    method: &'static str,
    url: String,
    headers: Vec<(String, Vec<u8>)>,
    body: String,
}

impl Sent {
    fn new() -> Self {
        Self {
            method: "POST",
            url: "https://hooks.example/in?a=b".to_owned(),
            headers: Vec::new(),
            body: BODY.to_owned(),
        }
        .with("host", "hooks.example")
        .with("content-type", "application/json")
        .with("content-digest", content_digest(BODY))
    }

    fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers
            .push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    fn at(mut self, url: &str) -> Self {
        url.clone_into(&mut self.url);
        self
    }

    /// With a signature over these lines.
    fn signed(self, components: &str, lines: &[(&str, &str)], params: &str) -> Self {
        self.labelled("sig1", components, lines, params)
    }

    fn labelled(self, label: &str, components: &str, lines: &[(&str, &str)], params: &str) -> Self {
        let input = format!("({components}){params}");
        let lines: String = lines
            .iter()
            .map(|(name, value)| format!("{name}: {value}\n"))
            .collect();
        let signature = mac(&format!("{lines}\"@signature-params\": {input}"));
        self.with("signature-input", format!("{label}={input}"))
            .with("signature", format!("{label}=:{signature}:"))
    }

    /// With a signature that satisfies the preset.
    fn good(self, params: &str) -> Self {
        let (digest, url) = (content_digest(&self.body), self.url.clone());
        let lines = [
            ("\"@method\"", "POST"),
            ("\"@target-uri\"", &*url),
            ("\"content-digest\"", &*digest),
        ];
        self.signed(STRICT, &lines, params)
    }

    fn judged_by(&self, scheme: &Scheme, keys: Keyring) -> Result<Verified, Rejection> {
        let verifier = SchemeVerifier::new(scheme.clone(), keys).unwrap();
        let mut request = http::Request::builder().method(self.method).uri(&self.url);
        for (name, value) in &self.headers {
            request = request.header(name, value.as_slice());
        }
        let (head, body) = request
            .body(Bytes::from(self.body.clone()))
            .unwrap()
            .into_parts();
        verifier.check_head(&head)?;
        verifier.verify(&Unverified::new(&head, &body, now()))
    }

    fn judged(&self) -> Result<Verified, Rejection> {
        self.judged_by(&provider::HTTP_MESSAGE_SIGNATURES, keyring())
    }

    fn detail(&self) -> String {
        let rejection = self.judged().unwrap_err();
        assert_eq!(rejection.status(), 401);
        rejection.detail().to_owned()
    }
}

fn params() -> String {
    format!(";created={NOW};keyid=\"key-1\"")
}

#[test]
fn a_good_signature_covers_the_whole_body() {
    let verified = Sent::new().good(&params()).judged().unwrap();
    assert_eq!(
        (verified.coverage(), verified.key()),
        (Coverage::Whole, "key-1")
    );
    assert_eq!(verified.timestamp().unwrap().at, now());
    assert_eq!(verified.id(), None);
    let nonce = format!("{};nonce=\"n-1\"", params());
    assert_eq!(Sent::new().good(&nonce).judged().unwrap().id(), Some("n-1"));
}

#[test]
fn a_refusal_says_what_is_missing() {
    let lines = |names: &[&'static str]| -> Sent {
        let digest = content_digest(BODY);
        let value = |name: &str| match name {
            "@method" => "POST".to_owned(),
            "@target-uri" => "https://hooks.example/in?a=b".to_owned(),
            "@authority" => "hooks.example".to_owned(),
            "@path" => "/in".to_owned(),
            _ => digest.clone(),
        };
        let quoted: Vec<(String, String)> = names
            .iter()
            .map(|name| (format!("\"{name}\""), value(name)))
            .collect();
        let components: Vec<&str> = quoted.iter().map(|(name, _)| &**name).collect();
        let lines: Vec<(&str, &str)> = quoted
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        Sent::new().signed(&components.join(" "), &lines, &params())
    };
    for (sent, expected) in [
        (
            lines(&["@target-uri", "content-digest"]),
            "does not cover @method",
        ),
        (
            lines(&["@method", "content-digest"]),
            "does not cover @target-uri",
        ),
        (
            lines(&["@method", "@authority", "@path", "content-digest"]),
            "@query",
        ),
        (
            lines(&["@method", "@target-uri"]),
            "does not cover content-digest",
        ),
        (lines(&[]), "covers no component"),
        (
            Sent::new().good(";keyid=\"key-1\""),
            "does not cover created",
        ),
        (
            Sent::new().good(&params().replace("key-1", "key-2")),
            "the keyid is the name of no key",
        ),
        (
            Sent::new().good(&format!("{};alg=\"ed25519\"", params())),
            "the alg is not that of the key",
        ),
        (
            Sent::new().good(&format!("{};expires={}", params(), NOW - 1)),
            "before it was made",
        ),
        (
            Sent::new().good(&format!(
                ";created={};keyid=\"key-1\";expires={}",
                NOW - 9,
                NOW - 1
            )),
            "has run out",
        ),
        (
            Sent::new().good(&params()).without("signature-input"),
            "Signature-Input is missing",
        ),
        (
            Sent::new().good(&params()).without("signature"),
            "the signature is missing",
        ),
        (
            Sent::new().good(&params()).without("content-digest"),
            "is missing",
        ),
        (
            Sent::new()
                .good(&params())
                .at("https://other.example/in?a=b"),
            "the URL as it is known here",
        ),
    ] {
        assert!(
            sent.detail().contains(expected),
            "{} is not {expected}",
            sent.detail()
        );
    }
    let mut other = Sent::new().good(&params());
    other.body = BODY.replace('1', "2");
    assert!(other.detail().contains("not that of this body"));
    assert_eq!(
        other.judged().unwrap_err().kind(),
        RejectionKind::SignatureMismatch
    );
}

#[test]
fn moments_are_whole_seconds_near_now() {
    let created = |text: &str| {
        Sent::new()
            .good(&format!(";created={text};keyid=\"key-1\""))
            .judged()
    };
    assert!(created(&NOW.to_string()).is_ok());
    for text in [
        "1700000000.0",
        "\"1700000000\"",
        "-1700000000",
        "0",
        "-1",
        "?1",
        "@1700000000",
        "soon",
        ":AA==:",
        "999999999999999",
        "9223372036854775807",
        "1700000000;created=1700000000",
        "",
    ] {
        assert!(created(text).is_err(), "{text}");
    }
    let expires = |text: &str| {
        Sent::new()
            .good(&format!("{};expires={text}", params()))
            .judged()
    };
    assert!(expires(&NOW.to_string()).is_ok());
    for text in [
        "1700000000.0",
        "\"1700000000\"",
        "1",
        "0",
        "-1",
        "?1",
        "soon",
    ] {
        assert!(expires(text).is_err(), "{text}");
    }
    // A window is the freshness layer's business: here it is only told.
    let old = created("1600000000").unwrap().timestamp().unwrap();
    assert_eq!(
        (old.at.unix_timestamp(), old.past.as_secs()),
        (1_600_000_000, 300)
    );
}

#[test]
fn only_what_is_authentic_is_called_late() {
    let late = |sent: &Sent, scheme: &Scheme| sent.judged_by(scheme, keyring()).unwrap_err().kind();
    let spoilt = |mut sent: Sent| {
        sent.method = "PUT";
        sent
    };
    let run_out = format!(";created={};keyid=\"key-1\";expires={}", NOW - 9, NOW - 1);
    let signed = Sent::new().good(&run_out);
    let scheme = &provider::HTTP_MESSAGE_SIGNATURES;
    assert_eq!(late(&signed, scheme), RejectionKind::Stale);
    assert_eq!(
        late(&spoilt(signed), scheme),
        RejectionKind::SignatureMismatch
    );
    let lines = format!(
        "(request-target): post /in?a=b\nhost: hooks.example\n(created): {NOW}\n(expires): {}\ndigest: DIGEST",
        NOW - 1
    );
    let moments = format!("created={NOW},expires={},", NOW - 1);
    let covered = "(request-target) host (created) (expires) digest";
    let signed = drafted(covered, &lines, &moments);
    let scheme = &provider::DRAFT_CAVAGE;
    assert_eq!(late(&signed, scheme), RejectionKind::Stale);
    assert_eq!(
        late(&spoilt(signed), scheme),
        RejectionKind::SignatureMismatch
    );
}

#[test]
fn a_signature_that_ran_out_does_not_hide_one_that_counts() {
    let (digest, url) = (content_digest(BODY), "https://hooks.example/in?a=b");
    let lines = [
        ("\"@method\"", "POST"),
        ("\"@target-uri\"", url),
        ("\"content-digest\"", &*digest),
    ];
    let old = format!(";created={};keyid=\"key-1\";expires={}", NOW - 9, NOW - 1);
    let both = Sent::new().labelled("old", STRICT, &lines, &old).labelled(
        "new",
        STRICT,
        &lines,
        &params(),
    );
    assert_eq!(both.judged().unwrap().timestamp().unwrap().at, now());
}

#[test]
fn a_base_that_is_signed_otherwise_does_not_count() {
    let good = Sent::new().good(&params());
    let input = |change: &dyn Fn(&str) -> String| {
        let mut sent = good.clone();
        for (name, value) in &mut sent.headers {
            if name == "signature-input" {
                *value = change(str::from_utf8(value).unwrap()).into_bytes();
            }
        }
        sent
    };
    assert!(input(&|text| text.to_owned()).judged().is_ok());
    for (from, to) in [
        ("\"@method\" \"@target-uri\"", "\"@target-uri\" \"@method\""),
        ("\"@method\"", "\"@METHOD\""),
        ("\"@method\"", "\"@method\";sf"),
        ("\"@method\"", "@method"),
        ("\"@method\"", "\"@method\" \"@method\""),
        ("\"@method\"", "\"@method\" \"@scheme\""),
        ("\"content-digest\"", "\"Content-Digest\""),
        ("\"content-digest\"", "\"content-digest\";sf"),
        ("\"content-digest\"", "\"content-digest\";bs"),
        ("\"content-digest\"", "\"content-digest\";key=\"sha-256\""),
        ("\"content-digest\"", "\"content-digest\";tr"),
        ("\"content-digest\"", "\"content-digest\";req"),
        ("\"content-digest\"", "\"content-digest\";crit"),
        ("key-1", "KEY-1"),
        (";created", ";alg=\"hmac-sha256\";created"),
        (";created", ";crit=\"x\";created"),
        (";created", ";tag=\"x\";created"),
        ("sig1=", "sig2="),
        ("sig1=", "sig1=(),sig1="),
        ("sig1=", "sig1 ="),
        ("sig1=(", "sig1=(("),
        ("sig1=(", "sig1= ("),
        ("sig1=", "Sig1="),
        (")", ""),
    ] {
        assert!(
            input(&|text| text.replacen(from, to, 1)).judged().is_err(),
            "{from} as {to}"
        );
    }
    for text in ["", " ", "sig1", "sig1=1", "sig1=\"x\"", "sig1=()", "\u{e9}"] {
        assert!(input(&|_| text.to_owned()).judged().is_err(), "{text}");
    }
    // The list is signed as it is written canonically: white space within says nothing else.
    assert!(
        input(&|text| text.replacen("\" \"", "\"   \"", 1))
            .judged()
            .is_ok()
    );
}

#[test]
fn a_query_parameter_that_repeats_is_never_covered() {
    let relaxed = Scheme {
        content: Cow::Borrowed(&[Part::Timestamp]),
        ..provider::HTTP_MESSAGE_SIGNATURES
    };
    let sent = |url: &str, value: &str| {
        Sent::new().at(url).signed(
            "\"@query-param\";name=\"pet\"",
            &[("\"@query-param\";name=\"pet\"", value)],
            &params(),
        )
    };
    let accepted = |url: &str, value: &str| sent(url, value).judged_by(&relaxed, keyring()).is_ok();
    assert!(accepted("https://hooks.example/?pet=a%20dog", "a%20dog"));
    assert!(accepted("https://hooks.example/?pet=a+dog", "a%20dog"));
    assert!(!accepted("https://hooks.example/?pet=a%20dog", "a dog"));
    assert!(!accepted("https://hooks.example/?pet=dog&pet=dog", "dog"));
    assert!(!accepted("https://hooks.example/?pet=dog&%70et=cat", "dog"));
    assert!(!accepted("https://hooks.example/?Pet=dog", "dog"));
    assert!(!accepted("https://hooks.example/", ""));
    // Without a digest a signature covers nothing of the body, and says so.
    let verified = sent("https://hooks.example/?pet=dog", "dog").judged_by(&relaxed, keyring());
    assert_eq!(verified.unwrap().coverage(), Coverage::Nothing);
}

#[test]
fn of_several_signatures_exactly_one_counts() {
    let good = || Sent::new().good(&params());
    let other = |sent: Sent, index: usize| {
        sent.labelled(
            &format!("other{index}"),
            "\"@method\"",
            &[("\"@method\"", "POST")],
            &params(),
        )
    };
    let many = |count: usize| (0..count).fold(good(), other);
    assert!(many(1).judged().is_ok());
    assert!(many(15).judged().is_ok());
    assert_eq!(many(16).detail(), "the request has too many signatures");
    let digest = content_digest(BODY);
    let lines = [
        ("\"@method\"", "POST"),
        ("\"@target-uri\"", "https://hooks.example/in?a=b"),
        ("\"content-digest\"", &*digest),
    ];
    let two = good().labelled("sig2", STRICT, &lines, &format!("{};tag=\"app\"", params()));
    assert!(two.detail().contains("more than one"));
    let chosen = |label: Option<&'static str>, tag: Option<&'static str>| {
        let scheme = Scheme {
            proof: Proof::MessageSignature(MessageSignature {
                label: label.map(Cow::Borrowed),
                tag: tag.map(Cow::Borrowed),
            }),
            ..provider::HTTP_MESSAGE_SIGNATURES
        };
        two.judged_by(&scheme, keyring()).is_ok()
    };
    assert!(chosen(Some("sig1"), None));
    assert!(chosen(Some("sig2"), None));
    assert!(chosen(None, Some("app")));
    assert!(chosen(Some("sig2"), Some("app")));
    assert!(!chosen(Some("sig1"), Some("app")));
    assert!(!chosen(Some("sig3"), None));
    assert!(!chosen(None, Some("App")));
    // A signature by a key that is not ours is nobody's here.
    let foreign = good().labelled("proxy", STRICT, &lines, &params().replace("key-1", "proxy"));
    assert!(foreign.judged().is_ok());
}

#[test]
fn huge_heads_are_refused_in_bounded_time() {
    let long = "x".repeat(1_000_000);
    let names: String = (0..10_000).map(|index| format!("\"h{index}\" ")).collect();
    for sent in [
        Sent::new().good(&format!("{};x=\"{long}\"", params())),
        Sent::new()
            .good(&params())
            .without("signature")
            .with("signature", format!("sig1=:{long}:")),
        Sent::new().signed(&names, &[], &params()),
        Sent::new().good(&(0..100).fold(params(), |all, index| format!("{all};x{index}"))),
        Sent::new().with("x-long", "y".repeat(70_000)).signed(
            "\"@method\" \"@target-uri\" \"content-digest\" \"x-long\"",
            &[],
            &params(),
        ),
    ] {
        assert!(sent.judged().is_err());
    }
}

#[test]
fn headers_are_joined_as_the_rfc_says() {
    let digest = content_digest(BODY);
    let components = format!("{STRICT} \"x-list\"");
    let signed = |value: &str| {
        let lines = [
            ("\"@method\"", "POST"),
            ("\"@target-uri\"", "https://hooks.example/in?a=b"),
            ("\"content-digest\"", &*digest),
            ("\"x-list\"", value),
        ];
        Sent::new().signed(&components, &lines, &params())
    };
    assert!(signed("a, b").with("x-list", "a, b").judged().is_ok());
    assert!(
        signed("a, b")
            .with("x-list", " a\t")
            .with("x-list", "b")
            .judged()
            .is_ok()
    );
    assert!(signed("").with("x-list", "").judged().is_ok());
    assert!(signed("").with("x-list", " ").judged().is_ok());
    for (sent, why) in [
        (
            signed("a, b").with("x-list", "b").with("x-list", "a"),
            "reordered",
        ),
        (signed("a, b").with("x-list", "a,b"), "joined otherwise"),
        (signed("a, b").with("x-list", "a"), "one is missing"),
        (signed("a").with("x-list", "A"), "another case"),
        (signed(""), "not there"),
        (signed("\u{e9}").with("x-list", "\u{e9}"), "no ASCII"),
    ] {
        assert!(sent.judged().is_err(), "{why}");
    }
}

#[test]
fn the_url_is_the_one_the_sender_was_given() {
    let public = "https://public.example:8443/prefix/in";
    let keys = || keyring().with(Param::PublicUrl, public);
    let digest = content_digest(BODY);
    let sent = |components: &str, lines: &[(&str, &str)]| {
        let components = format!("\"@method\" {components} \"content-digest\"");
        let lines = [
            &[("\"@method\"", "POST")],
            lines,
            &[("\"content-digest\"", &*digest)],
        ]
        .concat();
        let sent = Sent::new()
            .at("http://10.0.0.1/in?a=b")
            .signed(&components, &lines, &params());
        sent.judged_by(&provider::HTTP_MESSAGE_SIGNATURES, keys())
            .is_ok()
    };
    let uri = format!("{public}?a=b");
    assert!(sent("\"@target-uri\"", &[("\"@target-uri\"", &uri)]));
    assert!(sent(
        "\"@authority\" \"@path\" \"@query\" \"@scheme\"",
        &[
            ("\"@authority\"", "public.example:8443"),
            ("\"@path\"", "/prefix/in"),
            ("\"@query\"", "?a=b"),
            ("\"@scheme\"", "https"),
        ]
    ));
    assert!(!sent(
        "\"@target-uri\"",
        &[("\"@target-uri\"", "http://10.0.0.1/in?a=b")]
    ));
    assert!(
        !sent("\"@target-uri\"", &[("\"@target-uri\"", public)]),
        "without the query"
    );
}

#[test]
fn a_key_says_what_it_is_for() {
    let refused = |key: &str| {
        let error =
            SchemeVerifier::new(provider::HTTP_MESSAGE_SIGNATURES, Keyring::new(key)).unwrap_err();
        assert_eq!(error.kind(), ConfigErrorKind::Key);
    };
    let secret = STANDARD.encode(SECRET);
    let ed25519 = "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=";
    for key in [
        secret.clone(),
        ed25519.to_owned(),
        format!("hmac-sha256:{ed25519}"),
        format!("ed25519:{secret}=="),
        format!("rsa-pss-sha512:{ed25519}"),
        format!("hmac-sha512:{secret}"),
        format!("HMAC-SHA256:{secret}"),
        "hmac-sha256:".to_owned(),
    ] {
        refused(&key);
    }
    let pem = format!("ed25519:-----BEGIN PUBLIC KEY-----\n{ed25519}\n-----END PUBLIC KEY-----\n");
    for key in [pem, format!("ed25519:{ed25519}")] {
        assert!(SchemeVerifier::new(provider::HTTP_MESSAGE_SIGNATURES, Keyring::new(key)).is_ok());
    }
    // A signature that is good by its key, under the name of a key of another kind.
    let keys = Keyring::empty()
        .and("key-1", format!("ed25519:{ed25519}"))
        .and("key-2", format!("hmac-sha256:{secret}"));
    let sent = |keyid: &str| Sent::new().good(&params().replace("key-1", keyid));
    assert!(
        sent("key-2")
            .judged_by(&provider::HTTP_MESSAGE_SIGNATURES, keys.clone())
            .is_ok()
    );
    assert!(
        sent("key-1")
            .judged_by(&provider::HTTP_MESSAGE_SIGNATURES, keys)
            .is_err()
    );
}

#[test]
fn schemes_of_messages_that_contradict_themselves_are_refused() {
    let base = || provider::HTTP_MESSAGE_SIGNATURES;
    let drafts = || provider::DRAFT_CAVAGE;
    let literal = vec![Part::literal("x"), Part::Timestamp];
    for (scheme, why) in [
        (
            Scheme {
                content: literal.clone().into(),
                ..base()
            },
            "a literal",
        ),
        (
            Scheme {
                content: literal.into(),
                ..drafts()
            },
            "a literal of the drafts",
        ),
        (
            Scheme {
                content: vec![Part::Method].into(),
                ..base()
            },
            "the timestamp is left out",
        ),
        (
            Scheme {
                id: Some(Source::field("keyid")),
                ..base()
            },
            "another field",
        ),
        (
            Scheme {
                id: Some(Source::field("nonce")),
                ..drafts()
            },
            "the drafts have no nonce",
        ),
        (
            Scheme {
                timestamp: provider::STRIPE.timestamp,
                ..base()
            },
            "the field t",
        ),
        (
            Scheme {
                signature: Source::json("/signature"),
                ..base()
            },
            "not in a header",
        ),
        (
            Scheme {
                methods: provider::GITHUB.methods,
                ..base()
            },
            "hex",
        ),
        (
            Scheme {
                header_prefixes: vec!["x-".into()].into(),
                ..base()
            },
            "prefixes",
        ),
        (
            Scheme {
                body_digest: provider::TWILIO.body_digest,
                ..base()
            },
            "another digest",
        ),
    ] {
        assert_eq!(
            scheme.check().unwrap_err().kind(),
            ConfigErrorKind::Scheme,
            "{why}"
        );
    }
    let other = Scheme {
        content: vec![
            Part::Path,
            Part::Header("x-id".into()),
            Part::Timestamp,
            Part::Id,
        ]
        .into(),
        ..base()
    };
    assert!(other.check().is_ok());
    assert!(other.signs_id());
    assert_eq!(other.coverage(), Coverage::Nothing);
}

#[tokio::test]
async fn a_nonce_counts_once() {
    let clock = Arc::new(ManualClock::new(now()));
    let sender = Sender::new(provider::HTTP_MESSAGE_SIGNATURES).clock(clock.clone());
    let runs = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&runs);
    let service = Hooks::new()
        .with_clock(clock)
        .receiver("here", provider::HTTP_MESSAGE_SIGNATURES, sender.keyring())
        .unwrap()
        .receive(EventRouter::new().fallback(move || async move {
            count.fetch_add(1, SeqCst);
        }));
    let draft = |id: &str| sender.event("a", serde_json::json!({})).id(id);
    for (draft, expected) in [
        (draft("1"), (200, 1)),
        (draft("1"), (200, 1)),
        // Another moment under the same nonce.
        (draft("1").at(now() - time::Duration::SECOND), (200, 1)),
        (draft("2"), (200, 2)),
        (draft("3").with_flipped_bit(), (401, 2)),
        (
            draft("3").with_timestamp(now() + time::Duration::SECOND),
            (401, 2),
        ),
        (draft("3").with_wrong_key(), (401, 2)),
        (draft("3").stale(), (401, 2)),
        (draft("3").early(), (401, 2)),
    ] {
        let Ok(response) = service.clone().oneshot(draft.request()).await;
        assert_eq!((response.status().as_u16(), runs.load(SeqCst)), expected);
    }
}

/// A request with a signature of the drafts.
fn drafted(headers: &str, lines: &str, more: &str) -> Sent {
    let digest = format!("SHA-256={}", STANDARD.encode(Sha256::digest(BODY)));
    let lines = lines.replace("DIGEST", &digest);
    let signature = mac(&lines);
    let text = format!("keyId=\"key-1\",{more}headers=\"{headers}\",signature=\"{signature}\"");
    Sent::new()
        .with("date", DATE)
        .with("digest", digest)
        .with("signature", text)
}

fn good_draft() -> Sent {
    let lines = format!(
        "(request-target): post /in?a=b\nhost: hooks.example\ndate: {DATE}\ndigest: DIGEST"
    );
    drafted("(request-target) host date digest", &lines, "")
}

#[test]
fn the_drafts_are_kept_to_as_strictly() {
    let judged = |sent: &Sent| sent.judged_by(&provider::DRAFT_CAVAGE, keyring());
    let verified = judged(&good_draft()).unwrap();
    assert_eq!(
        (verified.coverage(), verified.timestamp().unwrap().at),
        (Coverage::Whole, now())
    );
    let change = |from: &str, to: &str| {
        let mut sent = good_draft();
        for (name, value) in &mut sent.headers {
            if name == "signature" {
                *value = str::from_utf8(value)
                    .unwrap()
                    .replacen(from, to, 1)
                    .into_bytes();
            }
        }
        sent
    };
    for (from, to) in [
        ("key-1", "key-2"),
        (
            "keyId=\"key-1\"",
            "keyId=\"key-1\",algorithm=\"rsa-sha256\"",
        ),
        (
            "keyId=\"key-1\"",
            "keyId=\"key-1\",algorithm=\"HMAC-SHA256\"",
        ),
        ("keyId=\"key-1\"", "keyId=\"key-1\",expires=1800000000"),
        ("host date", "date host"),
        ("host date", "Host date"),
        (" digest\"", "\""),
        ("headers", "header"),
        ("signature=\"", "signature=\" "),
        ("keyId", "Signature keyId"),
    ] {
        assert!(judged(&change(from, to)).is_err(), "{from} as {to}");
    }
    for same in [
        "algorithm=\"hs2019\",",
        "algorithm=\"hmac-sha256\",",
        "created=1,",
        "other=\"x\",",
    ] {
        assert!(
            judged(&change("headers", &format!("{same}headers"))).is_ok(),
            "{same}"
        );
    }
    let mut other = good_draft();
    other.body = "{}".to_owned();
    assert!(
        judged(&other)
            .unwrap_err()
            .detail()
            .contains("not that of this body")
    );
    for sent in [
        good_draft().at("https://hooks.example/in"),
        good_draft().at("https://other.example/in?a=b"),
        good_draft()
            .without("date")
            .with("date", "Tue, 14 Nov 2023 22:13:21 GMT"),
        good_draft().without("date"),
        good_draft().with("date", DATE),
        good_draft().without("digest"),
        Sent {
            method: "PUT",
            ..good_draft()
        },
    ] {
        assert!(judged(&sent).is_err());
    }
}

#[test]
fn the_drafts_may_use_the_authorization_header() {
    let scheme = Scheme {
        signature: Source::header("authorization"),
        ..provider::DRAFT_CAVAGE
    };
    let good = good_draft();
    let text = good
        .headers
        .iter()
        .find(|(name, _)| name == "signature")
        .unwrap()
        .1
        .clone();
    let sent = |kind: &str| {
        let value = [kind.as_bytes(), &text].concat();
        let sent = good
            .clone()
            .without("signature")
            .with("authorization", value);
        sent.judged_by(&scheme, keyring())
    };
    assert!(sent("Signature ").is_ok());
    for kind in [
        "",
        "Bearer ",
        "Signature",
        "Signature=\"\" ",
        "Signature  Signature ",
    ] {
        assert!(sent(kind).is_err(), "{kind}");
    }
    assert!(
        good.judged_by(&scheme, keyring()).is_err(),
        "in the other header"
    );
}

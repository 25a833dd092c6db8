//! Published and constructed requests of every preset, from `tests/vectors`.
//!
//! A case where we decide otherwise than the vector, or where implementations differ, stands in `exceptions.json` with
//! the reason; an exception that is none fails as much as a case that goes wrong.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_in_result,
    clippy::unwrap_used
)]

use std::{borrow::Cow, collections::BTreeMap};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hooklatch::{
    Algorithm, ConfigError, ConfigErrorKind, Encoding, Hooks, KeyFormat, Keyring, Method, Param,
    RawEvent, Scheme, SchemeVerifier, Source, Unverified, Verifier, provider, testing::ManualClock,
};
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use tower::ServiceExt;

#[derive(Deserialize)]
struct Case {
    id: String,
    variant: Option<String>,
    scheme: Option<String>,
    key: BTreeMap<String, Value>,
    method: String,
    url: Option<String>,
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: String,
    body_base64: Option<String>,
    now: Option<i64>,
    expect: String,
    why: String,
    #[serde(default)]
    policy_sensitive: bool,
}

#[derive(Deserialize)]
struct Exception {
    id: String,
    /// Whether we decide as the vector does.
    agree: bool,
    reason: String,
}

const FILES: [(&str, &str); 36] = [
    ("braintree", include_str!("vectors/braintree.json")),
    ("discord", include_str!("vectors/discord.json")),
    ("easypost", include_str!("vectors/easypost.json")),
    ("ebay", include_str!("vectors/ebay.json")),
    ("finch", include_str!("vectors/finch.json")),
    ("fitbit", include_str!("vectors/fitbit.json")),
    ("github", include_str!("vectors/github.json")),
    (
        "github-secret-scanning",
        include_str!("vectors/github-secret-scanning.json"),
    ),
    ("gitlab", include_str!("vectors/gitlab.json")),
    (
        "integrated-finance",
        include_str!("vectors/integrated-finance.json"),
    ),
    ("linear", include_str!("vectors/linear.json")),
    ("mailgun", include_str!("vectors/mailgun.json")),
    ("onfido", include_str!("vectors/onfido.json")),
    (
        "paddle-billing",
        include_str!("vectors/paddle-billing.json"),
    ),
    ("pagerduty", include_str!("vectors/pagerduty.json")),
    ("paystack", include_str!("vectors/paystack.json")),
    ("pusher", include_str!("vectors/pusher.json")),
    ("razorpay", include_str!("vectors/razorpay.json")),
    ("sendgrid", include_str!("vectors/sendgrid.json")),
    ("sentry", include_str!("vectors/sentry.json")),
    ("shipengine", include_str!("vectors/shipengine.json")),
    ("shopify", include_str!("vectors/shopify.json")),
    ("slack", include_str!("vectors/slack.json")),
    ("square", include_str!("vectors/square.json")),
    (
        "standard-webhooks",
        include_str!("vectors/standard-webhooks.json"),
    ),
    ("stripe", include_str!("vectors/stripe.json")),
    ("svix", include_str!("vectors/svix.json")),
    ("telegram", include_str!("vectors/telegram.json")),
    ("telnyx", include_str!("vectors/telnyx.json")),
    ("travis-ci", include_str!("vectors/travis-ci.json")),
    ("twilio", include_str!("vectors/twilio.json")),
    ("wise", include_str!("vectors/wise.json")),
    ("woocommerce", include_str!("vectors/woocommerce.json")),
    ("worldline", include_str!("vectors/worldline.json")),
    (
        "worldpay-access",
        include_str!("vectors/worldpay-access.json"),
    ),
    ("zoom", include_str!("vectors/zoom.json")),
];

#[test]
fn every_vector_is_judged_as_it_should_be() {
    let exceptions: Vec<Exception> =
        serde_json::from_str(include_str!("vectors/exceptions.json")).unwrap();
    let mut unused: Vec<&str> = exceptions.iter().map(|exception| &*exception.id).collect();
    let mut faults = Vec::new();
    let (mut judged, mut skipped) = (0, 0);
    for (file, text) in FILES {
        let scheme = provider::by_name(file).unwrap();
        for case in serde_json::from_str::<Vec<Case>>(text).unwrap() {
            let exception = exceptions.iter().find(|exception| exception.id == case.id);
            unused.retain(|id| *id != case.id);
            let Some(accepted) = judge(&of_variant(scheme, &case), &case) else {
                skipped += 1;
                continue;
            };
            judged += 1;
            let agrees = accepted == (case.expect == "valid");
            if agrees != exception.is_none_or(|exception| exception.agree) {
                faults.push(format!(
                    "{}: accepted = {accepted}, expected {} ({})",
                    case.id, case.expect, case.why
                ));
            }
            if case.policy_sensitive && exception.is_none() {
                faults.push(format!(
                    "{file} {}: a matter of policy, and no reason is given",
                    case.id
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(unused.is_empty(), "exceptions without a case: {unused:?}");
    assert!(
        exceptions
            .iter()
            .all(|exception| !exception.reason.is_empty())
    );
    assert_eq!(judged + skipped, 147);
    assert_eq!(skipped > 0, cfg!(not(feature = "asymmetric")));
}

#[test]
fn ecdsa_rsa_and_ed25519_are_strict() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("vectors/wycheproof.json")).unwrap();
    for case in &cases {
        let (algorithm, key) = match case.scheme.as_deref() {
            Some("ecdsa-p256-sha256 DER") => (Algorithm::EcdsaP256, Encoding::Base64),
            Some("ecdsa-p256-sha256 raw r||s") => (Algorithm::EcdsaP256Raw, Encoding::Base64),
            Some("rsa-pkcs1v15-sha256 2048") => (Algorithm::RsaSha256, Encoding::Base64),
            Some("ed25519") => (Algorithm::Ed25519, Encoding::Hex),
            other => panic!("{}: no algorithm for {other:?}", case.id),
        };
        let method = Method {
            algorithm,
            encoding: Encoding::Hex,
            key: KeyFormat {
                encoding: key,
                ..KeyFormat::TEXT
            },
            ..Method::HMAC_SHA256
        };
        let scheme = Scheme {
            signature: Source::header("signature_hex"),
            methods: Cow::Owned(vec![method]),
            ..Scheme::HMAC_SHA256
        };
        if let Some(accepted) = judge(&scheme, case) {
            assert_eq!(
                accepted,
                case.expect == "valid",
                "{}: {}",
                case.id,
                case.why
            );
        }
    }
    assert_eq!(cases.len(), 31);
}

/// The scheme a case is about, where the preset is another of the sender's.
fn of_variant(scheme: &Scheme, case: &Case) -> Scheme {
    match case.variant.as_deref() {
        Some("sha1") => Scheme {
            signature: Source::header("x-hub-signature"),
            methods: Cow::Owned(vec![Method {
                tag: "sha1=".into(),
                algorithm: Algorithm::HmacSha1,
                ..Method::HMAC_SHA256
            }]),
            ..scheme.clone()
        },
        Some("token") => provider::GITLAB_TOKEN,
        Some("form" | "json") | None => scheme.clone(),
        Some(other) => panic!("{}: no scheme for the variant {other}", case.id),
    }
}

/// The keys of a case, and what else the scheme needs of a keyring. What a key is, its shape tells: a text; several; texts,
/// JWKs or objects with a text each under the id of the key; a JWK Set.
fn keyring(scheme: &Scheme, case: &Case) -> Result<Keyring, ConfigError> {
    const MATERIAL: [&str; 6] = ["secret", "secrets", "public_key", "keys", "certs", "jwks"];
    let name = MATERIAL.iter().find(|name| case.key.contains_key(**name));
    let material = &case.key[*name.unwrap_or_else(|| panic!("{}: no key", case.id))];
    if *name.unwrap() == "jwks" {
        return Keyring::from_jwks(&material.to_string());
    }
    let told = ["keyId", "keyid"]
        .iter()
        .find_map(|id| case.key.get(*id)?.as_str());
    let keys: Vec<(String, String)> = match material {
        Value::Object(keys) => {
            let named = |(id, key): (&String, &Value)| (id.clone(), key_text(key));
            keys.iter().map(named).collect()
        }
        Value::Array(keys) => {
            let numbered = |(index, key): (usize, &Value)| (index.to_string(), key_text(key));
            keys.iter().enumerate().map(numbered).collect()
        }
        key => vec![(told.unwrap_or("0").to_owned(), key_text(key))],
    };
    let mut keyring = Keyring::empty().insecure_allow_short_secrets();
    for (id, key) in keys {
        // The sender shows the id in front of the key, where a case has it beside it.
        let key = match scheme.methods[0].key.id_before {
            Some(separator) if !key.contains(separator) => format!("{id}{separator}{key}"),
            _ => key,
        };
        keyring = keyring.and(id, key);
    }
    if scheme.name == "meta" {
        keyring = keyring.with(Param::VerifyToken, "a word");
    }
    Ok(keyring)
}

/// The text of a key: as it is, of an object that wraps it, or a JWK.
fn key_text(key: &Value) -> String {
    const WRAPPED: [&str; 5] = ["pem", "secret", "key", "public_key", "cert"];
    let wrapped = || WRAPPED.iter().find_map(|name| key.get(*name)?.as_str());
    let text = key.as_str().or_else(wrapped).map(str::to_owned);
    text.unwrap_or_else(|| key.to_string())
}

/// Whether a case is accepted; `None` when its algorithm is not built in.
fn judge(scheme: &Scheme, case: &Case) -> Option<bool> {
    let made = keyring(scheme, case).and_then(|keys| SchemeVerifier::new(scheme.clone(), keys));
    let verifier = match made {
        Ok(verifier) => verifier,
        // A key that no sender can have: nothing is accepted with it.
        Err(error) if error.kind() == ConfigErrorKind::Key => return Some(false),
        Err(error)
            if error.kind() == ConfigErrorKind::Feature && cfg!(not(feature = "asymmetric")) =>
        {
            return None;
        }
        Err(error) => panic!("{}: {error}", case.id),
    };
    let mut request = http::Request::builder()
        .method(&*case.method)
        .uri(case.url.as_deref().unwrap_or("/hook"));
    for (name, value) in &case.headers {
        request = request.header(name, value);
    }
    let body = match &case.body_base64 {
        Some(text) => STANDARD.decode(text).unwrap(),
        None => case.body.clone().into_bytes(),
    };
    let (head, body) = request.body(body.into()).unwrap().into_parts();
    let now = case
        .now
        .map(|now| OffsetDateTime::from_unix_timestamp(now).unwrap());
    let at = now.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let verified = verifier
        .check_head(&head)
        .and_then(|()| verifier.verify(&Unverified::new(&head, &body, at)));
    let accepted = verified
        .as_ref()
        .is_ok_and(|verified| match (verified.timestamp(), now) {
            (Some(time), Some(now)) => now - time.at <= time.past && time.at - now <= time.future,
            _ => true,
        });
    if let Err(rejection) = verified {
        assert_eq!(rejection.status(), 401, "{}", case.id);
    }
    Some(accepted)
}

#[derive(Deserialize)]
struct Challenge {
    provider: String,
    secret: String,
    request: ChallengeRequest,
    response: ChallengeResponse,
}

#[derive(Deserialize)]
struct ChallengeRequest {
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
    body: String,
}

#[derive(Deserialize)]
struct ChallengeResponse {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

#[tokio::test]
async fn every_challenge_is_answered_as_published() {
    let cases: Vec<Challenge> =
        serde_json::from_str(include_str!("vectors/handshakes.json")).unwrap();
    for case in &cases {
        let (status, content_type, body) = answer(case, &case.request.url).await;
        assert_eq!(status, case.response.status, "{}", case.provider);
        assert_eq!(body, case.response.body, "{}", case.provider);
        let expected = case.response.headers.get("Content-Type");
        if let Some(expected) = expected {
            assert!(content_type.starts_with(expected), "{}", case.provider);
        }
    }
    assert_eq!(cases.len(), 4);
}

#[tokio::test]
async fn a_challenge_that_could_sign_an_event_is_not_answered() {
    let cases: Vec<Challenge> =
        serde_json::from_str(include_str!("vectors/handshakes.json")).unwrap();
    let braintree = cases
        .iter()
        .find(|case| case.provider == "braintree")
        .unwrap();
    for challenge in [
        "PD94bWwgdmVyc2lvbj0iMS4wIj8-",
        "20F9F8ED05F77439FE955C977E4C8A53",
        "20f9f8ed05f77439fe9",
        "20f9f8ed05f77439fe955c977e4c8a5320f9f8ed",
        "",
    ] {
        let (status, _, body) = answer(braintree, &format!("/hook?bt_challenge={challenge}")).await;
        assert_eq!((status, &*body), (401, ""), "{challenge}");
    }
}

/// Status, content type and body of the answer to a challenge, sent to this URL.
async fn answer(case: &Challenge, url: &str) -> (u16, String, String) {
    let scheme = provider::by_name(&case.provider).unwrap().clone();
    let now = OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap();
    let keyring = Keyring::new(&*case.secret)
        .insecure_allow_short_secrets()
        .with(Param::VerifyToken, &*case.secret);
    let receiver = Hooks::new()
        .with_clock(std::sync::Arc::new(ManualClock::new(now)))
        .receiver("here", scheme, keyring)
        .unwrap();
    let events = hooklatch::EventRouter::new()
        .fallback(|_: RawEvent| async { http::StatusCode::IM_A_TEAPOT });
    let mut request = http::Request::builder()
        .method(&*case.request.method)
        .uri(url);
    for (name, value) in &case.request.headers {
        request = request.header(name, value);
    }
    let request = request.body(case.request.body.clone().into()).unwrap();
    let Ok(response) = receiver.receive(events).oneshot(request).await;
    let status = response.status().as_u16();
    let content_type = response.headers().get("content-type");
    let content_type = content_type
        .map_or("", |value| value.to_str().unwrap())
        .to_owned();
    let body = axum::body::to_bytes(response.into_body(), 4096)
        .await
        .unwrap();
    (
        status,
        content_type,
        String::from_utf8(body.to_vec()).unwrap(),
    )
}

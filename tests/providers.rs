//! Published and constructed requests of every preset, from `tests/vectors`.
//!
//! A case where we decide otherwise than the vector, or where implementations differ, stands in `exceptions.json` with
//! the reason; an exception that is none fails as much as a case that goes wrong.
#![allow(clippy::panic, clippy::unwrap_in_result, clippy::unwrap_used)]

use std::{borrow::Cow, collections::BTreeMap};

use hooklatch::{
    Algorithm, ConfigErrorKind, Encoding, Hooks, KeyFormat, Keyring, Method, Param, Part, RawEvent,
    Scheme, SchemeVerifier, Source, Unverified, Verifier, provider, testing::ManualClock,
};
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use tower::ServiceExt;

#[derive(Deserialize)]
struct Case {
    id: String,
    variant: Option<String>,
    key: BTreeMap<String, Value>,
    method: String,
    url: Option<String>,
    headers: Vec<(String, String)>,
    body: String,
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

const FILES: [(&str, &str); 50] = [
    ("adyen", include_str!("vectors/adyen.json")),
    ("afterpay", include_str!("vectors/afterpay.json")),
    ("airwallex", include_str!("vectors/airwallex.json")),
    ("aws-sns", include_str!("vectors/aws-sns.json")),
    ("braintree", include_str!("vectors/braintree.json")),
    ("buildkite", include_str!("vectors/buildkite.json")),
    ("calendly", include_str!("vectors/calendly.json")),
    ("circleci", include_str!("vectors/circleci.json")),
    (
        "cloudflare-stream",
        include_str!("vectors/cloudflare-stream.json"),
    ),
    ("coinbase-cdp", include_str!("vectors/coinbase-cdp.json")),
    ("contentful", include_str!("vectors/contentful.json")),
    ("customer-io", include_str!("vectors/customer-io.json")),
    ("discord", include_str!("vectors/discord.json")),
    ("frame-io", include_str!("vectors/frame-io.json")),
    ("github", include_str!("vectors/github.json")),
    ("gitlab", include_str!("vectors/gitlab.json")),
    ("hook0", include_str!("vectors/hook0.json")),
    ("klaviyo", include_str!("vectors/klaviyo.json")),
    ("linear", include_str!("vectors/linear.json")),
    ("mailgun", include_str!("vectors/mailgun.json")),
    ("mercado-pago", include_str!("vectors/mercado-pago.json")),
    ("merge", include_str!("vectors/merge.json")),
    ("mollie", include_str!("vectors/mollie.json")),
    ("mux", include_str!("vectors/mux.json")),
    ("notion", include_str!("vectors/notion.json")),
    (
        "paddle-billing",
        include_str!("vectors/paddle-billing.json"),
    ),
    ("pagerduty", include_str!("vectors/pagerduty.json")),
    ("paypal", include_str!("vectors/paypal.json")),
    ("persona", include_str!("vectors/persona.json")),
    ("plivo", include_str!("vectors/plivo.json")),
    ("quicknode", include_str!("vectors/quicknode.json")),
    ("recurly", include_str!("vectors/recurly.json")),
    ("sanity", include_str!("vectors/sanity.json")),
    ("sendgrid", include_str!("vectors/sendgrid.json")),
    ("sentry", include_str!("vectors/sentry.json")),
    ("shopify", include_str!("vectors/shopify.json")),
    ("sinch", include_str!("vectors/sinch.json")),
    ("slack", include_str!("vectors/slack.json")),
    ("square", include_str!("vectors/square.json")),
    (
        "standard-webhooks",
        include_str!("vectors/standard-webhooks.json"),
    ),
    ("stripe", include_str!("vectors/stripe.json")),
    ("supabase-auth", include_str!("vectors/supabase-auth.json")),
    ("svix", include_str!("vectors/svix.json")),
    ("telegram", include_str!("vectors/telegram.json")),
    ("trello", include_str!("vectors/trello.json")),
    ("twilio", include_str!("vectors/twilio.json")),
    ("woocommerce", include_str!("vectors/woocommerce.json")),
    ("workos", include_str!("vectors/workos.json")),
    ("zendesk", include_str!("vectors/zendesk.json")),
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
        let name = if file == "plivo" { "plivo-v2" } else { file };
        let scheme = provider::by_name(name).unwrap();
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
    assert_eq!(judged + skipped, 217);
    assert_eq!(skipped > 0, cfg!(not(feature = "asymmetric")));
}

#[test]
fn ecdsa_and_ed25519_are_strict() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("vectors/wycheproof.json")).unwrap();
    for case in &cases {
        let ed25519 = case.key["type"].as_str() == Some("ed25519-hex");
        let method = Method {
            algorithm: if ed25519 {
                Algorithm::Ed25519
            } else {
                Algorithm::EcdsaP256
            },
            encoding: Encoding::Hex,
            key: KeyFormat {
                encoding: if ed25519 {
                    Encoding::Hex
                } else {
                    Encoding::Base64
                },
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
    assert_eq!(cases.len(), 18);
}

/// The scheme a case is about, where the preset is another of the sender's.
fn of_variant(scheme: &Scheme, case: &Case) -> Scheme {
    let certificates = case.key.get("certs").map(Value::to_string);
    if certificates.is_some_and(|urls| urls.contains(".sandbox.paypal.com")) {
        return provider::PAYPAL_SANDBOX;
    }
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
        Some("token") if scheme.name == "buildkite" => provider::BUILDKITE_TOKEN,
        Some("token") => provider::GITLAB_TOKEN,
        Some("platform") => provider::ADYEN_PLATFORM,
        Some("form" | "json" | "standard") | None => scheme.clone(),
        Some(other) => panic!("{}: no scheme for the variant {other}", case.id),
    }
}

/// The keys of a case, and what else the scheme needs of a keyring.
fn keyring(scheme: &Scheme, case: &Case) -> Keyring {
    if let Some(Value::Object(certificates)) = case.key.get("certs") {
        return certificates_by_url(certificates, case);
    }
    let mut keys = case.key.iter();
    let key = keys.find(|(name, _)| !["callback_url", "type"].contains(&&***name));
    let key = key.unwrap().1;
    let keys = match key {
        Value::Array(keys) => keys.clone(),
        key => vec![key.clone()],
    };
    let mut keyring = Keyring::empty().insecure_allow_short_secrets();
    for (index, key) in keys.iter().enumerate() {
        keyring = keyring.and(index.to_string(), key.as_str().unwrap());
    }
    // A URL without a path, which no request line can have.
    if let Some(url) = case
        .url
        .as_deref()
        .filter(|_| scheme.content.contains(&Part::BareUrl))
    {
        keyring = keyring.with(Param::PublicUrl, url);
    }
    if scheme.name == "meta" {
        keyring = keyring.with(Param::VerifyToken, "a word");
    }
    keyring
}

/// Certificates, each named by its URL; the topics are those that the request's own header names.
fn certificates_by_url(certificates: &serde_json::Map<String, Value>, case: &Case) -> Keyring {
    let mut keyring = Keyring::empty();
    for (url, certificate) in certificates {
        keyring = keyring.and(url.clone(), certificate.as_str().unwrap());
    }
    let mut headers = case.headers.iter();
    if let Some((_, topic)) = headers.find(|(name, _)| name == "x-amz-sns-topic-arn") {
        keyring = keyring.with(Param::Topics, topic.clone());
    }
    if let Some(Value::String(id)) = case.key.get("webhook_id") {
        keyring = keyring.with(Param::WebhookId, id.clone());
    }
    keyring
}

/// Whether a case is accepted; `None` when its algorithm is not built in.
fn judge(scheme: &Scheme, case: &Case) -> Option<bool> {
    let verifier = match SchemeVerifier::new(scheme.clone(), keyring(scheme, case)) {
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
    let (head, body) = request.body(case.body.clone().into()).unwrap().into_parts();
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

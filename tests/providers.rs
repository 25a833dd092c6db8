//! Published and constructed requests of every preset, from `tests/vectors`.
//!
//! A case where we decide otherwise than the vector, or where implementations differ, stands in `exceptions.json` with
//! the reason; an exception that is none fails as much as a case that goes wrong.
#![allow(clippy::panic, clippy::unwrap_in_result, clippy::unwrap_used)]

use std::{borrow::Cow, collections::BTreeMap};

use hooklatch::{
    Algorithm, ConfigErrorKind, Encoding, KeyFormat, Keyring, Method, Param, Scheme,
    SchemeVerifier, Source, Unverified, Verifier, provider,
};
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

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

const FILES: [(&str, &str); 21] = [
    ("braintree", include_str!("vectors/braintree.json")),
    ("discord", include_str!("vectors/discord.json")),
    ("github", include_str!("vectors/github.json")),
    ("gitlab", include_str!("vectors/gitlab.json")),
    ("linear", include_str!("vectors/linear.json")),
    ("mailgun", include_str!("vectors/mailgun.json")),
    ("notion", include_str!("vectors/notion.json")),
    (
        "paddle-billing",
        include_str!("vectors/paddle-billing.json"),
    ),
    ("pagerduty", include_str!("vectors/pagerduty.json")),
    ("sendgrid", include_str!("vectors/sendgrid.json")),
    ("sentry", include_str!("vectors/sentry.json")),
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
    ("twilio", include_str!("vectors/twilio.json")),
    ("woocommerce", include_str!("vectors/woocommerce.json")),
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
    assert_eq!(judged + skipped, 117);
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

/// The keys of a case, and what else the scheme needs of a keyring.
fn keyring(scheme: &Scheme, case: &Case) -> Keyring {
    let key = case.key.iter().find(|(name, _)| *name != "type").unwrap().1;
    let keys = match key {
        Value::Array(keys) => keys.clone(),
        key => vec![key.clone()],
    };
    let mut keyring = Keyring::empty().insecure_allow_short_secrets();
    for (index, key) in keys.iter().enumerate() {
        keyring = keyring.and(index.to_string(), key.as_str().unwrap());
    }
    if scheme.name == "meta" {
        keyring = keyring.with(Param::VerifyToken, "a word");
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

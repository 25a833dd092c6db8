//! `explain`: each usual mistake is named for several senders, a correct request is called correct, and where nothing fits
//! nothing is claimed.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "explain/charsets.rs"]
mod charsets;
#[path = "explain/keys.rs"]
mod keys;
#[path = "explain/refusals.rs"]
mod refusals;
#[path = "explain/situation.rs"]
mod situation;
mod support;
#[path = "explain/table.rs"]
mod table;
#[path = "explain/untold.rs"]
mod untold;
#[path = "explain/urls.rs"]
mod urls;

use std::collections::BTreeSet;

use bytes::Bytes;
use hooklatch::{
    Keyring, Unverified,
    explain::{Explain, Finding, Mistake},
    provider,
};

use situation::{NOW, SECRET, SENDERS, Situation, URL_SENDERS};

#[test]
fn a_correct_request_verifies_and_nothing_is_found() {
    for scheme in SENDERS.iter().chain(URL_SENDERS) {
        let explanation = Situation::correct(scheme).explain();
        assert!(explanation.verifies(), "{}: {explanation}", scheme.name);
        assert_eq!(explanation.tried(), 1);
        assert!(explanation.refusal().is_none() && explanation.mistakes().is_empty());
    }
}

#[test]
fn each_usual_mistake_is_named_for_each_sender() {
    let mut named = BTreeSet::new();
    for row in table::rows() {
        let mut senders = 0;
        for scheme in row.senders {
            let Some(situation) = (row.make)(scheme) else {
                continue;
            };
            let explanation = situation.explain();
            let found: Vec<_> = explanation
                .mistakes()
                .iter()
                .map(Finding::mistake)
                .collect();
            let what = format!("{} of {}: {explanation}", row.mistake, scheme.name);
            assert_eq!(found, [row.mistake], "{what}");
            assert!(!explanation.verifies(), "{what}");
            senders += 1;
        }
        assert!(senders >= 5, "{} of {senders} senders only", row.mistake);
        named.insert(row.mistake.name());
    }
    let all: BTreeSet<_> = Mistake::ALL.iter().map(|mistake| mistake.name()).collect();
    assert_eq!(named, all, "the table has every mistake");
}

#[test]
fn a_public_key_may_stand_on_one_line() {
    for scheme in situation::PUBLIC_KEY_SENDERS {
        let explanation = keys::with_pem(scheme, |pem| pem.replace('\n', " ")).explain();
        assert!(explanation.verifies(), "{}: {explanation}", scheme.name);
    }
}

#[test]
fn two_mistakes_at_once_are_both_named() {
    for scheme in SENDERS {
        let mut situation = Situation::correct(scheme);
        situation.keys = situation::keyring(&format!("\"{}\"", situation.secret));
        situation.body = [&situation.body[..], b"\n"].concat().into();
        let explanation = situation.explain();
        let found: Vec<_> = explanation
            .mistakes()
            .iter()
            .map(Finding::mistake)
            .collect();
        let both = [Mistake::SecretQuoted, Mistake::BodyNewline];
        assert_eq!(found, both, "{}: {explanation}", scheme.name);
    }
}

#[test]
fn of_a_wrong_secret_nothing_is_claimed() {
    for scheme in SENDERS {
        let mut situation = Situation::correct(scheme);
        situation.keys = situation::keyring(&situation::secret(scheme, "a secret of nobody"));
        nothing_fits(&situation);
    }
}

#[test]
fn of_another_body_nothing_is_claimed() {
    for scheme in [provider::STRIPE, provider::SQUARE, provider::TWILIO] {
        let mut situation = Situation::correct(&scheme);
        let body = str::from_utf8(&situation.body).unwrap();
        situation.body = body.replace("hello", "hallo").into();
        nothing_fits(&situation);
    }
}

fn nothing_fits(situation: &Situation) {
    let explanation = situation.explain();
    let name = &situation.scheme.name;
    assert!(explanation.mistakes().is_empty(), "{name}: {explanation}");
    assert!(!explanation.verifies() && explanation.refusal().is_some());
    assert!(explanation.is_complete(), "{name}: {}", explanation.tried());
    assert!(explanation.tried() > 500, "{name}: {}", explanation.tried());
    assert!(explanation.to_string().contains("None of the usual"));
}

#[test]
fn the_work_is_bounded() {
    let mut situation = Situation::correct(&provider::STRIPE);
    situation.keys = situation::keyring("whsec_a secret of nobody");
    let judge = |limit| {
        let request = Unverified::new(&situation.head, &situation.body, NOW);
        Explain::new(&situation.scheme, &situation.keys)
            .limit(limit)
            .judge(&request)
    };
    let bounded = judge(20);
    assert_eq!((bounded.tried(), bounded.is_complete()), (20, false));
    assert!(bounded.to_string().contains("bound"), "{bounded}");
    assert!(judge(4000).is_complete());
    // A body of 8 MiB may be tried but some dozen times.
    situation.body = Bytes::from(vec![b'x'; 8 * 1024 * 1024]);
    let request = Unverified::new(&situation.head, &situation.body, NOW);
    let large = Explain::new(&situation.scheme, &situation.keys).judge(&request);
    assert!(
        large.tried() <= 18 && !large.is_complete(),
        "{}",
        large.tried()
    );
}

#[test]
fn no_secret_signature_or_body_is_told() {
    for row in table::rows() {
        for scheme in row.senders {
            let Some(situation) = (row.make)(scheme) else {
                continue;
            };
            let explanation = situation.explain();
            let text = format!("{explanation} {explanation:?}");
            for key in situation.keys.keys() {
                let secret = String::from_utf8_lossy(key.secret().expose()).into_owned();
                assert!(!text.contains(secret.trim()), "{text}");
            }
            assert!(!text.contains(SECRET) && !text.contains("hello"), "{text}");
            let values = situation.head.headers.values();
            let long =
                values.filter_map(|value| value.to_str().ok().filter(|text| text.len() > 30));
            assert!(
                long.into_iter().all(|value| !text.contains(value)),
                "{text}"
            );
        }
    }
}

#[test]
fn hints_are_no_findings() {
    let mut situation = Situation::correct(&provider::STRIPE);
    situation.body = Bytes::new();
    let explanation = situation.explain();
    assert!(explanation.mistakes().is_empty());
    assert!(
        explanation.hints()[0].contains("body is empty"),
        "{explanation}"
    );

    let mut situation = Situation::correct(&provider::GITHUB);
    let head = &mut situation.head.headers;
    let value = head.remove("x-hub-signature-256").unwrap();
    head.insert("x-odd-signature", "sha256=odd".parse().unwrap());
    drop(value);
    let explanation = situation.explain();
    let hint = explanation.hints().join("\n");
    assert!(hint.contains("no header `x-hub-signature-256`"), "{hint}");
    assert!(hint.contains("x-odd-signature") && !hint.contains("odd\n"));

    let mut situation = Situation::with_body(&provider::SHOPIFY, r#"{"test":true,"a":"hello"}"#);
    situation.keys = Keyring::new("a secret of nobody");
    let explanation = situation.explain();
    assert!(explanation.hints().join("\n").contains("test mode"));
}

#[test]
fn all_presets_that_fit_are_named() {
    let mut situation = Situation::correct(&provider::SVIX);
    situation.scheme = provider::STRIPE;
    let explanation = situation.explain();
    let found = &explanation.mistakes()[0];
    assert_eq!(found.mistake(), Mistake::OtherPreset, "{explanation}");
    assert!(
        found.detail().contains("Also as a request of"),
        "{explanation}"
    );
}

#[test]
fn the_older_way_of_a_sender_is_named() {
    let pairs = [
        (provider::GITHUB, provider::GITHUB_SHA1),
        (provider::PLIVO, provider::PLIVO_V2),
        (provider::WEBSUB, provider::WEBSUB_SHA1),
        (provider::HUBSPOT_V3, provider::HUBSPOT_V2),
        (provider::GITLAB, provider::GITLAB_TOKEN),
    ];
    for (configured, sent) in pairs {
        let explanation = Situation::correct(&sent).configured(configured).explain();
        let found = &explanation.mistakes()[0];
        let by_headers = found.mistake() == Mistake::OldHeaders;
        assert!(
            by_headers && found.detail().contains(&*sent.name),
            "{}: {explanation}",
            sent.name
        );
    }
}

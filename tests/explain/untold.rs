//! Where nothing fits: what is said then, and how long it takes.

use std::time::Duration;

use bytes::Bytes;
use cpu_time::ThreadTime;
use hooklatch::{Keyring, explain::Explanation, provider};

use super::situation::{SENDERS, Situation, URL_SENDERS, keyring, secret};

const ANOTHER: &str = "The secret may be another one";

/// Nothing is found, and the text has this.
fn told(situation: &Situation, text: &str) -> Explanation {
    let explanation = situation.explain();
    let name = &situation.scheme.name;
    assert!(explanation.mistakes().is_empty(), "{name}: {explanation}");
    let is_there = explanation.to_string().contains(text);
    assert!(is_there, "{name}: {explanation}");
    explanation
}

fn told_of_no_secret(situation: &Situation, text: &str) {
    let explanation = told(situation, text);
    assert!(!explanation.to_string().contains(ANOTHER), "{explanation}");
}

fn with_secret_of_nobody(mut situation: Situation) -> Situation {
    situation.keys = keyring(&secret(&situation.scheme, "a secret of nobody"));
    situation
}

#[test]
fn another_secret_is_spoken_of_only_where_it_may_be_all() {
    let signature = |situation: &Situation| match &situation.scheme.signature {
        hooklatch::Source::Header(name) => {
            let prefix = situation.scheme.header_prefixes.first();
            format!("{}{name}", prefix.map_or("", |prefix| prefix))
        }
        other => panic!("{other:?}"),
    };
    for scheme in SENDERS {
        let situation = with_secret_of_nobody(Situation::correct(scheme));
        let name: http::HeaderName = signature(&situation).parse().unwrap();
        told(&situation, ANOTHER);

        let mut missing = Situation::correct(scheme);
        missing.head.headers.remove(&name);
        told_of_no_secret(&missing, "No secret makes up for what is missing");

        let mut repeated = Situation::correct(scheme);
        let value = repeated.head.headers[&name].clone();
        repeated.head.headers.append(&name, value);
        told_of_no_secret(&repeated, "stands there once");

        let mut malformed = Situation::correct(scheme);
        malformed.head.headers.insert(&name, "odd".parse().unwrap());
        told_of_no_secret(&malformed, "as the sender writes it");
    }
}

#[test]
fn a_key_that_cannot_be_used_is_told_as_that() {
    for scheme in [
        provider::STANDARD_WEBHOOKS,
        provider::SVIX,
        provider::DISCORD,
    ] {
        let mut situation = Situation::correct(&provider::STANDARD_WEBHOOKS).configured(scheme);
        situation.keys = keyring("whsec_what is this, in any encoding?");
        told_of_no_secret(&situation, "No request can verify by this key");
        situation.keys = Keyring::empty();
        told_of_no_secret(&situation, "No request can verify by this key");
    }
    let mut situation = Situation::correct(&provider::GITHUB);
    let yesterday = situation.now - Duration::from_secs(86_400);
    situation.keys = Keyring::empty().and_until("old", "a secret of yesterday", yesterday);
    told_of_no_secret(&situation, "None of the keys counts any more");
}

#[test]
fn a_length_that_differs_is_told_first() {
    for scheme in SENDERS {
        let correct = || {
            let situation = Situation::correct(scheme);
            let length = situation.body.len().to_string();
            situation.header("content-length", &length)
        };
        let body = correct().body;
        let cut = told(&correct().received(body.slice(..50)), "has cut");
        assert!(cut.hints()[0].contains("50 bytes"), "{cut}");
        let longer = [&body[..], b"more"].concat();
        told(&correct().received(longer), "has lengthened");
        let same = with_secret_of_nobody(correct()).explain();
        assert!(!same.to_string().contains("content-length"), "{same}");
    }
}

#[test]
fn sorted_members_are_told_and_few_are_not() {
    let of = |body: &'static str| {
        let situation = Situation::with_body(&provider::STRIPE, body);
        with_secret_of_nobody(situation).explain().to_string()
    };
    let sorted = "alphabetical order";
    assert!(of(r#"{"a":1,"b":"hello","c":2,"d":[]}"#).contains(sorted));
    for body in [
        r#"{"a":1,"b":"hello","c":2}"#,
        r#"{"a":1,"c":"hello","b":2,"d":[]}"#,
        r#"["a","b","c","d"]"#,
    ] {
        assert!(!of(body).contains(sorted), "{body}");
    }
}

#[test]
fn the_url_that_was_assumed_is_told_without_its_query() {
    for scheme in URL_SENDERS {
        let mut situation = Situation::correct(scheme);
        situation.keys = keyring("a secret of nobody, in 32 bytes.");
        let uri = format!("{}&token=hidden", situation.head.uri);
        let text = told(&situation.at_path(&uri), "was assumed").to_string();
        assert!(text.contains("https://hooks.example.com/in/here"), "{text}");
        assert!(!text.contains("hidden"), "{text}");
    }
    let github = with_secret_of_nobody(Situation::correct(&provider::GITHUB));
    assert!(!github.explain().to_string().contains("assumed"));
}

/// Deep, wide and both: what is read or written again and again must not grow with the depth.
#[test]
fn no_body_takes_long() {
    let levels = |n: usize, inside: &str| format!("{}{inside}{}", "[".repeat(n), "]".repeat(n));
    let bodies = [
        levels(100_000, ""),
        levels(60, &format!("1{}", ", [2]".repeat(5_000))),
        levels(60, &format!("1{}", ",2".repeat(5_000))),
        format!("\"{}\"", "\\\"".repeat(100_000)),
    ];
    for body in bodies {
        let situation = Situation::with_body(&provider::STRIPE, Bytes::from(body));
        let situation = with_secret_of_nobody(situation);
        let start = ThreadTime::now();
        let explanation = situation.explain();
        let took = start.elapsed();
        assert!(explanation.mistakes().is_empty());
        println!(
            "{took:?} {} {}",
            explanation.tried(),
            explanation.is_complete()
        );
        assert!(took < Duration::from_secs(15), "{took:?}: {explanation}");
    }
}

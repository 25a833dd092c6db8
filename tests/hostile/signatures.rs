//! Signatures: missing, repeated, oversized, misspelt, of another kind, sender or key, in every place where one can be.

use hooklatch::{Part, Several, Source};

use crate::attacks;
use crate::places::{Place, Signed};
use crate::presets::{Endpoint, Stage};
use crate::support::status;

#[tokio::test]
async fn a_signature_has_one_spelling() {
    let stage = Stage::new();
    for endpoint in &stage.endpoints {
        let (name, leads) = (&endpoint.preset.name, endpoint.preset.leads);
        let (count, least) = if leads {
            let all = attacks::all(endpoint);
            (stage.refuses(endpoint, all, 401).await, 90)
        } else {
            let spellings = attacks::spellings(endpoint);
            (stage.refuses(endpoint, spellings, 401).await, 30)
        };
        assert!(count > least, "{name}: {count}");
    }
}

#[tokio::test]
async fn a_signature_of_another_sender_or_key_is_none() {
    let stage = Stage::new();
    let sent: Vec<Signed> = stage
        .endpoints
        .iter()
        .map(|other| other.good("1"))
        .collect();
    for endpoint in &stage.endpoints {
        let good = endpoint.good("1");
        let place = endpoint.preset.signature();
        let own = headers_of_signatures(endpoint);
        // All headers of all other senders together, over this sender's body.
        let mut all = good.clone().without_at(&place);
        let mut attacks = vec![(
            "key".to_owned(),
            endpoint.draft("1").with_wrong_key().into(),
        )];
        for (other, signed) in stage.endpoints.iter().zip(&sent) {
            // Those of its own shape, and between shapes the first of each.
            let is_sibling = endpoint.preset.shape == other.preset.shape;
            if !is_sibling && !(endpoint.preset.leads && other.preset.leads) {
                continue;
            }
            let text = signed.at(&other.preset.signature());
            // Senders that sign the same content in the same way have the same signatures: the keys are alike here.
            let alike = endpoint.preset.takes(&other.preset) || endpoint.preset.is_bare_token();
            if !alike && text != good.at(&place) && other.preset.name != endpoint.preset.name {
                let what = format!("text of {}", other.preset.name);
                attacks.push((what, good.clone().put(&place, text)));
            }
            let headers = signed.head.headers();
            if !own.iter().any(|name| headers.contains_key(name)) {
                all.head.headers_mut().extend(headers.clone());
            }
        }
        attacks.push(("headers of others".to_owned(), all));
        // The secret itself, where it is no token.
        if !endpoint.preset.is_token() {
            let (before, _) = endpoint.signature(&good);
            let secret = format!(
                "{before}{}{}",
                endpoint.sender.key_text(),
                endpoint.behind()
            );
            attacks.push(("the key".to_owned(), good.clone().put(&place, secret)));
        }
        stage.refuses(endpoint, attacks, 401).await;
    }
}

#[tokio::test]
async fn a_signature_in_another_place_is_none() {
    let stage = Stage::new();
    for endpoint in &stage.endpoints {
        let good = endpoint.good("1");
        let place = endpoint.preset.signature();
        let (text, bare) = (good.at(&place), good.clone().without_at(&place));
        let names = [
            "authorization",
            "x-signature",
            "signature",
            "token",
            "x-hub-signature",
        ];
        let own = headers_of_signatures(endpoint);
        let headers = names
            .iter()
            .filter(|name| !own.contains(&(**name).to_owned()));
        let mut attacks: Vec<_> = headers
            .map(|name| ((*name).to_owned(), bare.clone().with(name, &text)))
            .collect();
        for name in ["signature", "token", "HandshakeKey", "bt_signature"] {
            if !matches!(&place, Place::Query(own) if own == name) {
                let value: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
                let query = format!("{}&{name}={value}", bare.query());
                attacks.push((format!("query {name}"), bare.clone().with_query(&query)));
            }
        }
        stage.refuses(endpoint, attacks, 401).await;
    }
}

/// The names under which a sender may write its signature's header.
fn headers_of_signatures(endpoint: &Endpoint) -> Vec<String> {
    let scheme = &endpoint.preset.scheme;
    let number = if scheme.several == Several::Numbered {
        "1"
    } else {
        ""
    };
    let places = scheme.signature.places().iter();
    let names = places.filter_map(|place| match place {
        Source::Header(name) => Some(format!("{name}{number}")),
        _ => None,
    });
    let bare = scheme.header_prefixes.is_empty().then_some("");
    let prefixes = || scheme.header_prefixes.iter().map(|prefix| &**prefix);
    names
        .flat_map(|name| {
            let prefixes = prefixes().chain(bare);
            prefixes.map(move |prefix| format!("{prefix}{name}"))
        })
        .collect()
}

/// A request under other header names.
fn renamed(signed: &Signed, from: &str, to: &str) -> Signed {
    let headers = signed.head.headers().clone();
    let named = headers
        .iter()
        .filter_map(|(name, value)| Some((name, name.as_str().strip_prefix(from)?, value)));
    named.fold(signed.clone(), |signed, (name, rest, value)| {
        signed
            .without(name.as_str())
            .with(&format!("{to}{rest}"), value)
    })
}

#[tokio::test]
async fn two_header_families_do_not_mix() {
    let stage = Stage::new();
    let mut count = 0;
    for endpoint in &stage.endpoints {
        let names = headers_of_signatures(endpoint);
        let [first, second] = &*names else { continue };
        count += 1;
        // The families begin where the names of the signature headers differ; Sentry's are complete names.
        let prefixes = &endpoint.preset.scheme.header_prefixes;
        let (from, to) = match &**prefixes {
            [from, to] => (&**from, &**to),
            _ => (&**first, &**second),
        };
        let sent = endpoint.good("msg_1");
        let (one, two) = (renamed(&sent, to, from), renamed(&sent, from, to));
        let signature = one.header(first);
        let (before, text) = endpoint.signature(&sent);
        let forged = format!("{before}{}", text.chars().rev().collect::<String>());
        let mut attacks = vec![
            (
                "a forged first before a good second",
                two.clone().with(first, &forged),
            ),
            (
                "an empty first before a good second",
                two.clone().with(first, ""),
            ),
            (
                "a good second after two firsts",
                two.clone().and(first, &signature).and(first, &signature),
            ),
            (
                "a repeated second alone",
                two.clone().and(second, &signature),
            ),
            (
                "both forged",
                one.clone().with(first, &forged).with(second, &forged),
            ),
        ];
        if endpoint.preset.signs(&Part::Id) {
            let (id, at) = (
                |prefix: &str| format!("{prefix}id"),
                |prefix: &str| format!("{prefix}timestamp"),
            );
            attacks.extend([
                (
                    "second signature, first rest",
                    one.clone().without(first).with(second, &signature),
                ),
                (
                    "first signature, second rest",
                    two.clone().without(second).with(first, &signature),
                ),
                (
                    "one header of the other",
                    two.clone().without(&id(to)).with(&id(from), "msg_1"),
                ),
                (
                    "the time of the other",
                    two.clone()
                        .without(&at(to))
                        .with(&at(from), sent.at(&endpoint.preset.timestamp().unwrap())),
                ),
            ]);
        }
        let attacks = attacks
            .into_iter()
            .map(|(what, signed)| (what.to_owned(), signed));
        stage.refuses(endpoint, attacks, 401).await;
        // A good first family counts, whatever the second says; the second alone is as good.
        let before = stage.runs.count();
        let both = one.with(second, &forged);
        for (what, signed) in [("both", both), ("the second, a duplicate", two)] {
            let got = status(&endpoint.app, signed.request()).await;
            assert_eq!(got, 200, "{}: {what}", endpoint.preset.name);
        }
        assert_eq!(stage.runs.count(), before + 1, "{}", endpoint.preset.name);
    }
    // Shopify, Standard Webhooks and Svix by prefix, Sentry by name; and as each of their other senders writes.
    assert!(count >= 10, "{count}");
}

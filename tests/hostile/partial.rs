//! Senders whose signature covers less than the body: what it does cover, nobody can change.

use hooklatch::{Event, EventRouter};
use serde_json::Value;

use crate::places::{Place, Signed};
use crate::presets::Stage;
use crate::support::{Runs, status};

#[tokio::test]
async fn no_field_of_a_signed_form_can_be_changed_added_or_taken_out() {
    let stage = Stage::of(&["twilio"]);
    let endpoint = stage.endpoint("twilio");
    let good = endpoint.good("1");
    let text = String::from_utf8(good.body.to_vec()).unwrap();
    let mut attacks: Vec<(String, Signed)> = Vec::new();
    for (name, value) in form_urlencoded::parse(good.body.as_ref()) {
        let place = Place::Form(name.to_string());
        let changes = [
            good.clone().put(&place, ""),
            good.clone().put(&place, format!("{value}0")),
            good.clone().put(&place, value.to_ascii_uppercase() + " "),
            good.clone().again(&place, "other"),
            good.clone().without_at(&place),
        ];
        attacks.extend(changes.map(|signed| (name.to_string(), signed)));
    }
    for body in [
        format!("{text}&a=b"),
        format!("a=b&{text}"),
        format!("{text}&a"),
        format!("{text}\0"),
        format!("{text}%00"),
        text.replacen('&', ";", 1),
        text.to_ascii_uppercase(),
        String::new(),
        "{}".to_owned(),
    ] {
        attacks.push((body.clone(), good.clone().with_body(body)));
    }
    // Nor can the digest of another body stand for the form.
    let digest = "44136fa355b3678a1146ad16f7e8649e94fb4f21fe77e8310c060f61caaff8a";
    for digest in ["", "00", digest] {
        let query = format!("bodySHA256={digest}");
        attacks.push((query.clone(), good.clone().with_query(&query)));
        let json = good.clone().with_query(&query).with_body("{}");
        attacks.push((format!("{query} of JSON"), json));
    }
    stage.refuses(endpoint, attacks, 401).await;
}

#[tokio::test]
async fn a_signed_url_cannot_be_changed() {
    let stage = Stage::new();
    for name in ["twilio", "twilio-json", "square"] {
        let endpoint = stage.endpoint(name);
        let sent = endpoint.draft("1").query("a", "1").query("b", "2");
        let good = Signed::from(sent);
        let query = good.query().to_owned();
        let queries = [
            String::new(),
            query.replacen("a=1", "a=2", 1),
            query.replacen("a=1&b=2", "b=2&a=1", 1),
            query.replacen("a=1", "A=1", 1),
            query.replacen("a=1", "a=%31", 1),
            format!("{query}&c=3"),
            format!("{query}&"),
            format!("{query}&{query}"),
            query.replacen("&b=2", "", 1),
        ];
        let attacks: Vec<_> = queries
            .into_iter()
            .filter(|other| !other.is_empty())
            .map(|other| (other.clone(), good.clone().with_query(&other)))
            .collect();
        stage.refuses(endpoint, attacks, 401).await;
        // Nothing stands between the URL and JSON, but no URL holds what JSON begins with.
        if name == "square" {
            let body = String::from_utf8(good.body.to_vec()).unwrap();
            let shifted = [1, 2].into_iter().filter_map(|at| {
                let query = format!("{query}{}", &body[..at]);
                good.url(&query)?;
                let shifted = good.clone().with_query(&query);
                Some((query, shifted.with_body(body[at..].to_owned())))
            });
            stage.refuses(endpoint, shifted, 401).await;
        }
    }
}

#[tokio::test]
async fn the_digest_of_a_body_is_of_this_body_and_signed() {
    let stage = Stage::of(&["twilio-json"]);
    let endpoint = stage.endpoint("twilio-json");
    let good = endpoint.good("1");
    let place = Place::Query("bodySHA256".to_owned());
    let digest = good.at(&place);
    let other = endpoint.good("2");
    let attacks = [
        ("another body", good.clone().with_body(other.body.clone())),
        (
            "its digest",
            good.clone()
                .put(&place, other.at(&place))
                .with_body(other.body),
        ),
        ("no digest", good.clone().without_at(&place)),
        ("an empty one", good.clone().put(&place, "")),
        (
            "upper case",
            good.clone().put(&place, digest.to_ascii_uppercase()),
        ),
        ("cut", good.clone().put(&place, &digest[..32])),
        ("twice", good.clone().again(&place, &digest)),
        ("a form", good.clone().with_body("a=b")),
    ];
    let attacks = attacks.map(|(what, signed)| (what.to_owned(), signed));
    stage.refuses(endpoint, attacks, 401).await;
}

#[tokio::test]
async fn mailguns_token_and_timestamp_cannot_be_changed_or_cut_elsewhere() {
    let stage = Stage::new();
    for name in ["mailgun", "mailgun-form"] {
        let endpoint = stage.endpoint(name);
        let sent = endpoint.draft("7f0a");
        let good = Signed::from(sent);
        let time = endpoint.preset.timestamp().unwrap();
        let id = endpoint.preset.signed_id().unwrap();
        let (seconds, token) = (good.at(&time), good.at(&id));
        let all = format!("{seconds}{token}");
        let mut attacks: Vec<(String, Signed)> = (1..all.len())
            .filter(|at| *at != seconds.len())
            .map(|at| {
                let cut = good.clone().put(&time, &all[..at]).put(&id, &all[at..]);
                (format!("cut at {at}"), cut)
            })
            .collect();
        for other in ["7f0b", "7F0A", "7f0a0", "7f0", "0"] {
            attacks.push((format!("token {other}"), good.clone().put(&id, other)));
        }
        stage.refuses(endpoint, attacks, 401).await;
        // The event is not signed. Its token is spent once, so that nobody gets another event run with it.
        let before = stage.runs.count();
        assert_eq!(status(&endpoint.app, good.request()).await, 200);
        let text = String::from_utf8(good.body.to_vec()).unwrap();
        let changed = good.clone().with_body(text.replacen("7f0a", "7f0c", 1));
        assert_ne!(changed.body, good.body);
        assert_eq!(
            status(&endpoint.app, changed.request()).await,
            200,
            "{name}"
        );
        assert_eq!(stage.runs.count(), before + 1, "{name}");
    }
}

#[tokio::test]
async fn braintrees_payload_cannot_be_changed() {
    let stage = Stage::of(&["braintree"]);
    let endpoint = stage.endpoint("braintree");
    let good = endpoint.good("1");
    let place = Place::Form("bt_payload".to_owned());
    let payload = good.at(&place);
    let other = endpoint.good("2").at(&place);
    let attacks = [
        ("another", good.clone().put(&place, other)),
        ("missing", good.clone().without_at(&place)),
        ("empty", good.clone().put(&place, "")),
        ("twice", good.clone().again(&place, &payload)),
        (
            "another first",
            good.clone().put(&place, "x").again(&place, &payload),
        ),
        (
            "cut",
            good.clone().put(&place, &payload[..payload.len() - 4]),
        ),
        ("longer", good.clone().put(&place, format!("{payload}AAAA"))),
        (
            "a newline",
            good.clone().put(&place, format!("{payload}\n")),
        ),
        (
            "two newlines",
            good.clone().put(&place, format!("{payload}\n\n")),
        ),
        (
            "a newline in front",
            good.clone().put(&place, format!("\n{payload}")),
        ),
        (
            "a newline within",
            good.clone().put(&place, payload.replacen('A', "\nA", 1)),
        ),
        (
            "without padding",
            good.clone()
                .put(&place, format!("{}!", payload.trim_end_matches('='))),
        ),
        ("JSON", good.clone().with_body("{}")),
        ("nothing", good.clone().with_body("")),
    ];
    let attacks = attacks.map(|(what, signed)| (what.to_owned(), signed));
    stage.refuses(endpoint, attacks, 401).await;
}

#[tokio::test]
async fn a_token_lets_in_whoever_knows_it_and_still_runs_an_id_once() {
    let events = EventRouter::new().fallback(|_: Event<Value>| async {});
    let stage = Stage::with(events, Runs::default());
    for endpoint in &stage.endpoints {
        if !endpoint.preset.is_token() {
            continue;
        }
        let stats = stage.store().stats();
        for _ in 0..3 {
            let got = status(&endpoint.app, endpoint.good("once").request()).await;
            assert_eq!(got, 200, "{}", endpoint.preset.name);
        }
        let now = stage.store().stats();
        let name = &endpoint.preset.name;
        assert_eq!(now.completed, stats.completed + 1, "{name}");
    }
}

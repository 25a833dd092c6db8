//! Published challenges, and those that `testing::Sender` makes.

use std::{collections::BTreeMap, sync::Arc};

use hooklatch::{
    Keyring, Param, provider,
    testing::{ManualClock, Sender},
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Answer, House, SECRET, keys, request, senders::scheme};

#[derive(Deserialize)]
struct Published {
    provider: String,
    secret: Option<String>,
    request: PublishedRequest,
    response: PublishedResponse,
}

#[derive(Deserialize)]
struct PublishedRequest {
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
    body: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PublishedResponse {
    status: Option<u16>,
    headers: BTreeMap<String, String>,
    absent_headers: Vec<String>,
    body: Option<String>,
}

impl PublishedResponse {
    fn check(&self, name: &str, answer: &Answer) {
        if let Some(status) = self.status {
            assert_eq!(answer.status, status, "{name}");
        }
        if let Some(body) = &self.body {
            assert_eq!(&answer.body, body, "{name}");
        }
        for (header, value) in &self.headers {
            assert!(
                answer.header(header).starts_with(value),
                "{name}: {header} {answer:?}"
            );
        }
        for header in &self.absent_headers {
            assert_eq!(answer.header(header), "", "{name}");
        }
        if name == "xero" && answer.status == 401 {
            assert!(answer.body.is_empty() && !answer.headers.contains_key("set-cookie"));
        }
    }
}

#[tokio::test]
async fn every_challenge_is_answered_as_published() {
    let cases: Vec<Published> = serde_json::from_str(include_str!("../handshakes.json")).unwrap();
    assert_eq!(cases.len(), 23);
    for case in &cases {
        let name = &*case.provider;
        let scheme = scheme(name);
        if name == "dropbox-sign" {
            // The request is left out; every event is acknowledged so.
            let sender = Sender::new(scheme.clone());
            let house = House::new(scheme, sender.keyring());
            let event = sender
                .clock(Arc::new(ManualClock::new(
                    OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap(),
                )))
                .event("signature_request_sent", json!({}));
            case.response
                .check(name, &house.send(event.request()).await);
            continue;
        }
        let brings_secret = case.secret.is_none() && ["asana", "notion"].contains(&name);
        let keyring = if brings_secret {
            Keyring::empty()
        } else {
            let secret = case.secret.as_deref().unwrap_or(SECRET);
            let rate = case.response.headers.get("WebHook-Allowed-Rate");
            Keyring::new(secret)
                .insecure_allow_short_secrets()
                .with(Param::VerifyToken, secret)
                .with(Param::AllowedOrigins, "eventemitter.example.com")
                .with(Param::AllowedRate, rate.map_or("*", |rate| rate))
        };
        let now = if name == "twitch" {
            1_573_899_072
        } else {
            1_700_000_000
        };
        let house = House::at(now, scheme, keyring, |receiver| {
            receiver.on_secret(|_| async { Ok::<_, std::io::Error>(()) })
        });
        let headers: Vec<(&str, &str)> = case
            .request
            .headers
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        let url = case
            .request
            .url
            .strip_prefix("https://example.com")
            .unwrap();
        let sent = request(&case.request.method, url, &headers, &case.request.body);
        case.response.check(name, &house.send(sent).await);
        let is_delivery = ["line", "xero"].contains(&name);
        assert!(is_delivery || house.runs.count() == 0, "{name}");
    }
}

#[derive(Deserialize)]
struct Vector {
    id: String,
    provider: String,
    kind: String,
    key: BTreeMap<String, Value>,
    method: String,
    url: Option<String>,
    headers: Vec<(String, String)>,
    body: String,
    #[serde(default)]
    expected_response: PublishedResponse,
}

#[tokio::test]
async fn handshake_vectors_are_answered_by_what_their_key_says() {
    let files = [
        include_str!("../vectors/cloudevents-http.json"),
        include_str!("../vectors/websub.json"),
    ];
    let vectors = files
        .into_iter()
        .flat_map(|file| serde_json::from_str::<Vec<Vector>>(file).unwrap());
    let mut answered = 0;
    for vector in vectors.filter(|vector| vector.kind == "handshake") {
        let words = |name: &str| match vector.key.get(name) {
            Some(Value::Array(words)) => {
                let words: Vec<&str> = words.iter().map(|word| word.as_str().unwrap()).collect();
                words.join(" ")
            }
            Some(other) => other.to_string(),
            None => String::new(),
        };
        let mut keyring = keys();
        for (name, param) in [
            ("pending_topics", Param::Topics),
            ("allowed_origins", Param::AllowedOrigins),
            ("rate", Param::AllowedRate),
        ] {
            keyring = keyring.with(param, words(name));
        }
        let house = House::new(scheme(&vector.provider), keyring);
        let headers: Vec<(&str, &str)> = vector
            .headers
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        let url = vector.url.as_deref().unwrap();
        let answer = house
            .send(request(&vector.method, url, &headers, &vector.body))
            .await;
        vector.expected_response.check(&vector.id, &answer);
        assert_eq!(house.runs.count(), 0);
        answered += 1;
    }
    assert_eq!(answered, 3);
}

#[tokio::test]
async fn every_sender_makes_the_challenges_it_has() {
    let others = [
        "asana",
        "circle",
        "dropbox",
        "fitbit",
        "linkedin",
        "microsoft-graph",
        "monday",
        "nylas",
        "okta",
        "strava",
        "trello",
        "twitch",
        "websub",
        "worldline",
        "x-twitter",
    ];
    let presets = provider::ALL.iter().map(|preset| &*preset.name);
    for name in presets.chain(others) {
        let clock = Arc::new(ManualClock::new(
            OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap(),
        ));
        let sender = Sender::new(scheme(name)).clock(clock);
        let house = House::new(scheme(name), sender.keyring());
        for challenge in sender.handshakes() {
            let answer = house.send(challenge.request()).await;
            let status = StatusCode::from_u16(answer.status).unwrap();
            assert!(
                challenge.is_met_by(status, answer.body.as_bytes()),
                "{name}: {answer:?} instead of {:?}",
                challenge.expected()
            );
            for (header, value) in challenge.expected_headers() {
                assert_eq!(answer.header(header.as_str()), value, "{name}");
            }
        }
        assert_eq!(house.runs.count(), 0, "{name}");
    }
}

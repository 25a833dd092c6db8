//! URL challenges: each is answered as its sender publishes it, and nothing else is.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_in_result,
    clippy::unwrap_used
)]

mod support;

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    response::Response,
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use hooklatch::{
    Acknowledgement, Algorithm, AnswerHeader, AnswerPart, ChallengeAnswer, Condition, Encoding,
    EventRouter, Handshake, Hooks, Keyring, Method, Param, Part, Profile, RawEvent, Receive,
    Receiver, Scheme, Source, Timestamp, provider,
    testing::{ManualClock, Sender},
};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use support::Runs;
use time::OffsetDateTime;
use tower::ServiceExt;

const SECRET: &str = "a-secret-of-sixteen-bytes-or-more";

/// The schemes of senders that have no preset here: their challenges, and just enough of the rest.
fn scheme(name: &str) -> Scheme {
    if let Some(preset) = provider::by_name(name) {
        return preset.clone();
    }
    let hmac = |header: &'static str, encoding| Scheme {
        signature: Source::header(header),
        methods: vec![Method {
            encoding,
            ..Method::HMAC_SHA256
        }]
        .into(),
        ..Scheme::HMAC_SHA256
    };
    let tagged = |header: &'static str, tag: &'static str, encoding| Scheme {
        signature: Source::header(header),
        methods: vec![Method {
            tag: tag.into(),
            encoding,
            ..Method::HMAC_SHA256
        }]
        .into(),
        ..Scheme::HMAC_SHA256
    };
    let base = match name {
        "asana" => hmac("x-hook-signature", Encoding::Hex),
        "dropbox" => hmac("x-dropbox-signature", Encoding::Hex),
        "linkedin" => hmac("x-li-signature", Encoding::Hex),
        "nylas" => hmac("x-nylas-signature", Encoding::Hex),
        "line" => hmac("x-line-signature", Encoding::Base64),
        "xero" => hmac("x-xero-signature", Encoding::Base64),
        "x-twitter" => tagged("x-twitter-webhooks-signature", "sha256=", Encoding::Base64),
        "twitch" => Scheme {
            content: vec![Part::Id, Part::Timestamp, Part::Body].into(),
            id: Some(Source::header("twitch-eventsub-message-id")),
            timestamp: Some(Timestamp {
                format: hooklatch::TimeFormat::Rfc3339,
                ..Timestamp::unix(Source::header("twitch-eventsub-message-timestamp"))
            }),
            ..tagged(
                "twitch-eventsub-message-signature",
                "sha256=",
                Encoding::Hex,
            )
        },
        "websub" => tagged("x-hub-signature", "sha256=", Encoding::Hex),
        "okta" => Scheme {
            methods: vec![Method::TOKEN].into(),
            ..Scheme::BEARER
        },
        "dropbox-sign" => Scheme {
            profile: Profile {
                accepted: Some(Acknowledgement {
                    content_type: "text/plain".into(),
                    body: "Hello API Event Received".into(),
                }),
                ..Profile::DEFAULT
            },
            ..Scheme::HMAC_SHA256
        },
        "trello" | "mandrill" => Scheme {
            methods: vec![Method {
                algorithm: Algorithm::HmacSha1,
                encoding: Encoding::Base64,
                ..Method::HMAC_SHA256
            }]
            .into(),
            ..Scheme::HMAC_SHA256
        },
        _ => Scheme::BEARER,
    };
    Scheme {
        name: name.to_owned().into(),
        handshakes: handshakes(name).into(),
        ..base
    }
}

/// The challenges of those senders.
fn handshakes(name: &str) -> Vec<Handshake> {
    let one = |signed, method: &'static str, when: &[Condition], answer| Handshake {
        signed,
        method: method.into(),
        when: when.to_vec().into(),
        answer,
    };
    let query = Source::query;
    let is = |place, text: &'static str| Condition::Equals(place, text.into());
    let json = |parts: &[AnswerPart]| ChallengeAnswer::Json(parts.to_vec().into());
    let text = |text: &'static str| AnswerPart::Literal(text.into());
    match name {
        "asana" => {
            let secret = Source::header("x-hook-secret");
            let echo = ChallengeAnswer::Secret(secret.clone(), Some("x-hook-secret".into()));
            vec![one(false, "POST", &[Condition::Present(secret)], echo)]
        }
        "dropbox" | "nylas" => {
            let challenge = query("challenge");
            let when = [Condition::Present(challenge.clone())];
            vec![one(false, "GET", &when, ChallengeAnswer::Echo(challenge))]
        }
        "ebay" => {
            let code = query("challenge_code");
            let hash = AnswerPart::Sha256(
                code.clone(),
                vec![Param::VerifyToken, Param::PublicUrl].into(),
                Encoding::Hex,
            );
            let answer = json(&[text(r#"{"challengeResponse":""#), hash, text(r#""}"#)]);
            vec![one(false, "GET", &[Condition::Present(code)], answer)]
        }
        "fitbit" => {
            let code = query("verify");
            vec![
                one(
                    false,
                    "GET",
                    &[Condition::EqualsParam(code.clone(), Param::VerifyToken)],
                    ChallengeAnswer::NoContent,
                ),
                one(
                    false,
                    "GET",
                    &[Condition::Present(code)],
                    ChallengeAnswer::Refuse(404),
                ),
            ]
        }
        "linkedin" => {
            let code = query("challengeCode");
            let answer = json(&[
                text(r#"{"challengeCode":""#),
                AnswerPart::Challenge(code.clone()),
                text(r#"","challengeResponse":""#),
                AnswerPart::Mac(code.clone(), Encoding::Hex),
                text(r#""}"#),
            ]);
            vec![one(false, "GET", &[Condition::Present(code)], answer)]
        }
        "microsoft-graph" => {
            let token = query("validationToken");
            let when = [Condition::Present(token.clone())];
            vec![one(false, "POST", &when, ChallengeAnswer::Echo(token))]
        }
        "monday" => {
            let challenge = Source::json("/challenge");
            let when = [
                Condition::Present(challenge.clone()),
                Condition::Absent(Source::json("/event")),
            ];
            let echo = ChallengeAnswer::EchoJson(challenge, "challenge".into());
            vec![
                one(false, "POST", &when, echo.clone()),
                one(true, "POST", &when, echo),
            ]
        }
        "okta" => {
            let challenge = Source::header("x-okta-verification-challenge");
            let when = [Condition::Present(challenge.clone())];
            let echo = ChallengeAnswer::EchoJson(challenge, "verification".into());
            vec![one(false, "GET", &when, echo)]
        }
        "strava" => {
            let when = [
                is(query("hub.mode"), "subscribe"),
                Condition::EqualsParam(query("hub.verify_token"), Param::VerifyToken),
            ];
            let echo = ChallengeAnswer::EchoJson(query("hub.challenge"), "hub.challenge".into());
            vec![one(false, "GET", &when, echo)]
        }
        "circle" | "mandrill" | "trello" => {
            vec![one(false, "HEAD", &[], ChallengeAnswer::Acknowledge)]
        }
        "twitch" => {
            let when = [is(
                Source::header("twitch-eventsub-message-type"),
                "webhook_callback_verification",
            )];
            let echo = ChallengeAnswer::Echo(Source::json("/challenge"));
            vec![one(true, "POST", &when, echo)]
        }
        "websub" => {
            let (mode, topic) = (query("hub.mode"), query("hub.topic"));
            let listed = Condition::Listed(topic.clone(), Param::Topics);
            let echo = ChallengeAnswer::Echo(query("hub.challenge"));
            vec![
                one(
                    false,
                    "GET",
                    &[is(mode.clone(), "subscribe"), listed.clone()],
                    echo.clone(),
                ),
                one(
                    false,
                    "GET",
                    &[
                        is(mode.clone(), "unsubscribe"),
                        Condition::Unlisted(topic, Param::Topics),
                    ],
                    echo,
                ),
                one(
                    false,
                    "GET",
                    &[is(mode.clone(), "denied"), listed],
                    ChallengeAnswer::Acknowledge,
                ),
                one(
                    false,
                    "GET",
                    &[Condition::Present(mode)],
                    ChallengeAnswer::Refuse(404),
                ),
            ]
        }
        "worldline" => {
            let challenge = Source::header("x-gcs-webhooks-endpoint-verification");
            let when = [Condition::Present(challenge.clone())];
            vec![one(false, "GET", &when, ChallengeAnswer::Echo(challenge))]
        }
        "x-twitter" => {
            let token = query("crc_token");
            let answer = json(&[
                text(r#"{"response_token":"sha256="#),
                AnswerPart::Mac(token.clone(), Encoding::Base64),
                text(r#""}"#),
            ]);
            vec![one(false, "GET", &[Condition::Present(token)], answer)]
        }
        _ => Vec::new(),
    }
}

/// A receiver whose handler counts its runs.
struct House {
    app: Receive,
    runs: Runs,
}

impl House {
    fn new(scheme: Scheme, keys: Keyring) -> Self {
        Self::at(1_700_000_000, scheme, keys, |receiver| receiver)
    }

    fn at(
        now: i64,
        scheme: Scheme,
        keys: Keyring,
        change: impl FnOnce(Receiver) -> Receiver,
    ) -> Self {
        let now = OffsetDateTime::from_unix_timestamp(now).unwrap();
        let hooks = Hooks::new().with_clock(Arc::new(ManualClock::new(now)));
        let receiver = change(hooks.receiver("here", scheme, keys).unwrap());
        let runs = Runs::default();
        let counted = runs.clone();
        let app = receiver.receive(EventRouter::new().fallback(move |_: RawEvent| {
            counted.add();
            async {}
        }));
        Self { app, runs }
    }

    async fn send(&self, request: Request) -> Answer {
        let Ok(response) = self.app.clone().oneshot(request).await;
        Answer::of(response).await
    }

    async fn get(&self, uri: &str) -> Answer {
        self.send(request("GET", uri, &[], "")).await
    }

    async fn post(&self, uri: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.send(request("POST", uri, headers, body)).await
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (head, body) = response.into_parts();
        let body = to_bytes(body, 4096).await.unwrap();
        Self {
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    fn is(&self, status: u16, body: &str) -> bool {
        self.status == status && self.body == body
    }
}

fn request(method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.to_owned().into()).unwrap()
}

fn keys() -> Keyring {
    Keyring::new(SECRET)
}

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
    let cases: Vec<Published> =
        serde_json::from_str(include_str!("vectors/handshakes.json")).unwrap();
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
        include_str!("vectors/cloudevents-http.json"),
        include_str!("vectors/websub.json"),
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
async fn a_challenge_that_could_sign_an_event_is_not_answered() {
    let keys = Keyring::new("integration_public_key|integration_private_key");
    let house = House::new(provider::BRAINTREE, keys);
    for challenge in [
        "PD94bWwgdmVyc2lvbj0iMS4wIj8-",
        "20F9F8ED05F77439FE955C977E4C8A53",
        "20f9f8ed05f77439fe9",
        "20f9f8ed05f77439fe955c977e4c8a5320f9f8ed",
        "",
    ] {
        let answer = house.get(&format!("/hook?bt_challenge={challenge}")).await;
        assert!(answer.is(401, ""), "{challenge}");
    }
    for name in ["x-twitter", "linkedin"] {
        let parameter = if name == "linkedin" {
            "challengeCode"
        } else {
            "crc_token"
        };
        let house = House::new(scheme(name), keys_of(name));
        for token in [
            "%7B%7D",
            "a%3D1",
            "a.b",
            "",
            "a%0Ab",
            "%C3%A4",
            &"a".repeat(257),
        ] {
            let answer = house.get(&format!("/?{parameter}={token}")).await;
            assert!(answer.is(401, ""), "{name} {token}");
        }
    }
}

fn keys_of(name: &str) -> Keyring {
    Sender::new(scheme(name)).keyring()
}

#[tokio::test]
async fn the_mac_that_a_challenge_tells_is_of_no_use_for_a_delivery() {
    // Whoever asks for the MAC of a number has the signature of a JSON document.
    let house = House::new(scheme("x-twitter"), keys());
    for body in ["123", "true", "null", "abc"] {
        let answer = house.get(&format!("/?crc_token={body}")).await;
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        let signature = told["response_token"].as_str().unwrap();
        let headers = [
            ("x-twitter-webhooks-signature", signature),
            ("content-type", "application/json"),
        ];
        assert!(house.post("/", &headers, body).await.is(401, ""), "{body}");
    }
    assert_eq!(house.runs.count(), 0);
}

#[tokio::test]
async fn what_is_not_exactly_a_challenge_is_refused() {
    let token = || keys().with(Param::VerifyToken, "a word");
    let long = "a".repeat(1_025);
    let dropbox = |query: &str| ("dropbox", keys(), "GET", format!("/?{query}"));
    let strava = |query: &str| ("strava", token(), "GET", format!("/?{query}"));
    for (name, keys, method, uri) in [
        dropbox("challenge="),
        dropbox("challenge=a&challenge=b"),
        dropbox("challenge=a%0d%0aSet-Cookie:x"),
        dropbox("challenge=%C3%A4"),
        dropbox(&format!("challenge={long}")),
        dropbox("Challenge=a"),
        ("dropbox", keys(), "POST", "/?challenge=a".to_owned()),
        strava("hub.mode=subscribe&hub.challenge=1&hub.verify_token=another"),
        strava("hub.mode=subscribe&hub.challenge=1"),
        strava("hub.challenge=1&hub.verify_token=a+word"),
        strava("hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=a+word"),
        ("okta", keys(), "GET", "/".to_owned()),
        (
            "microsoft-graph",
            keys(),
            "POST",
            "/?validationtoken=a".to_owned(),
        ),
    ] {
        let house = House::new(scheme(name), keys);
        let answer = house.send(request(method, &uri, &[], "")).await;
        assert!(answer.is(401, ""), "{name} {method} {uri} {answer:?}");
        assert_eq!(house.runs.count(), 0);
    }
    let house = House::new(scheme("dropbox"), keys());
    for method in ["PUT", "HEAD", "OPTIONS"] {
        let answer = house.send(request(method, "/?challenge=a", &[], "")).await;
        assert_eq!(answer.status, 405);
    }
    // A header that repeats is nobody's challenge.
    let house = House::new(scheme("okta"), keys());
    let name = "x-okta-verification-challenge";
    let twice = request("GET", "/", &[(name, "a"), (name, "b")], "");
    assert_eq!(house.send(twice).await.status, 401);
}

#[tokio::test]
async fn markup_in_a_challenge_comes_back_as_plain_text() {
    let script = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for (name, method, parameter) in [
        ("dropbox", "GET", "challenge"),
        ("microsoft-graph", "POST", "validationToken"),
    ] {
        let house = House::new(scheme(name), keys_of(name));
        let uri = format!("/?{parameter}={script}");
        let answer = house.send(request(method, &uri, &[], "")).await;
        assert!(answer.is(200, "<script>alert(1)</script>"));
        assert!(answer.header("content-type").starts_with("text/plain"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let house = House::new(scheme("linkedin"), keys_of("linkedin"));
    let answer = house.get("/?challengeCode=%22%2C%22a%22%3A%22").await;
    assert_eq!(answer.status, 401, "quotation marks are no nonce");
    let monday = House::new(scheme("monday"), keys_of("monday"));
    let body = json!({"challenge": r#"","a":"<b>"#}).to_string();
    let answer = monday.post("/", &[], &body).await;
    assert!(answer.is(200, &body), "{answer:?}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn ebay_reads_the_digest_of_code_token_and_url() {
    // SHA-256 of the three, one after the other, as eBay's SDK computes it.
    let (token, url) = (
        "a-verification-token-of-thirty-two-plus",
        "https://example.com/ebay",
    );
    let scheme = Scheme {
        handshakes: handshakes("ebay").into(),
        ..Scheme::HMAC_SHA256
    };
    let full = keys()
        .with(Param::VerifyToken, token)
        .with(Param::PublicUrl, url);
    let house = House::new(scheme.clone(), full);
    let answer = house
        .get("/ebay?challenge_code=a8628072-3d33-45ee-9004-bee86830a22d")
        .await;
    assert!(answer.is(
        200,
        r#"{"challengeResponse":"fedec11c382a52cbf680b263766b00641fdb37fead7c6782adca29d7264d26e0"}"#
    ), "{answer:?}");
    for missing in [
        keys().with(Param::PublicUrl, url),
        keys().with(Param::VerifyToken, token),
    ] {
        assert!(
            Hooks::new()
                .receiver("ebay", scheme.clone(), missing)
                .is_err()
        );
    }
}

#[tokio::test]
async fn the_body_of_an_unsigned_challenge_is_read_only_if_it_is_short_and_unsigned() {
    let house = House::new(scheme("monday"), keys_of("monday"));
    let challenge = json!({"challenge": "abc"}).to_string();
    assert!(house.post("/", &[], &challenge).await.is(200, &challenge));
    // Signed, if wrongly: verification decides.
    let signed = [("authorization", "Bearer nonsense")];
    assert_eq!(house.post("/", &signed, &challenge).await.status, 401);
    let refused = [
        json!({"challenge": "abc", "event": {"type": "x"}}),
        json!({"challenge": "abc", "filler": "x".repeat(5_000)}),
        json!({"challenge": "a".repeat(1_025)}),
        json!({"challenge": "ä"}),
        json!({"challenge": ["abc"]}),
        json!({}),
    ];
    for body in refused {
        assert!(house.post("/", &[], &body.to_string()).await.is(401, ""));
    }
    let twice = r#"{"challenge":"abc","challenge":"def"}"#;
    assert_eq!(house.post("/", &[], twice).await.status, 401);
    // In pieces, without a length.
    let pieces = |count: usize| {
        let text = format!("{challenge}{}", " ".repeat(count));
        let pieces: Vec<_> = text
            .bytes()
            .map(|byte| Ok::<_, std::io::Error>(Bytes::from(vec![byte])))
            .collect();
        Request::post("/")
            .body(Body::from_stream(stream::iter(pieces)))
            .unwrap()
    };
    assert!(house.send(pieces(0)).await.is(200, &challenge));
    assert_eq!(house.send(pieces(5_000)).await.status, 401);
    assert_eq!(house.runs.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_holds_nobody_for_long() {
    let house = House::new(scheme("monday"), keys_of("monday"));
    let slow = stream::once(async { Ok::<_, std::io::Error>(Bytes::from_static(b"{")) })
        .chain(stream::pending());
    let request = Request::post("/").body(Body::from_stream(slow)).unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(15), house.send(request)).await;
    assert_eq!(answer.unwrap().status, 401);
}

#[tokio::test]
async fn a_delivery_behind_a_challenge_told_by_its_body_is_whole() {
    // Without a signature in its head, what is no challenge is handed on as it came.
    let sender = Sender::new(provider::NOTION);
    let house = House::new(provider::NOTION, sender.keyring());
    let event = sender.event("page.created", json!({"filler": "x".repeat(10_000)}));
    assert_eq!(house.send(event.request()).await.status, 200);
    assert_eq!(house.runs.count(), 1);
}

#[tokio::test]
async fn a_secret_that_arrives_is_taken_once_and_only_with_a_hook() {
    for name in ["asana", "notion"] {
        let scheme = scheme(name);
        let sender = Sender::new(scheme.clone());
        let other = Sender::with_secret(scheme.clone(), "another-secret-of-sixteen-or-more");
        let event = |sender: &Sender| sender.event("a", json!({"id": "1"})).request();
        let brings = |sender: &Sender| sender.secret_challenge().unwrap();

        let deaf = House::new(scheme.clone(), Keyring::empty());
        assert!(
            deaf.send(brings(&sender).request()).await.is(401, ""),
            "{name}"
        );
        assert_eq!(deaf.send(event(&sender)).await.status, 401);

        let unwilling = House::at(
            1_700_000_000,
            scheme.clone(),
            Keyring::empty(),
            |receiver| receiver.on_secret(|_| async { Err("not now") }),
        );
        assert!(unwilling.send(brings(&sender).request()).await.is(401, ""));
        assert_eq!(unwilling.send(event(&sender)).await.status, 401);

        let stored = Arc::new(Mutex::new(Vec::new()));
        let store = Arc::clone(&stored);
        let house = House::at(
            1_700_000_000,
            scheme.clone(),
            Keyring::empty(),
            |receiver| {
                receiver.on_secret(move |arrived| {
                    assert!(!format!("{arrived:?}").contains(
                        &String::from_utf8_lossy(arrived.secret().expose()).into_owned()
                    ));
                    let what = (
                        arrived.path().to_owned(),
                        arrived.secret().expose().to_vec(),
                    );
                    store.lock().unwrap().push(what);
                    async { Ok::<_, std::io::Error>(()) }
                })
            },
        );
        assert_eq!(house.send(event(&sender)).await.status, 401);
        let challenge = brings(&sender).draft().to("/hooks/7");
        let answer = house.send(challenge.request()).await;
        assert!(answer.is(200, ""), "{name} {answer:?}");
        for (header, value) in brings(&sender).expected_headers() {
            assert_eq!(answer.header(header.as_str()), value);
        }
        let text = sender.key_text().into_bytes();
        assert_eq!(*stored.lock().unwrap(), [("/hooks/7".to_owned(), text)]);
        assert_eq!(house.runs.count(), 0);
        assert_eq!(house.send(event(&sender)).await.status, 200);
        // Whoever comes second is a stranger.
        assert!(house.send(brings(&other).request()).await.is(401, ""));
        assert_eq!(house.send(event(&other)).await.status, 401);
        assert_eq!((stored.lock().unwrap().len(), house.runs.count()), (1, 1));
    }
}

#[tokio::test]
async fn a_secret_has_to_fit_and_to_be_what_signed_it() {
    let house = House::at(
        1_700_000_000,
        provider::NOTION,
        Keyring::empty(),
        |receiver| receiver.on_secret(|_| async { Ok::<_, std::io::Error>(()) }),
    );
    for token in ["short", "", "ä-secret-of-sixteen-bytes-or-more"] {
        let body = json!({"verification_token": token}).to_string();
        assert_eq!(house.post("/", &[], &body).await.status, 401, "{token}");
    }
    let body = json!({"verification_token": SECRET}).to_string();
    let wrong = format!("sha256={}", "0".repeat(64));
    let headers = [("x-notion-signature", &*wrong)];
    assert_eq!(house.post("/", &headers, &body).await.status, 401);
    let signed = Sender::with_secret(provider::NOTION, SECRET).raw(body.clone());
    assert_eq!(house.send(signed.clone().request()).await.status, 200);
    // The same again is a challenge that the key proves, and no event.
    assert_eq!(house.send(signed.request()).await.status, 200);
    assert_eq!(house.runs.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn of_two_secrets_at_once_one_is_taken() {
    let house = House::at(
        1_700_000_000,
        scheme("asana"),
        Keyring::empty(),
        |receiver| {
            receiver.on_secret(|_| async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Ok::<_, std::io::Error>(())
            })
        },
    );
    let bring = async |secret| house.post("/", &[("x-hook-secret", secret)], "{}").await;
    let (one, other) = tokio::join!(
        bring("the-first-secret-of-two"),
        bring("the-second-secret-of-two")
    );
    assert_eq!((one.status, other.status), (200, 401));
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_hangs_or_a_sender_that_hangs_up_leaves_the_chance_to_the_next() {
    let slow = Arc::new(Mutex::new(true));
    let first = Arc::clone(&slow);
    let house = House::at(
        1_700_000_000,
        scheme("asana"),
        Keyring::empty(),
        |receiver| {
            receiver.on_secret(move |_| {
                let hangs = *first.lock().unwrap();
                async move {
                    if hangs {
                        std::future::pending::<()>().await;
                    }
                    Ok::<_, std::io::Error>(())
                }
            })
        },
    );
    let bring = || house.post("/", &[("x-hook-secret", SECRET)], "{}");
    let hung_up = tokio::time::timeout(Duration::from_secs(1), bring()).await;
    assert!(hung_up.is_err());
    assert_eq!(bring().await.status, 401, "the hook took too long");
    *slow.lock().unwrap() = false;
    assert_eq!(bring().await.status, 200);
}

#[tokio::test]
async fn websub_confirms_what_is_wanted_and_nothing_else() {
    let (topic, other) = (
        "https%3A%2F%2Fexample.com%2Ffeed",
        "https%3A%2F%2Fexample.com%2Fother",
    );
    let keys = keys().with(
        Param::Topics,
        "https://example.com/feed https://example.com/more",
    );
    let leases = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&leases);
    let house = House::at(1_700_000_000, scheme("websub"), keys, |receiver| {
        receiver.on_challenge(move |challenge| {
            let lease = challenge.query("hub.lease_seconds");
            told.lock()
                .unwrap()
                .push((challenge.status().as_u16(), lease));
        })
    });
    for (query, status, body) in [
        (
            format!("hub.mode=subscribe&hub.topic={topic}&hub.challenge=abc&hub.lease_seconds=60"),
            200,
            "abc",
        ),
        (
            format!("hub.mode=subscribe&hub.topic={other}&hub.challenge=abc"),
            404,
            "",
        ),
        (format!("hub.mode=subscribe&hub.topic={topic}"), 404, ""),
        (
            format!("hub.mode=unsubscribe&hub.topic={topic}&hub.challenge=abc"),
            404,
            "",
        ),
        (
            format!("hub.mode=unsubscribe&hub.topic={other}&hub.challenge=abc"),
            200,
            "abc",
        ),
        (
            format!("hub.mode=denied&hub.topic={topic}&hub.reason=no"),
            200,
            "",
        ),
        (format!("hub.mode=denied&hub.topic={other}"), 404, ""),
        (format!("hub.topic={topic}&hub.challenge=abc"), 401, ""),
    ] {
        let answer = house.get(&format!("/?{query}")).await;
        assert!(answer.is(status, body), "{query} {answer:?}");
    }
    let told = leases.lock().unwrap();
    assert_eq!(told.len(), 7, "all that were answered");
    assert_eq!(told[0], (200, Some("60".to_owned())));
}

#[tokio::test]
async fn an_origin_that_is_not_listed_is_told_nothing_and_never_delivers_by_options() {
    let keys = keys().with(Param::AllowedOrigins, "eventemitter.example.com");
    let house = House::new(provider::CLOUDEVENTS_HTTP, keys);
    let bearer = format!("Bearer {SECRET}");
    let ask = |headers: &[(&str, &str)]| house.send(request("OPTIONS", "/", headers, ""));
    let good = ask(&[("webhook-request-origin", "eventemitter.example.com")]).await;
    assert_eq!(good.header("webhook-allowed-rate"), "*");
    for headers in [
        &[("webhook-request-origin", "evil.example")][..],
        &[(
            "webhook-request-origin",
            "eventemitter.example.com.evil.example",
        )],
        &[
            ("webhook-request-origin", "evil.example"),
            ("authorization", &*bearer),
        ],
        &[("authorization", &*bearer)],
    ] {
        let answer = ask(headers).await;
        assert_eq!(answer.status, 401, "{headers:?}");
        assert_eq!(answer.header("webhook-allowed-origin"), "");
    }
    assert_eq!(house.runs.count(), 0);
    let event = [
        ("authorization", &*bearer),
        ("ce-id", "1"),
        ("ce-type", "made"),
    ];
    assert_eq!(house.post("/", &event, "{}").await.status, 200);
    assert_eq!(house.post("/", &event, "{}").await.status, 200);
    assert_eq!(house.runs.count(), 1, "once");
}

#[tokio::test]
async fn azure_confirms_with_and_without_the_secret_in_the_url() {
    let house = House::new(provider::AZURE_EVENT_GRID, keys());
    let validation = json!([{
        "id": "1", "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
        "data": {"validationCode": "512d38b6"},
    }])
    .to_string();
    let header = [("aeg-event-type", "SubscriptionValidation")];
    let expected = r#"{"validationResponse":"512d38b6"}"#;
    for (uri, headers, status, body) in [
        ("/".to_owned(), &header[..], 200, expected),
        (format!("/?code={SECRET}"), &header[..], 200, expected),
        ("/?code=wrong".to_owned(), &header[..], 401, ""),
        ("/".to_owned(), &[][..], 401, ""),
    ] {
        let answer = house.post(&uri, headers, &validation).await;
        assert!(answer.is(status, body), "{uri} {answer:?}");
    }
    assert_eq!(house.runs.count(), 0);
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

#[tokio::test]
async fn a_flood_of_challenges_is_admitted_like_anything_else() {
    let hooks = Hooks::new().with_limits(4, 64 * 1024);
    let app = hooks
        .receiver("monday", scheme("monday"), keys_of("monday"))
        .unwrap()
        .receive(EventRouter::new());
    let never = || {
        let slow = stream::once(async { Ok::<_, std::io::Error>(Bytes::from_static(b"{")) })
            .chain(stream::pending());
        Request::post("/").body(Body::from_stream(slow)).unwrap()
    };
    let mut waiting: Vec<_> = (0..4)
        .map(|_| tokio::spawn(app.clone().oneshot(never())))
        .collect();
    tokio::task::yield_now().await;
    let Ok(response) = app
        .clone()
        .oneshot(request("POST", "/", &[], r#"{"challenge":"a"}"#))
        .await;
    assert_eq!(response.status(), 503);
    waiting.drain(..).for_each(|task| task.abort());
}

#[test]
fn challenges_that_would_tell_or_confirm_too_much_are_refused() {
    let one = |signed, method: &'static str, when: &[Condition], answer| Scheme {
        handshakes: vec![Handshake {
            signed,
            method: method.into(),
            when: when.to_vec().into(),
            answer,
        }]
        .into(),
        ..Scheme::HMAC_SHA256
    };
    let body = Source::json("/challenge");
    let there = [Condition::Present(body.clone())];
    let query = [Condition::Present(Source::query("c"))];
    let text = |part: AnswerPart| ChallengeAnswer::Text(vec![part].into());
    let header = |name: &'static str, part| {
        ChallengeAnswer::Headers(
            vec![AnswerHeader {
                name: name.into(),
                value: vec![part].into(),
            }]
            .into(),
        )
    };
    let literal = |text: &'static str| AnswerPart::Literal(Cow::Borrowed(text));
    for (what, scheme) in [
        (
            "a MAC of an unverified body",
            one(
                false,
                "POST",
                &there,
                text(AnswerPart::Mac(body.clone(), Encoding::Hex)),
            ),
        ),
        (
            "a token in an unverified body",
            one(
                false,
                "POST",
                &[Condition::EqualsParam(body.clone(), Param::VerifyToken)],
                ChallengeAnswer::Acknowledge,
            ),
        ),
        (
            "the token",
            one(
                false,
                "GET",
                &query,
                text(AnswerPart::Param(Param::VerifyToken, "".into())),
            ),
        ),
        (
            "a digest without a secret",
            one(
                false,
                "GET",
                &query,
                text(AnswerPart::Sha256(
                    Source::query("c"),
                    Cow::Borrowed(&[]),
                    Encoding::Hex,
                )),
            ),
        ),
        (
            "a MAC as text",
            one(
                false,
                "GET",
                &query,
                text(AnswerPart::Mac(Source::query("c"), Encoding::Text)),
            ),
        ),
        (
            "a refusal that is none",
            one(false, "GET", &query, ChallengeAnswer::Refuse(200)),
        ),
        (
            "a header that is none",
            one(false, "GET", &query, header("a b", literal("x"))),
        ),
        (
            "two lines in a header",
            one(false, "GET", &query, header("x-a", literal("a\r\nb"))),
        ),
        (
            "a secret under a known one",
            one(
                true,
                "POST",
                &there,
                ChallengeAnswer::Secret(body.clone(), None),
            ),
        ),
        (
            "a body that holds the signature",
            Scheme {
                signature: Source::json("/signature"),
                content: vec![Part::Text(Source::json("/id"))].into(),
                ..one(false, "POST", &there, ChallengeAnswer::Echo(body.clone()))
            },
        ),
    ] {
        assert!(scheme.check().is_err(), "{what}");
    }
    assert!(
        one(false, "POST", &there, ChallengeAnswer::Echo(body))
            .check()
            .is_ok()
    );
    // A receiver without a key has to be one that is brought it.
    assert!(
        Hooks::new()
            .receiver("a", Scheme::HMAC_SHA256, Keyring::empty())
            .is_err()
    );
}

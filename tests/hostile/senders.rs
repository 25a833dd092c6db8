//! What is peculiar to a sender, turned against its receiver: bodies that verification and a handler could read as two,
//! texts that stand beside each other under one signature, challenges that answer a stranger.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Body, extract::Request};
use base64::{Engine, engine::general_purpose::STANDARD};
use hooklatch::{
    Event, EventRouter, Keyring, Param, RawEvent, Receive, Scheme, provider, testing::Sender,
};
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::{Runs, World, send, status, text};

const FORM: &str = "application/x-www-form-urlencoded";

/// Whom an event is about, as its handler reads it.
#[derive(Deserialize)]
struct Subject {
    who: String,
}

type Log = Arc<Mutex<Vec<String>>>;

/// A receiver that writes down whom its events are about.
fn listening(scheme: Scheme) -> (Sender, Receive, Log) {
    let log = Log::default();
    let known = Arc::clone(&log);
    let handler = move |event: Event<Subject>| async move {
        known.lock().unwrap().push(event.data.who);
    };
    let (sender, app) = World::new().endpoint(scheme, EventRouter::new().fallback(handler));
    (sender, app, log)
}

fn logged(log: &Log) -> Vec<String> {
    log.lock().unwrap().clone()
}

fn part(name: &str, value: &str) -> String {
    format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

#[tokio::test]
async fn what_is_no_form_to_the_reader_is_none_to_the_signature_either() {
    let forged = "<notification><kind>check</kind><subject><who>me</who></subject></notification>";
    let around = |form: &str| {
        let xml = forged.replace(
            "</notification>",
            &format!("<!--&{form}&x=--></notification>"),
        );
        let payload = part("bt_payload", &STANDARD.encode(forged));
        let parts = format!(
            "--b\r\n{payload}--b\r\n{}--b--\r\n",
            part("x", &format!("&{form}&y="))
        );
        [
            (FORM, xml.clone()),
            ("text/xml", xml),
            ("multipart/form-data; boundary=b", parts),
        ]
    };
    let form = |sender: &Sender| {
        let (_, body) = sender.event("check", json!({"who": "them"})).parts();
        String::from_utf8(body.to_vec()).unwrap()
    };
    for kind in 0..3 {
        let (sender, app, log) = listening(provider::BRAINTREE);
        let (content_type, body) = around(&form(&sender))[kind].clone();
        let request = Request::post("/")
            .header(CONTENT_TYPE, content_type)
            .body(Body::from(body))
            .unwrap();
        assert_eq!(status(&app, request).await, 401, "{content_type}");
        assert!(logged(&log).is_empty(), "{content_type}");
    }
}

#[tokio::test]
async fn no_challenge_of_braintrees_signs_an_event() {
    let runs = Runs::default();
    let counted = runs.clone();
    let handler = move |_: RawEvent| async move {
        counted.add();
    };
    let events = EventRouter::new().fallback(handler);
    let (_, app) = World::new().endpoint(provider::BRAINTREE, events);
    // In base64 the first begins with `{}`.
    for challenge in [
        "e30e30e30e30e30e30e3",
        "00000000000000000000",
        "e30fffffffffffffffffffffffffffff",
    ] {
        let get = Request::get(format!("/?bt_challenge={challenge}"));
        let answer = text(send(&app, get.body(Body::empty()).unwrap()).await).await;
        assert!(answer.contains('|'), "{answer}");
        let form = format!("bt_payload={challenge}&bt_signature={answer}");
        let request = Request::post("/").header(CONTENT_TYPE, FORM);
        let answer = status(&app, request.body(Body::from(form)).unwrap()).await;
        assert!(answer == 401 || answer == 422, "{challenge}: {answer}");
    }
    assert_eq!(runs.count(), 0);
}

#[tokio::test]
async fn a_mail_has_the_parts_that_its_first_line_says() {
    let evil = format!(
        "hello\r\n--evil\r\n{}--evil--\r\n&who=me&x=",
        part("who", "me")
    );
    let body = format!(
        "--real\r\n{}--real\r\n{}--real--\r\n",
        part("who", "them"),
        part("text", &evil)
    );
    let (sender, app, log) = listening(provider::SENDGRID_INBOUND);
    let draft = sender
        .raw(body)
        .header(CONTENT_TYPE, "multipart/form-data; boundary=real");
    for other in [
        "multipart/form-data; boundary=evil",
        "multipart/form-data; boundary=rea",
        "multipart/form-data; boundary=real--",
        FORM,
        "text/plain",
    ] {
        let request = draft.clone().with_header(CONTENT_TYPE, other).request();
        assert_eq!(status(&app, request).await, 422, "{other}");
    }
    assert_eq!(status(&app, draft.request()).await, 200);
    assert_eq!(logged(&log), ["them"]);
}

#[tokio::test]
async fn a_form_is_sorted_only_if_it_can_be_read() {
    let runs = Runs::default();
    let (sender, app) = World::new().endpoint(provider::TWILIO, runs.router());
    let form = |fields: usize| {
        let fields: Vec<String> = (0..fields).map(|field| format!("f{field}=1")).collect();
        let draft = sender.raw(fields.join("&")).header(CONTENT_TYPE, FORM);
        draft.id(&fields.len().to_string()).request()
    };
    assert_eq!(status(&app, form(1_000)).await, 200);
    assert_eq!(status(&app, form(1_001)).await, 401);
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn json_is_not_signed_as_a_form() {
    let runs = Runs::default();
    let (sender, app) = World::new().endpoint(provider::TWILIO, runs.router());
    let careless = Scheme {
        body_digest: None,
        ..provider::TWILIO
    };
    let signer = Sender::with_secret(careless, &sender.key_text());
    for body in ["{\"type\":\"a\"}", " [1]"] {
        let request = signer.raw(body).request();
        assert_eq!(status(&app, request).await, 401, "{body}");
    }
    assert_eq!(runs.count(), 0);
}

#[tokio::test]
async fn mailguns_timestamp_and_token_are_cut_in_one_place() {
    let runs = Runs::default();
    let (sender, app) = World::new().endpoint(provider::MAILGUN, runs.router());
    let (_, body) = sender
        .event("delivered", json!({"n": 1}))
        .id("5abc")
        .parts();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let post = |content_type: &'static str, body: String| {
        let request = Request::post("/").header(CONTENT_TYPE, content_type);
        status(&app, request.body(Body::from(body)).unwrap())
    };
    let cut = |stamp: &str, token: &str| {
        let other = body.replace("1800000000", stamp).replace("5abc", token);
        assert_ne!(other, body);
        other
    };
    let twice = body.replacen("\"token\"", "\"\\u0074oken\":\"6\",\"token\"", 1);
    for refused in [
        cut("18000000005", "abc"),
        cut("180000000", "05abc"),
        twice,
        format!("\u{feff}{body}"),
        format!("[{body}]"),
        format!("{body}{body}"),
        format!("x={body}"),
        format!("\u{c}{body}"),
    ] {
        assert_eq!(
            post("application/json", refused.clone()).await,
            401,
            "{refused}"
        );
    }
    assert_eq!(runs.count(), 0);
    for content_type in [
        "application/json",
        FORM,
        "multipart/form-data; boundary=b",
        "text/xml",
    ] {
        assert_eq!(
            post(content_type, format!(" \n{body}")).await,
            200,
            "{content_type}"
        );
    }
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn challenges_do_not_tell_which_tenants_there_are() {
    let get = || Request::get("/T?hub.mode=subscribe&hub.verify_token=guess&hub.challenge=7");
    let ping = || Request::post("/T").header(CONTENT_TYPE, FORM);
    let head = || Request::head("/T");
    for (scheme, request) in [
        (provider::META, get()),
        (provider::WOOCOMMERCE, ping()),
        (provider::INTERCOM, head()),
    ] {
        let name = scheme.name.to_string();
        let request = request.body(Body::empty()).unwrap();
        let ring =
            Keyring::new("a-secret-of-acme-alone").with(Param::VerifyToken, "a token of acme");
        let tenants = HashMap::from([("acme".to_owned(), ring)]);
        let receiver = World::new().hooks.tenants(&name, scheme, tenants).unwrap();
        let service = receiver.receive(Runs::default().router());
        let app = Router::new().route_service("/{tenant}", service);
        let known = look(&app, &request, "acme").await;
        let unknown = look(&app, &request, "nobody").await;
        assert_eq!(known, unknown, "{name}");
    }
}

/// All a stranger sees of the answer for a tenant.
async fn look(app: &Router, request: &Request, tenant: &str) -> (StatusCode, HeaderMap, String) {
    let uri = request
        .uri()
        .to_string()
        .replace("/T", &format!("/{tenant}"));
    let mut copy = Request::builder().method(request.method()).uri(uri);
    copy.headers_mut().unwrap().clone_from(request.headers());
    let response = send(app, copy.body(Body::empty()).unwrap()).await;
    (
        response.status(),
        response.headers().clone(),
        text(response).await,
    )
}

#[tokio::test]
async fn no_text_of_a_form_passes_for_the_digest_of_another_body() {
    let runs = Runs::default();
    let (sender, app) = World::new().endpoint(provider::TWILIO, runs.router());
    let forged = "{\"type\":\"forged\"}";
    let digest: String = Sha256::digest(forged)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    // A stranger's message to a number of ours, as Twilio signs it.
    let text = format!("&bodySHA256={digest}&z=");
    let fields = [("AccountSid", "AC1"), ("Body", &text), ("To", "+1555")];
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let url = "https://example.com/hook?a=1";
    let (mut head, _) = sender.raw(form).to(url).parts();
    let swallowed: String = fields
        .iter()
        .flat_map(|(name, value)| [*name, *value])
        .collect();
    *head.uri_mut() = format!("{url}{swallowed}").parse().unwrap();
    let request = head.map(|()| Body::from(forged));
    assert_eq!(status(&app, request).await, 401);
    let genuine = sender.raw(forged).to(url).request();
    assert_eq!(status(&app, genuine).await, 200);
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn a_piece_of_the_url_makes_no_other_event_of_the_body() {
    let runs = Runs::default();
    let (sender, app) = World::new().endpoint(provider::SQUARE, runs.router());
    let post = |token: &str, piece: &str, content_type: &str| {
        let draft = sender.event("payment.created", json!({"n": 1}));
        let (mut head, body) = draft.to("https://example.com/hook?token=abc").parts();
        *head.uri_mut() = format!("https://example.com/hook?token={token}")
            .parse()
            .unwrap();
        let content_type = content_type.parse().unwrap();
        head.headers_mut().insert(CONTENT_TYPE, content_type);
        let body = [piece.as_bytes(), &body].concat();
        head.map(|()| Body::from(body))
    };
    assert_eq!(status(&app, post("abc", "", FORM)).await, 200);
    for (token, piece) in [("ab", "c"), ("a", "bc"), ("", "abc")] {
        assert_eq!(status(&app, post(token, piece, FORM)).await, 409, "{piece}");
        let json = post(token, piece, "application/json");
        assert_eq!(status(&app, json).await, 422, "{piece}");
    }
    assert_eq!(status(&app, post("abc", "", "text/plain")).await, 200);
    assert_eq!(runs.count(), 1);
}

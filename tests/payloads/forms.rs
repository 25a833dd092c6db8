//! Forms, and documents wrapped in them; places that one of several formats fills.

use base64::{Engine, engine::general_purpose::STANDARD};
use hooklatch::{FormPayload, Items, Keyring, Scheme, Source, TypePart, provider};
use http::HeaderName;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Endpoint, Taken, request,
    support::{World, status},
    taking,
};

const FORM: &str = "application/x-www-form-urlencoded";

fn urlencoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

#[tokio::test]
async fn githubs_form_is_decoded_as_its_json() {
    let taken = Taken::<Value>::default();
    let endpoint = Endpoint::new(provider::GITHUB, taking(&taken));
    let json = r#"{"action":"opened","issue":{"number":7}}"#;
    let body = urlencoded(&[("payload", json)]);
    let draft = endpoint
        .sender
        .raw(body)
        .header(http::header::CONTENT_TYPE, FORM);
    let draft = draft.header(HeaderName::from_static("x-github-event"), "issues");
    assert_eq!(status(&endpoint.app, draft.request()).await, 200);
    let taken = taken.lock().unwrap();
    assert_eq!(taken[0].0, "issues.opened");
    assert_eq!(taken[0].2["issue"]["number"], 7);
}

/// As Braintree writes.
fn base64() -> Scheme {
    Scheme {
        name: "base64".into(),
        event_type: vec![TypePart::new(Source::xml("/notification/kind"))].into(),
        payload: "/notification/subject".into(),
        form_payload: Some(FormPayload::Base64("bt_payload".into())),
        ..Scheme::HMAC_SHA256
    }
}

#[derive(Deserialize)]
struct Subject {
    subscription: Subscription,
}

#[derive(Deserialize)]
struct Subscription {
    id: String,
}

#[tokio::test]
async fn a_document_in_base64_is_unwrapped_and_told_by_its_first_byte() {
    let taken = Taken::<Subject>::default();
    let endpoint = Endpoint::new(base64(), taking(&taken));
    let xml = "\n  <notification><kind>check</kind><subject><subscription><id>my_id</id></subscription></subject></notification>";
    let lines = |text: &str| {
        let encoded = STANDARD.encode(text);
        encoded
            .as_bytes()
            .chunks(60)
            .fold(String::new(), |all, line| {
                all + str::from_utf8(line).unwrap() + "\n"
            })
    };
    let body = urlencoded(&[("bt_signature", "x"), ("bt_payload", &lines(xml))]);
    assert_eq!(endpoint.post(FORM, body).await, 200, "{}", endpoint.why());
    assert_eq!(taken.lock().unwrap()[0].0, "check");
    assert_eq!(taken.lock().unwrap()[0].2.subscription.id, "my_id");
    for bad in [
        "%%%",
        "PG4+=",
        "AA=",
        &lines("<!DOCTYPE n><n/>"),
        &lines("no document"),
    ] {
        let body = urlencoded(&[("bt_payload", bad)]);
        assert_eq!(endpoint.post(FORM, body).await, 422, "{bad}");
    }
    let twice = urlencoded(&[("bt_payload", &lines(xml)), ("bt_payload", &lines(xml))]);
    assert_eq!(endpoint.post(FORM, twice).await, 422);
}

#[tokio::test]
async fn a_form_is_typed_and_its_fields_are_bounded() {
    #[derive(Deserialize)]
    struct Order {
        total: u32,
    }
    let taken = Taken::<Order>::default();
    let scheme = Scheme {
        name: "form".into(),
        id: Some(Source::form("id")),
        event_type: vec![TypePart::new(Source::form("kind"))].into(),
        ..Scheme::HMAC_SHA256
    };
    let endpoint = Endpoint::new(scheme, taking(&taken));
    assert_eq!(endpoint.post(FORM, "id=1&kind=paid&total=3").await, 200);
    assert_eq!(
        endpoint
            .post(FORM, "id=2&kind=paid&total=secret-word")
            .await,
        422
    );
    assert!(endpoint.why().contains("`total`"), "{}", endpoint.why());
    assert!(
        !endpoint.why().contains("secret-word"),
        "{}",
        endpoint.why()
    );
    assert_eq!(
        endpoint.post(FORM, "id=3&id=4&total=3").await,
        422,
        "two ids"
    );
    let many = format!("id=5&total=3{}", "&a=".repeat(100_000));
    assert_eq!(endpoint.post(FORM, many).await, 422);
    assert!(endpoint.why().contains("too many"), "{}", endpoint.why());
    let (kind, id, order) = &taken.lock().unwrap()[0];
    assert_eq!((&**kind, &**id, order.total), ("paid", "1", 3));
}

#[tokio::test]
async fn the_first_of_several_places_that_has_a_text_counts() {
    let taken = Taken::<Value>::default();
    let first = |places: &[Source]| Source::FirstOf(places.to_vec().into());
    let ids = [
        Source::json("/id"),
        Source::form("id"),
        Source::xml("/e/id"),
    ];
    let types = [Source::json("/a/type"), Source::json("/type")];
    let scheme = Scheme {
        name: "several".into(),
        id: Some(first(&ids)),
        event_type: vec![
            TypePart::new(Source::header("x-type")),
            TypePart::otherwise(first(&types)),
            TypePart::new(Source::json("/action")),
        ]
        .into(),
        ..Scheme::HMAC_SHA256
    };
    let endpoint = Endpoint::new(scheme, taking(&taken));
    for body in [
        r#"{"id":"1","type":"b","a":{"type":"a"},"action":"c"}"#,
        r#"{"id":2,"type":"b","a":{"type":""},"action":null}"#,
    ] {
        assert_eq!(endpoint.post("application/json", body).await, 200);
    }
    assert_eq!(endpoint.post(FORM, "id=3").await, 200);
    let xml = "<e><id>5</id></e>";
    assert_eq!(endpoint.post("text/xml", xml).await, 200);
    let draft = endpoint.sender.raw(r#"{"id":"4","type":"b"}"#);
    let draft = draft.header(HeaderName::from_static("x-type"), "h");
    assert_eq!(status(&endpoint.app, draft.request()).await, 200);
    let taken = taken.lock().unwrap();
    let seen: Vec<_> = taken.iter().map(|(kind, id, _)| (&**kind, &**id)).collect();
    assert_eq!(
        seen,
        [("a.c", "1"), ("b", "2"), ("", "3"), ("", "5"), ("h", "4")]
    );
}

#[tokio::test]
async fn the_name_of_the_other_member_is_a_type() {
    let taken = Taken::<Value>::default();
    let other = Source::OtherMember(vec!["update_id".into()].into());
    let updates = Scheme {
        name: "updates".into(),
        id: Some(Source::json("/update_id")),
        event_type: vec![TypePart::new(other.clone())].into(),
        ..Scheme::HMAC_SHA256
    };
    let endpoint = Endpoint::new(updates, taking(&taken));
    for (body, expected) in [
        (r#"{"update_id":1,"message":{"x":1}}"#, 200),
        (r#"{"update_id":2,"message":{},"poll":{}}"#, 200),
        (r#"{"update_id":3}"#, 200),
        (r#"{"update_id":4,"message":{},"message":{}}"#, 422),
        (r#"{"update_id":5,"message":"#, 422),
    ] {
        assert_eq!(
            endpoint.post("application/json", body).await,
            expected,
            "{body}"
        );
    }
    let items = Scheme {
        name: "items".into(),
        items: Some(Items {
            pointer: "".into(),
            id: Some("/update_id".into()),
            event_type: vec![TypePart::new(other)].into(),
        }),
        ..Scheme::HMAC_SHA256
    };
    let endpoint = Endpoint::new(items, taking(&taken));
    let batch = json!([{"update_id": 6, "poll": {}}]).to_string();
    assert_eq!(endpoint.post("application/json", batch).await, 200);
    let taken = taken.lock().unwrap();
    let seen: Vec<_> = taken.iter().map(|(kind, id, _)| (&**kind, &**id)).collect();
    assert_eq!(
        seen,
        [("message", "1"), ("", "2"), ("", "3"), ("poll", "6")]
    );
}

#[tokio::test]
async fn a_body_nobody_has_to_read_can_be_anything() {
    let runs = crate::support::Runs::default();
    let endpoint = Endpoint::new(Scheme::HMAC_SHA256, runs.router());
    for body in [
        &b"\xff\xfe\0"[..],
        b"",
        b"<not xml",
        b"{not json",
        b"--not-multipart",
    ] {
        let content_type = "multipart/form-data; boundary=x";
        assert_eq!(endpoint.post(content_type, body).await, 200, "{body:?}");
    }
    assert_eq!(runs.count(), 5);
}

/// The fields of a case of tests/vectors.
#[derive(Deserialize)]
struct Case {
    body: String,
    expect: String,
}

#[tokio::test]
async fn braintrees_own_notifications_are_typed() {
    let taken = Taken::<Subject>::default();
    let keys = Keyring::new("integration_public_key|integration_private_key");
    let hooks = World::new().hooks;
    let receiver = hooks.receiver("braintree", provider::BRAINTREE, keys);
    let app = receiver.unwrap().receive(taking(&taken));
    let cases: Vec<Case> = serde_json::from_str(include_str!("../vectors/braintree.json")).unwrap();
    let genuine = cases.iter().filter(|case| case.expect == "valid");
    for case in genuine {
        let request = request("/hook", FORM, &case.body);
        assert_eq!(status(&app, request).await, 200, "{}", case.body);
    }
    let taken = taken.lock().unwrap();
    assert!(!taken.is_empty());
    for (kind, _, subject) in taken.iter() {
        assert_eq!(kind, "subscription_went_past_due");
        assert_eq!(subject.subscription.id, "my_id");
    }
}

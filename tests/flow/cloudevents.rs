//! A delivery as a CloudEvent.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    borrow::Cow,
    sync::{Arc, Mutex},
};

use hooklatch::{CloudEvent, Delivery, EventRouter, Scheme, provider, testing::Draft};
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::support::{World, send};

/// What a receiver of this scheme makes of a request.
async fn events(
    scheme: Scheme,
    draft: impl Fn(&hooklatch::testing::Sender) -> Draft,
) -> Vec<CloudEvent> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let handler = move |delivery: Delivery| async move {
        log.lock().unwrap().push(delivery.cloud_event());
    };
    let (sender, app) = World::new().endpoint(scheme, EventRouter::new().fallback(handler));
    let response = send(&app, draft(&sender).request()).await;
    assert!(response.status().is_success(), "{response:?}");
    let events = seen.lock().unwrap();
    events.clone()
}

fn parsed(event: &CloudEvent) -> Value {
    serde_json::from_str(&event.to_json()).unwrap()
}

#[tokio::test]
async fn a_senders_event_is_wrapped() {
    let draft =
        |sender: &hooklatch::testing::Sender| sender.event("invoice.paid", json!({"id": "in_1"}));
    let all = events(provider::STRIPE, draft).await;
    let event = all[0].clone().with_type_prefix("com.stripe.");
    let document = parsed(&event);
    assert_eq!(document["specversion"], "1.0");
    assert_eq!(document["id"], "evt_test");
    assert_eq!(document["source"], "/stripe/stripe");
    assert_eq!(document["type"], "com.stripe.invoice.paid");
    assert_eq!(document["time"], "2027-01-15T08:00:00Z");
    assert_eq!(document["datacontenttype"], "application/json");
    assert_eq!(document["coverage"], "whole");
    assert_eq!(document["data"]["data"]["object"]["id"], "in_1");
    let data = event.data().unwrap().clone();
    let (headers, body) = event.into_binary();
    assert_eq!(body, data);
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("ce-specversion"), "1.0");
    assert_eq!(header("ce-id"), "evt_test");
    assert_eq!(header("ce-type"), "com.stripe.invoice.paid");
    assert_eq!(header("ce-coverage"), "whole");
    assert_eq!(header("content-type"), "application/json");
    assert!(!headers.contains_key("ce-datacontenttype"));
}

#[tokio::test]
async fn what_a_sender_does_not_say_is_made_up_from_what_is_known() {
    let raw = |body: &'static str| move |sender: &hooklatch::testing::Sender| sender.raw(body);
    let all = events(Scheme::HMAC_SHA256, raw("not json")).await;
    assert_eq!(all[0].event_type(), "custom.event");
    assert_eq!(all[0].id().len(), 32, "{}", all[0].id());
    assert_eq!(all[0].data_content_type(), None);
    assert_eq!(parsed(&all[0])["data_base64"], "bm90IGpzb24=");
    let form = |sender: &hooklatch::testing::Sender| {
        sender
            .raw("a=b&c=é")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
    };
    let all = events(Scheme::HMAC_SHA256, form).await;
    assert_eq!(parsed(&all[0])["data"], "a=b&c=é");
    let empty = events(Scheme::HMAC_SHA256, raw("")).await;
    assert_eq!(empty[0].data(), None);
    assert!(parsed(&empty[0]).get("data").is_none());
    // The items of a batch are events of their own.
    let batch = |sender: &hooklatch::testing::Sender| {
        sender.batch([("open", json!({})), ("click", json!({}))])
    };
    let all = events(provider::SENDGRID, batch).await;
    let types: Vec<&str> = all.iter().map(CloudEvent::event_type).collect();
    assert_eq!(types, ["open", "click"]);
    assert_eq!(parsed(&all[1])["data"]["event"], "click");
    assert_eq!(all[1].data_content_type(), Some("application/json"));
}

#[tokio::test]
async fn a_cloud_event_passes_as_what_it_is() {
    let document = json!({
        "specversion": "1.0", "type": "com.github.pull_request.opened", "id": "A234-1234-1234",
        "source": "https://github.com/cloudevents/spec/pull", "subject": "123",
        "time": "2018-04-05T17:31:00Z", "comexampleothervalue": 5,
        "datacontenttype": "text/xml", "data": "<much wow=\"xml\"/>",
    });
    let structured = |sender: &hooklatch::testing::Sender| {
        sender
            .raw(document.to_string())
            .header(CONTENT_TYPE, "application/cloudevents+json; charset=UTF-8")
    };
    let all = events(Scheme::HMAC_SHA256, structured).await;
    let mut passed = parsed(&all[0]);
    assert_eq!(
        passed.as_object_mut().unwrap().remove("coverage"),
        Some("whole".into())
    );
    assert_eq!(passed, document);
    let (headers, body) = all[0].clone().into_binary();
    assert_eq!(&body[..], b"<much wow=\"xml\"/>");
    assert_eq!(headers["content-type"], "text/xml");
    assert_eq!(headers["ce-comexampleothervalue"], "5");

    let kept = [
        "ce-specversion",
        "ce-id",
        "ce-source",
        "ce-type",
        "ce-subject",
    ];
    let scheme = Scheme {
        keep_headers: kept.into_iter().map(Cow::Borrowed).collect(),
        ..Scheme::HMAC_SHA256
    };
    let binary = |sender: &hooklatch::testing::Sender| {
        let texts = [
            "1.0",
            "1",
            "/mycontext",
            "com.example.someevent",
            "Euro%20%E2%82%AC",
        ];
        let draft = sender.raw("{}").header(CONTENT_TYPE, "application/json");
        kept.iter().zip(texts).fold(draft, |draft, (name, text)| {
            draft.header(name.parse().unwrap(), text)
        })
    };
    let all = events(scheme.clone(), binary).await;
    assert_eq!(all[0].source(), "/mycontext");
    assert_eq!(all[0].attribute("subject"), Some("Euro €"));
    let (headers, _) = all[0].clone().into_binary();
    assert_eq!(headers["ce-subject"], "Euro%20%E2%82%AC");
    // One without an id is no CloudEvent, and wrapped.
    let cut = |sender: &hooklatch::testing::Sender| {
        binary(sender).without_header("ce-id".parse().unwrap())
    };
    let all = events(scheme, cut).await;
    assert_eq!(all[0].source(), "/custom/custom");
}

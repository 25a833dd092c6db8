//! What a signature does not cover is told, and no handler that insists on it runs.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use axum::Extension;
use hooklatch::{
    Compression, Coverage, Covered, Delivery, Event, EventRouter, Items, RejectionKind, Scheme,
    Source, TypePart, provider,
};
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::support::{World, payload, send, status, text};
use crate::{Log, kind};

/// A router that notes the events whose body is covered.
fn insisting(log: &Log) -> EventRouter {
    async fn note(Extension(log): Extension<Log>, Covered(event): Covered<Event<Value>>) {
        log.lock().unwrap().push(event.id);
    }
    let events = EventRouter::new().fallback(note);
    events.layer(Extension(std::sync::Arc::clone(log)))
}

/// A router that notes what is covered of each delivery.
fn telling(log: &Log) -> EventRouter {
    async fn note(Extension(log): Extension<Log>, delivery: Delivery) {
        let texts = delivery.covered().map(|(_, text)| text);
        let texts: Vec<&str> = texts.collect();
        let told = format!("{:?} {}", delivery.coverage(), texts.join(" "));
        log.lock().unwrap().push(told);
    }
    let events = EventRouter::new().fallback(note);
    events.layer(Extension(std::sync::Arc::clone(log)))
}

#[tokio::test]
async fn a_handler_that_insists_runs_only_where_the_body_is_signed() {
    for scheme in provider::ALL {
        let (log, world) = (Log::default(), World::new());
        let (sender, app) = world.endpoint(scheme.clone(), insisting(&log));
        let response = send(&app, sender.event("push", payload()).request()).await;
        let runs = log.lock().unwrap().len();
        if response.status() == 503 {
            if scheme.items.is_none() {
                assert_eq!(kind(&response), RejectionKind::Misconfigured);
            }
            assert_ne!(scheme.coverage(), Coverage::Whole, "{}", scheme.name);
            assert_eq!(runs, 0, "{}", scheme.name);
        } else {
            assert_eq!(runs, 1, "{}: {response:?}", scheme.name);
        }
        let receiver = world.receiver("again", scheme.clone(), &sender);
        let built = receiver.require_whole_coverage().is_ok();
        assert!(built || runs == 0, "{}", scheme.name);
        assert!(built || scheme.coverage() != Coverage::Whole);
    }
}

#[tokio::test]
async fn what_is_covered_is_listed() {
    for (scheme, told) in [
        (provider::GITHUB, "Whole "),
        (provider::TELEGRAM, "Nothing "),
        (provider::HUBSPOT_V1, "Partial "),
        (provider::MAILGUN, "Partial 1800000000 evt_test"),
        (provider::LEVER, "Partial evt_test 1800000000000"),
        (provider::DROPBOX_SIGN, "Partial 1800000000 push"),
    ] {
        let (log, world) = (Log::default(), World::new());
        let (sender, app) = world.endpoint(scheme, telling(&log));
        let request = sender.event("push", payload()).request();
        assert!(send(&app, request).await.status().is_success());
        assert_eq!(*log.lock().unwrap(), [told]);
    }
}

#[tokio::test]
async fn of_an_item_that_is_signed_on_its_own_its_own_texts_are_listed() {
    let (log, world) = (Log::default(), World::new());
    let (adyen, app) = world.endpoint(provider::ADYEN, telling(&log));
    let item = |reference: &str| {
        let item = json!({
            "pspReference": reference,
            "merchantAccountCode": "acme",
            "eventCode": "AUTHORISATION",
            "success": "true",
        });
        json!({"NotificationRequestItem": item})
    };
    let batch = json!({"live": "false", "notificationItems": [item("one"), item("two")]});
    let request = adyen.raw(batch.to_string()).request();
    assert_eq!(status(&app, request).await, 200);
    let mut told = log.lock().unwrap().clone();
    told.sort();
    assert_eq!(
        told,
        [
            "Partial one acme AUTHORISATION true",
            "Partial two acme AUTHORISATION true"
        ]
    );
}

#[tokio::test]
async fn of_giteas_form_the_json_is_signed_and_of_its_json_all() {
    let (log, world) = (Log::default(), World::new());
    let (gitea, app) = world.endpoint(provider::GITEA, insisting(&log));
    let json = gitea.raw(r#"{"a":1}"#).id("1").request();
    assert_eq!(status(&app, json).await, 200);
    let form = |id: &str| {
        let form = gitea.raw("payload=%7B%22a%22%3A2%7D").id(id);
        form.header(CONTENT_TYPE, "application/x-www-form-urlencoded")
    };
    assert_eq!(status(&app, form("2").request()).await, 503);
    assert_eq!(*log.lock().unwrap(), ["1"]);
    let bare = EventRouter::new().fallback(|event: Event<Value>| async move {
        assert_eq!(event.data, json!({"a": 2}));
    });
    let (_, app) = World::new().endpoint(provider::GITEA, bare);
    assert_eq!(status(&app, form("3").request()).await, 200);
    assert_eq!(status(&app, form("3").request()).await, 200);
    // The JSON of a form is known again under another id.
    assert_eq!(status(&app, form("4").request()).await, 409);
    for body in [
        "payload=%7B%22a%22%3A3%7D",
        "payload=%7B%22a%22%3A2%7D&payload=%7B%22a%22%3A2%7D",
        "other=%7B%22a%22%3A2%7D",
        "",
    ] {
        let forged = form("5").with_body(body).request();
        assert_eq!(status(&app, forged).await, 401, "{body}");
    }
}

#[tokio::test]
async fn of_segments_batch_only_the_first_event_is_trusted() {
    let (log, world) = (Log::default(), World::new());
    let (segment, app) = world.endpoint(provider::SEGMENT, insisting(&log));
    let one = segment.raw(r#"{"type":"track","messageId":"m0"}"#);
    assert_eq!(status(&app, one.clone().request()).await, 200);
    let other = one.with_body(r#"{"type":"track","messageId":"m9"}"#);
    assert_eq!(status(&app, other.request()).await, 401);
    let batch = segment.raw(r#"[{"type":"track","messageId":"m1"}, {"messageId":"m2"}]"#);
    assert_eq!(status(&app, batch.clone().request()).await, 503);
    assert_eq!(*log.lock().unwrap(), ["m0", "m1"]);
    for body in [
        r#"[{"type":"track","messageId":"m3"},{"messageId":"m2"}]"#,
        r#"[{"messageId":"m2"},{"type":"track","messageId":"m1"}]"#,
        r#"{"type":"track","messageId":"m1"} "#,
        "[]",
        "[",
    ] {
        let forged = batch.clone().with_body(body).request();
        assert_eq!(status(&app, forged).await, 401, "{body}");
    }
    let told = Log::default();
    let (segment, app) = World::new().endpoint(provider::SEGMENT, telling(&told));
    let batch = segment.raw(r#"[{"messageId":"m1"},{"messageId":"m2"}]"#);
    assert_eq!(status(&app, batch.request()).await, 200);
    assert_eq!(*told.lock().unwrap(), ["Whole ", "Nothing "]);
}

#[tokio::test]
async fn two_events_of_a_second_are_two_and_a_retry_in_another_form_is_none() {
    let (log, world) = (Log::default(), World::new());
    let (sender, app) = world.endpoint(provider::DROPBOX_SIGN, telling(&log));
    let draft = |number: u32| sender.event("signature_request_sent", json!({"number": number}));
    let (first, body) = draft(1).parts();
    let response = send(&app, draft(1).request()).await;
    assert_eq!(text(response).await, "Hello API Event Received");
    assert_eq!(status(&app, draft(2).request()).await, 200);
    assert_eq!(log.lock().unwrap().len(), 2);
    let boundary = first.headers()[CONTENT_TYPE].to_str().unwrap();
    let boundary = boundary.split_once('=').unwrap().1;
    let again = String::from_utf8(body.to_vec()).unwrap();
    let again = again.replace(boundary, "another");
    let mut request = http::Request::post("/").body(again.into()).unwrap();
    let kind = "multipart/form-data; boundary=another".parse().unwrap();
    request.headers_mut().insert(CONTENT_TYPE, kind);
    assert_eq!(status(&app, request).await, 200);
    assert_eq!(log.lock().unwrap().len(), 2, "a retry");
}

#[tokio::test]
async fn a_batch_of_batches_is_one_of_its_inner_events() {
    let scheme = Scheme {
        items: Some(Items {
            pointer: "/entry/*/changes".into(),
            id: Some("/id".into()),
            event_type: vec![TypePart::new(Source::json("/field"))].into(),
        }),
        ..Scheme::HMAC_SHA256
    };
    let deeper = |pointer: &'static str| {
        let items = scheme.items.clone().map(|items| Items {
            pointer: pointer.into(),
            ..items
        });
        let scheme = Scheme {
            items,
            ..scheme.clone()
        };
        scheme.check()
    };
    assert!(deeper("/a/*/b/*/c").is_err());
    assert!(deeper("/entry/*").is_ok());
    let (log, world) = (Log::default(), World::new());
    let (sender, app) = world.endpoint(scheme.clone(), insisting(&log));
    let body = json!({"entry": [
        {"id": "e1", "changes": [{"id": "1", "field": "a"}, {"id": "2", "field": "b"}]},
        {"id": "e2", "changes": []},
        {"id": "e3", "messaging": [{}]},
        {"id": "e4", "changes": [{"id": "3", "field": "a"}]},
    ]});
    for _ in 0..2 {
        let request = sender.raw(body.to_string()).request();
        assert_eq!(status(&app, request).await, 200);
        assert_eq!(*log.lock().unwrap(), ["1", "2", "e3", "3"]);
    }
    let inner = "{},".repeat(5_000);
    let endless =
        format!(r#"{{"entry":[{{"changes":[{inner}{{}}]}},{{"changes":[{inner}{{}}]}}]}}"#);
    assert_eq!(status(&app, sender.raw(endless).request()).await, 422);
}

/// Bytes as a gzip.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut gzip, bytes).unwrap();
    gzip.finish().unwrap()
}

#[tokio::test]
async fn a_gzip_is_read_where_its_sender_signs_it_or_what_is_in_it() {
    let body = br#"{"type":"message.new","text":"hello, hello, hello"}"#;
    let packed = gzip(body);
    for (compression, signed) in [
        (Compression::SignedExpanded, &body[..]),
        (Compression::SignedCompressed, &packed),
    ] {
        let scheme = Scheme {
            compression,
            ..provider::GETSTREAM
        };
        let events = EventRouter::new().fallback(|event: hooklatch::RawEvent| async move {
            assert_eq!(event.event_type, "message.new");
            assert_eq!(event.body[0], b'{');
        });
        let (sender, app) = World::new().endpoint(scheme, events);
        let draft = sender.raw(signed.to_vec());
        let gzipped = |body: &[u8]| {
            let draft = draft.clone().with_body(body.to_vec());
            draft
                .with_header(http::header::CONTENT_ENCODING, "gzip")
                .request()
        };
        assert_eq!(status(&app, gzipped(&packed)).await, 200, "{compression:?}");
        let mut longer = packed.clone();
        longer.push(0);
        let cut = &packed[..packed.len() - 4];
        for bad in [&longer, cut, &gzip(b"{}"), &gzip(&packed)] {
            let refused = status(&app, gzipped(bad)).await;
            assert!(matches!(refused, 401 | 415), "{refused} {compression:?}");
        }
        let other = draft
            .clone()
            .with_header(http::header::CONTENT_ENCODING, "br");
        assert_eq!(status(&app, other.request()).await, 415);
    }
    let (github, app) = World::new().endpoint(provider::GITHUB, EventRouter::new());
    let draft = github
        .raw(packed)
        .header(http::header::CONTENT_ENCODING, "gzip");
    assert_eq!(status(&app, draft.request()).await, 415);
}

#[tokio::test]
async fn a_gzip_that_is_made_to_grow_is_refused_early() {
    let (stream, app) = World::new().endpoint(provider::GETSTREAM, EventRouter::new());
    // A thousand times larger, and below the limit of a body.
    let bomb = gzip(&vec![b' '; 1_000_000]);
    assert!(bomb.len() < 2_000, "{}", bomb.len());
    assert_eq!(status(&app, stream.raw(bomb).request()).await, 413);
    let over = gzip(&vec![b' '; 2_000_000]);
    assert_eq!(status(&app, stream.raw(over).request()).await, 413);
}

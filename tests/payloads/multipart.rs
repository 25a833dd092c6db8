//! Multipart bodies and their attachments.

use std::sync::{Arc, Mutex};

use axum::extract::Multipart;
use hooklatch::{
    Ack, Attachments, Event, EventRouter, FormPayload, Scheme, Source, TypePart, provider,
};
use serde::Deserialize;
use serde_json::Value;

use crate::{Endpoint, Taken, support::Runs, taking};

#[derive(Debug, Deserialize)]
struct Mail {
    from: String,
    subject: String,
    text: Option<String>,
    attachments: u8,
}

const CONTENT_TYPE: &str = "multipart/form-data; boundary=xYzZY";

fn field(name: &str, value: &str) -> String {
    format!("--xYzZY\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

fn file(name: &str, file_name: &str, content: &str) -> String {
    format!(
        "--xYzZY\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\
         Content-Type: text/csv\r\n\r\n{content}\r\n"
    )
}

fn mail() -> String {
    field("from", "A <a@example.com>")
        + &field("subject", "gr\u{fc}\u{df}e & more")
        + &field("attachments", "2")
        + &file("attachment1", "../../etc/passwd", "a,b\r\n1,2")
        + &file("attachment2", "empty.csv", "")
        + "--xYzZY--\r\n"
}

#[tokio::test]
async fn a_mail_is_typed_and_its_attachments_are_files() {
    type Seen = Arc<Mutex<Vec<(Mail, Attachments)>>>;
    let seen = Seen::default();
    let log = Arc::clone(&seen);
    let events = EventRouter::new().fallback(move |event: Event<Mail>, files: Attachments| {
        log.lock().unwrap().push((event.data, files));
        async {}
    });
    let endpoint = Endpoint::new(provider::SENDGRID_INBOUND, events);
    assert_eq!(
        endpoint.post(CONTENT_TYPE, mail()).await,
        200,
        "{}",
        endpoint.why()
    );
    assert_eq!(
        endpoint.post(CONTENT_TYPE, mail()).await,
        200,
        "a retry has the same content"
    );
    let seen = seen.lock().unwrap();
    let [(mail, Attachments(files))] = seen.as_slice() else {
        panic!("{seen:?}");
    };
    assert_eq!(
        (&*mail.from, &*mail.subject),
        ("A <a@example.com>", "gr\u{fc}\u{df}e & more")
    );
    assert_eq!((mail.attachments, mail.text.as_deref()), (2, None));
    assert_eq!(
        (&*files[0].field, &*files[0].file_name),
        ("attachment1", "../../etc/passwd")
    );
    assert_eq!(files[0].content_type.as_deref(), Some("text/csv"));
    assert_eq!(&files[0].bytes[..], b"a,b\r\n1,2");
    assert!(files[1].bytes.is_empty());
    assert!(
        !format!("{files:?}").contains("passwd"),
        "what others wrote is not printed"
    );
}

#[tokio::test]
async fn axums_own_multipart_works_in_a_handler() {
    let names = Arc::<Mutex<Vec<String>>>::default();
    let log = Arc::clone(&names);
    let events = EventRouter::new().fallback(move |mut parts: Multipart| {
        let log = Arc::clone(&log);
        async move {
            while let Ok(Some(part)) = parts.next_field().await {
                log.lock()
                    .unwrap()
                    .push(part.name().unwrap_or_default().to_owned());
            }
        }
    });
    let endpoint = Endpoint::new(provider::SENDGRID_INBOUND, events);
    let large = mail().replace(
        "--xYzZY--",
        &(file("big", "big", &"x".repeat(3 << 20)) + "--xYzZY--"),
    );
    assert_eq!(endpoint.post(CONTENT_TYPE, large).await, 200);
    let expected = [
        "from",
        "subject",
        "attachments",
        "attachment1",
        "attachment2",
        "big",
    ];
    assert_eq!(*names.lock().unwrap(), expected);
}

#[tokio::test]
async fn hostile_parts_are_unreadable() {
    let runs = Runs::default();
    let counted = runs.clone();
    let events = EventRouter::new().fallback(move |_: Attachments| {
        counted.add();
        async { Ack::Done }
    });
    let files = Endpoint::new(provider::SENDGRID_INBOUND, events);
    let typed = Endpoint::new(
        provider::SENDGRID_INBOUND,
        taking(&Taken::<Value>::default()),
    );
    let long = format!("multipart/form-data; boundary={}", "b".repeat(71));
    let cut = mail()[..mail().len() - 20].to_owned();
    let many = field("a", "").repeat(100_000) + "--xYzZY--";
    let long_head = file("a", &"x".repeat(100_000), "") + "--xYzZY--";
    let heads =
        field("a", "").replace("\r\n\r\n", &("\r\nX: 1".repeat(1_000) + "\r\n\r\n")) + "--xYzZY--";
    for (content_type, body) in [
        ("multipart/form-data", mail()),
        ("multipart/form-data; boundary=", mail()),
        ("multipart/form-data; boundary=other", mail()),
        ("multipart/form-data; boundary=\"xYzZY \"", mail()),
        (&long, mail()),
        (CONTENT_TYPE, cut),
        (CONTENT_TYPE, many),
        (CONTENT_TYPE, long_head),
        (CONTENT_TYPE, heads),
        (CONTENT_TYPE, String::new()),
    ] {
        for endpoint in [&files, &typed] {
            let status = endpoint.post(content_type, body.clone()).await;
            assert_eq!(status, 422, "{content_type} {}", body.len());
        }
    }
    assert_eq!(
        files.post("text/plain", mail()).await,
        422,
        "no parts are told of"
    );
    assert_eq!(runs.count(), 0);
    assert_eq!(files.post("application/json", "{}").await, 422);
}

#[tokio::test]
async fn id_type_and_a_wrapped_document_are_read_from_text_parts() {
    let taken = Taken::<Value>::default();
    let scheme = Scheme {
        name: "parts".into(),
        id: Some(Source::form("id")),
        event_type: vec![TypePart::new(Source::form("kind"))].into(),
        ..Scheme::HMAC_SHA256
    };
    let endpoint = Endpoint::new(scheme, taking(&taken));
    let body =
        field("id", "7") + &file("kind", "x", "forged") + &field("kind", "scan") + "--xYzZY--";
    assert_eq!(endpoint.post(CONTENT_TYPE, body).await, 200);
    let twice = field("id", "8") + &field("id", "9") + "--xYzZY--";
    assert_eq!(endpoint.post(CONTENT_TYPE, twice).await, 422);
    let scheme = Scheme {
        name: "wrapped".into(),
        id: Some(Source::json("/id")),
        form_payload: Some(FormPayload::Text("json".into())),
        ..Scheme::HMAC_SHA256
    };
    let endpoint = Endpoint::new(scheme, taking(&taken));
    let body = field("json", r#"{"id":"10"}"#) + &file("file", "x", "y") + "--xYzZY--";
    assert_eq!(endpoint.post(CONTENT_TYPE, body).await, 200);
    let taken = taken.lock().unwrap();
    let seen: Vec<_> = taken.iter().map(|(kind, id, _)| (&**kind, &**id)).collect();
    assert_eq!(seen, [("scan", "7"), ("", "10")]);
}

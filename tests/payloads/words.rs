//! The body by which a sender knows that an event was accepted.

use std::borrow::Cow;

use axum::response::Response;
use hooklatch::{
    Ack, Acknowledgement, ConfigErrorKind, Event, EventRouter, Part, Profile, RawEvent, Reply,
    Scheme, Source, TypePart,
};
use http::{HeaderName, StatusCode};

use crate::{
    Endpoint,
    support::{header, send, text},
};

fn scheme() -> Scheme {
    Scheme {
        name: "wordy".into(),
        id: Some(Source::header("x-id")),
        content: vec![Part::Id, Part::literal("."), Part::Body].into(),
        event_type: vec![TypePart::new(Source::header("x-type"))].into(),
        profile: Profile {
            accepted: Some(Acknowledgement {
                content_type: Cow::Borrowed("text/plain"),
                body: Cow::Borrowed("[accepted]"),
            }),
            ..Profile::DEFAULT
        },
        ..Scheme::HMAC_SHA256
    }
}

async fn post(endpoint: &Endpoint, id: &str, event_type: &str) -> (u16, Option<String>, String) {
    let draft = endpoint.sender.raw("{}").id(id);
    let draft = draft.header(HeaderName::from_static("x-type"), event_type);
    let response: Response = send(&endpoint.app, draft.request()).await;
    let content_type = header(&response, "content-type").map(str::to_owned);
    (
        response.status().as_u16(),
        content_type,
        text(response).await,
    )
}

#[tokio::test]
async fn the_words_stand_on_every_answer_that_means_done_and_on_no_other() {
    let events = EventRouter::new()
        .on("done", |_: RawEvent| async {})
        .on("no-content", |_: RawEvent| async { StatusCode::NO_CONTENT })
        .on("text", |_: RawEvent| async { "a text of the handler's" })
        .on("reply", |_: RawEvent| async { Reply("not read") })
        .on("retry", |_: RawEvent| async { Ack::Retry })
        .on("refuse", |_: RawEvent| async { Ack::Refuse })
        .on("misfit", |_: Event<u8>| async {})
        .on("panic", |event: RawEvent| async move {
            assert!(event.id.is_empty(), "as the test wants");
        });
    let endpoint = Endpoint::new(scheme(), events);
    let done = (200, Some("text/plain".to_owned()), "[accepted]".to_owned());
    for event_type in ["done", "no-content", "text", "reply", "nobody"] {
        assert_eq!(
            post(&endpoint, event_type, event_type).await,
            done,
            "{event_type}"
        );
        let again = post(&endpoint, event_type, event_type).await;
        assert_eq!(again, done, "a duplicate of {event_type}");
    }
    for (event_type, status) in [
        ("retry", 503),
        ("refuse", 422),
        ("misfit", 422),
        ("panic", 500),
    ] {
        let answer = post(&endpoint, event_type, event_type).await;
        assert_eq!(answer, (status, None, String::new()), "{event_type}");
    }
    let forged = endpoint.sender.raw("{}").with_wrong_key().request();
    assert_eq!(text(send(&endpoint.app, forged).await).await, "");
}

#[test]
fn the_words_come_from_a_configuration_file_and_are_checked() {
    let text = r#"{"name":"x","profile":{"accepted":{"content_type":"text/plain","body":"ok"}}}"#;
    let mut scheme: Scheme = serde_json::from_str(text).unwrap();
    scheme.check().unwrap();
    scheme.profile.accepted = Some(Acknowledgement {
        content_type: "text/\nplain".into(),
        body: "ok".into(),
    });
    assert_eq!(scheme.check().unwrap_err().kind(), ConfigErrorKind::Scheme);
}

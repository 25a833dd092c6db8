//! Salesforce's outbound messages: a batch in SOAP, acknowledged by a body.

use std::sync::{Arc, Mutex};

use axum::Extension;
use hooklatch::{Ack, Batch, Event, EventRouter, Keyring, RawEvent, Receive, provider};
use serde::Deserialize;

use crate::{
    request,
    support::{World, send, text},
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Account {
    id: String,
    name: String,
}

const TOKEN: &str = "a-token-of-at-least-16-bytes";
const SESSION: &str = "00D000000000000!secret-session";

fn message(notifications: &[(&str, &str)]) -> String {
    let notifications: String = notifications
        .iter()
        .map(|(id, name)| {
            format!(
                "<Notification><Id>{id}</Id><sObject xsi:type=\"sf:Account\" xmlns:sf=\"urn:sobject.enterprise.soap.sforce.com\">\
                 <sf:Id>001-{id}</sf:Id><sf:Name>{name}</sf:Name></sObject></Notification>"
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>\
         <notifications xmlns=\"http://soap.sforce.com/2005/09/outbound\"><OrganizationId>00D</OrganizationId>\
         <ActionId>04k</ActionId><SessionId>{SESSION}</SessionId><EnterpriseUrl>https://e.example</EnterpriseUrl>\
         {notifications}</notifications></soapenv:Body></soapenv:Envelope>"
    )
}

async fn post(app: &Receive, body: &str) -> (u16, String) {
    post_with(app, TOKEN, body).await
}

async fn post_with(app: &Receive, token: &str, body: &str) -> (u16, String) {
    let url = format!("/hook?token={token}");
    let response = send(app, request(&url, "text/xml; charset=utf-8", body)).await;
    (response.status().as_u16(), text(response).await)
}

fn app(events: EventRouter) -> Receive {
    let keys = Keyring::new(TOKEN);
    let hooks = World::new().hooks;
    let receiver = hooks.receiver("crm", provider::SALESFORCE_OUTBOUND, keys);
    receiver.unwrap().receive(events)
}

type Log = Arc<Mutex<Vec<String>>>;

#[tokio::test]
async fn a_retry_of_a_message_runs_only_what_failed_and_then_it_is_acknowledged() {
    async fn changed(Extension(log): Extension<Log>, event: Event<Account>) -> Ack {
        let Account { id, name } = event.data;
        let line = format!("{} {id} {name} {}", event.id, event.attempt);
        log.lock().unwrap().push(line);
        if name == "B & C" && event.attempt == 1 {
            Ack::Retry
        } else {
            Ack::Done
        }
    }
    let log = Log::default();
    let events = EventRouter::new().on("Account", changed);
    let app = app(events.layer(Extension(Arc::clone(&log))));
    let body = message(&[("04l1", "A"), ("04l2", "B &amp; C"), ("04l3", "D")]);
    assert_eq!(post(&app, &body).await, (503, String::new()));
    for _ in ["the retry", "a duplicate"] {
        let (status, answer) = post(&app, &body).await;
        assert_eq!(status, 200);
        assert!(answer.contains("<Ack>true</Ack>"), "{answer}");
    }
    let runs = [
        "04l1 001-04l1 A 1",
        "04l2 001-04l2 B & C 1",
        "04l3 001-04l3 D 1",
        "04l2 001-04l2 B & C 2",
    ];
    assert_eq!(*log.lock().unwrap(), runs);
    let (status, answer) = post_with(&app, "a-wrong-token-of-16-bytes", &body).await;
    assert_eq!((status, &*answer), (401, ""));
}

#[tokio::test]
async fn an_item_is_its_own_text_without_the_session() {
    let raw = Log::default();
    let log = Arc::clone(&raw);
    let events = EventRouter::new().fallback(move |event: RawEvent| {
        let text = String::from_utf8(event.body.to_vec()).unwrap();
        log.lock().unwrap().push(text);
        async {}
    });
    let app = app(events);
    assert_eq!(post(&app, &message(&[("04l1", "A")])).await.0, 200);
    let raw = raw.lock().unwrap();
    assert!(
        raw[0].starts_with("<Notification><Id>04l1</Id>") && raw[0].ends_with("</Notification>")
    );
    assert!(!raw[0].contains(SESSION));
}

#[tokio::test]
async fn notifications_can_be_taken_together() {
    let app = app(
        EventRouter::new().on("Acc*", |Batch(events): Batch<Account>| async move {
            if events.len() == 2 {
                Ack::Done
            } else {
                Ack::Refuse
            }
        }),
    );
    let body = message(&[("1", "A"), ("2", "B")]);
    assert_eq!(post(&app, &body).await.0, 200);
}

#[tokio::test]
async fn a_message_that_is_none_is_unreadable() {
    let app = app(EventRouter::new());
    let other = "<Envelope><Body><notification/></Body></Envelope>";
    let twice = message(&[("1", "A")]).replace("<Id>1</Id>", "<Id>1</Id><Id>2</Id>");
    let two_lists = message(&[]).replace("</notifications>", "</notifications><notifications/>");
    for bad in [other, &twice, &two_lists, "{}", "<Envelope/>"] {
        assert_eq!(post(&app, bad).await, (422, String::new()), "{bad}");
    }
    let many: Vec<(&str, &str)> = vec![("1", "A"); 10_001];
    assert_eq!(post(&app, &message(&many)).await.0, 422);
    let empty = post(&app, &message(&[])).await;
    assert_eq!(empty.0, 200, "nothing to do is done");
    assert!(empty.1.contains("<Ack>true</Ack>"));
}

#[tokio::test]
async fn a_misfit_tells_neither_the_session_nor_the_token() {
    let refused = Log::default();
    let log = Arc::clone(&refused);
    let receiver = World::new()
        .hooks
        .receiver("crm", provider::SALESFORCE_OUTBOUND, Keyring::new(TOKEN))
        .unwrap()
        .on_rejection(move |why| log.lock().unwrap().push(format!("{why} {why:?}")));
    let app = receiver.receive(EventRouter::new().fallback(|_: Event<u8>| async {}));
    assert_eq!(post(&app, &message(&[("1", "A")])).await.0, 503);
    assert_eq!(post(&app, &format!("<{SESSION}>")).await.0, 422);
    let refused = refused.lock().unwrap().join("\n");
    assert!(!refused.is_empty());
    assert!(
        !refused.contains(SESSION) && !refused.contains(TOKEN),
        "{refused}"
    );
}

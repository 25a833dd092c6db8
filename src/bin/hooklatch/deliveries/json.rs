//! Deliveries for programs.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hooklatch::store::{Attempt, DeliveryContent, StoredDelivery};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

pub(super) fn delivery(delivery: &StoredDelivery) -> Value {
    json!({
        "event": delivery.event.to_string(),
        "state": delivery.state.name(),
        "attempt": delivery.attempt,
        "due": moment(delivery.due),
        "receiver": delivery.receiver,
        "tenant": delivery.tenant,
        "id": delivery.id,
        "type": delivery.event_type,
        "received_at": moment(delivery.received_at),
        "error": delivery.error,
    })
}

/// A delivery with its body: as a text where it is one, else in base64.
pub(super) fn content(content: &DeliveryContent) -> Value {
    let mut value = delivery(&content.delivery);
    let attempts: Vec<Value> = content.attempts.iter().map(attempt).collect();
    let body = content.shown_body();
    let (name, body) = match str::from_utf8(&body) {
        Ok(text) => ("body", text.to_owned()),
        Err(_) => ("body_base64", STANDARD.encode(&body)),
    };
    if let Value::Object(members) = &mut value {
        members.extend([
            ("attempts".to_owned(), attempts.into()),
            ("method".to_owned(), (*content.method).into()),
            ("path".to_owned(), (*content.path).into()),
            ("headers".to_owned(), json!(content.headers)),
            ("key".to_owned(), (*content.key_name).into()),
            (name.to_owned(), body.into()),
        ]);
    }
    value
}

fn attempt(attempt: &Attempt) -> Value {
    json!({
        "number": attempt.number,
        "ended_at": moment(attempt.ended_at),
        "error": attempt.error,
    })
}

pub(super) fn moment(moment: OffsetDateTime) -> String {
    // What is out of its range is nothing that a store holds.
    moment
        .format(&Rfc3339)
        .unwrap_or_else(|_| moment.to_string())
}

//! `print`: a line of JSON on the standard output for each event.

use std::{
    io::{self, Write as _},
    sync::Arc,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use hooklatch::Delivery;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use tokio::{sync::Notify, task::spawn_blocking};

use super::Ended;

/// Prints events, and tells when nobody reads them any more.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Printer(Arc<Notify>);

impl Printer {
    /// Prints the facts of an event, and its body if it is given.
    pub(super) async fn print(&self, delivery: &Delivery, body: Option<Bytes>) -> Ended {
        let body = match body.as_deref().map(Body::new).transpose() {
            Ok(body) => body,
            Err(error) => return Ended::Failed(error.to_string()),
        };
        // Whoever has no id is known by the key of its content.
        let key = delivery.event_key().to_string();
        let line = serde_json::to_string(&Line {
            source: delivery.receiver(),
            id: delivery.id().unwrap_or(&key),
            event_type: delivery.event_type().unwrap_or_default(),
            attempt: delivery.attempt(),
            body,
        });
        let line = match line {
            Ok(line) => line + "\n",
            Err(error) => return Ended::Failed(error.to_string()),
        };
        // Standard output may be slow or stuck. Here that holds up this event only, and not the server.
        match spawn_blocking(move || write_whole(&line)).await {
            Ok(Ok(())) => Ended::Done,
            Ok(Err(error)) => {
                if error.kind() == io::ErrorKind::BrokenPipe {
                    self.0.notify_one();
                }
                Ended::Failed(format!("the standard output: {error}"))
            }
            Err(error) => Ended::Failed(error.to_string()),
        }
    }

    /// Ends once the standard output is closed.
    pub(in super::super) async fn closed(&self) {
        self.0.notified().await;
    }
}

/// What is printed of an event, in this order.
#[derive(Serialize)]
struct Line<'a> {
    source: &'a str,
    id: &'a str,
    #[serde(rename = "type")]
    event_type: &'a str,
    attempt: u32,
    #[serde(flatten)]
    body: Option<Body>,
}

/// A body as a member of the line.
#[derive(Serialize)]
enum Body {
    /// JSON as it was sent but for the white space between its values; any other text as a string.
    #[serde(rename = "body")]
    Value(Box<RawValue>),
    /// What is no text, in base64.
    #[serde(rename = "body_base64")]
    Bytes(String),
}

impl Body {
    fn new(body: &[u8]) -> serde_json::Result<Self> {
        let Ok(text) = str::from_utf8(body) else {
            return Ok(Self::Bytes(STANDARD.encode(body)));
        };
        // Read as a whole before anything is taken out of it: `1 2` is no number.
        if serde_json::from_str::<&RawValue>(text).is_ok() {
            RawValue::from_string(compact(text)).map(Self::Value)
        } else {
            to_raw_value(text).map(Self::Value)
        }
    }
}

/// JSON in one line: its numbers, names and their order stay as they are.
fn compact(json: &str) -> String {
    let (mut in_string, mut is_escaped) = (false, false);
    let keep = |one: &char| {
        if !in_string && one.is_ascii_whitespace() {
            return false;
        }
        if *one == '"' && !is_escaped {
            in_string = !in_string;
        }
        is_escaped = in_string && !is_escaped && *one == '\\';
        true
    };
    json.chars().filter(keep).collect()
}

/// In one piece, or the beginning of a line that failed would come out before the next.
fn write_whole(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(line.as_bytes())?;
    stdout.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_stays_what_it_is_in_one_line() {
        let shown = |body: &[u8]| serde_json::to_string(&Body::new(body).unwrap()).unwrap();
        assert_eq!(
            shown(b" {\r\n \"b\": 1.50,\t\"a\" : [\"x \\\" {\\\\\", 12345678901234567890123 ] }\n"),
            r#"{"body":{"b":1.50,"a":["x \" {\\",12345678901234567890123]}}"#
        );
        assert_eq!(shown(b"1 2"), r#"{"body":"1 2"}"#);
        assert_eq!(shown(b"a=1\n"), r#"{"body":"a=1\n"}"#);
        assert_eq!(shown(b""), r#"{"body":""}"#);
        assert_eq!(shown(b"\xff"), r#"{"body_base64":"/w=="}"#);
    }
}

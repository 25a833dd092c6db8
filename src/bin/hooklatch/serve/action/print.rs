//! `print`: a line of JSON on the standard output for each event.

use std::{
    io::{self, Write as _},
    sync::Arc,
};

use hooklatch::Delivery;
use serde::Serialize;
use tokio::{sync::Notify, task::spawn_blocking};

use super::Ended;

/// Prints events, and tells when nobody reads them any more.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Printer(Arc<Notify>);

impl Printer {
    pub(super) async fn print(&self, delivery: &Delivery) -> Ended {
        // Whoever has no id is known by the key of its content.
        let key = delivery.event_key().to_string();
        let line = serde_json::to_string(&Line {
            source: delivery.receiver(),
            id: delivery.id().unwrap_or(&key),
            event_type: delivery.event_type().unwrap_or_default(),
            attempt: delivery.attempt(),
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
}

/// In one piece, or the beginning of a line that failed would come out before the next.
fn write_whole(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(line.as_bytes())?;
    stdout.flush()
}

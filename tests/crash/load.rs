//! The sender: it comes again until it is answered 200, and sometimes afterwards.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use hooklatch::testing::Sender;
use tokio::{task::JoinSet, time::sleep};

use crate::{
    chance::Chance,
    child::{Mode, RECEIVERS, SECRET, acme},
};

/// An event to a receiver.
pub(crate) type Event = (String, String);

#[derive(Clone, Debug)]
pub(crate) struct Load {
    client: reqwest::Client,
    /// Where the receiver listens, 0 while it does not.
    port: Arc<AtomicU16>,
    acknowledged: Arc<Mutex<HashSet<Event>>>,
}

impl Load {
    pub(crate) fn new() -> Self {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(12))
            .build();
        Self {
            client: client.unwrap(),
            port: Arc::default(),
            acknowledged: Arc::default(),
        }
    }

    pub(crate) fn at(&self, port: u16) {
        self.port.store(port, Ordering::SeqCst);
    }

    pub(crate) fn acknowledged(&self) -> HashSet<Event> {
        self.acknowledged.lock().unwrap().clone()
    }

    /// Begins to send so many events to each receiver, numbered from `first`.
    pub(crate) fn begin(
        &self,
        first: usize,
        each: usize,
        chance: &mut Chance,
        tasks: &mut JoinSet<()>,
    ) {
        for number in first..first + each {
            for receiver in RECEIVERS {
                let faults = if chance.percent(15) {
                    1 + chance.below(2)
                } else {
                    0
                };
                let event = Prepared::new(receiver, &format!("evt_{number}"), "load", faults);
                let copies = if chance.percent(30) {
                    2 + chance.below(3)
                } else {
                    1
                };
                for _ in 0..copies {
                    let (this, event) = (self.clone(), event.clone());
                    let begins = chance.millis(0, 150);
                    tasks.spawn(async move {
                        sleep(begins).await;
                        this.deliver(&event).await;
                    });
                }
            }
        }
    }

    /// Sends an event until it is acknowledged.
    pub(crate) async fn deliver(&self, event: &Prepared) {
        while self.send(event).await != Some(200) {
            sleep(Duration::from_millis(25)).await;
        }
        self.acknowledged.lock().unwrap().insert(event.name.clone());
    }

    /// The status of one try. `None`: nobody answered.
    pub(crate) async fn send(&self, event: &Prepared) -> Option<u16> {
        let port = self.port.load(Ordering::SeqCst);
        if port == 0 {
            return None;
        }
        let url = format!("http://127.0.0.1:{port}/{}", event.name.0);
        let request = self.client.post(url).headers(event.headers.clone());
        let answer = request.body(event.body.clone()).send().await.ok()?;
        Some(answer.status().as_u16())
    }
}

/// A signed event.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) name: Event,
    headers: reqwest::header::HeaderMap,
    body: axum::body::Bytes,
}

impl Prepared {
    pub(crate) fn new(receiver: &str, id: &str, event_type: &str, faults: u64) -> Self {
        let body = format!(r#"{{"id":"{id}","type":"{event_type}","faults":{faults}}}"#);
        let sender = Sender::with_secret(acme(Mode::Sound), SECRET);
        let (head, body) = sender.raw(body).parts();
        Self {
            name: (receiver.to_owned(), id.to_owned()),
            headers: head.headers().clone(),
            body,
        }
    }
}

//! Rolling a secret while requests keep coming, with none refused.
//!
//! Eight tasks post one event after the other, as a busy sender does. Meanwhile the secret is rolled, in the order that
//! loses nothing, and what is printed is what an operator would watch.
//!
//! Run with
//!
//! ```text
//! cargo run --example rotation
//! ```
#![allow(
    clippy::print_stdout,
    reason = "an example shows what it does by printing"
)]

use std::{
    collections::{BTreeMap, HashMap},
    convert::Infallible,
    error::Error,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::Body,
    http::{Request, StatusCode},
    response::Response,
};
use hooklatch::{EventRouter, Hooks, Keyring, RawEvent, metric, provider, testing::Sender};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use serde_json::json;
use tokio::{sync::watch, task::JoinSet};
use tower::{Service, ServiceExt};

const OLD: &str = "the-secret-of-last-year";
const NEW: &str = "the-secret-of-this-year";

async fn handle(event: RawEvent) {
    // A real handler waits for something, and while it does the keys may change.
    tokio::task::yield_now().await;
    drop(event);
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let matches = OldKeyMatches::install()?;
    let github = Hooks::new().receiver("github", provider::GITHUB, Keyring::new(OLD))?;
    let app = github.receive(EventRouter::new().fallback(handle));
    let sender = Load::start(&app, signed_with(OLD));
    sender.go_on().await;

    println!("the receiver accepts both, the new one first:");
    let keys = github.keys();
    keys.replace(Keyring::new(NEW).and("last-year", OLD))?;
    sender.go_on().await;
    let mut seen = matches.total("github", "last-year");
    println!("  {seen} matches of the old key: the sender still signs with it");

    println!("the sender is given the new one:");
    sender.sign(signed_with(NEW));
    // A counter never falls. What has to reach zero is its growth, for as long as the sender may send again what it
    // signed before.
    loop {
        sender.go_on().await;
        let total = matches.total("github", "last-year");
        let more = total - std::mem::replace(&mut seen, total);
        println!("  {more} more matches of the old key");
        if more == 0 {
            break;
        }
    }

    println!("the old one is dropped:");
    keys.replace(Keyring::new(NEW))?;
    sender.go_on().await;

    let answers = sender.stop().await;
    println!("answered since the start, by status: {answers:?}");
    assert!(answers.keys().eq([&StatusCode::OK]));
    Ok(())
}

/// Events as GitHub sends them, signed with this secret. Each is another event: the same bytes under another id would be
/// a replay.
fn signed_with(secret: &'static str) -> Sign {
    let sender = Sender::with_secret(provider::GITHUB, secret);
    Arc::new(move |id| sender.event("push", json!({"after": id})).id(id).request())
}

/// Makes the signed request of an event id.
pub(crate) type Sign = Arc<dyn Fn(&str) -> Request<Body> + Send + Sync>;

/// How many requests got which answer.
pub(crate) type Answers = BTreeMap<StatusCode, u64>;

/// A sender that posts all the time, from several tasks at once, and notes every answer.
pub(crate) struct Load {
    sign: watch::Sender<Sign>,
    /// How many requests each task has had answered.
    answered: watch::Receiver<[u64; TASKS]>,
    tasks: JoinSet<Answers>,
}

impl Load {
    pub(crate) fn start<S>(app: &S, sign: Sign) -> Self
    where
        S: Service<Request<Body>, Response = Response, Error = Infallible, Future: Send>
            + Clone
            + Send
            + 'static,
    {
        let (sign, signs) = watch::channel(sign);
        let (answers, answered) = watch::channel([0; TASKS]);
        let mut tasks = JoinSet::new();
        for task in 0..TASKS {
            tasks.spawn(post(task, app.clone(), signs.clone(), answers.clone()));
        }
        Self {
            sign,
            answered,
            tasks,
        }
    }

    /// Signs so from now on; requests on their way are signed as before.
    pub(crate) fn sign(&self, sign: Sign) {
        self.sign.send_replace(sign);
    }

    /// Waits until every task has had some more requests answered, so that none on its way is older than this call.
    pub(crate) async fn go_on(&self) {
        let mut answered = self.answered.clone();
        let before = *answered.borrow();
        let further =
            |now: &[u64; TASKS]| now.iter().zip(&before).all(|(now, was)| *now >= was + 25);
        // It fails when the tasks are gone, and they go after `sign` alone.
        let _ = answered.wait_for(further).await;
    }

    /// Stops, and tells every answer since the start.
    pub(crate) async fn stop(self) -> Answers {
        drop(self.sign);
        let mut all = Answers::new();
        for (status, count) in self.tasks.join_all().await.into_iter().flatten() {
            *all.entry(status).or_default() += count;
        }
        all
    }
}

/// Posts one event after the other, until nobody can say any more how to sign.
async fn post<S>(
    task: usize,
    app: S,
    signs: watch::Receiver<Sign>,
    answered: watch::Sender<[u64; TASKS]>,
) -> Answers
where
    S: Service<Request<Body>, Response = Response, Error = Infallible> + Clone,
{
    let mut answers = Answers::new();
    let mut number = 0_u64;
    while signs.has_changed().is_ok() {
        let sign = signs.borrow().clone();
        let Ok(response) = app.clone().oneshot(sign(&format!("{task}-{number}"))).await;
        *answers.entry(response.status()).or_default() += 1;
        number += 1;
        answered.send_modify(|counts| {
            if let Some(count) = counts.get_mut(task) {
                *count = number;
            }
        });
        // Nothing above need wait, and a task that never waits leaves no room for the others.
        tokio::task::yield_now().await;
    }
    answers
}

/// `hooklatch_old_key_matches_total`, as a dashboard has it: its sum since the start. In production an exporter's
/// recorder is installed and the sum is asked of the database behind it.
pub(crate) struct OldKeyMatches {
    recorded: Snapshotter,
    totals: Mutex<HashMap<(String, String), u64>>,
}

impl OldKeyMatches {
    /// Installs the recorder of this process.
    pub(crate) fn install() -> Result<Self, Box<dyn Error>> {
        let recorder = DebuggingRecorder::new();
        let recorded = recorder.snapshotter();
        recorder.install()?;
        let totals = Mutex::default();
        Ok(Self { recorded, totals })
    }

    /// How many deliveries to this receiver matched this key while it was not the keyring's first.
    pub(crate) fn total(&self, receiver: &str, key: &str) -> u64 {
        let mut totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        // This recorder begins anew with each snapshot.
        for (of, _, _, value) in self.recorded.snapshot().into_vec() {
            let (true, DebugValue::Counter(more)) =
                (of.key().name() == metric::OLD_KEY_MATCHES, value)
            else {
                continue;
            };
            let label = |name: &str| {
                let mut labels = of.key().labels();
                let found = labels.find(|label| label.key() == name);
                found
                    .map(|label| label.value().to_owned())
                    .unwrap_or_default()
            };
            *totals.entry((label("receiver"), label("key"))).or_default() += more;
        }
        let found = totals.get(&(receiver.to_owned(), key.to_owned()));
        found.copied().unwrap_or_default()
    }
}

const TASKS: usize = 8;

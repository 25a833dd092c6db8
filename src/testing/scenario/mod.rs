//! [`Scenarios`]: what comes to every receiver sooner or later, posted at yours.

mod exchange;
mod refusals;
mod repeats;
mod report;
mod requests;
mod run;
mod situation;

use std::{fmt, sync::Arc, time::Duration};

use axum::body::Body;
use http::{Request, Response};
use serde_json::{Value, json};
use tower::Service;

use super::Sender;

pub use self::{
    report::{Outcome, Report},
    situation::Situation,
};

/// Posts every [`Situation`] at a receiver and says what it made of them.
///
/// The receiver is any tower service, as an [`axum::Router`], whatever it is built with: all that is used are requests
/// and their answers, and two hooks into the test's own handler.
///
/// ```
/// use std::sync::{Arc, atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst}};
/// use axum::{Router, http::StatusCode};
/// use hooklatch::{EventRouter, Hooks, provider, testing::{Scenarios, Sender}};
/// use serde_json::json;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), hooklatch::ConfigError> {
/// let stripe = Sender::new(provider::STRIPE);
/// let (runs, fails) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
/// let (counter, failing) = (Arc::clone(&runs), Arc::clone(&fails));
/// let paid = move || async move {
///     if failing.load(SeqCst) {
///         return StatusCode::SERVICE_UNAVAILABLE;
///     }
///     counter.fetch_add(1, SeqCst);
///     StatusCode::OK
/// };
/// let receiver = Hooks::new().receiver("stripe", provider::STRIPE, stripe.keyring())?;
/// let events = EventRouter::new().on("invoice.paid", paid);
/// let app = Router::new().route_service("/webhooks/stripe", receiver.receive(events));
///
/// let report = Scenarios::new(stripe)
///     .event("invoice.paid", json!({"id": "in_1"}))
///     .at("/webhooks/stripe")
///     .counting(move || runs.load(SeqCst))
///     .failing(move |on| fails.store(on, SeqCst))
///     .run(app)
///     .await;
/// report.assert_all();
/// # Ok(()) }
/// ```
///
/// Waiting is by tokio's clock, so a runtime with its timer is needed, and with `start_paused = true` nothing is waited
/// for. What is waited for is bounded: an answer 30 s, an acknowledgement or a run [`patience`](Self::patience), and
/// 20 ms of quiet after each request, in which a run too many would show itself.
#[derive(Clone)]
#[must_use = "scenarios are posted with `run()`"]
pub struct Scenarios {
    sender: Sender,
    event: Arc<dyn Fn(u32) -> (String, Value) + Send + Sync>,
    path: String,
    situations: Vec<Situation>,
    copies: usize,
    body_limit: usize,
    patience: Duration,
    counting: Option<Count>,
    failing: Option<Switch>,
}

/// How often the handler had its effect.
type Count = Arc<dyn Fn() -> usize + Send + Sync>;
/// Makes the handler fail while it is on.
type Switch = Arc<dyn Fn(bool) + Send + Sync>;

impl Scenarios {
    /// All situations, from this sender, at `/`. The sender must sign with a key that the receiver has.
    pub fn new(sender: Sender) -> Self {
        let body_limit = sender.scheme().profile.body_limit;
        Self {
            sender,
            event: Arc::new(|_| ("test".to_owned(), json!({}))),
            path: "/".to_owned(),
            situations: Situation::ALL.to_vec(),
            copies: 8,
            body_limit,
            patience: Duration::from_secs(2),
            counting: None,
            failing: None,
        }
    }

    /// The event to post: its type, and a payload that the receiver's handler can read. Each situation gets it under an
    /// id of its own.
    pub fn event(self, event_type: &str, payload: Value) -> Self {
        self.event_with(event_type, move |_| payload.clone())
    }

    /// The event to post, with another payload for each number: for a handler whose effect is known by something in the
    /// payload, as a row that is there already.
    pub fn event_with(
        self,
        event_type: &str,
        payload: impl Fn(u32) -> Value + Send + Sync + 'static,
    ) -> Self {
        let event_type = event_type.to_owned();
        let event = Arc::new(move |number| (event_type.clone(), payload(number)));
        Self { event, ..self }
    }

    /// The path or URL of the receiver.
    pub fn at(self, path: &str) -> Self {
        let path = path.to_owned();
        Self { path, ..self }
    }

    /// How often the handler had its effect so far. Without it only statuses are judged, and what they do not tell is
    /// skipped.
    pub fn counting(self, runs: impl Fn() -> usize + Send + Sync + 'static) -> Self {
        let runs: Count = Arc::new(runs);
        let counting = Some(runs);
        Self { counting, ..self }
    }

    /// Makes the handler fail before its effect while it is on. Without it [`Situation::FailedThenRetried`] is skipped.
    pub fn failing(self, switch: impl Fn(bool) + Send + Sync + 'static) -> Self {
        let switch: Switch = Arc::new(switch);
        let failing = Some(switch);
        Self { failing, ..self }
    }

    /// These situations, and no others.
    pub fn only(self, situations: impl IntoIterator<Item = Situation>) -> Self {
        let wanted: Vec<Situation> = situations.into_iter().collect();
        self.keeping(|situation| wanted.contains(situation))
    }

    /// All but these situations.
    pub fn without(self, situations: impl IntoIterator<Item = Situation>) -> Self {
        let unwanted: Vec<Situation> = situations.into_iter().collect();
        self.keeping(|situation| !unwanted.contains(situation))
    }

    /// How many copies come together. 8 unless said.
    pub fn copies(self, copies: usize) -> Self {
        Self { copies, ..self }
    }

    /// The receiver's own limit for a body, in bytes, where it is not the profile's.
    pub fn body_limit(self, bytes: usize) -> Self {
        let body_limit = bytes;
        Self { body_limit, ..self }
    }

    /// How long a retry may be put off, and how long a run may come after its acknowledgement, as from an inbox. 2 s
    /// unless said.
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Posts them at a receiver, one situation after the other.
    ///
    /// When a genuine event is refused nothing else is judged: a receiver that refuses everything would pass for safe.
    ///
    /// # Panics
    /// As [`Draft::request`](super::Draft::request); outside of a tokio runtime.
    pub async fn run<S, B>(self, receiver: S) -> Report
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: fmt::Display + Send,
        S::Future: Send + 'static,
        B: http_body::Body<Data: Send, Error: Into<axum::BoxError>> + Send + 'static,
    {
        run::Run::new(self, exchange::App::new(receiver))
            .all()
            .await
    }

    fn keeping(mut self, wanted: impl Fn(&Situation) -> bool) -> Self {
        self.situations.retain(wanted);
        self
    }
}

impl fmt::Debug for Scenarios {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scenarios")
            .field("sender", &self.sender)
            .field("path", &self.path)
            .field("situations", &self.situations)
            .finish_non_exhaustive()
    }
}

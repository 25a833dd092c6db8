//! Receivers written by hand, as people write them: one that is right, and each of the others wrong in one way.
#![allow(unreachable_pub, reason = "the tests of another file use it")]

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    body::{Body, Bytes, to_bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode},
    routing::post,
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::{sync::Notify, time::sleep};

use crate::support::Runs;

pub const SECRET: &str = "a-secret-of-the-hand-written-app";
/// Makes a handler fail.
pub type Switch = Arc<AtomicBool>;

/// An app that is told of invoices.
#[derive(Clone, Default)]
pub struct StripeApp {
    pub runs: Runs,
    pub fails: Switch,
    seen: Arc<Mutex<HashSet<String>>>,
    states: Arc<Mutex<HashMap<String, Progress>>>,
    freed: Arc<Notify>,
}

#[derive(Clone, Copy, PartialEq)]
enum Progress {
    Running,
    Done,
}

impl StripeApp {
    /// Verifies the raw bytes, knows the time, claims an event before it runs, runs it detached and frees what failed.
    pub fn careful(&self) -> Router {
        async fn receive(State(app): State<StripeApp>, head: HeaderMap, body: Body) -> StatusCode {
            let Ok(body) = to_bytes(body, LIMIT).await else {
                return StatusCode::PAYLOAD_TOO_LARGE;
            };
            if !is_genuine(&head, &body) || !is_fresh(&head) {
                return StatusCode::UNAUTHORIZED;
            }
            app.once(id_of(&body)).await
        }
        self.router(post(receive))
    }

    /// (a) The framework parses, and what is verified is written anew.
    pub fn parses_first(&self) -> Router {
        async fn receive(
            State(app): State<StripeApp>,
            head: HeaderMap,
            Json(event): Json<Value>,
        ) -> StatusCode {
            let body = serde_json::to_vec(&event).unwrap();
            if !is_genuine(&head, &body) || !is_fresh(&head) {
                return StatusCode::UNAUTHORIZED;
            }
            app.once(id_of(&body)).await
        }
        self.router(post(receive))
    }

    /// (b) Marks the event as seen, and leaves it so when the handler fails.
    pub fn marks_first(&self) -> Router {
        async fn receive(State(app): State<StripeApp>, head: HeaderMap, body: Bytes) -> StatusCode {
            if !is_genuine(&head, &body) || !is_fresh(&head) {
                return StatusCode::UNAUTHORIZED;
            }
            if !app.seen.lock().unwrap().insert(id_of(&body)) {
                return StatusCode::OK;
            }
            tokio::spawn(async move { app.handle().await })
                .await
                .unwrap()
        }
        self.router(post(receive))
    }

    /// (c) Checks whether the event was seen, and marks it when it is done.
    pub fn checks_then_marks(&self) -> Router {
        async fn receive(State(app): State<StripeApp>, head: HeaderMap, body: Bytes) -> StatusCode {
            if !is_genuine(&head, &body) || !is_fresh(&head) {
                return StatusCode::UNAUTHORIZED;
            }
            let id = id_of(&body);
            if app.seen.lock().unwrap().contains(&id) {
                return StatusCode::OK;
            }
            let answer = app.handle().await;
            if answer.is_success() {
                app.seen.lock().unwrap().insert(id);
            }
            answer
        }
        self.router(post(receive))
    }

    /// (d) Verifies a signature, if there is one.
    pub fn fails_open(&self) -> Router {
        async fn receive(State(app): State<StripeApp>, head: HeaderMap, body: Bytes) -> StatusCode {
            let signed = head.contains_key("stripe-signature");
            if signed && !(is_genuine(&head, &body) && is_fresh(&head)) {
                return StatusCode::UNAUTHORIZED;
            }
            app.once(id_of(&body)).await
        }
        self.router(post(receive))
    }

    /// (d) Verifies with its secret, if it has one.
    pub fn without_secret(&self) -> Router {
        async fn receive(State(app): State<StripeApp>, head: HeaderMap, body: Bytes) -> StatusCode {
            let secret: Option<&str> = None;
            let signature = head.get("stripe-signature");
            if signature.is_none_or(HeaderValue::is_empty) {
                return StatusCode::UNAUTHORIZED;
            }
            let is_stale = field(&head, "t").is_some() && !is_fresh(&head);
            let is_forged = secret.is_some() && !is_genuine(&head, &body);
            if is_stale || is_forged {
                return StatusCode::UNAUTHORIZED;
            }
            app.once(id_of(&body)).await
        }
        self.router(post(receive))
    }

    /// Compares as much of the signature as came.
    pub fn compares_what_came(&self) -> Router {
        async fn receive(State(app): State<StripeApp>, head: HeaderMap, body: Bytes) -> StatusCode {
            let (time, given) = (field(&head, "t"), field(&head, "v1"));
            let content = [time.unwrap_or_default().as_bytes(), b".", &body].concat();
            let expected = mac(&content);
            let mut pairs = given
                .iter()
                .flat_map(|given| given.chars().zip(expected.chars()));
            let is_empty = given.as_ref().is_none_or(|given| given.is_empty());
            if is_empty || !pairs.all(|(one, other)| one == other) || !is_fresh(&head) {
                return StatusCode::UNAUTHORIZED;
            }
            app.once(id_of(&body)).await
        }
        self.router(post(receive))
    }

    /// Knows an event by its bytes.
    pub fn knows_bytes(&self) -> Router {
        async fn receive(State(app): State<StripeApp>, head: HeaderMap, body: Bytes) -> StatusCode {
            if !is_genuine(&head, &body) || !is_fresh(&head) {
                return StatusCode::UNAUTHORIZED;
            }
            app.once(mac(&body)).await
        }
        self.router(post(receive))
    }

    /// (e) Takes any signed time.
    pub fn knows_no_time(&self) -> Router {
        async fn receive(State(app): State<StripeApp>, head: HeaderMap, body: Bytes) -> StatusCode {
            if !is_genuine(&head, &body) {
                return StatusCode::UNAUTHORIZED;
            }
            app.once(id_of(&body)).await
        }
        self.router(post(receive))
    }

    /// (f) Marks, handles, and frees what failed; but the handler is dropped when the client hangs up.
    pub fn goes_with_the_client(&self) -> Router {
        async fn receive(State(app): State<StripeApp>, head: HeaderMap, body: Bytes) -> StatusCode {
            if !is_genuine(&head, &body) || !is_fresh(&head) {
                return StatusCode::UNAUTHORIZED;
            }
            let id = id_of(&body);
            if !app.seen.lock().unwrap().insert(id.clone()) {
                return StatusCode::OK;
            }
            let answer = app.handle().await;
            if !answer.is_success() {
                app.seen.lock().unwrap().remove(&id);
            }
            answer
        }
        self.router(post(receive))
    }

    /// Runs whatever is genuine.
    pub fn remembers_nothing(&self) -> Router {
        async fn receive(State(app): State<StripeApp>, head: HeaderMap, body: Bytes) -> StatusCode {
            if !is_genuine(&head, &body) || !is_fresh(&head) {
                return StatusCode::UNAUTHORIZED;
            }
            app.handle().await
        }
        self.router(post(receive))
    }

    /// Answers 200 whatever becomes of the event.
    pub fn acknowledges_failures(&self) -> Router {
        async fn receive(State(app): State<StripeApp>, head: HeaderMap, body: Bytes) -> StatusCode {
            if !is_genuine(&head, &body) || !is_fresh(&head) {
                return StatusCode::UNAUTHORIZED;
            }
            app.once(id_of(&body)).await;
            StatusCode::OK
        }
        self.router(post(receive))
    }

    /// Acknowledges first, and tries until it works.
    pub fn acknowledges_and_tries_again(&self) -> Router {
        async fn receive(State(app): State<StripeApp>, head: HeaderMap, body: Bytes) -> StatusCode {
            if !is_genuine(&head, &body) || !is_fresh(&head) {
                return StatusCode::UNAUTHORIZED;
            }
            if app.seen.lock().unwrap().insert(id_of(&body)) {
                tokio::spawn(async move { while !app.handle().await.is_success() {} });
            }
            StatusCode::OK
        }
        self.router(post(receive))
    }

    /// Helps whoever forges.
    pub fn says_too_much(&self) -> Router {
        async fn receive(
            State(app): State<StripeApp>,
            head: HeaderMap,
            body: Bytes,
        ) -> (StatusCode, String) {
            if !head.contains_key("stripe-signature") {
                return (StatusCode::BAD_REQUEST, "no signature".to_owned());
            }
            if !is_genuine(&head, &body) || !is_fresh(&head) {
                let text = format!("not signed with {SECRET}");
                return (StatusCode::UNAUTHORIZED, text);
            }
            (app.once(id_of(&body)).await, String::new())
        }
        self.router(post(receive))
    }

    /// Reads whatever comes before it looks at it.
    pub fn takes_all(&self) -> Router {
        async fn receive(State(app): State<StripeApp>, head: HeaderMap, body: Body) -> StatusCode {
            let body = to_bytes(body, usize::MAX).await.unwrap();
            if !is_genuine(&head, &body) || !is_fresh(&head) {
                return StatusCode::UNAUTHORIZED;
            }
            app.once(id_of(&body)).await
        }
        self.router(post(receive))
    }

    /// Counts on the sender's header.
    pub fn panics(&self) -> Router {
        async fn receive(State(app): State<StripeApp>, head: HeaderMap, body: Bytes) -> StatusCode {
            head.get("stripe-signature").expect("a signature");
            if !is_genuine(&head, &body) || !is_fresh(&head) {
                return StatusCode::UNAUTHORIZED;
            }
            app.once(id_of(&body)).await
        }
        self.router(post(receive))
    }

    fn router(&self, receive: axum::routing::MethodRouter<Self>) -> Router {
        Router::new()
            .route("/webhooks/stripe", receive)
            .with_state(self.clone())
    }

    /// What the app does of an event; it waits twice, as for a database.
    async fn handle(&self) -> StatusCode {
        sleep(Duration::from_millis(2)).await;
        if self.fails.load(SeqCst) {
            return StatusCode::INTERNAL_SERVER_ERROR;
        }
        sleep(Duration::from_millis(2)).await;
        self.runs.add();
        StatusCode::OK
    }

    /// Handles an event once, whoever hangs up and whatever fails.
    async fn once(&self, id: String) -> StatusCode {
        loop {
            let freed = self.freed.notified();
            let known = {
                let mut states = self.states.lock().unwrap();
                let known = states.get(&id).copied();
                states.entry(id.clone()).or_insert(Progress::Running);
                known
            };
            match known {
                Some(Progress::Done) => return StatusCode::OK,
                Some(Progress::Running) => freed.await,
                None => break,
            }
        }
        let app = self.clone();
        let run = tokio::spawn(async move {
            let answer = app.handle().await;
            let mut states = app.states.lock().unwrap();
            if answer.is_success() {
                states.insert(id, Progress::Done);
            } else {
                states.remove(&id);
            }
            app.freed.notify_waiters();
            answer
        });
        run.await.unwrap()
    }
}

/// An app that is told of pushes.
#[derive(Clone, Default)]
pub struct GithubApp {
    pub runs: Runs,
    seen: Arc<Mutex<HashSet<String>>>,
}

impl GithubApp {
    /// Knows an event by a header that anyone can change.
    pub fn believes_the_delivery_id(&self) -> Router {
        async fn receive(State(app): State<GithubApp>, head: HeaderMap, body: Bytes) -> StatusCode {
            let signature = text(&head, "x-hub-signature-256");
            let expected = format!("sha256={}", mac(&body));
            if signature != expected {
                return StatusCode::UNAUTHORIZED;
            }
            let id = text(&head, "x-github-delivery").to_owned();
            if app.seen.lock().unwrap().insert(id) {
                app.runs.add();
            }
            StatusCode::OK
        }
        Router::new()
            .route("/", post(receive))
            .layer(axum::extract::DefaultBodyLimit::max(26 * 1024 * 1024))
            .with_state(self.clone())
    }
}

/// Whether `v1` signs exactly these bytes. (Compared in plain sight: this is a test.)
fn is_genuine(head: &HeaderMap, body: &[u8]) -> bool {
    let (Some(time), Some(signature)) = (field(head, "t"), field(head, "v1")) else {
        return false;
    };
    let content = [time.as_bytes(), b".", body].concat();
    signature == mac(&content)
}

fn is_fresh(head: &HeaderMap) -> bool {
    let signed: i64 = field(head, "t")
        .and_then(|time| time.parse().ok())
        .unwrap_or_default();
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    (now - signed).abs() <= 300
}

fn field<'a>(head: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut fields = text(head, "stripe-signature").split(',');
    fields.find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
}

fn text<'a>(head: &'a HeaderMap, name: &str) -> &'a str {
    let value = head.get(name).map(|value| value.to_str().unwrap());
    value.unwrap_or_default()
}

fn id_of(body: &[u8]) -> String {
    let event: Value = serde_json::from_slice(body).unwrap_or_default();
    let id = event.pointer("/id").and_then(Value::as_str);
    id.unwrap_or_default().to_owned()
}

fn mac(content: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(content);
    let bytes = mac.finalize().into_bytes();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const LIMIT: usize = 1024 * 1024;

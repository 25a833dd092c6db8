//! [`Health`]: whether requests should be sent here.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use time::OffsetDateTime;

use crate::clock::Clock;

/// Whether requests should be sent to this process, and why not. As a response it is 200 with nothing wrong, else 503, with
/// the problems as JSON.
///
/// ```
/// use axum::{Router, routing::get};
/// use hooklatch::Hooks;
///
/// let hooks = Hooks::new();
/// let app: Router = Router::new().route("/readyz", get(async move || hooks.health()));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl Health {
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The process is shutting down.
    Draining,
    /// The disk failed under the store of a receiver: it accepts nothing until the process is started anew.
    StorePoisoned {
        /// The receiver's name.
        receiver: Arc<str>,
    },
    /// The disk under the store of a receiver was full a moment ago: nothing is lost, and nothing new is accepted.
    StoreFull {
        /// The receiver's name.
        receiver: Arc<str>,
    },
    /// The store of a receiver could not be reached when it was last asked.
    StoreUnreachable {
        /// The receiver's name.
        receiver: Arc<str>,
    },
    /// A delivery of a receiver has been due for too long, and nobody took it ([`Backlog::oldest`](crate::store::Backlog::oldest)). One that waits for its next
    /// attempt is not due.
    QueueOld {
        /// The receiver's name.
        receiver: Arc<str>,
        /// How long it has been due.
        oldest: Duration,
        /// How long it may wait.
        limit: Duration,
    },
    /// Requests with a good signature keep failing for their time alone: most likely this machine's clock is wrong.
    ClockSuspect {
        /// How many did, since the last that was in time.
        stale: u32,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Draining => f.write_str("shutting down"),
            Self::StorePoisoned { receiver } => write!(
                f,
                "the disk failed under the store of `{receiver}`: look at the disk, then start the process again"
            ),
            Self::StoreFull { receiver } => {
                write!(f, "the disk under the store of `{receiver}` is full")
            }
            Self::StoreUnreachable { receiver } => {
                write!(f, "the store of `{receiver}` cannot be reached")
            }
            Self::QueueOld {
                receiver,
                oldest,
                limit,
            } => write!(
                f,
                "a delivery of `{receiver}` has been due for {} s, more than {} s",
                oldest.as_secs(),
                limit.as_secs()
            ),
            Self::ClockSuspect { stale } => write!(
                f,
                "{stale} requests with a good signature were out of time, one after the other: look at this machine's clock"
            ),
        }
    }
}

impl IntoResponse for Health {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Told {
            ready: bool,
            problems: Vec<String>,
        }
        let told = Told {
            ready: self.is_ready(),
            problems: self.problems.iter().map(ToString::to_string).collect(),
        };
        let text = serde_json::to_string(&told).unwrap_or_default();
        let mut response = Response::new(Body::from(text));
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        if !told.ready {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
        response
    }
}

/// What is noted of a process for its [`Health`].
#[derive(Debug)]
pub(crate) struct Vitals {
    clock: Arc<dyn Clock>,
    /// Requests out of time since the last that was in time.
    stale: AtomicU32,
    /// When the last of them came, in seconds of the clock that never goes back.
    last_stale: AtomicU64,
    stores: Mutex<BTreeMap<Arc<str>, Vec<Problem>>>,
}

impl Vitals {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            stale: AtomicU32::new(0),
            last_stale: AtomicU64::new(0),
            stores: Mutex::default(),
        }
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// A request with a good signature was out of time.
    pub(crate) fn stale(&self) {
        self.last_stale
            .store(self.clock.monotonic().as_secs(), Ordering::Relaxed);
        // Stops counting long before it would begin anew.
        let more = |stale: u32| (stale < u32::MAX).then(|| stale + 1);
        let _ = self
            .stale
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    }

    /// A request with a good signature was in time.
    pub(crate) fn fresh(&self) {
        // Nearly always there is nothing to write, and reading is shared by all threads.
        if self.stale.load(Ordering::Relaxed) != 0 {
            self.stale.store(0, Ordering::Relaxed);
        }
    }

    /// What is wrong with a receiver's store now.
    pub(crate) fn store(&self, receiver: &Arc<str>, problems: Vec<Problem>) {
        self.stores
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(Arc::clone(receiver), problems);
    }

    pub(crate) fn problems(&self) -> Vec<Problem> {
        let stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        let mut problems: Vec<Problem> = stores.values().flatten().cloned().collect();
        let stale = self.stale.load(Ordering::Relaxed);
        let last = Duration::from_secs(self.last_stale.load(Ordering::Relaxed));
        if stale >= SUSPICIOUS && self.clock.monotonic().saturating_sub(last) < LATELY {
            problems.push(Problem::ClockSuspect { stale });
        }
        problems
    }
}

/// So many in a row are no coincidence of a slow sender.
const SUSPICIOUS: u32 = 3;
const LATELY: Duration = Duration::from_secs(300);

//! [`Refusals`]: the last refused requests of a process, in memory.

mod asked;
mod queue;
mod refused;
mod witness;

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use crate::scheme::Keys;

pub use self::refused::Refused;
pub(crate) use self::witness::Witness;
use self::{
    queue::{Case, Queue},
    witness::Evidence,
};

/// The last 200 refused requests of a process, for whoever develops or looks after it. In memory only: a restart forgets
/// them. Cheap to clone; clones are the same log.
///
/// Give it to [`Hooks::with_refusals`](crate::Hooks::with_refusals), or to a
/// [`VerifyLayer`](crate::VerifyLayer::refusals) that stands alone, and read it with [`recent`](Self::recent). Nothing of
/// it ever reaches an HTTP answer.
///
/// ```
/// use hooklatch::{Hooks, explain::Refusals};
///
/// let refusals = Refusals::new();
/// let hooks = Hooks::new().with_refusals(refusals.clone());
/// for refused in refusals.recent() {
///     println!("{} {}: {}", refused.at, refused.receiver, refused.reason);
/// }
/// ```
///
/// Of a request only what [`Refused`] has is kept, and no head and no body, unless the log is
/// [`explaining`](Self::explaining).
#[derive(Clone)]
pub struct Refusals(Arc<Log>);

struct Log {
    state: Mutex<State>,
    changes: watch::Sender<u64>,
    explains: bool,
}

#[derive(Default)]
struct State {
    last: u64,
    recent: VecDeque<Refused>,
    queue: Queue,
    /// The receivers whose secrets may be swapped.
    endpoints: Vec<Endpoint>,
}

/// A receiver, by name.
#[derive(Clone)]
struct Endpoint {
    name: Arc<str>,
    keys: Keys,
}

impl Refusals {
    /// A log that tells no more than which requests were refused, and why.
    #[must_use]
    pub fn new() -> Self {
        Self::build(false)
    }

    /// A log that also [explains](super::Explain) each request whose signature or timestamp was not as it should be. **For
    /// development only:** it holds requests of strangers in memory for that long, and does thousands of times the work of a
    /// verification for each.
    ///
    /// One request at a time is explained in the background, on a tokio runtime. At most 16 wait, with bodies of at most 1 MiB
    /// each and 16 MiB together; of what does not fit is told that it is not explained. A request that its head alone condemns
    /// is read to the end then, and refused by the same answer. What is found is kept in [`Refused::explanation`] and logged
    /// under `hooklatch::explain`. It names the [`endpoint`](super::Explain::endpoint) where the secrets of two receivers of
    /// the same [`Hooks`](crate::Hooks) are swapped, and tells no path and no query of a URL.
    #[must_use]
    pub fn explaining() -> Self {
        tracing::warn!(
            target: TARGET,
            "refused requests are kept and explained: for development only"
        );
        Self::build(true)
    }

    fn build(explains: bool) -> Self {
        Self(Arc::new(Log {
            state: Mutex::default(),
            changes: watch::Sender::new(0),
            explains,
        }))
    }

    /// The last refused requests, newest first.
    #[must_use]
    pub fn recent(&self) -> Vec<Refused> {
        self.lock().recent.iter().rev().cloned().collect()
    }

    /// Tells when there is a new refusal or explanation: a number that grows with each.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// Tells of a receiver, whose secret may be swapped with that of another.
    pub(crate) fn know(&self, receiver: &str, keys: &Keys) {
        if !self.0.explains {
            return;
        }
        let mut state = self.lock();
        // Hooks that are made anew make their receivers anew.
        state.endpoints.retain(|known| *known.name != *receiver);
        state.endpoints.push(Endpoint {
            name: receiver.into(),
            keys: keys.clone(),
        });
    }

    pub(crate) fn explains(&self) -> bool {
        self.0.explains
    }

    /// Adds a refusal, and explains it where there is something to explain it by.
    fn record(&self, mut refused: Refused, evidence: Option<Evidence>) {
        let mut state = self.lock();
        state.last = state.last.saturating_add(1);
        refused.number = state.last;
        let mut next = None;
        if let Some(evidence) = evidence {
            let case = Case::new(&refused, evidence);
            match state.queue.offer(case) {
                Ok(is_next) => next = is_next,
                Err(why) => refused.explanation = Some(vec![format!("Not explained: {why}.")]),
            }
        }
        if state.recent.len() >= MOST {
            state.recent.pop_front();
        }
        state.recent.push_back(refused);
        drop(state);
        self.changed();
        if let Some(case) = next {
            self.explain(case);
        }
    }

    /// Explains a request in the background, and then those that wait.
    fn explain(&self, case: Case) {
        let refusals = self.clone();
        let endpoints = self.lock().endpoints.clone();
        tokio::task::spawn_blocking(move || {
            let lines = case.explain(&endpoints);
            refusals.explained(case.number, lines);
            let next = refusals.lock().queue.next();
            if let Some(case) = next {
                refusals.explain(case);
            }
        });
    }

    fn explained(&self, number: u64, lines: Vec<String>) {
        let explanation = lines.join("\n");
        let mut state = self.lock();
        let mut recent = state.recent.iter_mut().rev();
        // It may have been forgotten meanwhile.
        let receiver = recent
            .find(|refused| refused.number == number)
            .map(|refused| {
                refused.explanation = Some(lines);
                refused.receiver.clone()
            });
        drop(state);
        tracing::info!(target: TARGET, receiver, number, explanation, "explained");
        self.changed();
    }

    fn changed(&self) {
        self.0
            .changes
            .send_modify(|changes| *changes = changes.wrapping_add(1));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Refusals {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusals")
            .field("explains", &self.0.explains)
            .finish_non_exhaustive()
    }
}

/// How many refusals are kept.
const MOST: usize = 200;

const TARGET: &str = "hooklatch::explain";

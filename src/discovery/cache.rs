//! [`KeyCache`]: the keys that were found by now.
//!
//! One call of the source at a time for each URL, which all requests that need it wait for. What is kept is bounded, and
//! so is how often the source is asked, whatever requests name.

use std::{
    collections::HashMap,
    fmt,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{Shared, WeakShared},
};
use tokio::time::timeout;

use super::source::KeySource;
use crate::{
    clock::Clock,
    error::{Rejection, RejectionKind},
    scheme::{FetchedKeys, KeyQuery, SchemeVerifier},
};

/// A cache in front of a [`KeySource`]. Clones are the same cache.
#[derive(Clone)]
pub(crate) struct KeyCache(Arc<Known>);

struct Known {
    source: Arc<dyn KeySource>,
    clock: Arc<dyn Clock>,
    slots: Mutex<HashMap<Box<str>, Arc<Slot>>>,
    newcomers: Mutex<Newcomers>,
}

impl KeyCache {
    pub(crate) fn new(source: Arc<dyn KeySource>, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Known {
            source,
            clock,
            slots: Mutex::default(),
            newcomers: Mutex::default(),
        }))
    }

    /// An empty cache by another clock.
    pub(crate) fn with_clock(&self, clock: Arc<dyn Clock>) -> Self {
        Self::new(Arc::clone(&self.0.source), clock)
    }

    /// The keys that a request's key is among. `tenant` tells apart who asks with credentials of their own.
    pub(crate) async fn find(
        &self,
        query: KeyQuery,
        tenant: Option<&str>,
        verifier: &Arc<SchemeVerifier>,
    ) -> Result<FetchedKeys, Rejection> {
        let tenant = tenant.filter(|_| !query.is_open()).unwrap_or_default();
        let id: Box<str> = query.id().into();
        // One URL may answer with one key after another.
        let asked = if query.asks_by_id() { &*id } else { "" };
        let name = format!("{} {asked} {tenant}", query.url());
        let (slot, admitted) = match self.0.slot(&name) {
            Some(slot) => (slot, false),
            // Who is refused takes no place: a flood of names must not push out what is known.
            None if !self.0.admits() => return Err(Failure::crowded().rejection()),
            None => (self.0.new_slot(name), true),
        };
        let call = match self.0.look(&slot, query, verifier, admitted) {
            Look::There(answer) => return answer.map_err(Failure::rejection),
            Look::OnItsWay(call) => call,
        };
        call.await;
        let now = self.0.clock.monotonic();
        let answer = slot.lock().answer(&id, now);
        let lost = || Err(Failure::Failed("the answer came too late".into()));
        answer.unwrap_or_else(lost).map_err(Failure::rejection)
    }
}

impl fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyCache")
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

/// Where keys are: here, or being fetched.
enum Look {
    There(Result<FetchedKeys, Failure>),
    OnItsWay(Shared<Call>),
}

/// A call of the source, which ends with the slot filled. It goes on as long as one request waits for it.
type Call = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Known {
    fn look(
        self: &Arc<Self>,
        slot: &Arc<Slot>,
        query: KeyQuery,
        verifier: &Arc<SchemeVerifier>,
        admitted: bool,
    ) -> Look {
        let now = self.clock.monotonic();
        let mut state = slot.lock();
        state.used = now;
        if let Some(answer) = state.answer(query.id(), now) {
            return Look::There(answer);
        }
        if let Some(call) = state.call.as_ref().and_then(WeakShared::upgrade) {
            return Look::OnItsWay(call);
        }
        if state.keys.is_none() && !admitted && !self.admits() {
            return Look::There(Err(Failure::crowded()));
        }
        let call = Arc::clone(self).ask(Arc::clone(slot), query, Arc::clone(verifier));
        let call: Call = Box::pin(call);
        let call = call.shared();
        state.call = call.downgrade();
        Look::OnItsWay(call)
    }

    /// Whether one more URL may be asked that has given no key yet.
    fn admits(&self) -> bool {
        lock(&self.newcomers).admit(self.clock.monotonic())
    }

    fn slot(&self, name: &str) -> Option<Arc<Slot>> {
        lock(&self.slots).get(name).cloned()
    }

    /// Makes place for a URL. Where there are too many, the one goes that was not used for longest, those without keys first.
    fn new_slot(&self, name: String) -> Arc<Slot> {
        let mut slots = lock(&self.slots);
        if slots.len() >= MOST_SLOTS {
            let worth = |slot: &Slot| {
                let state = slot.lock();
                (state.keys.is_some(), state.used)
            };
            let least = slots.iter().min_by_key(|(_, slot)| worth(slot));
            if let Some(name) = least.map(|(name, _)| name.clone()) {
                slots.remove(&name);
            }
        }
        Arc::clone(slots.entry(name.into()).or_default())
    }

    async fn ask(self: Arc<Self>, slot: Arc<Slot>, query: KeyQuery, verifier: Arc<SchemeVerifier>) {
        let found = self.found(&query, &verifier).await;
        let now = self.clock.monotonic();
        let mut state = slot.lock();
        state.call = None;
        let outcome = match found {
            Ok((keys, fresh)) => {
                let fresh_until = now.saturating_add(fresh);
                state.keys = Some(Held {
                    keys,
                    fresh_until,
                    usable_until: fresh_until.saturating_add(verifier.stale_keys()),
                });
                Ok(())
            }
            Err(failure) => {
                if let Failure::Failed(reason) = &failure {
                    tracing::error!(target: TARGET, url = query.url(), %reason, "cannot fetch keys");
                }
                Err(failure)
            }
        };
        state.asked = Some((now, outcome));
    }

    async fn found(
        &self,
        query: &KeyQuery,
        verifier: &SchemeVerifier,
    ) -> Result<(FetchedKeys, Duration), Failure> {
        let call = AssertUnwindSafe(async { self.source.keys(query).await });
        let found = match timeout(DEADLINE, call.catch_unwind()).await {
            Err(_) => return Err(Failure::Failed("no answer in time".into())),
            Ok(Err(_)) => return Err(Failure::Failed("the source panicked".into())),
            Ok(Ok(Err(error))) if error.unknown => return Err(Failure::Unknown),
            Ok(Ok(Err(error))) => return Err(Failure::Failed(error.to_string().into())),
            Ok(Ok(Ok(found))) => found,
        };
        let keys = verifier.fetched(&found.keyring);
        let keys = keys.map_err(|error| Failure::Failed(error.to_string().into()))?;
        let fresh = found.fresh.unwrap_or(ORDINARY);
        Ok((keys, fresh.clamp(SHORTEST, LONGEST)))
    }
}

/// What is known of one URL.
#[derive(Default)]
struct Slot(Mutex<State>);

impl Slot {
    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}

#[derive(Default)]
struct State {
    keys: Option<Held>,
    /// When the source was last asked, and whether it gave keys.
    asked: Option<(Duration, Result<(), Failure>)>,
    call: Option<WeakShared<Call>>,
    used: Duration,
}

struct Held {
    keys: FetchedKeys,
    fresh_until: Duration,
    usable_until: Duration,
}

impl State {
    /// What can be said without asking; `None` where the source has to be asked.
    fn answer(&self, id: &str, now: Duration) -> Option<Result<FetchedKeys, Failure>> {
        let held = self.keys.as_ref().filter(|held| held.keys.has(id));
        if let Some(held) = held.filter(|held| now < held.fresh_until) {
            return Some(Ok(held.keys.clone()));
        }
        let (at, outcome) = self.asked.as_ref()?;
        if now.saturating_sub(*at) >= PAUSE {
            return None;
        }
        Some(match (held, outcome) {
            (Some(held), Err(Failure::Failed(_))) if now < held.usable_until => {
                Ok(held.keys.clone())
            }
            (_, Err(failure)) => Err(failure.clone()),
            (_, Ok(())) => Err(Failure::Unknown),
        })
    }
}

#[derive(Clone)]
enum Failure {
    /// The sender has no such key.
    Unknown,
    /// In words, without a secret.
    Failed(Arc<str>),
}

impl Failure {
    fn crowded() -> Self {
        Self::Failed("too many keys that nobody knew were asked for".into())
    }

    fn rejection(self) -> Rejection {
        match self {
            Self::Unknown => Rejection::new(
                RejectionKind::SignatureMismatch,
                "the sender has no key of the name that the request gives",
            ),
            Self::Failed(reason) => Rejection::new(
                RejectionKind::KeysUnavailable,
                format!("the sender's keys cannot be had: {reason}"),
            ),
        }
    }
}

/// How often URLs were asked that have given no key yet: a stranger can name many that fit.
#[derive(Default)]
struct Newcomers {
    since: Duration,
    count: u32,
}

impl Newcomers {
    fn admit(&mut self, now: Duration) -> bool {
        if self.count == 0 || now.saturating_sub(self.since) >= PAUSE {
            (self.since, self.count) = (now, 0);
        }
        let admitted = self.count < MOST_NEWCOMERS;
        if admitted {
            self.count = self.count.saturating_add(1);
        }
        admitted
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long a URL that failed, or has not the key that is named, is left alone.
const PAUSE: Duration = Duration::from_secs(30);
const MOST_NEWCOMERS: u32 = 10;
const MOST_SLOTS: usize = 128;
const DEADLINE: Duration = Duration::from_secs(10);

/// How long keys hold: as the source says within these bounds, else an hour.
const SHORTEST: Duration = Duration::from_secs(5 * 60);
const ORDINARY: Duration = Duration::from_secs(3600);
const LONGEST: Duration = Duration::from_secs(24 * 3600);

const TARGET: &str = "hooklatch::discovery";

//! [`Worker`]: takes deliveries from an inbox, runs the same handlers, tries again, buries the dead.

mod alone;
mod retries;
mod settling;
mod watching;

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedRwLockReadGuard, OwnedSemaphorePermit, Semaphore, watch},
    time::{sleep, timeout},
};

use self::alone::Right;
pub use self::retries::Retries;
pub(crate) use self::watching::{Watch, Watched};
use crate::{
    answer::RetryAfter,
    delivery::{Delivery, StoredFacts},
    drain::Drain,
    failpoint,
    health::Vitals,
    layer::{Once, Ran},
    origin::Origin,
    router::EventRouter,
    store::{Claim, Inbox, Leased, Settlement},
};

/// Runs the deliveries of one receiver from its inbox.
///
/// A receiver with an inbox runs one by itself. Another process that only works makes one with
/// [`Receiver::worker`](crate::Receiver::worker); any number of them share the work, each delivery being leased to one.
///
/// 1. A delivery is leased: its attempt is counted before its handler runs, so one that kills the process is given up
///    after as many attempts as any other.
/// 2. The handlers are those of the [`EventRouter`], under the receiver's handler deadline; the lease is renewed at a third
///    of its length.
/// 3. 2xx is done. 400, 422 and a payload that does not fit are dead at once. Anything else is tried again after a random
///    time that may be twice as long each time ([`Retries`]), then it is dead. `Retry-After` of a 429 or 503, in seconds or
///    as a date, is waited for first, as far as [`Retries::longest`] goes.
/// 4. A worker begins with one handler at a time. Each that ended, or has run for a second, makes room for one more.
/// 5. A delivery whose last run ended without an outcome may be what killed the process. It runs alone: all else of these
///    [`Hooks`](crate::Hooks) that an inbox holds ends before it begins, and waits until it has ended. So it takes no others
///    with it more than once, and is given up only after a run it had for itself; the others complete.
/// 6. Where the store fails at the end of a run, the outcome is written again and again with growing pauses, for the length of
///    a lease. Only then the run has ended without an outcome.
/// 7. When the process is told to stop, running handlers get until its deadline, and what they had is free at once.
#[must_use = "a worker does nothing until `run`"]
pub struct Worker {
    shared: Arc<Shared>,
}

struct Shared {
    inbox: Arc<dyn Inbox>,
    origin: Arc<Origin>,
    once: Arc<Once>,
    router: EventRouter,
    drain: Drain,
    vitals: Arc<Vitals>,
    settings: Settings,
    /// How many may run at the same time by now.
    places: AtomicUsize,
    random: RandomState,
}

/// How a receiver's inbox is worked through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) concurrency: usize,
    pub(crate) retries: Retries,
    pub(crate) lease: Duration,
    pub(crate) oldest: Duration,
}

impl Settings {
    pub(crate) const DEFAULT: Self = Self {
        concurrency: 16,
        retries: Retries::DEFAULT,
        lease: Duration::from_secs(30),
        oldest: Duration::from_secs(15 * 60),
    };
}

impl Worker {
    pub(crate) fn new(
        inbox: Arc<dyn Inbox>,
        origin: Arc<Origin>,
        once: Arc<Once>,
        router: EventRouter,
        vitals: Arc<Vitals>,
        settings: Settings,
    ) -> Self {
        let drain = once.drain.clone();
        Self {
            shared: Arc::new(Shared {
                inbox,
                origin,
                once,
                router,
                drain,
                vitals,
                settings,
                places: AtomicUsize::new(1),
                random: RandomState::new(),
            }),
        }
    }

    /// Works until the [`Hooks`](crate::Hooks) it belongs to are shut down. The handlers that run then are awaited by
    /// [`Hooks::shutdown`](crate::Hooks::shutdown), not by this.
    pub async fn run(self) {
        let shared = self.shared;
        shared.watch().spawn();
        shared.work().await;
    }

    /// The same in the background.
    pub(crate) fn spawn(self) {
        let drain = self.shared.drain.clone();
        drain.spawn(self.run());
    }
}

impl Shared {
    fn watch(&self) -> Watch {
        Watch {
            receiver: Arc::clone(&self.origin.receiver),
            store: Watched::Inbox(Arc::downgrade(&self.inbox), self.settings.oldest),
            drain: self.drain.clone(),
            vitals: Arc::clone(&self.vitals),
        }
    }

    async fn work(self: Arc<Self>) {
        let permits = Arc::new(Semaphore::new(1));
        let mut arrivals = self.inbox.arrivals();
        let mut failures = 0;
        loop {
            let Some(permit) = self.free_place(&permits).await else {
                return;
            };
            let Some(right) = self.beside().await else {
                return;
            };
            // Those that end together, since one sync wrote their ends, free their places together.
            tokio::task::yield_now().await;
            arrivals.mark_unchanged();
            let limit = permits.available_permits().saturating_add(1);
            let receiver = &self.origin.receiver;
            match self.inbox.lease(receiver, limit, self.settings.lease).await {
                Ok(leased) if leased.is_empty() => {
                    failures = 0;
                    drop((permit, right));
                    self.idle(&mut arrivals).await;
                }
                Ok(leased) => {
                    failures = 0;
                    self.begin(leased, right, permit, &permits).await;
                }
                Err(error) => {
                    failures += 1;
                    tracing::warn!(target: TARGET, receiver = &**receiver, %error, "the inbox could not be read");
                    drop((permit, right));
                    self.pause(
                        Retries {
                            longest: SECOND * 30,
                            first: SECOND,
                            attempts: 0,
                        }
                        .longest_after(failures),
                    )
                    .await;
                }
            }
        }
    }

    /// A place to run one more handler. `None`: no more are to be begun.
    async fn free_place(&self, permits: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
        tokio::select! {
            biased;
            () = self.drain.stopping() => None,
            permit = Arc::clone(permits).acquire_owned() => permit.ok(),
        }
    }

    async fn begin(
        self: &Arc<Self>,
        leased: Vec<Leased>,
        right: Arc<OwnedRwLockReadGuard<()>>,
        first: OwnedSemaphorePermit,
        permits: &Arc<Semaphore>,
    ) {
        let mut first = Some(first);
        // Nobody else takes places, so there are as many as were asked for.
        let mut place = || {
            first
                .take()
                .or_else(|| Arc::clone(permits).try_acquire_owned().ok())
        };
        let (suspects, others): (Vec<_>, Vec<_>) =
            leased.into_iter().partition(|leased| leased.lost > 0);
        for leased in others {
            self.spawn(leased, Right::Beside(Arc::clone(&right)), place(), permits);
        }
        drop(right);
        for leased in suspects {
            self.begin_alone(leased, place(), permits).await;
        }
    }

    /// Runs a delivery in a task of its own.
    fn spawn(
        self: &Arc<Self>,
        leased: Leased,
        right: Right,
        place: Option<OwnedSemaphorePermit>,
        permits: &Arc<Semaphore>,
    ) {
        let (this, permits) = (Arc::clone(self), Arc::clone(permits));
        self.drain.spawn(async move {
            let mut run = pin!(this.run(leased));
            let ended = timeout(SECOND, &mut run).await;
            this.widen(&permits);
            if ended.is_err() {
                run.await;
            }
            drop((right, place));
        });
    }

    /// Makes room for one more, up to as many as may be.
    fn widen(&self, permits: &Semaphore) {
        let one_more = |places| (places < self.settings.concurrency).then_some(places + 1);
        let widened = self
            .places
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more);
        if widened.is_ok() {
            permits.add_permits(1);
        }
    }

    /// Waits until something may be due.
    async fn idle(&self, arrivals: &mut watch::Receiver<u64>) {
        tokio::select! {
            () = self.drain.stopping() => {}
            // What becomes due by time alone, and what other processes write, is found by asking.
            changed = timeout(SECOND, arrivals.changed()) => {
                if let Ok(Err(_)) = changed {
                    sleep(SECOND).await;
                }
            }
        }
    }

    async fn pause(&self, longest: Duration) {
        tokio::select! {
            () = self.drain.stopping() => {}
            () = sleep(self.jitter(longest, longest)) => {}
        }
    }

    async fn run(&self, leased: Leased) {
        failpoint::pass("work/leased");
        let (event, fence, attempt) = (leased.event, leased.fence, leased.attempt);
        let claim = self.claim_of(&leased);
        let settlement = match self.delivery(leased) {
            Ok(delivery) => {
                let ran = self
                    .once
                    .run_stored(self.router.clone(), delivery, claim, fence)
                    .await;
                self.settlement(ran, &claim, attempt)
            }
            Err(reason) => Some(Settlement::Dead {
                reason: reason.into(),
            }),
        };
        let Some(settlement) = settlement else {
            return;
        };
        if let Settlement::Dead { reason } = &settlement {
            tracing::error!(target: TARGET, receiver = &*self.origin.receiver, %event, attempt, %reason, "a delivery is dead");
        }
        self.settle(event, fence, settlement).await;
    }

    fn claim_of(&self, leased: &Leased) -> Claim {
        Claim {
            lease: self.settings.lease,
            retention: leased.retention,
            ..Claim::new(leased.event)
        }
    }

    fn delivery(&self, leased: Leased) -> Result<Delivery, &'static str> {
        // The last ones ended without a settlement, and no other delivery was there to be the reason.
        if leased.attempt > self.settings.retries.attempts && leased.lost > 1 {
            return Err(
                "it ended without an outcome again, though it ran alone: its handler may kill the process",
            );
        }
        let facts = StoredFacts {
            event: leased.event,
            id: leased.id,
            tenant: leased.tenant,
            received_at: leased.received_at,
            attempt: leased.attempt,
            repeats_content: leased.repeats_content,
        };
        Delivery::from_store(Arc::clone(&self.origin), facts, &leased.head, leased.body)
    }

    /// What is to be written of a run; nothing where it was written with it, or where another run has taken over.
    fn settlement(&self, ran: Ran, claim: &Claim, attempt: u32) -> Option<Settlement> {
        Some(match ran {
            Ran::Committed | Ran::Lost => return None,
            Ran::Done => Settlement::Done(claim.retention),
            Ran::Refused(reason) => Settlement::Dead {
                reason: reason.into(),
            },
            Ran::Aborted => Settlement::Retry {
                after: Duration::ZERO,
                reason: SHUT_DOWN.into(),
            },
            Ran::Retry { reason, .. } if attempt >= self.settings.retries.attempts => {
                Settlement::Dead {
                    reason: reason.into(),
                }
            }
            Ran::Retry { reason, after } => Settlement::Retry {
                after: self.pause_after(attempt, after),
                reason: reason.into(),
            },
        })
    }

    /// The random pause after an attempt comes on top of what the handler asked for: all that were told the same moment
    /// would else come back at once.
    fn pause_after(&self, attempt: u32, asked: Option<RetryAfter>) -> Duration {
        let retries = self.settings.retries;
        let asked = asked.map_or(Duration::ZERO, |asked| asked.from(self.vitals.now()));
        let random = self.jitter(retries.longest_after(attempt), Duration::ZERO);
        asked.saturating_add(random).min(retries.longest)
    }

    /// A random time up to `longest`, at least half of `at_least`. Our own few lines: the crates for backoff hold the
    /// count of attempts themselves, and here the store does.
    fn jitter(&self, longest: Duration, at_least: Duration) -> Duration {
        let random = self.random.hash_one(tokio::time::Instant::now());
        let share = u32::try_from(random >> 32).unwrap_or(u32::MAX);
        let random = longest.mul_f64(f64::from(share) / f64::from(u32::MAX));
        random.max(at_least / 2)
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("receiver", &self.shared.origin.receiver)
            .field("settings", &self.shared.settings)
            .finish_non_exhaustive()
    }
}

/// Why a run ended that nobody is to blame for.
const SHUT_DOWN: &str = "the process was shut down";

const TARGET: &str = "hooklatch::worker";
const SECOND: Duration = Duration::from_secs(1);

//! [`PostgresStore`]: claims and the inbox in Postgres, for many machines.
//!
//! - The server's clock counts, so that machines whose clocks differ agree on leases.
//! - A new claim is one statement and one round trip; what it finds there already is looked at without a lock, and only
//!   what has to be written over is locked.
//! - Deliveries that come up together are written by one statement ([`writer`]).
//! - Workers lease with `FOR UPDATE SKIP LOCKED`, and are woken over `LISTEN`/`NOTIFY` ([`wake`]).
//! - Where the connection is lost while a statement commits, nobody knows whether it took effect: that is an error, never
//!   a second try. A copy that comes later finds out.

/// The time of the statements: the server's. As a query of its own it is asked for once a statement, and an index can be
/// used for what is compared with it.
macro_rules! now {
    () => {
        "(SELECT (extract(epoch from clock_timestamp()) * 1000)::bigint + $1)"
    };
}

/// In the order of writing, so that two who want the same rows do not wait for each other.
macro_rules! lock {
    () => {
        " ORDER BY seq FOR UPDATE"
    };
}

/// The name of the extractor.
macro_rules! tx {
    () => {
        "PostgresTx"
    };
}

#[allow(clippy::duplicate_mod, reason = "one text, compiled for each dialect")]
#[path = "../attempts.rs"]
mod attempts;
mod batch;
mod connect;
mod failure;
mod keeper;
mod lease;
#[allow(clippy::duplicate_mod, reason = "one text, compiled for each dialect")]
#[path = "../operations.rs"]
mod operations;
#[allow(clippy::duplicate_mod, reason = "one text, compiled for each dialect")]
#[path = "../queries.rs"]
mod queries;
#[allow(clippy::duplicate_mod, reason = "one text, compiled for each dialect")]
#[path = "../tx.rs"]
mod tx;
mod wake;
mod work;
mod writer;

use std::{
    borrow::Cow,
    fmt,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use sqlx::{Connection as _, PgPool};
use time::OffsetDateTime;
use tokio::{
    sync::{Notify, mpsc, oneshot, watch},
    time::timeout,
};
use tokio_util::sync::DropGuard;

pub use self::{
    connect::{PostgresError, PostgresOptions},
    tx::Tx as PostgresTx,
};
use self::{
    failure::failed,
    tx::{Begin, Slot},
    work::{Outcome, Work},
    writer::Job,
};
use crate::{
    clock::{Clock, SystemClock},
    key::Key,
    store::{
        Accepted, Activity, Backlog, Claim, Claimed, Claims, DeliveryContent, DeliveryQuery, Entry,
        Fence, Finished, Inbox, Leased, Operate, Settlement, StoreError, StoreFuture,
        StoredDelivery, Transactional, replay_key,
    },
};

pub(super) type Db = sqlx::Postgres;
pub(super) type Connection = sqlx::PgConnection;
pub(super) type DbRow = sqlx::postgres::PgRow;

/// Claims and deliveries in a Postgres database: for any number of receivers and workers on any number of machines.
///
/// A delivery is acknowledged after its transaction was committed with `synchronous_commit` on; a server that turns it off
/// is overruled for these connections. Its tables are `hooklatch_event`, `hooklatch_delivery`, `hooklatch_attempt` and `hooklatch_schema`, in
/// the first schema of the `search_path`; the first process makes them, so give it the right to.
///
/// A cheap clone; clones are the same store. Handlers that take a [`PostgresTx`] write to the same database in the
/// transaction that completes their event.
///
/// A statement is given up after ten seconds, and the request is answered 503. Behind a pooler it needs a pool by session:
/// it prepares statements and listens. After a failover connect to the new primary under the same name; a standby is
/// refused.
///
/// ```no_run
/// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
/// use hooklatch::{Hooks, Keyring, provider, store::PostgresStore};
///
/// let store = PostgresStore::connect("postgres://hooks@db.internal/hooks").await?;
/// let keys = Keyring::from_env("STRIPE_WEBHOOK_SECRET")?;
/// let stripe = Hooks::new().receiver("stripe", provider::STRIPE, keys)?.inbox(store);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct PostgresStore {
    shared: Arc<Shared>,
}

/// What the handles of a store share.
struct Shared {
    jobs: mpsc::Sender<Job>,
    pool: PgPool,
    /// Apart, so that handlers that take long never keep a renewal waiting.
    transactions: PgPool,
    state: Arc<State>,
    most_pending: i64,
    /// Ends the tasks of the store with it.
    _tasks: DropGuard,
}

/// What the store and its tasks tell each other.
#[derive(Debug)]
struct State {
    arrivals: watch::Sender<u64>,
    /// Something may be due that other machines do not know of.
    news: Notify,
    /// How many deliveries are pending or running, nearly: what other machines do is seen when it is counted anew.
    pending: AtomicI64,
}

impl State {
    /// Wakes the workers of this process.
    fn arrived(&self) {
        self.arrivals
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Wakes all workers.
    fn tell_all(&self) {
        self.arrived();
        self.news.notify_one();
    }
}

impl PostgresStore {
    async fn call(&self, work: Work) -> Result<Outcome, StoreError> {
        let outcome = within(work::run(&self.shared.pool, &work)).await?;
        if work.may_wake() {
            self.shared.state.tell_all();
        }
        Ok(outcome)
    }

    async fn flag(&self, work: Work) -> Result<bool, StoreError> {
        match self.call(work).await? {
            Outcome::Flag(flag) => Ok(flag),
            _ => Err(Outcome::unexpected()),
        }
    }

    async fn write(&self, entry: Entry) -> Result<Accepted, StoreError> {
        let (reply, answer) = oneshot::channel();
        if self.shared.jobs.send(Job { entry, reply }).await.is_err() {
            return Err(StoreError::unavailable("the store's writers have ended"));
        }
        let ended = |_| Err(StoreError::unavailable("the store's writers have ended"));
        answer.await.unwrap_or_else(ended)
    }

    /// Whether there is room for another delivery.
    fn has_room(&self) -> bool {
        self.shared.state.pending.load(Ordering::Relaxed) < self.shared.most_pending
    }
}

impl Claims for PostgresStore {
    fn claim<'a>(&'a self, claim: &'a Claim) -> StoreFuture<'a, Claimed> {
        StoreFuture::pending(async move {
            match self.call(Work::Claim(*claim)).await? {
                Outcome::Claimed(claimed) => Ok(claimed),
                _ => Err(Outcome::unexpected()),
            }
        })
    }

    fn renew<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool> {
        StoreFuture::pending(self.flag(Work::Renew(*claim, fence)))
    }

    fn complete<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool> {
        let done = Settlement::Done(claim.retention);
        StoreFuture::pending(self.flag(Work::Settle(claim.event, fence, done)))
    }

    fn release<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool> {
        StoreFuture::pending(self.flag(Work::Release(claim.event, fence)))
    }

    fn forget(&self, event: Key) -> StoreFuture<'_, bool> {
        StoreFuture::pending(self.flag(Work::Forget(event)))
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        StoreFuture::pending(within(async move {
            let mut connection = self.shared.pool.acquire().await.map_err(failed)?;
            connection.ping().await.map_err(failed)
        }))
    }

    fn transaction(&self) -> Option<Arc<dyn Transactional>> {
        let store = self.clone();
        let begin: Begin = Box::new(move || {
            let store = store.clone();
            Box::pin(async move {
                let transaction = store.shared.transactions.begin().await.map_err(failed)?;
                let nothing: Box<dyn Send> = Box::new(());
                Ok((transaction, nothing))
            })
        });
        let clock = SystemClock::shared();
        Some(Arc::new(Slot::new(begin, clock, Some(TX_LIMIT))))
    }
}

impl Inbox for PostgresStore {
    fn accept<'a>(&'a self, entry: Entry) -> StoreFuture<'a, Accepted> {
        if !self.has_room() {
            return StoreFuture::ready(Err(StoreError::full(
                "as many deliveries are pending as may be",
            )));
        }
        StoreFuture::pending(within(self.write(entry)))
    }

    fn lease<'a>(
        &'a self,
        receiver: &'a str,
        limit: usize,
        lease: Duration,
    ) -> StoreFuture<'a, Vec<Leased>> {
        let receiver = receiver.into();
        StoreFuture::pending(async move {
            match self.call(Work::Lease(receiver, limit, lease)).await? {
                Outcome::Leased(leased) => Ok(leased),
                _ => Err(Outcome::unexpected()),
            }
        })
    }

    fn settle<'a>(
        &'a self,
        event: Key,
        fence: Fence,
        settlement: Settlement,
    ) -> StoreFuture<'a, bool> {
        StoreFuture::pending(self.flag(Work::Settle(event, fence, settlement)))
    }

    fn backlog<'a>(&'a self, receiver: &'a str) -> StoreFuture<'a, Backlog> {
        StoreFuture::pending(within(async move {
            let mut connection = self.shared.pool.acquire().await.map_err(failed)?;
            operations::backlog(&mut connection, 0, receiver)
                .await
                .map_err(failed)
        }))
    }

    fn arrivals(&self) -> watch::Receiver<u64> {
        self.shared.state.arrivals.subscribe()
    }
}

impl Operate for PostgresStore {
    fn list<'a>(&'a self, query: &'a DeliveryQuery) -> StoreFuture<'a, Vec<StoredDelivery>> {
        StoreFuture::pending(within(async move {
            let mut connection = self.shared.pool.acquire().await.map_err(failed)?;
            operations::find(&mut connection, query)
                .await
                .map_err(failed)
        }))
    }

    fn show(&self, event: Key) -> StoreFuture<'_, Option<DeliveryContent>> {
        StoreFuture::pending(within(async move {
            let mut connection = self.shared.pool.acquire().await.map_err(failed)?;
            operations::show(&mut connection, event)
                .await
                .map_err(failed)
        }))
    }

    fn replay<'a>(&'a self, event: Key, nonce: &'a str) -> StoreFuture<'a, Option<Key>> {
        let copy = replay_key(event, nonce);
        StoreFuture::pending(async move {
            let written = self.flag(Work::Replay(event, copy)).await?;
            Ok(written.then_some(copy))
        })
    }

    fn retry(&self, event: Key) -> StoreFuture<'_, bool> {
        StoreFuture::pending(self.flag(Work::Retry(event)))
    }

    fn purge(&self, finished: Finished, before: OffsetDateTime) -> StoreFuture<'_, u64> {
        StoreFuture::pending(async move {
            let mut purged = 0_u64;
            loop {
                let work = Work::Purge(finished, queries::millis_at(before));
                match self.call(work).await? {
                    Outcome::Count(0) => return Ok(purged),
                    Outcome::Count(count) => purged = purged.saturating_add(count),
                    _ => return Err(Outcome::unexpected()),
                }
            }
        })
    }

    fn activity(&self, since: OffsetDateTime, step: Duration) -> StoreFuture<'_, Vec<Activity>> {
        StoreFuture::pending(within(async move {
            let mut connection = self.shared.pool.acquire().await.map_err(failed)?;
            attempts::activity(&mut connection, since, step)
                .await
                .map_err(failed)
        }))
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}

/// The server's clock is asked, and nothing added to it.
fn time_of(_: &dyn Clock) -> i64 {
    0
}

/// A text as Postgres holds it, which has no place for the character zero.
fn text(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{FFFD}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Gives up on a server that does not answer. Whether it did what it was asked is then unknown.
async fn within<T>(ended: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    timeout(PATIENCE, ended)
        .await
        .unwrap_or_else(|_| Err(StoreError::unavailable("Postgres did not answer in time")))
}

/// How long an answer may take. A sender waits as long, or less.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a handler may keep its transaction open: what it locked keeps others waiting.
const TX_LIMIT: Duration = Duration::from_secs(60);

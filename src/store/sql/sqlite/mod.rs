//! [`SqliteStore`]: claims and the inbox in one file, for one machine.
//!
//! - One task writes, and commits what has come up in one transaction: many deliveries share one sync of the disk.
//! - A caller is answered after the commit. With `synchronous=FULL` that is after the sync.
//! - The write-ahead log is copied into the file by another connection, so that no delivery waits for it.
//! - An error of the disk poisons the store: what the kernel dropped once it may never report again, so nothing is
//!   acknowledged from then on until the process is started anew.

/// The time of the statements: bound as it is.
macro_rules! now {
    () => {
        "$1"
    };
}

/// One connection writes: there is nothing to lock.
macro_rules! lock {
    () => {
        ""
    };
}

/// The name of the extractor.
macro_rules! tx {
    () => {
        "SqliteTx"
    };
}

mod arrivals;
#[allow(clippy::duplicate_mod, reason = "one text, compiled for each dialect")]
#[path = "../attempts.rs"]
mod attempts;
mod batch;
mod judged;
mod keeper;
mod open;
#[allow(clippy::duplicate_mod, reason = "one text, compiled for each dialect")]
#[path = "../operations.rs"]
mod operations;
#[allow(clippy::duplicate_mod, reason = "one text, compiled for each dialect")]
#[path = "../queries.rs"]
mod queries;
mod removal;
mod rows;
#[path = "../tx.rs"]
mod tx;
mod writer;

use std::{
    fmt,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::SqlitePool;
use time::OffsetDateTime;
use tokio::sync::{Mutex, Notify, mpsc, oneshot, watch};

use self::{
    judged::Judged,
    tx::{Begin, Slot},
    writer::{Job, Outcome, Work},
};
pub use self::{open::SqliteError, tx::Tx as SqliteTx};
use crate::{
    clock::Clock,
    key::Key,
    store::{
        Accepted, Activity, Backlog, Claim, Claimed, Claims, Condition, DeliveryContent,
        DeliveryQuery, Entry, Fence, Finished, Inbox, Leased, Operate, Settlement, StoreError,
        StoreFuture, StoredDelivery, Transactional, replay_key,
    },
};

pub(super) type Db = sqlx::Sqlite;
pub(super) type Connection = sqlx::SqliteConnection;
pub(super) type DbRow = sqlx::sqlite::SqliteRow;

/// Claims and deliveries in a SQLite file: what makes an app durable without another server.
///
/// A delivery is acknowledged after it would survive a loss of power. It is for one machine: many processes may read the
/// file and an operator's tool may write to it, but one receiver should own it. On a network file system its locks do
/// not work.
///
/// A cheap clone; clones are the same store. Handlers that take a [`SqliteTx`] write to the same file in the transaction
/// that completes their event.
///
/// ```no_run
/// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
/// use hooklatch::{Hooks, Keyring, provider, store::SqliteStore};
///
/// let store = SqliteStore::open("hooks.db").await?;
/// let keys = Keyring::from_env("STRIPE_WEBHOOK_SECRET")?;
/// let stripe = Hooks::new().receiver("stripe", provider::STRIPE, keys)?.inbox(store);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    shared: Arc<Shared>,
}

/// What the tasks of a store share.
struct Shared {
    jobs: mpsc::Sender<Job>,
    readers: SqlitePool,
    transactions: SqlitePool,
    clock: Arc<dyn Clock>,
    state: Arc<State>,
    most_pending: i64,
    /// When the pending deliveries were counted because there seemed to be no room.
    counted: Mutex<Option<Instant>>,
}

/// What the writer tells the others.
#[derive(Debug)]
pub(super) struct State {
    /// Held by whoever writes: SQLite has one writer, and waiting here is in order and costs no polling.
    turn: Arc<Mutex<()>>,
    poisoned: AtomicBool,
    /// When the disk was full, unless something was written since.
    full: std::sync::Mutex<Option<Instant>>,
    arrivals: watch::Sender<u64>,
    /// How many deliveries are pending or running, nearly: what other processes do is seen when it is counted anew.
    pending: AtomicI64,
    /// Told whenever something was written to the log.
    written: Notify,
}

impl State {
    fn is_poisoned(&self) -> bool {
        self.poisoned.load(Ordering::SeqCst)
    }

    fn is_full(&self) -> bool {
        let full = *self.full.lock().unwrap_or_else(PoisonError::into_inner);
        full.is_some_and(|full| full.elapsed() < FULL_FOR)
    }

    /// Notes whether there was room for what was written.
    fn note_room<T>(&self, written: &Result<T, sqlx::Error>) {
        let is_full = written
            .as_ref()
            .is_err_and(|error| primary_code(error) == Some(FULL));
        if is_full || written.is_ok() {
            let full = is_full.then(Instant::now);
            *self.full.lock().unwrap_or_else(PoisonError::into_inner) = full;
        }
    }

    /// Poisons the store where nothing can be believed after this error. Whether it did.
    fn judge(&self, error: &sqlx::Error) -> bool {
        let fatal = is_fatal(error);
        if fatal {
            self.poisoned.store(true, Ordering::SeqCst);
            tracing::error!(target: "hooklatch::store", %error, "the disk failed: the store accepts nothing more");
        }
        fatal
    }
}

impl SqliteStore {
    fn now(&self) -> i64 {
        time_of(&*self.shared.clock)
    }

    async fn submit(&self, work: Work) -> Result<Outcome, StoreError> {
        if self.is_poisoned() {
            return Err(poisoned());
        }
        let (reply, answer) = oneshot::channel();
        let job = Job { work, reply };
        if self.shared.jobs.send(job).await.is_err() {
            return Err(StoreError::unavailable("the store's writer has ended"));
        }
        answer
            .await
            .unwrap_or_else(|_| Err(StoreError::unavailable("the store's writer has ended")))
    }

    async fn flag(&self, work: Work) -> Result<bool, StoreError> {
        match self.submit(work).await? {
            Outcome::Flag(flag) => Ok(flag),
            _ => Err(Outcome::unexpected()),
        }
    }

    fn is_poisoned(&self) -> bool {
        self.shared.state.is_poisoned()
    }

    /// Whether there is room for another delivery.
    fn has_room(&self) -> bool {
        self.shared.state.pending.load(Ordering::Relaxed) < self.shared.most_pending
    }

    /// Looks whether there is room after all: what has been handled since the last count still counts. At most once a second.
    async fn finds_room(&self) -> Result<bool, StoreError> {
        let mut counted = self.shared.counted.lock().await;
        if !self.has_room() && counted.is_none_or(|counted| counted.elapsed() >= SECOND) {
            let shared = &self.shared;
            keeper::recount(&shared.readers, &shared.state)
                .await
                .map_err(failed)?;
            *counted = Some(Instant::now());
        }
        Ok(self.has_room())
    }

    async fn take(
        &self,
        receiver: &str,
        limit: usize,
        lease: Duration,
    ) -> Result<Vec<Leased>, StoreError> {
        // Looking costs no sync; only where something is due the writer is asked.
        let mut reader = self.shared.readers.acquire().await.map_err(failed)?;
        if batch::first_due(&mut reader, self.now(), receiver)
            .await
            .map_err(failed)?
            .is_none()
        {
            return Ok(Vec::new());
        }
        drop(reader);
        let work = Work::Lease {
            receiver: receiver.into(),
            limit: limit.min(batch::MOST_LEASED),
            lease,
        };
        match self.submit(work).await? {
            Outcome::Leased(leased) => Ok(leased),
            _ => Err(Outcome::unexpected()),
        }
    }
}

impl Claims for SqliteStore {
    fn claim<'a>(&'a self, claim: &'a Claim) -> StoreFuture<'a, Claimed> {
        StoreFuture::pending(async move {
            match self.submit(Work::Claim(*claim)).await? {
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

    fn condition(&self) -> Condition {
        if self.is_poisoned() {
            Condition::Poisoned
        } else if self.shared.state.is_full() {
            Condition::Full
        } else {
            Condition::Sound
        }
    }

    fn transaction(&self) -> Option<Arc<dyn Transactional>> {
        let store = self.clone();
        let begin: Begin = Box::new(move || {
            let store = store.clone();
            Box::pin(async move {
                let turn = Arc::clone(&store.shared.state.turn).lock_owned().await;
                if store.is_poisoned() {
                    return Err(poisoned());
                }
                let pool = &store.shared.transactions;
                let transaction = pool.begin_with("BEGIN IMMEDIATE").await;
                let transaction = transaction.map_err(|error| {
                    store.shared.state.judge(&error);
                    failed(error)
                })?;
                let held: Box<dyn Send> = Box::new(turn);
                Ok((transaction, held))
            })
        });
        let clock = Arc::clone(&self.shared.clock);
        Some(Arc::new(Judged {
            slot: Arc::new(Slot::new(begin, clock, Some(TX_LIMIT))),
            state: Arc::clone(&self.shared.state),
        }))
    }
}

impl Inbox for SqliteStore {
    fn accept<'a>(&'a self, entry: Entry) -> StoreFuture<'a, Accepted> {
        StoreFuture::pending(async move {
            if !self.has_room() && !self.finds_room().await? {
                return Err(StoreError::full("as many deliveries are pending as may be"));
            }
            match self.submit(Work::Accept(Box::new(entry))).await? {
                Outcome::Accepted(accepted) => Ok(accepted),
                _ => Err(Outcome::unexpected()),
            }
        })
    }

    fn lease<'a>(
        &'a self,
        receiver: &'a str,
        limit: usize,
        lease: Duration,
    ) -> StoreFuture<'a, Vec<Leased>> {
        StoreFuture::pending(self.take(receiver, limit, lease))
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
        StoreFuture::pending(async move {
            let mut reader = self.shared.readers.acquire().await.map_err(failed)?;
            operations::backlog(&mut reader, self.now(), receiver)
                .await
                .map_err(failed)
        })
    }

    fn arrivals(&self) -> watch::Receiver<u64> {
        self.shared.state.arrivals.subscribe()
    }
}

impl Operate for SqliteStore {
    fn list<'a>(&'a self, query: &'a DeliveryQuery) -> StoreFuture<'a, Vec<StoredDelivery>> {
        StoreFuture::pending(async move {
            let mut reader = self.shared.readers.acquire().await.map_err(failed)?;
            operations::find(&mut reader, query).await.map_err(failed)
        })
    }

    fn show(&self, event: Key) -> StoreFuture<'_, Option<DeliveryContent>> {
        StoreFuture::pending(async move {
            let mut reader = self.shared.readers.acquire().await.map_err(failed)?;
            operations::show(&mut reader, event).await.map_err(failed)
        })
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
                match self
                    .submit(Work::Purge(finished, queries::millis_at(before)))
                    .await?
                {
                    Outcome::Count(0) => return Ok(purged),
                    Outcome::Count(count) => purged = purged.saturating_add(count),
                    _ => return Err(Outcome::unexpected()),
                }
            }
        })
    }

    fn activity(&self, since: OffsetDateTime, step: Duration) -> StoreFuture<'_, Vec<Activity>> {
        StoreFuture::pending(async move {
            let mut reader = self.shared.readers.acquire().await.map_err(failed)?;
            attempts::activity(&mut reader, since, step)
                .await
                .map_err(failed)
        })
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("condition", &self.condition())
            .finish_non_exhaustive()
    }
}

/// A text as SQLite holds it: any.
fn text(text: &str) -> &str {
    text
}

/// Waits for the end of a transaction, however long it takes: it is a sync of the disk.
async fn within<T>(ended: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    ended.await
}

/// The time as the statements take it.
fn time_of(clock: &dyn Clock) -> i64 {
    queries::millis_at(clock.now())
}

fn poisoned() -> StoreError {
    StoreError::unavailable(
        "the disk failed: nothing is accepted until the process is started anew",
    )
}

/// What an error of the driver means to the sender.
fn failed(error: sqlx::Error) -> StoreError {
    if primary_code(&error) == Some(FULL) {
        StoreError::full(error)
    } else {
        StoreError::unavailable(error)
    }
}

/// Whether nothing that is known of the file can be believed after this error.
fn is_fatal(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::WorkerCrashed)
        || matches!(primary_code(error), Some(IOERR | CORRUPT | NOTADB))
}

/// Whether an error is of one row that was written or read, and not of the file: others may still be written.
fn is_of_one(error: &sqlx::Error) -> bool {
    match primary_code(error) {
        Some(code) => matches!(code, TOOBIG | CONSTRAINT | MISMATCH),
        None => matches!(
            error,
            sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Encode(_)
        ),
    }
}

/// The result code without its extension (SQLite, "Result and Error Codes").
fn primary_code(error: &sqlx::Error) -> Option<u32> {
    let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

const IOERR: u32 = 10;
const CORRUPT: u32 = 11;
const FULL: u32 = 13;
const TOOBIG: u32 = 18;
const CONSTRAINT: u32 = 19;
const MISMATCH: u32 = 20;
const NOTADB: u32 = 26;

/// How long a full disk is told of: whoever sends no requests here for it has to try again some time.
const FULL_FOR: Duration = Duration::from_secs(10);
const SECOND: Duration = Duration::from_secs(1);
/// How long a handler may keep its transaction open: it keeps all others waiting.
const TX_LIMIT: Duration = Duration::from_secs(1);

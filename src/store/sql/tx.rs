//! The handler's transaction, written once and compiled for each dialect.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use axum::{extract::FromRequestParts, http::request::Parts};
use sqlx::Transaction;
use tokio::sync::{Mutex, Notify, OwnedMutexGuard};

use super::{Connection, Db, failed, queries, within};
use crate::{
    clock::Clock,
    delivery::{Delivery, Run, unverified},
    error::{Rejection, RejectionKind},
    failpoint,
    store::{Claim, Fence, StoreError, StoreFuture, Transactional},
};

/// Opens a transaction, with what has to be held while it is open.
pub(super) type Begin = Box<dyn Fn() -> BeginFuture + Send + Sync>;
type BeginFuture = Pin<
    Box<dyn Future<Output = Result<(Transaction<'static, Db>, Box<dyn Send>), StoreError>> + Send>,
>;

/// A transaction in the store of the receiver, committed together with the completion of the event: what the handler
/// writes with it takes effect exactly once.
///
/// It begins when it is first used, and is undone unless the handler returns 2xx. Where the commit fails, or the event
/// was taken over meanwhile, nothing of it takes effect and the event is run again.
///
/// One handler has one transaction: a second `Tx` among its arguments is refused. Of [`Batch`](crate::Batch) handlers all
/// items are completed in it. In SQLite one transaction is open at a time, for at most a second, in Postgres each for at
/// most a minute; then the handler is dropped and tried again: do what takes long before you use it.
///
/// ```no_run
/// use hooklatch::{Ack, Event};
#[doc = concat!("use hooklatch::store::", tx!(), ";")]
///
/// #[derive(serde::Deserialize)]
/// struct Invoice { id: String, amount_paid: i64 }
///
#[doc = concat!("async fn paid(mut tx: ", tx!(), ", event: Event<Invoice>) -> Result<(), Ack> {")]
///     sqlx::query("INSERT INTO payment (invoice, amount) VALUES ($1, $2)")
///         .bind(event.data.id)
///         .bind(event.data.amount_paid)
///         .execute(tx.connection().await?)
///         .await?;
///     Ok(())
/// }
/// ```
pub struct Tx {
    open: OwnedMutexGuard<Option<Open>>,
    slot: Arc<Slot>,
}

impl Tx {
    /// The connection of the transaction, which is begun if it was not yet.
    ///
    /// # Errors
    /// [`StoreError`]: the transaction could not be begun. Return it, or [`Ack::Retry`](crate::Ack::Retry).
    pub async fn connection(&mut self) -> Result<&mut Connection, StoreError> {
        if self.open.is_none() {
            let (transaction, held) = (self.slot.begin)().await?;
            *self.open = Some(Open {
                transaction,
                _held: held,
            });
            self.slot.opened.notify_one();
        }
        match &mut *self.open {
            Some(open) => Ok(&mut open.transaction),
            None => Err(StoreError::unavailable("the transaction is gone")),
        }
    }
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx")
            .field("begun", &self.open.is_some())
            .finish_non_exhaustive()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Tx {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let delivery = parts.extensions.get::<Delivery>().ok_or_else(unverified)?;
        let misconfigured =
            |detail: &'static str| delivery.refusal(RejectionKind::Misconfigured, detail);
        let run = delivery.run().ok_or_else(|| {
            misconfigured("a handler wants a transaction, and the store of its receiver has none")
        })?;
        let slot = Arc::clone(run).downcast::<Slot>().map_err(|_| {
            misconfigured(
                "a handler wants a transaction of another database than its receiver's store",
            )
        })?;
        let open = Arc::clone(&slot.open)
            .try_lock_owned()
            .map_err(|_| misconfigured("a handler wants its transaction twice"))?;
        Ok(Self { open, slot })
    }
}

struct Open {
    transaction: Transaction<'static, Db>,
    /// Dropped after the transaction.
    _held: Box<dyn Send>,
}

/// The place of one run's transaction.
pub(super) struct Slot {
    open: Arc<Mutex<Option<Open>>>,
    opened: Notify,
    begin: Begin,
    clock: Arc<dyn Clock>,
    limit: Option<Duration>,
}

impl Slot {
    pub(super) fn new(begin: Begin, clock: Arc<dyn Clock>, limit: Option<Duration>) -> Self {
        Self {
            open: Arc::default(),
            opened: Notify::new(),
            begin,
            clock,
            limit,
        }
    }

    async fn complete(&self, claims: &[(Claim, Fence)]) -> Result<bool, StoreError> {
        // The handler has ended: what still holds it was moved out of the handler, and may yet write.
        let Ok(mut open) = Arc::clone(&self.open).try_lock_owned() else {
            return Err(StoreError::unavailable(
                "the transaction is still used after its handler ended",
            ));
        };
        let Some(Open {
            mut transaction,
            _held,
        }) = open.take()
        else {
            return Err(StoreError::unavailable("the transaction was not begun"));
        };
        let time = super::time_of(&*self.clock);
        let ended = async {
            for (claim, fence) in claims {
                let current =
                    queries::complete(&mut transaction, time, claim.event, *fence, claim.retention)
                        .await
                        .map_err(failed)?;
                if !current {
                    transaction.rollback().await.map_err(failed)?;
                    return Ok(false);
                }
            }
            failpoint::pass("tx/completed");
            transaction.commit().await.map_err(failed)?;
            failpoint::pass("tx/committed");
            Ok(true)
        };
        within(ended).await
    }

    async fn undo(&self) -> Result<(), StoreError> {
        // Where it is still used, it is undone when it is dropped.
        if let Ok(mut open) = Arc::clone(&self.open).try_lock_owned()
            && let Some(Open { transaction, _held }) = open.take()
        {
            within(async { transaction.rollback().await.map_err(failed) }).await?;
        }
        Ok(())
    }

    async fn wait(&self) -> Result<(), StoreError> {
        self.opened.notified().await;
        match self.limit {
            Some(limit) => tokio::time::sleep(limit).await,
            None => std::future::pending().await,
        }
        Ok(())
    }
}

impl Transactional for Slot {
    fn is_open(&self) -> bool {
        // Locked: the handler moved it out of itself, and it may be open.
        self.open.try_lock().map_or(true, |open| open.is_some())
    }

    fn commit<'a>(&'a self, claims: &'a [(Claim, Fence)]) -> StoreFuture<'a, bool> {
        StoreFuture::pending(self.complete(claims))
    }

    fn roll_back(&self) -> StoreFuture<'_, ()> {
        StoreFuture::pending(self.undo())
    }

    fn overdue(&self) -> StoreFuture<'_, ()> {
        StoreFuture::pending(self.wait())
    }

    fn into_run(self: Arc<Self>) -> Run {
        self
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slot")
    }
}

//! An inbox that can be looked at, and that is ill when told to.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use hooklatch::{
    Key,
    store::{
        Accepted, Backlog, Claim, Claimed, Claims, Condition, Entry, Fence, Inbox, Leased,
        Settlement, SqliteStore, StoreError, StoreFuture, Transactional,
    },
};
use tokio::{sync::watch, time::sleep};

#[derive(Debug)]
pub(crate) struct Sick {
    store: SqliteStore,
    looks: AtomicUsize,
    /// Whether nobody can ask what is still to be done, or whether it is there.
    pub(crate) unreachable: AtomicBool,
    pub(crate) poisoned: AtomicBool,
    pub(crate) full: AtomicBool,
    /// How many ends of runs it still fails to write, and whether it writes them all the same.
    pub(crate) failing: AtomicUsize,
    pub(crate) writes_all_the_same: AtomicBool,
}

impl Sick {
    pub(crate) fn new(store: &SqliteStore) -> Self {
        Self {
            store: store.clone(),
            looks: AtomicUsize::new(0),
            unreachable: AtomicBool::new(false),
            poisoned: AtomicBool::new(false),
            full: AtomicBool::new(false),
            failing: AtomicUsize::new(0),
            writes_all_the_same: AtomicBool::new(false),
        }
    }

    fn looked_at(&self) {
        self.looks.fetch_add(1, SeqCst);
    }

    /// Waits until somebody has asked anew what it is like.
    pub(crate) async fn is_looked_at(&self) {
        let before = self.looks.load(SeqCst);
        while self.looks.load(SeqCst) == before {
            sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Inbox for Sick {
    fn accept<'a>(&'a self, entry: Entry) -> StoreFuture<'a, Accepted> {
        self.store.accept(entry)
    }

    fn lease<'a>(
        &'a self,
        receiver: &'a str,
        limit: usize,
        lease: Duration,
    ) -> StoreFuture<'a, Vec<Leased>> {
        self.store.lease(receiver, limit, lease)
    }

    fn settle<'a>(
        &'a self,
        event: Key,
        fence: Fence,
        settlement: Settlement,
    ) -> StoreFuture<'a, bool> {
        let one_less = |failing: usize| failing.checked_sub(1);
        if self.failing.fetch_update(SeqCst, SeqCst, one_less).is_err() {
            return self.store.settle(event, fence, settlement);
        }
        StoreFuture::pending(async move {
            if self.writes_all_the_same.load(SeqCst) {
                self.store.settle(event, fence, settlement).await?;
            }
            Err(StoreError::unavailable("told to fail"))
        })
    }

    fn backlog<'a>(&'a self, receiver: &'a str) -> StoreFuture<'a, Backlog> {
        StoreFuture::pending(async move {
            let backlog = if self.unreachable.load(SeqCst) {
                Err(StoreError::unavailable("told to fail"))
            } else {
                self.store.backlog(receiver).await
            };
            self.looked_at();
            backlog
        })
    }

    fn arrivals(&self) -> watch::Receiver<u64> {
        self.store.arrivals()
    }
}

impl Claims for Sick {
    fn claim<'a>(&'a self, claim: &'a Claim) -> StoreFuture<'a, Claimed> {
        self.store.claim(claim)
    }

    fn renew<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool> {
        self.store.renew(claim, fence)
    }

    fn complete<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool> {
        self.store.complete(claim, fence)
    }

    fn release<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool> {
        self.store.release(claim, fence)
    }

    fn forget(&self, event: Key) -> StoreFuture<'_, bool> {
        self.store.forget(event)
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        self.looked_at();
        if self.unreachable.load(SeqCst) {
            return StoreFuture::ready(Err(StoreError::unavailable("told to fail")));
        }
        self.store.ping()
    }

    fn condition(&self) -> Condition {
        if self.poisoned.load(SeqCst) {
            Condition::Poisoned
        } else if self.full.load(SeqCst) {
            Condition::Full
        } else {
            self.store.condition()
        }
    }

    fn transaction(&self) -> Option<Arc<dyn Transactional>> {
        self.store.transaction()
    }
}

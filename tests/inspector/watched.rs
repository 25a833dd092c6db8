//! A store that counts what it is asked, and that can be made to fail.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use hooklatch::{
    Claims, Key,
    store::{
        Activity, Claim, Claimed, DeliveryContent, DeliveryQuery, Fence, Finished, Operate,
        SqliteStore, StoreError, StoreFuture, StoredDelivery,
    },
};
use time::OffsetDateTime;

#[derive(Clone, Debug)]
pub(crate) struct Watched {
    inner: SqliteStore,
    lists: Arc<AtomicUsize>,
    fails: Arc<AtomicBool>,
}

impl Watched {
    pub(crate) fn new(inner: SqliteStore) -> Self {
        Self {
            inner,
            lists: Arc::default(),
            fails: Arc::default(),
        }
    }

    /// How often it was asked for a list.
    pub(crate) fn lists(&self) -> usize {
        self.lists.load(Ordering::SeqCst)
    }

    pub(crate) fn fail(&self, fails: bool) {
        self.fails.store(fails, Ordering::SeqCst);
    }

    fn or_fail<'a, T: Send + 'a>(&self, answer: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        if self.fails.load(Ordering::SeqCst) {
            return StoreFuture::ready(Err(StoreError::unavailable("postgres://user:secret@host")));
        }
        answer
    }
}

impl Claims for Watched {
    fn claim<'a>(&'a self, claim: &'a Claim) -> StoreFuture<'a, Claimed> {
        self.or_fail(self.inner.claim(claim))
    }

    fn renew<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool> {
        self.or_fail(self.inner.renew(claim, fence))
    }

    fn complete<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool> {
        self.or_fail(self.inner.complete(claim, fence))
    }

    fn release<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool> {
        self.or_fail(self.inner.release(claim, fence))
    }

    fn forget(&self, event: Key) -> StoreFuture<'_, bool> {
        self.or_fail(self.inner.forget(event))
    }
}

impl Operate for Watched {
    fn list<'a>(&'a self, query: &'a DeliveryQuery) -> StoreFuture<'a, Vec<StoredDelivery>> {
        self.lists.fetch_add(1, Ordering::SeqCst);
        self.or_fail(self.inner.list(query))
    }

    fn show(&self, event: Key) -> StoreFuture<'_, Option<DeliveryContent>> {
        self.or_fail(self.inner.show(event))
    }

    fn replay<'a>(&'a self, event: Key, nonce: &'a str) -> StoreFuture<'a, Option<Key>> {
        self.or_fail(self.inner.replay(event, nonce))
    }

    fn retry(&self, event: Key) -> StoreFuture<'_, bool> {
        self.or_fail(self.inner.retry(event))
    }

    fn purge(&self, finished: Finished, before: OffsetDateTime) -> StoreFuture<'_, u64> {
        self.or_fail(self.inner.purge(finished, before))
    }

    fn activity(&self, since: OffsetDateTime, step: Duration) -> StoreFuture<'_, Vec<Activity>> {
        self.or_fail(self.inner.activity(since, step))
    }
}

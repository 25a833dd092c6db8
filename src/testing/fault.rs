//! A store that fails when told to.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    key::Key,
    store::{Claim, Claimed, Claims, Condition, Fence, StoreError, StoreFuture},
};

/// A store around another one that fails when told to, before or after the call took effect.
///
/// ```
/// use std::sync::Arc;
/// use hooklatch::{Hooks, MemoryStore, testing::{Call, Fault, FaultyStore}};
///
/// let store = FaultyStore::new(Arc::new(MemoryStore::new()));
/// store.fail_next(Call::Complete, Fault::After);
/// let hooks = Hooks::new().with_claims(Arc::new(store.clone()));
/// ```
#[derive(Clone, Debug)]
pub struct FaultyStore {
    inner: Arc<dyn Claims>,
    faults: Arc<Mutex<VecDeque<(Call, Fault)>>>,
}

/// A call of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Call {
    /// [`Claims::claim`].
    Claim,
    /// [`Claims::renew`].
    Renew,
    /// [`Claims::complete`].
    Complete,
    /// [`Claims::release`].
    Release,
    /// [`Claims::forget`].
    Forget,
    /// [`Claims::ping`].
    Ping,
}

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The store is not reached.
    Before,
    /// The call takes effect and its answer is lost: the outcome is unknown to the caller.
    After,
    /// The store is full.
    Full,
}

impl FaultyStore {
    /// A store that does what `inner` does until told otherwise.
    #[must_use]
    pub fn new(inner: Arc<dyn Claims>) -> Self {
        Self {
            inner,
            faults: Arc::default(),
        }
    }

    /// Makes the next call of this kind fail; several are used up in order.
    pub fn fail_next(&self, call: Call, fault: Fault) {
        self.faults
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_back((call, fault));
    }

    fn next(&self, call: Call) -> Option<Fault> {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let position = faults.iter().position(|(kind, _)| *kind == call)?;
        faults.remove(position).map(|(_, fault)| fault)
    }

    fn call<'a, T: Send + Unpin + 'a>(
        &self,
        call: Call,
        answer: impl FnOnce() -> StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        match self.next(call) {
            None => answer(),
            Some(Fault::Before) => {
                StoreFuture::ready(Err(StoreError::unavailable("injected before the call")))
            }
            Some(Fault::Full) => StoreFuture::ready(Err(StoreError::full("injected"))),
            Some(Fault::After) => {
                let answer = answer();
                StoreFuture::pending(async move {
                    answer.await?;
                    Err(StoreError::unavailable("injected after the call"))
                })
            }
        }
    }
}

impl Claims for FaultyStore {
    fn claim<'a>(&'a self, claim: &'a Claim) -> StoreFuture<'a, Claimed> {
        self.call(Call::Claim, || self.inner.claim(claim))
    }

    fn renew<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool> {
        self.call(Call::Renew, || self.inner.renew(claim, fence))
    }

    fn complete<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool> {
        self.call(Call::Complete, || self.inner.complete(claim, fence))
    }

    fn release<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool> {
        self.call(Call::Release, || self.inner.release(claim, fence))
    }

    fn forget(&self, event: Key) -> StoreFuture<'_, bool> {
        self.call(Call::Forget, || self.inner.forget(event))
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        self.call(Call::Ping, || self.inner.ping())
    }

    fn condition(&self) -> Condition {
        self.inner.condition()
    }
}

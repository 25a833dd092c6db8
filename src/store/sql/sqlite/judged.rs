//! A handler's transaction whose errors poison the store, as those of its writer do.

use std::{error::Error as _, sync::Arc};

use super::{State, poisoned, tx::Slot};
use crate::{
    delivery::Run,
    store::{Claim, Fence, StoreError, StoreFuture, Transactional},
};

#[derive(Debug)]
pub(super) struct Judged {
    pub(super) slot: Arc<Slot>,
    pub(super) state: Arc<State>,
}

impl Judged {
    fn judge<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        let cause = result.as_ref().err().and_then(|error| error.source());
        if let Some(error) = cause.and_then(|cause| cause.downcast_ref()) {
            self.state.judge(error);
        }
        result
    }
}

impl Transactional for Judged {
    fn is_open(&self) -> bool {
        self.slot.is_open()
    }

    fn commit<'a>(&'a self, claims: &'a [(Claim, Fence)]) -> StoreFuture<'a, bool> {
        StoreFuture::pending(async move {
            let committed = self.judge(self.slot.commit(claims).await)?;
            self.state.written.notify_one();
            // A sync that failed for somebody else meanwhile may have dropped what this one believes to be written.
            if self.state.is_poisoned() {
                return Err(poisoned());
            }
            Ok(committed)
        })
    }

    fn roll_back(&self) -> StoreFuture<'_, ()> {
        StoreFuture::pending(async move { self.judge(self.slot.roll_back().await) })
    }

    fn overdue(&self) -> StoreFuture<'_, ()> {
        self.slot.overdue()
    }

    fn into_run(self: Arc<Self>) -> Run {
        Arc::clone(&self.slot).into_run()
    }
}

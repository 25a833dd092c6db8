//! Writing the end of a run, again where the store fails for a moment.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{SECOND, Shared, TARGET};
use crate::{
    drain, failpoint,
    key::Key,
    store::{Condition, Fence, Settlement, StoreError},
};

impl Shared {
    /// Writes how a run ended; tried again for the length of a lease, as long as nobody else runs the delivery. The run keeps
    /// its place meanwhile: a store that cannot be written to gets no more work.
    pub(super) async fn settle(&self, event: Key, fence: Fence, settlement: Settlement) {
        let receiver = &*self.origin.receiver;
        let until = drain::after(self.settings.lease);
        let mut pause = FIRST_PAUSE;
        let mut failed: Option<StoreError> = None;
        loop {
            match self.inbox.settle(event, fence, settlement.clone()).await {
                Ok(true) => {
                    failpoint::pass("work/settled");
                    return;
                }
                Ok(false) if failed.is_some() => {
                    tracing::warn!(target: TARGET, receiver, %event, "the end of a run was written although the store failed, or another run has taken over");
                    return;
                }
                Ok(false) => {
                    tracing::warn!(target: TARGET, receiver, %event, "the lease was lost: another run has taken over");
                    return;
                }
                Err(error) => {
                    tracing::debug!(target: TARGET, receiver, %event, %error, "the end of a run was not written");
                    failed = Some(error);
                }
            }
            if !self.may_try_again(until, pause).await {
                break;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        if let Some(error) = failed {
            tracing::warn!(target: TARGET, receiver, %event, %error, "the end of a run could not be written; it runs again after its lease");
        }
    }

    /// Waits, then tells whether it is worth another try.
    async fn may_try_again(&self, until: Instant, pause: Duration) -> bool {
        let left = until.saturating_duration_since(Instant::now());
        // What a poisoned store is given is lost until the process is started anew.
        if left.is_zero() || self.inbox.condition() == Condition::Poisoned {
            return false;
        }
        tokio::select! {
            biased;
            () = self.drain.aborting() => false,
            // All that failed together would else come back together.
            () = sleep(self.jitter(pause, pause).min(left)) => true,
        }
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = SECOND.saturating_mul(5);

//! The fence around deliveries that may kill the process: what ended without an outcome before runs alone.

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, OwnedSemaphorePermit, Semaphore};

use super::{SHUT_DOWN, Shared};
use crate::store::{Leased, Settlement};

/// The right to run, beside others of the same process or alone among them. Given back on drop.
#[expect(dead_code, reason = "only held")]
pub(super) enum Right {
    Beside(Arc<OwnedRwLockReadGuard<()>>),
    Alone(OwnedRwLockWriteGuard<()>),
}

impl Shared {
    /// The right to run beside others; waits while another runs alone. `None`: no more are to be begun.
    pub(super) async fn beside(&self) -> Option<Arc<OwnedRwLockReadGuard<()>>> {
        tokio::select! {
            biased;
            () = self.drain.stopping() => None,
            right = Arc::clone(self.drain.runs()).read_owned() => Some(Arc::new(right)),
        }
    }

    /// Runs a delivery once nothing else does, and lets nothing else begin before it has ended.
    pub(super) async fn begin_alone(
        self: &Arc<Self>,
        leased: Leased,
        place: Option<OwnedSemaphorePermit>,
        permits: &Arc<Semaphore>,
    ) {
        let (event, fence, claim) = (leased.event, leased.fence, self.claim_of(&leased));
        let right = tokio::select! {
            biased;
            () = self.drain.stopping() => None,
            // Those that run may take longer than the lease.
            () = self.once.keep_stored(claim, fence) => return,
            right = Arc::clone(self.drain.runs()).write_owned() => Some(right),
        };
        match right {
            Some(right) => self.spawn(leased, Right::Alone(right), place, permits),
            None => {
                let settlement = Settlement::Retry {
                    after: Duration::ZERO,
                    reason: SHUT_DOWN.into(),
                };
                self.settle(event, fence, settlement).await;
            }
        }
    }
}

//! [`Watch`]: looks at an inbox now and then, for the readiness of the process and the metrics.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::sleep;

use crate::{drain::Drain, health::Vitals, metric, store::Inbox};

/// Tells what a receiver's inbox is like, wherever the process writes to it or works on it.
pub(crate) struct Watch {
    pub(crate) receiver: Arc<str>,
    /// A watch alone does not keep a store open.
    pub(crate) inbox: Weak<dyn Inbox>,
    pub(crate) drain: Drain,
    pub(crate) vitals: Arc<Vitals>,
    /// How long something may be due.
    pub(crate) limit: Duration,
}

impl Watch {
    /// Looks in the background until the process stops or nobody else has the inbox.
    pub(crate) fn spawn(self) {
        let drain = self.drain.clone();
        drain.spawn(async move {
            tokio::select! {
                biased;
                // A store that does not answer must not hold a shutdown.
                () = self.drain.stopping() => {}
                () = self.look_on() => {}
            }
        });
    }

    async fn look_on(&self) {
        while let Some(inbox) = self.inbox.upgrade() {
            self.look(&*inbox).await;
            drop(inbox);
            sleep(EVERY).await;
        }
    }

    async fn look(&self, inbox: &dyn Inbox) {
        let receiver = &self.receiver;
        let backlog = inbox.backlog(receiver).await;
        let condition = inbox.condition();
        if let Ok(backlog) = &backlog {
            metric::backlog(receiver, backlog.pending, backlog.dead, backlog.oldest);
        }
        self.vitals
            .inbox(receiver, condition, backlog.ok(), self.limit);
    }
}

const EVERY: Duration = Duration::from_secs(5);

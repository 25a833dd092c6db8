//! [`Watch`]: looks at a receiver's store now and then, for the readiness of the process and the metrics.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::sleep;

use crate::{
    drain::Drain,
    health::{Problem, Vitals},
    metric,
    store::{Claims, Condition, Inbox},
};

/// Tells what a receiver's store is like, wherever the process claims in it, writes to it or works on it.
pub(crate) struct Watch {
    pub(crate) receiver: Arc<str>,
    pub(crate) store: Watched,
    pub(crate) drain: Drain,
    pub(crate) vitals: Arc<Vitals>,
}

/// A watch alone does not keep a store open.
pub(crate) enum Watched {
    Claims(Weak<dyn Claims>),
    /// And how long something in it may be due.
    Inbox(Weak<dyn Inbox>, Duration),
}

impl Watch {
    /// Looks in the background until the process stops or nobody else has the store.
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
        while let Some(problems) = self.look().await {
            self.vitals.store(&self.receiver, problems);
            sleep(EVERY).await;
        }
    }

    /// What is wrong with the store. `None`: it is gone.
    async fn look(&self) -> Option<Vec<Problem>> {
        match &self.store {
            Watched::Claims(claims) => {
                let claims = claims.upgrade()?;
                let answer = claims.ping().await;
                Some(self.problems(claims.condition(), answer.is_ok()))
            }
            Watched::Inbox(inbox, limit) => {
                let inbox = inbox.upgrade()?;
                let backlog = inbox.backlog(&self.receiver).await;
                let mut problems = self.problems(inbox.condition(), backlog.is_ok());
                if let Ok(backlog) = backlog {
                    metric::backlog(
                        &self.receiver,
                        backlog.pending,
                        backlog.dead,
                        backlog.oldest,
                    );
                    problems.extend(self.lateness(backlog.oldest, *limit));
                }
                Some(problems)
            }
        }
    }

    fn problems(&self, condition: Condition, is_reached: bool) -> Vec<Problem> {
        let receiver = || Arc::clone(&self.receiver);
        let ill = match condition {
            Condition::Sound => None,
            Condition::Poisoned => Some(Problem::StorePoisoned {
                receiver: receiver(),
            }),
            Condition::Full => Some(Problem::StoreFull {
                receiver: receiver(),
            }),
        };
        let away = (!is_reached).then(|| Problem::StoreUnreachable {
            receiver: receiver(),
        });
        ill.into_iter().chain(away).collect()
    }

    fn lateness(&self, oldest: Option<Duration>, limit: Duration) -> Option<Problem> {
        let oldest = oldest.filter(|oldest| *oldest > limit)?;
        Some(Problem::QueueOld {
            receiver: Arc::clone(&self.receiver),
            oldest,
            limit,
        })
    }
}

const EVERY: Duration = Duration::from_secs(5);

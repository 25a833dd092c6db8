//! Detached tasks, and the two signals that end them.

use std::{future::Future, sync::Arc, time::Duration};

use tokio::{
    sync::RwLock,
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

/// Tracks tasks that outlive the request that began them, and carries two signals: *stop* (no new work from now on) and
/// *abort* (the deadline passed: drop what is running and release its claims).
///
/// A cheap clone; every clone is the same drain.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drain {
    tasks: TaskTracker,
    stop: CancellationToken,
    abort: CancellationToken,
    runs: Arc<RwLock<()>>,
}

impl Drain {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Spawns a task that [`shutdown`](Self::shutdown) waits for. A task begun after the stop is tracked as well.
    pub(crate) fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.tasks.spawn(task)
    }

    /// Held by each run of an inbox; for writing by one that must be the only one.
    pub(crate) const fn runs(&self) -> &Arc<RwLock<()>> {
        &self.runs
    }

    /// No new work from now on.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Ends once work should no longer be begun.
    pub(crate) async fn stopping(&self) {
        self.stop.cancelled().await;
    }

    /// The deadline passed. Says stop as well, so that nobody begins what would be dropped.
    pub(crate) fn abort_now(&self) {
        self.stop.cancel();
        self.abort.cancel();
    }

    pub(crate) fn is_aborting(&self) -> bool {
        self.abort.is_cancelled()
    }

    /// Ends once running work should be dropped. Whoever supervises a handler selects on it, and finishes promptly.
    pub(crate) async fn aborting(&self) {
        self.abort.cancelled().await;
    }

    /// The same drain for one of many tasks: its signals have a lock of their own, since a task that waits for one
    /// looks at it on every poll.
    pub(crate) fn ear(&self) -> Self {
        Self {
            tasks: self.tasks.clone(),
            stop: self.stop.child_token(),
            abort: self.abort.child_token(),
            runs: Arc::clone(&self.runs),
        }
    }

    /// Aborts when it is dropped.
    pub(crate) fn abort_on_drop(&self) -> DropGuard {
        self.abort.clone().drop_guard()
    }

    /// Stops, and waits until no task is left; whether that was so by `deadline`.
    pub(crate) async fn idle_by(&self, deadline: Instant) -> bool {
        self.stop();
        self.tasks.close();
        timeout_at(deadline, self.tasks.wait()).await.is_ok()
    }

    /// Stops, waits for the tasks up to `deadline`, then aborts and waits for the rest.
    ///
    /// Can be called more than once, also at the same time: the earliest deadline counts.
    pub(crate) async fn shutdown(&self, deadline: Duration) {
        if self.idle_by(after(deadline)).await {
            return;
        }
        tracing::warn!(target: TARGET, tasks = self.tasks.len(), ?deadline, "the drain deadline passed, aborting");
        self.abort_now();
        if timeout(ABORT_BOUND, self.tasks.wait()).await.is_err() {
            let tasks = self.tasks.len();
            tracing::error!(target: TARGET, tasks, "tasks did not end after they were aborted, leaving them");
        }
    }
}

/// Now and `delay`, or the far future where that is past what an instant can hold.
pub(crate) fn after(delay: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(delay)
        .or_else(|| now.checked_add(FAR))
        .unwrap_or(now)
}

const TARGET: &str = "hooklatch::drain";

/// How long aborted tasks have to end. They only release what they hold.
const ABORT_BOUND: Duration = Duration::from_secs(5);

const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

#[cfg(test)]
mod tests {
    use std::{future::pending, sync::Arc, sync::Mutex};

    use tokio::time::sleep;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn nothing_to_wait_for() {
        let drain = Drain::new();
        let began = Instant::now();
        drain.shutdown(25 * SECOND).await;
        drain.shutdown(25 * SECOND).await;
        assert_eq!(began.elapsed(), Duration::ZERO);
        assert!(drain.is_stopping());
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_is_awaited() {
        let drain = Drain::new();
        let task = drain.spawn(async {
            sleep(20 * SECOND).await;
            "done"
        });
        let began = Instant::now();
        drain.shutdown(25 * SECOND).await;
        assert_eq!(began.elapsed(), 20 * SECOND);
        assert_eq!(task.await.unwrap(), "done");
        assert!(!drain.abort.is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn a_supervisor_releases_after_the_deadline() {
        let (drain, log) = (Drain::new(), Arc::new(Mutex::new(Vec::new())));
        drain.spawn({
            let (drain, log) = (drain.clone(), Arc::clone(&log));
            async move {
                tokio::select! {
                    () = pending() => {}
                    () = drain.aborting() => {}
                }
                sleep(SECOND).await;
                log.lock().unwrap().push("released");
            }
        });
        let began = Instant::now();
        drain.shutdown(25 * SECOND).await;
        assert_eq!(began.elapsed(), 26 * SECOND);
        assert_eq!(*log.lock().unwrap(), ["released"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_ignores_the_abort_is_left() {
        let drain = Drain::new();
        drain.spawn(pending::<()>());
        let began = Instant::now();
        drain.shutdown(25 * SECOND).await;
        assert_eq!(began.elapsed(), 30 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn the_earliest_of_concurrent_deadlines_counts() {
        let drain = Drain::new();
        drain.spawn({
            let drain = drain.clone();
            async move { drain.aborting().await }
        });
        let began = Instant::now();
        tokio::join!(drain.shutdown(25 * SECOND), drain.shutdown(3 * SECOND));
        assert_eq!(began.elapsed(), 3 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn signals_reach_clones_and_ears() {
        let drain = Drain::new();
        let (clone, ear) = (drain.clone(), drain.ear());
        assert!(!clone.is_stopping() && !ear.is_stopping());
        drain.stop();
        assert!(clone.is_stopping() && ear.is_stopping());
        clone.stopping().await;
        ear.stopping().await;
        drop(drain.abort_on_drop());
        clone.aborting().await;
        ear.aborting().await;
    }

    #[tokio::test(start_paused = true)]
    async fn an_endless_deadline_does_not_overflow() {
        let drain = Drain::new();
        drain.spawn(sleep(SECOND));
        drain.shutdown(Duration::MAX).await;
    }
}

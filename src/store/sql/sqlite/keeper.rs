//! What keeps the file small: the write-ahead log is copied into it, and what need not be remembered is removed.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use sqlx::{Row as _, SqlitePool, query};
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep,
};

use super::{
    Connection, Db, State, queries,
    writer::{Job, Outcome, Work},
};

/// Copies the log into the file whenever it has grown, until the store is gone.
pub(super) async fn copy(
    mut connection: Connection,
    jobs: mpsc::WeakSender<Job>,
    state: Arc<State>,
) {
    let mut is_told = false;
    loop {
        tokio::select! {
            () = state.written.notified() => {}
            () = sleep(Duration::from_secs(60)) => {}
        }
        if jobs.upgrade().is_none() {
            return;
        }
        // A copy syncs the disk that the writers are waiting for: one for many of them.
        sleep(TOGETHER).await;
        match checkpoint(&mut connection, &state).await {
            Ok(pages) => {
                let is_long = pages >= 4 * BOUND;
                if is_long && !is_told {
                    tracing::warn!(target: "hooklatch::store", pages, "the log grows: somebody reads the file for long, or has left a transaction open");
                }
                is_told = is_long;
            }
            Err(error) if state.judge(&error) => return,
            Err(error) => {
                tracing::warn!(target: "hooklatch::store", %error, "the log could not be copied into the file; it grows until it can");
            }
        }
    }
}

/// Copies what can be copied, and tells how many pages the log then has.
async fn checkpoint(connection: &mut Connection, state: &State) -> Result<i64, sqlx::Error> {
    // Nobody waits for this one.
    let pages = pages(connection, "PRAGMA wal_checkpoint(PASSIVE)").await?;
    if pages < BOUND {
        return Ok(pages);
    }
    // Writers went on meanwhile, so that the log never came to an end. What is left is little: let them wait for it. Where
    // somebody reads, nobody waits: the log can be begun anew later.
    let _turn = state.turn.lock().await;
    self::pages(connection, "PRAGMA wal_checkpoint(RESTART)").await
}

/// How many pages are in the log.
async fn pages(connection: &mut Connection, pragma: &'static str) -> Result<i64, sqlx::Error> {
    query::<Db>(pragma).fetch_one(connection).await?.try_get(1)
}

/// Counts the pending deliveries anew now and then, until the store is gone.
pub(super) async fn count(readers: SqlitePool, jobs: mpsc::WeakSender<Job>, state: Arc<State>) {
    loop {
        sleep(Duration::from_secs(5)).await;
        if jobs.upgrade().is_none() {
            return;
        }
        if let Err(error) = recount(&readers, &state).await {
            tracing::warn!(target: "hooklatch::store", %error, "the pending deliveries could not be counted");
        }
    }
}

/// Counts the pending deliveries anew.
pub(super) async fn recount(readers: &SqlitePool, state: &State) -> Result<(), sqlx::Error> {
    let mut reader = readers.acquire().await?;
    let pending = queries::pending(&mut reader).await?;
    state.pending.store(pending, Ordering::Relaxed);
    Ok(())
}

/// Removes what need not be remembered, until the store is gone.
pub(super) async fn sweep(jobs: mpsc::WeakSender<Job>) {
    loop {
        sleep(Duration::from_secs(60)).await;
        loop {
            let Some(jobs) = jobs.upgrade() else {
                return;
            };
            let (reply, answer) = oneshot::channel();
            let work = Work::Sweep;
            if jobs.send(Job { work, reply }).await.is_err() {
                return;
            }
            drop(jobs);
            match answer.await {
                // A thousand at a time, with room for others in between.
                Ok(Ok(Outcome::Count(count))) if count > 0 => {
                    sleep(Duration::from_millis(20)).await;
                }
                Ok(Ok(_)) => break,
                Ok(Err(error)) => {
                    tracing::warn!(target: "hooklatch::store", %error, "what expired could not be removed");
                    break;
                }
                Err(_) => return,
            }
        }
    }
}

/// What is written this long after the first is copied along.
const TOGETHER: Duration = Duration::from_millis(50);
/// At this many pages (16 MiB) the writers have to wait for the log to be copied.
const BOUND: i64 = 4096;

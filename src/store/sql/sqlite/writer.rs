//! The one task that writes: it takes what has come up, writes it in one transaction, and answers after the commit.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use sqlx::{Connection as _, Sqlite, Transaction};
use tokio::sync::{mpsc, oneshot};

use super::{
    Connection, State, arrivals, batch, failed, is_of_one, operations, poisoned, queries, removal,
};
use crate::{
    clock::Clock,
    failpoint,
    key::Key,
    store::{
        Accepted, Claim, Claimed, DeliveryState, Entry, Fence, Finished, Leased, Settlement,
        StoreError,
    },
};

/// Something to be written, and where the answer goes.
pub(super) struct Job {
    pub(super) work: Work,
    pub(super) reply: oneshot::Sender<Result<Outcome, StoreError>>,
}

impl Job {
    /// Whether it would be done for somebody who gave up: a sender that was told to come again, or a worker that would run
    /// none of what it leased.
    fn is_in_vain(&self) -> bool {
        let is_for_the_caller = matches!(
            self.work,
            Work::Accept(_) | Work::Claim(_) | Work::Lease { .. }
        );
        is_for_the_caller && self.reply.is_closed()
    }

    fn bytes(&self) -> usize {
        match &self.work {
            Work::Accept(entry) => entry.head.len() + entry.body.len(),
            _ => 0,
        }
    }
}

pub(super) enum Work {
    Claim(Claim),
    Renew(Claim, Fence),
    Release(Key, Fence),
    Settle(Key, Fence, Settlement),
    Forget(Key),
    Accept(Box<Entry>),
    Lease {
        receiver: Box<str>,
        limit: usize,
        lease: Duration,
    },
    Retry(Key),
    Replay(Key, Key),
    Purge(Finished, i64),
    Sweep,
}

pub(super) enum Outcome {
    Claimed(Claimed),
    Accepted(Accepted),
    Flag(bool),
    Leased(Vec<Leased>),
    Count(u64),
}

impl Outcome {
    /// The answer to other work than was asked for. There is no way to come here.
    pub(super) fn unexpected() -> StoreError {
        StoreError::unavailable("the store's writer answered something else")
    }
}

/// Writes until nobody can ask for more.
pub(super) async fn run(
    mut connection: Connection,
    mut queue: mpsc::Receiver<Job>,
    clock: Arc<dyn Clock>,
    state: Arc<State>,
) {
    let mut jobs = Vec::with_capacity(BATCH);
    while let Some(first) = queue.recv().await {
        let turn = state.turn.lock().await;
        if state.is_poisoned() {
            answer(first, Err(poisoned()));
            continue;
        }
        // What came up while somebody else had the turn goes along.
        collect(first, &mut queue, &mut jobs);
        write_all(&mut connection, &mut jobs, &*clock, &state).await;
        drop(turn);
        state.written.notify_one();
    }
    state.written.notify_one();
    if let Err(error) = connection.close().await {
        tracing::warn!(target: "hooklatch::store", %error, "the store was not closed cleanly; nothing is lost by that");
    }
}

/// Takes what has come up, as much as is written together.
fn collect(first: Job, queue: &mut mpsc::Receiver<Job>, jobs: &mut Vec<Job>) {
    let mut bytes = 0;
    let mut next = Some(first);
    while let Some(job) = next {
        if !job.is_in_vain() {
            bytes += job.bytes();
            jobs.push(job);
        }
        next = (jobs.len() < BATCH && bytes < BATCH_BYTES)
            .then(|| queue.try_recv().ok())
            .flatten();
    }
}

/// Writes the jobs together. Where one of them cannot be written, each has to stand alone: it must not take the others
/// with it.
async fn write_all(
    connection: &mut Connection,
    jobs: &mut Vec<Job>,
    clock: &dyn Clock,
    state: &State,
) {
    let now = queries::millis_at(clock.now());
    match write_together(connection, jobs, now, state).await {
        Ok(()) => {}
        Err(error) if jobs.len() > 1 && is_of_one(&error) => {
            for job in jobs.drain(..) {
                let mut alone = vec![job];
                if let Err(error) = write_together(connection, &mut alone, now, state).await {
                    refuse(&mut alone, error);
                }
            }
        }
        Err(error) => refuse(jobs, error),
    }
}

/// Writes the jobs and answers them; after an error they are still to be answered. Nothing is acknowledged by a store that is
/// poisoned.
async fn write_together(
    connection: &mut Connection,
    jobs: &mut Vec<Job>,
    now: i64,
    state: &State,
) -> Result<(), sqlx::Error> {
    if state.is_poisoned() {
        refuse_all(jobs);
        return Ok(());
    }
    let outcomes = write(connection, jobs, now, state).await?;
    // A sync that failed for somebody else meanwhile may have dropped what this one believes to be written.
    if state.is_poisoned() {
        refuse_all(jobs);
    } else {
        answer_all(jobs, outcomes, state);
    }
    Ok(())
}

/// Writes jobs in one transaction. When this returns `Ok` they are durable.
async fn write(
    connection: &mut Connection,
    jobs: &[Job],
    now: i64,
    state: &State,
) -> Result<Vec<Outcome>, sqlx::Error> {
    let result = async {
        if let Some(outcomes) = write_new(connection, jobs, now).await? {
            pass("committed", jobs);
            return Ok(outcomes);
        }
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let outcomes = perform_all(&mut transaction, jobs, now).await?;
        pass("written", jobs);
        transaction.commit().await?;
        pass("committed", jobs);
        Ok(outcomes)
    }
    .await;
    state.note_room(&result);
    if let Err(error) = &result {
        state.judge(error);
    }
    result
}

/// Writes jobs that are nothing but new deliveries. `None`: they are not, and nothing was written.
async fn write_new(
    connection: &mut Connection,
    jobs: &[Job],
    now: i64,
) -> Result<Option<Vec<Outcome>>, sqlx::Error> {
    let Some(entries) = arrivals::all(jobs) else {
        return Ok(None);
    };
    match arrivals::write(connection, now, &entries).await {
        Ok(()) => {
            let repeats_content = false;
            let new = |_| Outcome::Accepted(Accepted::New { repeats_content });
            Ok(Some(entries.iter().map(new).collect()))
        }
        Err(error) if is_of_one(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Tells a test how far the jobs have come.
fn pass(stage: &'static str, jobs: &[Job]) {
    let any = |is: fn(&Work) -> bool| jobs.iter().any(|job| is(&job.work));
    let accepts = || any(|work| matches!(work, Work::Accept(_)));
    let leases = || any(|work| matches!(work, Work::Lease { .. }));
    let settles = || any(|work| matches!(work, Work::Settle(..)));
    let [accept, lease, settle] = match stage {
        "written" => ["accept/written", "lease/written", "settle/written"],
        _ => ["accept/committed", "lease/committed", "settle/committed"],
    };
    failpoint::pass_if(accept, accepts);
    failpoint::pass_if(lease, leases);
    failpoint::pass_if(settle, settles);
}

async fn perform_all(
    transaction: &mut Transaction<'_, Sqlite>,
    jobs: &[Job],
    now: i64,
) -> Result<Vec<Outcome>, sqlx::Error> {
    let mut accepted = batch::accept_new(transaction, now, jobs).await?;
    let mut completed = batch::complete(transaction, now, jobs).await?;
    let mut outcomes = Vec::with_capacity(jobs.len());
    for (index, job) in jobs.iter().enumerate() {
        let accepted = accepted.remove(&index).map(Outcome::Accepted);
        let known = accepted.or_else(|| completed.remove(&index).map(Outcome::Flag));
        outcomes.push(match known {
            Some(outcome) => outcome,
            None => perform(transaction, &job.work, now).await?,
        });
    }
    Ok(outcomes)
}

async fn perform(
    connection: &mut Connection,
    work: &Work,
    now: i64,
) -> Result<Outcome, sqlx::Error> {
    Ok(match work {
        Work::Claim(claim) => Outcome::Claimed(queries::claim(connection, now, claim).await?),
        Work::Renew(claim, fence) => {
            Outcome::Flag(queries::renew(connection, now, claim, *fence).await?)
        }
        Work::Release(event, fence) => {
            Outcome::Flag(queries::release(connection, now, *event, *fence).await?)
        }
        Work::Settle(event, fence, settlement) => {
            Outcome::Flag(queries::settle(connection, now, *event, *fence, settlement).await?)
        }
        Work::Forget(event) => Outcome::Flag(queries::forget(connection, now, *event).await?),
        Work::Accept(entry) => Outcome::Accepted(queries::accept(connection, now, entry).await?),
        Work::Lease {
            receiver,
            limit,
            lease,
        } => {
            let mut leased = batch::lease(connection, now, receiver, *limit, *lease).await?;
            // In the same transaction: nobody can remove one in between, or give its place to another.
            batch::read_bodies(connection, &mut leased).await?;
            Outcome::Leased(leased.into_iter().map(|(_, leased)| leased).collect())
        }
        Work::Retry(event) => Outcome::Flag(operations::retry(connection, now, *event).await?),
        Work::Replay(event, copy) => {
            Outcome::Flag(operations::replay(connection, now, *event, *copy).await?)
        }
        Work::Purge(finished, before) => {
            let state = match finished {
                Finished::Completed => DeliveryState::Completed,
                Finished::Dead => DeliveryState::Dead,
            };
            Outcome::Count(removal::purge(connection, state, *before).await?)
        }
        Work::Sweep => Outcome::Count(removal::sweep(connection, now).await?),
    })
}

fn answer_all(jobs: &mut Vec<Job>, outcomes: Vec<Outcome>, state: &State) {
    let mut arrived = false;
    for (job, outcome) in jobs.drain(..).zip(outcomes) {
        if is_new(&outcome) && !is_dead(&job.work) {
            state.pending.fetch_add(1, Ordering::Relaxed);
        }
        arrived |= is_new(&outcome) || may_wake(&job.work);
        answer(job, Ok(outcome));
    }
    if arrived {
        state
            .arrivals
            .send_modify(|count| *count = count.wrapping_add(1));
    }
}

fn is_new(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Accepted(Accepted::New { .. } | Accepted::Revived)
    )
}

/// Whether it is a delivery that nobody will run.
fn is_dead(work: &Work) -> bool {
    matches!(work, Work::Accept(entry) if entry.dead.is_some())
}

/// Whether something may be due after this, now or soon.
fn may_wake(work: &Work) -> bool {
    matches!(
        work,
        Work::Retry(_) | Work::Replay(..) | Work::Settle(_, _, Settlement::Retry { .. })
    )
}

fn refuse_all(jobs: &mut Vec<Job>) {
    for job in jobs.drain(..) {
        answer(job, Err(poisoned()));
    }
}

fn refuse(jobs: &mut Vec<Job>, error: sqlx::Error) {
    let text = error.to_string();
    let mut first = Some(error);
    for job in jobs.drain(..) {
        let error = first
            .take()
            .map_or_else(|| StoreError::unavailable(text.clone()), failed);
        answer(job, Err(error));
    }
}

fn answer(job: Job, outcome: Result<Outcome, StoreError>) {
    // Nobody listens where the caller gave up; what was written counts all the same.
    let _ = job.reply.send(outcome);
}

/// How many may wait for the writer. Whoever comes then waits for a place.
pub(super) const QUEUE: usize = 4096;

/// How many are written together.
const BATCH: usize = 512;
/// And at most about so many bytes of them.
const BATCH_BYTES: usize = 8 << 20;

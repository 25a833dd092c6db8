//! What is done on a connection of the pool, one thing at a time.

use std::time::Duration;

use sqlx::{Connection as _, PgPool, query};
use tokio::time::sleep;

use super::{
    super::state::{self, Decision},
    Connection, Db, batch,
    failure::{AFTER_COLLISION, COLLISIONS, failed, is_collision, is_of_server},
    lease, operations, queries,
};
use crate::{
    key::Key,
    store::{
        Claim, Claimed, DeliveryState, Fence, Finished, Leased, OnRepeat, Settlement, StoreError,
    },
};

type Result<T> = std::result::Result<T, sqlx::Error>;

pub(super) enum Work {
    Claim(Claim),
    Renew(Claim, Fence),
    Release(Key, Fence),
    Settle(Key, Fence, Settlement),
    Forget(Key),
    Lease(Box<str>, usize, Duration),
    Retry(Key),
    Replay(Key, Key),
    Purge(Finished, i64),
    Sweep,
}

impl Work {
    /// Whether something may be due after this, now or soon.
    pub(super) const fn may_wake(&self) -> bool {
        matches!(
            self,
            Self::Retry(_) | Self::Replay(..) | Self::Settle(_, _, Settlement::Retry { .. })
        )
    }
}

pub(super) enum Outcome {
    Claimed(Claimed),
    Flag(bool),
    Leased(Vec<Leased>),
    Count(u64),
}

impl Outcome {
    /// The answer to other work than was asked for. There is no way to come here.
    pub(super) fn unexpected() -> StoreError {
        StoreError::unavailable("the store did something else")
    }
}

/// Does it, again if it collided with others. When this returns `Ok` it is durable.
pub(super) async fn run(pool: &PgPool, work: &Work) -> std::result::Result<Outcome, StoreError> {
    let mut collisions = 0;
    loop {
        let mut connection = pool.acquire().await.map_err(failed)?;
        match perform(&mut connection, work).await {
            Ok(outcome) => return Ok(outcome),
            Err(error) if is_collision(&error) && collisions < COLLISIONS => {
                drop(connection);
                collisions += 1;
                sleep(AFTER_COLLISION * collisions).await;
            }
            Err(error) => {
                if is_of_server(&error) {
                    connection.close_on_drop();
                }
                return Err(failed(error));
            }
        }
    }
}

async fn perform(connection: &mut Connection, work: &Work) -> Result<Outcome> {
    Ok(match work {
        Work::Claim(claim) => Outcome::Claimed(take(connection, claim).await?),
        Work::Renew(claim, fence) => {
            Outcome::Flag(queries::renew(connection, 0, claim, *fence).await?)
        }
        Work::Release(event, fence) => {
            Outcome::Flag(queries::release(connection, 0, *event, *fence).await?)
        }
        // One statement, and the commit with it.
        Work::Settle(event, fence, settlement @ Settlement::Done(_)) => {
            Outcome::Flag(queries::settle(connection, 0, *event, *fence, settlement).await?)
        }
        Work::Settle(event, fence, settlement) => {
            let mut transaction = connection.begin().await?;
            let settled = queries::settle(&mut transaction, 0, *event, *fence, settlement).await?;
            transaction.commit().await?;
            Outcome::Flag(settled)
        }
        Work::Forget(event) => {
            let mut transaction = connection.begin().await?;
            let forgotten = queries::forget(&mut transaction, 0, *event).await?;
            transaction.commit().await?;
            Outcome::Flag(forgotten)
        }
        Work::Lease(receiver, limit, time) => {
            Outcome::Leased(lease::lease(connection, receiver, *limit, *time).await?)
        }
        Work::Retry(event) => Outcome::Flag(operations::retry(connection, 0, *event).await?),
        Work::Replay(event, copy) => {
            let mut transaction = connection.begin().await?;
            let written = operations::replay(&mut transaction, 0, *event, *copy).await?;
            transaction.commit().await?;
            Outcome::Flag(written)
        }
        Work::Purge(finished, before) => {
            let state = match finished {
                Finished::Completed => DeliveryState::Completed,
                Finished::Dead => DeliveryState::Dead,
            };
            Outcome::Count(batch::purge(connection, state, *before).await?)
        }
        Work::Sweep => Outcome::Count(batch::sweep(connection).await?),
    })
}

/// Takes an event for one run: by writing it, which nearly always is all; else by looking; at last by locking what is
/// there.
async fn take(connection: &mut Connection, claim: &Claim) -> Result<Claimed> {
    if let Some(fence) = take_new(connection, claim).await? {
        return Ok(Claimed::New {
            fence: queries::fence_of(fence),
            attempt: 1,
            repeats_content: false,
        });
    }
    let (own, holder) = queries::rows(connection, 0, claim, SEEN).await?;
    if let Decision::Told(told) = state::claim(claim, own, holder) {
        return Ok(told);
    }
    let mut transaction = connection.begin().await?;
    let claimed = queries::claim(&mut transaction, 0, claim).await?;
    transaction.commit().await?;
    Ok(claimed)
}

/// Takes an event that was never seen, with its content. Tells the fence.
async fn take_new(connection: &mut Connection, claim: &Claim) -> Result<Option<i64>> {
    let fence = queries::first_fence().saturating_add(1);
    let content = claim.content.as_ref().map(|key| &key.as_bytes()[..]);
    let taken = query::<Db>(TAKE_NEW)
        .bind(0_i64)
        .bind(&claim.event.as_bytes()[..])
        .bind(content)
        .bind(i32::from(claim.on_repeat == OnRepeat::Flag))
        .bind(fence)
        .bind(queries::millis(claim.lease).saturating_add(1))
        .bind(queries::millis(claim.retention))
        .execute(connection)
        .await?;
    Ok((taken.rows_affected() == 1).then_some(fence))
}

const TAKE_NEW: &str = concat!(
    "INSERT INTO hooklatch_event (key, content, may_repeat, repeats, state, fence, attempt, due, retention, receiver, received, has_delivery, revived) ",
    "VALUES ($2, $3, $4, 0, 1, $5, 1, ",
    now!(),
    " + $6, $7, '', 0, 0, 0) ON CONFLICT DO NOTHING",
);

/// The row of an event, and the one that holds the content, as they are for everybody.
const SEEN: &str = concat!(seen!(), "key = $2 OR content = $3");

//! What is done to many rows at once: writing new deliveries, completing runs, and leasing those that are due.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
    time::Duration,
};

use sqlx::{Row as _, query};

use super::{
    Connection, Db, arrivals, attempts, queries,
    rows::ForRows,
    writer::{Job, Work},
};
use crate::{
    key::Key,
    store::{Accepted, Entry, Leased, Settlement, operate::LOST},
};

/// Writes those deliveries whose event and content are new, which nearly all are, a few statements for all of them. What is
/// not among the answers has to be looked at one by one.
pub(super) async fn accept_new(
    connection: &mut Connection,
    now: i64,
    jobs: &[Job],
) -> Result<HashMap<usize, Accepted>, sqlx::Error> {
    let candidates = arrivals::distinct(jobs);
    let mut accepted = HashMap::with_capacity(candidates.len());
    for chunk in chunks(&candidates) {
        let written = insert_events(connection, now, chunk).await?;
        let bodies: Vec<(i64, &Entry)> = chunk
            .iter()
            .filter_map(|(_, entry)| Some((*written.get(&entry.claim.event)?, *entry)))
            .collect();
        for chunk in chunks(&bodies) {
            insert_bodies(connection, chunk).await?;
        }
        for (index, entry) in chunk {
            if written.contains_key(&entry.claim.event) {
                let repeats_content = false;
                accepted.insert(*index, Accepted::New { repeats_content });
            }
        }
    }
    Ok(accepted)
}

/// The positions of the events that were new.
async fn insert_events(
    connection: &mut Connection,
    now: i64,
    chunk: &[(usize, &Entry)],
) -> Result<HashMap<Key, i64>, sqlx::Error> {
    let mut insert = query::<Db>(INSERT_EVENTS.for_at_least(chunk.len()));
    for (_, entry) in chunk {
        insert = arrivals::bind_event(insert, now, entry);
    }
    let rows = insert.fetch_all(connection).await?;
    rows.iter()
        .map(|row| Ok((queries::key_of(row.try_get(1)?)?, row.try_get(0)?)))
        .collect()
}

async fn insert_bodies(
    connection: &mut Connection,
    chunk: &[(i64, &Entry)],
) -> Result<(), sqlx::Error> {
    let mut insert = query::<Db>(INSERT_BODIES.for_at_least(chunk.len()));
    for (seq, entry) in chunk {
        insert = insert.bind(*seq).bind(&*entry.head).bind(&*entry.body);
    }
    insert.execute(connection).await?;
    Ok(())
}

/// Completes the runs that are done, and tells for each whether its fence was current. What is not among the answers has to
/// be looked at one by one.
pub(super) async fn complete(
    connection: &mut Connection,
    now: i64,
    jobs: &[Job],
) -> Result<HashMap<usize, bool>, sqlx::Error> {
    let mut runs = HashSet::new();
    let jobs = jobs.iter().enumerate();
    let done: Vec<(usize, Key, i64, i64)> = jobs
        .filter_map(|(index, job)| match &job.work {
            Work::Settle(event, fence, Settlement::Done(retention)) => {
                let retention = queries::millis(*retention).saturating_add(1);
                let fence = queries::number_of(*fence);
                let is_first = runs.insert((*event, fence));
                is_first.then_some((index, *event, fence, retention))
            }
            _ => None,
        })
        .collect();
    let mut answers = HashMap::with_capacity(done.len());
    for chunk in done.chunks(MOST_COMPLETED) {
        // Parameters that are not bound are NULL, and match no event.
        let mut update = query::<Db>(COMPLETE.for_at_least(chunk.len()));
        for (_, event, fence, retention) in chunk {
            update = update
                .bind(event.as_bytes().to_vec())
                .bind(*fence)
                .bind(now.saturating_add(*retention));
        }
        let mut completed = HashSet::new();
        for row in update.fetch_all(&mut *connection).await? {
            completed.insert((queries::key_of(row.try_get(0)?)?, row.try_get(1)?));
        }
        let told = chunk.iter();
        answers.extend(
            told.map(|(index, event, fence, _)| (*index, completed.contains(&(*event, *fence)))),
        );
    }
    Ok(answers)
}

/// The state of what is due first of a receiver: 0, or 1 where its run ended without an outcome.
pub(super) async fn first_due(
    connection: &mut Connection,
    now: i64,
    receiver: &str,
) -> Result<Option<i32>, sqlx::Error> {
    let due = query::<Db>(
        "SELECT state FROM hooklatch_event WHERE receiver = $1 AND has_delivery = 1 AND state < 2 AND due <= $2 ORDER BY due LIMIT 1",
    )
    .bind(receiver)
    .bind(now)
    .fetch_optional(connection)
    .await?;
    due.map(|row| row.try_get(0)).transpose()
}

/// Takes what is due, the bodies still to be read: one whose run ended without an outcome, which has state 1, or several of
/// the others, which have state 0.
pub(super) async fn lease(
    connection: &mut Connection,
    now: i64,
    receiver: &str,
    limit: usize,
    lease: Duration,
) -> Result<Vec<(i64, Leased)>, sqlx::Error> {
    let Some(state) = first_due(connection, now, receiver).await? else {
        return Ok(Vec::new());
    };
    let limit = if state == 1 { 1 } else { limit };
    let rows = query::<Db>(concat!(
        "UPDATE hooklatch_event SET lost = (lost + 1) * state, state = 1, fence = fence + 1, attempt = attempt + 1, due = $1 + $2 WHERE seq IN (",
        "SELECT seq FROM hooklatch_event WHERE receiver = $3 AND has_delivery = 1 AND state < 2 AND due <= $1 AND state = $5 ORDER BY due LIMIT $4",
        ") RETURNING seq, key, fence, attempt, retention, tenant, id, received, repeats, lost",
    ))
    .bind(now)
    .bind(queries::millis(lease).saturating_add(1))
    .bind(receiver)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .bind(state)
    .fetch_all(&mut *connection)
    .await?;
    let leased: Vec<_> = rows.iter().map(queries::leased).collect::<Result<_, _>>()?;
    for (seq, leased) in leased.iter().filter(|(_, leased)| leased.lost > 0) {
        let number = i32::try_from(leased.attempt.saturating_sub(1)).unwrap_or(i32::MAX);
        attempts::failed(connection, now, *seq, number, LOST).await?;
    }
    Ok(leased)
}

/// Reads the heads and bodies of what was leased.
pub(super) async fn read_bodies(
    connection: &mut Connection,
    leased: &mut [(i64, Leased)],
) -> Result<(), sqlx::Error> {
    let mut select = query::<Db>(SELECT_BODIES.as_str());
    for at in 0..MOST_LEASED {
        select = select.bind(leased.get(at).map(|(seq, _)| *seq));
    }
    let mut bodies = HashMap::with_capacity(leased.len());
    for row in select.fetch_all(connection).await? {
        let (head, body): (Vec<u8>, Vec<u8>) = (row.try_get(1)?, row.try_get(2)?);
        bodies.insert(row.try_get::<i64, _>(0)?, (head, body));
    }
    for (seq, leased) in leased {
        let (head, body) = bodies
            .remove(seq)
            .ok_or_else(|| queries::odd("a delivery"))?;
        (leased.head, leased.body) = (head.into(), body.into());
    }
    Ok(())
}

/// How many are leased at once.
pub(super) const MOST_LEASED: usize = 64;

/// How many are completed by one statement.
const MOST_COMPLETED: usize = 64;

static COMPLETE: LazyLock<ForRows> = LazyLock::new(|| {
    ForRows::new(
        &SIZES,
        "UPDATE hooklatch_event SET state = 2, error = NULL, due = done.column3 FROM (VALUES ",
        "(?, ?, ?)",
        ") AS done WHERE key = done.column1 AND fence = done.column2 AND state = 1 RETURNING key, fence",
    )
});

static INSERT_EVENTS: LazyLock<ForRows> = LazyLock::new(|| {
    ForRows::new(
        &SIZES,
        "INSERT INTO hooklatch_event (key, content, may_repeat, state, fence, attempt, due, retention, receiver, tenant, id, type, received, error, repeats, has_delivery, revived) VALUES ",
        // The run begins with attempt 0.
        "(?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, 0, 1, 0)",
        " ON CONFLICT DO NOTHING RETURNING seq, key",
    )
});

static INSERT_BODIES: LazyLock<ForRows> = LazyLock::new(|| {
    ForRows::new(
        &SIZES,
        "INSERT INTO hooklatch_delivery (seq, head, body) VALUES ",
        "(?, ?, ?)",
        "",
    )
});

static SELECT_BODIES: LazyLock<String> = LazyLock::new(|| {
    let places = vec!["?"; MOST_LEASED].join(", ");
    format!("SELECT seq, head, body FROM hooklatch_delivery WHERE seq IN ({places})")
});

/// Of how many rows there is a statement, the largest first: any number is a few of these.
const SIZES: [usize; 4] = [64, 16, 4, 1];

/// The rows, as many at a time as there is a statement for.
fn chunks<T>(rows: &[T]) -> Vec<&[T]> {
    let (mut chunks, mut rest) = (Vec::new(), rows);
    for size in SIZES {
        while let Some((chunk, behind)) = rest.split_at_checked(size) {
            chunks.push(chunk);
            rest = behind;
        }
    }
    chunks
}

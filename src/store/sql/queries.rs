//! The statements on an open connection, written once and compiled for each dialect.
//!
//! Where the dialects differ, the parent module says so: `Db` is its database, `now!` the time in milliseconds since 1970
//! by the store's own clock (`$1` is the time itself in SQLite, which has the clock of its process; in Postgres it is added
//! to the server's), `lock!` what locks the rows that were read until the transaction ends, `text` what makes a text one
//! that the database can hold.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use bytes::Bytes;
use sqlx::{Row as _, query};
use time::OffsetDateTime;

use super::{
    super::state::{self, Decision, Row},
    Connection, Db, DbRow, attempts, text,
};
use crate::{
    key::Key,
    store::{
        Accepted, Claim, Claimed, DeliveryState as State, Entry, Fence, Leased, OnRepeat,
        Settlement,
    },
};

type Result<T> = std::result::Result<T, sqlx::Error>;

pub(super) use super::super::state::code;

/// Takes an event for one run.
pub(super) async fn claim(conn: &mut Connection, time: i64, claim: &Claim) -> Result<Claimed> {
    loop {
        let (own, holder) = rows(conn, time, claim, LOCKED).await?;
        match state::claim(claim, own, holder) {
            Decision::Told(told) => return Ok(told),
            Decision::Write {
                over,
                fence,
                attempt,
                frees,
                repeats_content,
            } => {
                free(conn, frees).await?;
                let row = NewRow {
                    claim,
                    state: State::Running,
                    fence: fence.map_or_else(first_fence, |fence| fence.saturating_add(1)),
                    attempt: attempt.saturating_add(1),
                    due_in: millis(claim.lease).saturating_add(1),
                    repeats_content,
                    entry: None,
                };
                if write(conn, time, over, &row).await?.is_some() {
                    return Ok(Claimed::New {
                        fence: fence_of(row.fence),
                        attempt: u32::try_from(row.attempt).unwrap_or(u32::MAX),
                        repeats_content,
                    });
                }
                // Another machine wrote the event or its content since we looked.
            }
        }
    }
}

/// Writes a delivery.
pub(super) async fn accept(conn: &mut Connection, time: i64, entry: &Entry) -> Result<Accepted> {
    let claim = &entry.claim;
    loop {
        let (own, holder) = rows(conn, time, claim, LOCKED).await?;
        match state::accept(claim, own, holder) {
            Decision::Told(told) => return Ok(told),
            Decision::Write {
                over,
                fence,
                frees,
                repeats_content,
                ..
            } => {
                free(conn, frees).await?;
                let row = NewRow {
                    fence: fence.unwrap_or_else(first_fence),
                    repeats_content,
                    ..NewRow::of(entry)
                };
                let Some(seq) = write(conn, time, over, &row).await? else {
                    continue;
                };
                if over.is_some() {
                    remove_delivery(conn, seq).await?;
                }
                query::<Db>("INSERT INTO hooklatch_delivery (seq, head, body) VALUES ($1, $2, $3)")
                    .bind(seq)
                    .bind(&*entry.head)
                    .bind(&*entry.body)
                    .execute(&mut *conn)
                    .await?;
                if own.is_some_and(|own| own.state == State::Dead) {
                    query::<Db>(concat!(
                        "UPDATE hooklatch_event SET revived = ",
                        now!(),
                        " WHERE seq = $2"
                    ))
                    .bind(time)
                    .bind(seq)
                    .execute(&mut *conn)
                    .await?;
                    return Ok(Accepted::Revived);
                }
                return Ok(Accepted::New { repeats_content });
            }
        }
    }
}

pub(super) async fn renew(
    conn: &mut Connection,
    time: i64,
    claim: &Claim,
    fence: Fence,
) -> Result<bool> {
    let done = query::<Db>(concat!(
        "UPDATE hooklatch_event SET due = ",
        now!(),
        " + $2 WHERE key = $3 AND fence = $4 AND state = 1",
    ))
    .bind(time)
    .bind(millis(claim.lease).saturating_add(1))
    .bind(&claim.event.as_bytes()[..])
    .bind(number_of(fence))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn release(
    conn: &mut Connection,
    time: i64,
    event: Key,
    fence: Fence,
) -> Result<bool> {
    let done = query::<Db>(concat!(
        "UPDATE hooklatch_event SET state = 0, due = ", now!(),
        ", content = CASE has_delivery WHEN 1 THEN content END WHERE key = $2 AND fence = $3 AND state = 1",
    ))
    .bind(time)
    .bind(&event.as_bytes()[..])
    .bind(number_of(fence))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn complete(
    conn: &mut Connection,
    time: i64,
    event: Key,
    fence: Fence,
    retention: Duration,
) -> Result<bool> {
    let done = query::<Db>(concat!(
        "UPDATE hooklatch_event SET state = 2, error = NULL, due = ",
        now!(),
        " + $2 WHERE key = $3 AND fence = $4 AND state = 1",
    ))
    .bind(time)
    .bind(millis(retention).saturating_add(1))
    .bind(&event.as_bytes()[..])
    .bind(number_of(fence))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn settle(
    conn: &mut Connection,
    time: i64,
    event: Key,
    fence: Fence,
    settlement: &Settlement,
) -> Result<bool> {
    let (state, after, reason) = match settlement {
        Settlement::Done(retention) => return complete(conn, time, event, fence, *retention).await,
        Settlement::Retry { after, reason } => (State::Pending, *after, reason),
        Settlement::Dead { reason } => (State::Dead, Duration::ZERO, reason),
    };
    // Dead content is free for others, as the same bytes under another id may be a repair. But while none took it the dead
    // one keeps it: if it is retried, a copy under another id is a replay of it again.
    let ended = query::<Db>(concat!(
        "UPDATE hooklatch_event SET state = $2, error = $3, due = ",
        now!(),
        " + $4 WHERE key = $5 AND fence = $6 AND state = 1 RETURNING seq, attempt",
    ))
    .bind(time)
    .bind(code(state))
    .bind(text(reason))
    .bind(millis(after))
    .bind(&event.as_bytes()[..])
    .bind(number_of(fence))
    .fetch_optional(&mut *conn)
    .await?;
    let Some(ended) = ended else {
        return Ok(false);
    };
    attempts::failed(conn, time, ended.try_get(0)?, ended.try_get(1)?, reason).await?;
    Ok(true)
}

/// Forgets an event. `false`: there was none, or its time was over.
pub(super) async fn forget(conn: &mut Connection, time: i64, event: Key) -> Result<bool> {
    // Locked first, so that no copy writes a body to it between the two removals.
    let found = query::<Db>(concat!(
        "SELECT seq, CASE WHEN state = 2 AND due <= ",
        now!(),
        " THEN 1 ELSE 0 END FROM hooklatch_event WHERE key = $2",
        lock!(),
    ))
    .bind(time)
    .bind(&event.as_bytes()[..])
    .fetch_optional(&mut *conn)
    .await?;
    let Some(found) = found else {
        return Ok(false);
    };
    let seq: i64 = found.try_get(0)?;
    remove_delivery(conn, seq).await?;
    query::<Db>("DELETE FROM hooklatch_event WHERE seq = $1")
        .bind(seq)
        .execute(&mut *conn)
        .await?;
    Ok(found.try_get::<i32, _>(1)? == 0)
}

/// Removes a delivery and what became of it.
async fn remove_delivery(conn: &mut Connection, seq: i64) -> Result<()> {
    for sql in [
        "DELETE FROM hooklatch_attempt WHERE seq = $1",
        "DELETE FROM hooklatch_delivery WHERE seq = $1",
    ] {
        query::<Db>(sql).bind(seq).execute(&mut *conn).await?;
    }
    Ok(())
}

/// How many deliveries are pending or running.
pub(super) async fn pending(conn: &mut Connection) -> Result<i64> {
    query::<Db>("SELECT COUNT(*) FROM hooklatch_event WHERE has_delivery = 1 AND state < 2")
        .fetch_one(conn)
        .await?
        .try_get(0)
}

/// The row of an event, and the one that holds the content.
pub(super) async fn rows(
    conn: &mut Connection,
    time: i64,
    claim: &Claim,
    sql: &'static str,
) -> Result<(Option<Row>, Option<Row>)> {
    let content = claim.content.map(|content| content.as_bytes().to_vec());
    let rows = query::<Db>(sql)
        .bind(time)
        .bind(&claim.event.as_bytes()[..])
        .bind(content)
        .fetch_all(conn)
        .await?;
    let (mut own, mut holder) = (None, None);
    for row in &rows {
        let (seen, key, held) = seen(row)?;
        if key == claim.event {
            own = Some(seen);
        }
        if held.is_some() && held == claim.content {
            holder = Some(seen);
        }
    }
    Ok((own, holder))
}

/// A row that [`seen!`] reads, its event and its content.
pub(super) fn seen(row: &DbRow) -> Result<(Row, Key, Option<Key>)> {
    let seen = Row {
        seq: row.try_get(0)?,
        state: state::state(row.try_get(1)?).ok_or_else(|| odd("a state"))?,
        fence: row.try_get(2)?,
        attempt: row.try_get(3)?,
        is_over: row.try_get::<i32, _>(4)? == 1,
        has_delivery: row.try_get::<i32, _>(5)? == 1,
        may_repeat: row.try_get::<i32, _>(6)? == 1,
        revived_lately: row.try_get::<i32, _>(7)? == 1,
    };
    let content = row.try_get::<Option<&[u8]>, _>(9)?;
    Ok((
        seen,
        key_of(row.try_get(8)?)?,
        content.map(key_of).transpose()?,
    ))
}

const LOCKED: &str = concat!(seen!(), "key = $2 OR content = $3", lock!());

/// Takes the content from a row.
async fn free(conn: &mut Connection, seq: Option<i64>) -> Result<()> {
    if let Some(seq) = seq {
        query::<Db>("UPDATE hooklatch_event SET content = NULL WHERE seq = $1")
            .bind(seq)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// A row to be written.
pub(super) struct NewRow<'a> {
    pub(super) claim: &'a Claim,
    pub(super) state: State,
    pub(super) fence: i64,
    pub(super) attempt: i32,
    pub(super) due_in: i64,
    pub(super) repeats_content: bool,
    pub(super) entry: Option<&'a Entry>,
}

impl<'a> NewRow<'a> {
    /// The row of a delivery that is new.
    pub(super) fn of(entry: &'a Entry) -> Self {
        Self {
            claim: &entry.claim,
            state: if entry.dead.is_some() {
                State::Dead
            } else {
                State::Pending
            },
            fence: first_fence(),
            attempt: 0,
            due_in: 0,
            repeats_content: false,
            entry: Some(entry),
        }
    }

    /// The content it takes.
    pub(super) fn content(&self) -> Option<&[u8]> {
        self.claim
            .content
            .as_ref()
            .filter(|_| !self.repeats_content)
            .map(|content| &content.as_bytes()[..])
    }
}

/// Writes a row over another one or as a new one. `None`: somebody else wrote the event or its content.
async fn write(
    conn: &mut Connection,
    time: i64,
    over: Option<i64>,
    row: &NewRow<'_>,
) -> Result<Option<i64>> {
    let sql = if over.is_some() { UPDATE } else { INSERT };
    let entry = row.entry;
    let written = query::<Db>(sql)
        .bind(time)
        .bind(&row.claim.event.as_bytes()[..])
        .bind(row.content())
        .bind(i32::from(row.claim.on_repeat == OnRepeat::Flag))
        .bind(i32::from(row.repeats_content))
        .bind(code(row.state))
        .bind(row.fence)
        .bind(row.attempt)
        .bind(row.due_in)
        .bind(millis(row.claim.retention))
        .bind(entry.map_or("", |entry| &*entry.receiver))
        .bind(entry.and_then(|entry| entry.tenant.as_deref().map(text)))
        .bind(entry.and_then(|entry| entry.id.as_deref().map(text)))
        .bind(entry.and_then(|entry| entry.event_type.as_deref().map(text)))
        .bind(entry.map_or(0, |entry| millis_at(entry.received_at)))
        .bind(entry.and_then(|entry| entry.dead.as_deref().map(text)))
        .bind(i32::from(entry.is_some()))
        .fetch_optional(conn)
        .await?;
    written.map(|row| row.try_get(0)).transpose()
}

const INSERT: &str = concat!(
    "INSERT INTO hooklatch_event (key, content, may_repeat, repeats, state, fence, attempt, due, retention, receiver, tenant, id, type, received, error, has_delivery, revived) ",
    "VALUES ($2, $3, $4, $5, $6, $7, $8, ",
    now!(),
    " + $9, $10, $11, $12, $13, $14, $15, $16, $17, 0) ",
    "ON CONFLICT DO NOTHING RETURNING seq",
);

const UPDATE: &str = concat!(
    "UPDATE hooklatch_event SET content = $3, may_repeat = $4, repeats = $5, state = $6, fence = $7, attempt = $8, due = ",
    now!(),
    " + $9, retention = $10, receiver = $11, tenant = $12, id = $13, type = $14, received = $15, error = $16, has_delivery = $17 ",
    "WHERE key = $2 RETURNING seq",
);

/// A row of a lease, its head and body still to be read.
pub(super) fn leased(row: &DbRow) -> Result<(i64, Leased)> {
    let received_at = moment(row.try_get(7)?)?;
    let fence = fence_of(row.try_get(2)?);
    Ok((
        row.try_get(0)?,
        Leased {
            attempt: u32::try_from(row.try_get::<i32, _>(3)?).unwrap_or(u32::MAX),
            retention: duration(row.try_get(4)?),
            tenant: row.try_get::<Option<String>, _>(5)?.map(Into::into),
            id: row.try_get::<Option<String>, _>(6)?.map(Into::into),
            repeats_content: row.try_get::<i32, _>(8)? == 1,
            lost: u32::try_from(row.try_get::<i32, _>(9)?).unwrap_or(0),
            ..Leased::new(key_of(row.try_get(1)?)?, fence, received_at, Bytes::new())
        },
    ))
}

pub(super) fn key_of(bytes: &[u8]) -> Result<Key> {
    let bytes: [u8; 16] = bytes.try_into().map_err(|_| odd("a key"))?;
    Ok(Key::from_bytes(bytes))
}

pub(super) fn moment(millis: i64) -> Result<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000)
        .map_err(|_| odd("a time"))
}

pub(super) fn millis(duration: Duration) -> i64 {
    // Far enough, and still far from where an addition would overflow.
    i64::try_from(duration.as_millis())
        .unwrap_or(i64::MAX)
        .min(1 << 53)
}

pub(super) fn duration(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

pub(super) fn millis_at(moment: OffsetDateTime) -> i64 {
    i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).unwrap_or(0)
}

pub(super) fn fence_of(number: i64) -> Fence {
    Fence::new(u64::try_from(number).unwrap_or(0))
}

pub(super) fn number_of(fence: Fence) -> i64 {
    i64::try_from(fence.get()).unwrap_or(i64::MAX)
}

/// A fence for an event that has none: no earlier event of this key can have had it, even if it was forgotten since.
pub(super) fn first_fence() -> i64 {
    let random = RandomState::new().hash_one(());
    // Above it is room for more runs than there will be.
    i64::try_from(random >> 3).unwrap_or(1)
}

/// What is stored is nothing we would have written.
pub(super) fn odd(what: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("{what} of the store is not one").into())
}

//! What is done to many rows at once: writing new deliveries, looking at those that were not new, removing.

use std::collections::{HashMap, HashSet};

use sqlx::{Row as _, query};

use super::{
    super::state::{self, Decision, Row},
    Connection, Db,
    queries::{self, NewRow},
    text,
};
use crate::{
    key::Key,
    store::{Accepted, DeliveryState, Entry, OnRepeat},
};

type Result<T> = std::result::Result<T, sqlx::Error>;

/// Writes those deliveries whose event and content are new, which nearly all are, by one statement. Tells which of them by
/// their place among the entries.
pub(super) async fn accept_new(
    connection: &mut Connection,
    entries: &[&Entry],
) -> Result<HashSet<usize>> {
    let (mut events, mut contents) = (HashSet::new(), HashSet::new());
    let mut candidates = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let claim = &entry.claim;
        let first = events.insert(claim.event);
        if first && claim.content.is_none_or(|content| contents.insert(content)) {
            candidates.push((index, *entry));
        }
    }
    // In one order on all machines, so that two who write the same keys do not wait for each other.
    candidates.sort_unstable_by_key(|(_, entry)| entry.claim.event);
    let rows: Vec<(&Entry, NewRow<'_>)> = candidates
        .iter()
        .map(|(_, entry)| (*entry, NewRow::of(entry)))
        .collect();
    let written = query::<Db>(ACCEPT)
        .bind(0_i64)
        .bind(all(&rows, |(entry, _)| event(entry)))
        .bind(all(&rows, |(_, row)| row.content()))
        .bind(all(&rows, |(entry, _)| {
            i32::from(entry.claim.on_repeat == OnRepeat::Flag)
        }))
        .bind(all(&rows, |(_, row)| queries::code(row.state)))
        .bind(all(&rows, |(_, row)| row.fence))
        .bind(all(&rows, |(entry, _)| {
            queries::millis(entry.claim.retention)
        }))
        .bind(all(&rows, |(entry, _)| &*entry.receiver))
        .bind(all(&rows, |(entry, _)| entry.tenant.as_deref().map(text)))
        .bind(all(&rows, |(entry, _)| entry.id.as_deref().map(text)))
        .bind(all(&rows, |(entry, _)| {
            entry.event_type.as_deref().map(text)
        }))
        .bind(all(&rows, |(entry, _)| {
            queries::millis_at(entry.received_at)
        }))
        .bind(all(&rows, |(entry, _)| entry.dead.as_deref().map(text)))
        .bind(all(&rows, |(entry, _)| &*entry.head))
        .bind(all(&rows, |(entry, _)| &*entry.body))
        .fetch_all(connection)
        .await?;
    let written: HashSet<Key> = written
        .iter()
        .map(|row| queries::key_of(row.try_get(0)?))
        .collect::<Result<_>>()?;
    Ok(candidates
        .into_iter()
        .filter(|(_, entry)| written.contains(&entry.claim.event))
        .map(|(index, _)| index)
        .collect())
}

/// What those are told that were not new, where nothing is to be written. `None`: this one has to be accepted by itself.
pub(super) async fn look(
    connection: &mut Connection,
    entries: &[&Entry],
) -> Result<Vec<Option<Accepted>>> {
    let rows = query::<Db>(LOOK)
        .bind(0_i64)
        .bind(all(entries, |entry| event(entry)))
        .bind(all(entries, |entry| {
            entry.claim.content.as_ref().map(|key| &key.as_bytes()[..])
        }))
        .fetch_all(connection)
        .await?;
    let (mut owns, mut holders) = (HashMap::new(), HashMap::new());
    for row in &rows {
        let (seen, event, content) = queries::seen(row)?;
        owns.insert(event, seen);
        if let Some(content) = content {
            holders.insert(content, seen);
        }
    }
    let told = |entry: &&Entry| {
        let claim = &entry.claim;
        let own: Option<Row> = owns.get(&claim.event).copied();
        let holder = claim.content.and_then(|key| holders.get(&key).copied());
        match state::accept(claim, own, holder) {
            Decision::Told(told) => Some(told),
            Decision::Write { .. } => None,
        }
    };
    Ok(entries.iter().map(told).collect())
}

/// Removes what must be remembered no longer, at most a thousand of what was completed and as much of what was not. Tells how
/// much that was.
pub(super) async fn sweep(connection: &mut Connection) -> Result<u64> {
    let mut gone = 0;
    for sql in [COMPLETED, LAPSED] {
        let removed = query::<Db>(sql)
            .bind(0_i64)
            .fetch_one(&mut *connection)
            .await?;
        gone += count(&removed)?;
    }
    Ok(gone)
}

/// Removes completed or dead deliveries that arrived before a moment, at most a thousand. Tells how many.
pub(super) async fn purge(
    connection: &mut Connection,
    state: DeliveryState,
    before: i64,
) -> Result<u64> {
    let removed = query::<Db>(PURGE)
        .bind(queries::code(state))
        .bind(before)
        .fetch_one(connection)
        .await?;
    count(&removed)
}

fn count(row: &super::DbRow) -> Result<u64> {
    Ok(u64::try_from(row.try_get::<i64, _>(0)?).unwrap_or(0))
}

fn event(entry: &Entry) -> &[u8] {
    &entry.claim.event.as_bytes()[..]
}

/// A column of all rows.
fn all<'a, T, C>(rows: &'a [T], column: impl Fn(&'a T) -> C) -> Vec<C> {
    rows.iter().map(column).collect()
}

const ACCEPT: &str = concat!(
    "WITH written AS (",
    "INSERT INTO hooklatch_event (key, content, may_repeat, repeats, state, fence, attempt, due, retention, receiver, tenant, id, type, received, error, has_delivery, revived) ",
    "SELECT key, content, may_repeat, 0, state, fence, 0, ",
    now!(),
    ", retention, receiver, tenant, id, type, received, error, 1, 0 ",
    "FROM UNNEST($2::bytea[], $3::bytea[], $4::int[], $5::int[], $6::bigint[], $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::text[]) ",
    "AS n (key, content, may_repeat, state, fence, retention, receiver, tenant, id, type, received, error) ",
    "ON CONFLICT DO NOTHING RETURNING seq, key",
    "), kept AS (",
    "INSERT INTO hooklatch_delivery (seq, head, body) SELECT w.seq, b.head, b.body ",
    "FROM written w JOIN UNNEST($2::bytea[], $14::bytea[], $15::bytea[]) AS b (key, head, body) ON b.key = w.key",
    ") SELECT key FROM written",
);

const LOOK: &str = concat!(seen!(), "key = ANY($2) OR content = ANY($3)");

/// What is removed is locked first, and looked at once more when it is: it may have been accepted anew since. What others
/// hold is passed over. (A condition on a subquery alone is not looked at again.)
macro_rules! remove {
    ($which:expr) => {
        concat!(
            "WITH gone AS (DELETE FROM hooklatch_event WHERE seq = ANY(ARRAY(SELECT seq FROM hooklatch_event WHERE ",
            $which,
            " LIMIT 1000 FOR UPDATE SKIP LOCKED)) RETURNING seq), bodies AS (",
            "DELETE FROM hooklatch_delivery WHERE seq IN (SELECT seq FROM gone)), attempts AS (",
            "DELETE FROM hooklatch_attempt WHERE seq IN (SELECT seq FROM gone)",
            ") SELECT COUNT(*) FROM gone"
        )
    };
}

/// Completed, and to be remembered no longer.
const COMPLETED: &str = remove!(concat!("state = 2 AND due <= ", now!(), " ORDER BY due"));

/// Claims that failed, or whose process died, and that nobody took up again.
const LAPSED: &str = remove!(concat!(
    "has_delivery = 0 AND state < 2 AND due + retention <= ",
    now!(),
    " ORDER BY due + retention"
));

/// The first condition on the state is the one of the index: a plan for any state cannot conclude it from the second.
const PURGE: &str = remove!(
    "has_delivery = 1 AND state >= 2 AND state = $1 AND received < $2 ORDER BY received, seq"
);

//! Leasing what is due, on many machines at once.

use std::time::Duration;

use sqlx::{Row as _, query};

use super::{Connection, Db, queries};
use crate::store::{Leased, operate::LOST};

/// Takes what is due, oldest first: one whose run ended without an outcome, which has state 1, or several of the others,
/// which have state 0. Rows that another worker is taking are passed over, not waited for.
pub(super) async fn lease(
    connection: &mut Connection,
    receiver: &str,
    limit: usize,
    lease: Duration,
) -> Result<Vec<Leased>, sqlx::Error> {
    let rows = query::<Db>(LEASE)
        .bind(0_i64)
        .bind(queries::millis(lease).saturating_add(1))
        .bind(receiver)
        .bind(i64::try_from(limit.min(MOST)).unwrap_or(i64::MAX))
        .bind(LOST)
        .fetch_all(connection)
        .await?;
    let leased = |row| {
        let (_, mut leased) = queries::leased(row)?;
        leased.head = row.try_get::<Vec<u8>, _>(10)?.into();
        leased.body = row.try_get::<Vec<u8>, _>(11)?.into();
        Ok(leased)
    };
    rows.iter().map(leased).collect()
}

/// What is due is chosen once, whatever the plan of the rest: what a `WITH` locks is not folded into it. Runs that ended
/// without an outcome are noted on the way.
const LEASE: &str = concat!(
    "WITH first AS (",
    "SELECT state FROM hooklatch_event WHERE receiver = $3 AND has_delivery = 1 AND state < 2 AND due <= ",
    now!(),
    " ORDER BY due, received LIMIT 1 FOR UPDATE SKIP LOCKED",
    "), due AS (",
    "SELECT seq, due FROM hooklatch_event WHERE receiver = $3 AND has_delivery = 1 AND state < 2 AND due <= ",
    now!(),
    " AND state = (SELECT state FROM first)",
    " ORDER BY due, received LIMIT (SELECT CASE state WHEN 1 THEN 1 ELSE $4 END FROM first) FOR UPDATE SKIP LOCKED",
    "), taken AS (",
    "UPDATE hooklatch_event e SET lost = (e.lost + 1) * e.state, state = 1, fence = e.fence + 1, attempt = e.attempt + 1, due = ",
    now!(),
    " + $2 FROM due WHERE e.seq = due.seq ",
    "RETURNING e.seq, e.key, e.fence, e.attempt, e.retention, e.tenant, e.id, e.received, e.repeats, e.lost, due.due AS since",
    "), noted AS (",
    "INSERT INTO hooklatch_attempt (seq, number, ended, error) SELECT seq, attempt - 1, ",
    now!(),
    ", $5 FROM taken WHERE lost > 0",
    ") SELECT t.seq, t.key, t.fence, t.attempt, t.retention, t.tenant, t.id, t.received, t.repeats, t.lost, d.head, d.body ",
    "FROM taken t JOIN hooklatch_delivery d ON d.seq = t.seq ORDER BY t.since, t.received, t.seq",
);

/// How many are leased at once.
const MOST: usize = 64;

//! The runs that failed, and what happened when: written once and compiled for each dialect, as the other
//! [statements](super::queries).

use std::{collections::BTreeMap, time::Duration};

use sqlx::{Row as _, query};
use time::OffsetDateTime;

use super::{
    Connection, Db, DbRow,
    queries::{millis, millis_at, moment},
    text,
};
use crate::store::{Activity, Attempt};

type Result<T> = std::result::Result<T, sqlx::Error>;

/// Notes that a run of a delivery failed.
pub(super) async fn failed(
    conn: &mut Connection,
    time: i64,
    seq: i64,
    number: i32,
    error: &str,
) -> Result<()> {
    query::<Db>(concat!(
        "INSERT INTO hooklatch_attempt (seq, number, ended, error) VALUES ($2, $3, ",
        now!(),
        ", $4)",
    ))
    .bind(time)
    .bind(seq)
    .bind(number)
    .bind(text(error))
    .execute(&mut *conn)
    .await?;
    query::<Db>(
        "DELETE FROM hooklatch_attempt WHERE seq = $1 AND id NOT IN \
         (SELECT id FROM hooklatch_attempt WHERE seq = $1 ORDER BY id DESC LIMIT 20)",
    )
    .bind(seq)
    .execute(conn)
    .await?;
    Ok(())
}

/// The runs of a delivery that failed, oldest first.
pub(super) async fn of(conn: &mut Connection, seq: i64) -> Result<Vec<Attempt>> {
    let rows = query::<Db>(
        "SELECT number, ended, error FROM hooklatch_attempt WHERE seq = $1 ORDER BY id",
    )
    .bind(seq)
    .fetch_all(conn)
    .await?;
    let attempt = |row: &DbRow| {
        Ok(Attempt {
            number: u32::try_from(row.try_get::<i32, _>(0)?).unwrap_or(0),
            ended_at: moment(row.try_get(1)?)?,
            error: row.try_get(2)?,
        })
    };
    rows.iter().map(attempt).collect()
}

/// What happened since a moment, step by step.
pub(super) async fn activity(
    conn: &mut Connection,
    since: OffsetDateTime,
    step: Duration,
) -> Result<Vec<Activity>> {
    let (since, step) = (millis_at(since), millis(step).max(1));
    let mut steps = BTreeMap::<(i64, String), [u64; 3]>::new();
    for (column, sql) in [ARRIVED, FAILED, DEAD].into_iter().enumerate() {
        let rows = query::<Db>(sql)
            .bind(since)
            .bind(step)
            .fetch_all(&mut *conn)
            .await?;
        for row in rows {
            let counts = steps.entry((row.try_get(1)?, row.try_get(0)?)).or_default();
            if let Some(count) = counts.get_mut(column) {
                *count = u64::try_from(row.try_get::<i64, _>(2)?).unwrap_or(0);
            }
        }
    }
    let activity = |((number, receiver), [arrived, failed, dead]): ((i64, String), [u64; 3])| {
        let at = since.saturating_add(step.saturating_mul(number));
        Ok(Activity {
            at: moment(at)?,
            receiver,
            arrived,
            failed,
            dead,
        })
    };
    steps.into_iter().map(activity).collect()
}

/// Nothing finds them by their time alone, so only the newest are looked at.
const ARRIVED: &str = "SELECT receiver, (received - $1) / $2, COUNT(*) FROM \
    (SELECT receiver, received, has_delivery FROM hooklatch_event ORDER BY seq DESC LIMIT 100000) e \
    WHERE has_delivery = 1 AND received >= $1 GROUP BY 1, 2";

const FAILED: &str = "SELECT e.receiver, (a.ended - $1) / $2, COUNT(*) FROM hooklatch_attempt a \
    JOIN hooklatch_event e ON e.seq = a.seq WHERE a.ended >= $1 GROUP BY 1, 2";

const DEAD: &str = "SELECT receiver, (due - $1) / $2, COUNT(*) FROM hooklatch_event \
    WHERE state = 3 AND due >= $1 GROUP BY 1, 2";

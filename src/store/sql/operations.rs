//! What whoever looks after the deliveries asks for: written once and compiled for each dialect, as the other
//! [statements](super::queries).

use sqlx::{QueryBuilder, Row as _, query};

use super::{
    super::state,
    Connection, Db, DbRow, attempts,
    queries::{code, duration, first_fence, key_of, millis_at, moment, odd},
};
use crate::{
    delivery::StoredHead,
    key::Key,
    store::{Backlog, DeliveryContent, DeliveryQuery, DeliveryState as State, StoredDelivery},
};

type Result<T> = std::result::Result<T, sqlx::Error>;

macro_rules! found {
    ($more:literal) => {
        concat!(
            "SELECT e.seq, e.key, e.state, e.attempt, e.due, e.receiver, e.tenant, e.id, e.type, e.received, e.error",
            $more,
            " FROM hooklatch_event e"
        )
    };
}

/// What waits for its next attempt is due only then, and what runs only once its lease is over: neither is late before.
pub(super) async fn backlog(conn: &mut Connection, time: i64, receiver: &str) -> Result<Backlog> {
    let row = query::<Db>(concat!(
        "SELECT (SELECT COUNT(*) FROM hooklatch_event WHERE receiver = $2 AND has_delivery = 1 AND state < 2), ",
        "(SELECT COUNT(*) FROM hooklatch_event WHERE receiver = $2 AND state = 3), ",
        now!(), " - (SELECT MIN(due) FROM hooklatch_event WHERE receiver = $2 AND has_delivery = 1 AND state < 2 AND due <= ", now!(), ")",
    ))
    .bind(time)
    .bind(receiver)
    .fetch_one(conn)
    .await?;
    let count = |index| {
        row.try_get::<i64, _>(index)
            .map(|count| u64::try_from(count).unwrap_or(0))
    };
    let oldest = row.try_get::<Option<i64>, _>(2)?;
    Ok(Backlog::new(count(0)?, count(1)?, oldest.map(duration)))
}

pub(super) async fn find(
    conn: &mut Connection,
    wanted: &DeliveryQuery,
) -> Result<Vec<StoredDelivery>> {
    let mut sql = QueryBuilder::<Db>::new(FOUND);
    sql.push(" WHERE e.has_delivery = 1");
    if let Some(state) = wanted.state {
        match state {
            // Few of many. Indexes have them, and SQLite uses those only where no parameter stands for the state.
            State::Dead => sql.push(" AND e.state >= 2 AND e.state = 3"),
            _ => sql.push(" AND e.state = ").push_bind(code(state)),
        };
    }
    for (column, text) in [
        (" AND e.receiver = ", &wanted.receiver),
        (" AND e.tenant = ", &wanted.tenant),
        (" AND e.id = ", &wanted.id),
    ] {
        if let Some(text) = text {
            sql.push(column).push_bind(text.clone());
        }
    }
    if let Some(event_type) = &wanted.event_type {
        match event_type.strip_suffix('*') {
            None => sql.push(" AND e.type = ").push_bind(event_type.clone()),
            Some(prefix) => sql
                .push(" AND SUBSTR(e.type, 1, ")
                .push_bind(i32::try_from(prefix.chars().count()).unwrap_or(i32::MAX))
                .push(") = ")
                .push_bind(prefix.to_owned()),
        };
    }
    if let Some(since) = wanted.since {
        sql.push(" AND e.received >= ").push_bind(millis_at(since));
    }
    if let Some(until) = wanted.until {
        sql.push(" AND e.received < ").push_bind(millis_at(until));
    }
    if let Some(before) = wanted.before {
        sql.push(" AND e.seq < ").push_bind(before);
    }
    sql.push(" ORDER BY e.seq DESC LIMIT ")
        .push_bind(i64::from(wanted.limit));
    let rows = sql.build().fetch_all(conn).await?;
    rows.iter().map(found).collect()
}

pub(super) async fn show(conn: &mut Connection, event: Key) -> Result<Option<DeliveryContent>> {
    let row = query::<Db>(concat!(
        found!(", d.head, d.body"),
        " JOIN hooklatch_delivery d ON d.seq = e.seq WHERE e.key = $1"
    ))
    .bind(&event.as_bytes()[..])
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let attempts = attempts::of(conn, row.try_get(0)?).await?;
    let head: StoredHead = serde_json::from_slice(row.try_get(11)?).map_err(|_| odd("a head"))?;
    let verified = head.verified(None).map_err(|_| odd("a head"))?;
    let tokens = head.tokens.clone();
    let (method, path, headers, key_name) = head.into_shown();
    Ok(Some(DeliveryContent {
        tokens,
        delivery: found(&row)?,
        method,
        path,
        headers,
        key_name,
        coverage: verified.coverage(),
        timestamp: verified.timestamp(),
        attempts,
        body: row.try_get::<Vec<u8>, _>(12)?.into(),
    }))
}

/// Makes a dead delivery pending, its attempts counted anew.
pub(super) async fn retry(conn: &mut Connection, time: i64, event: Key) -> Result<bool> {
    let done = query::<Db>(concat!(
        "UPDATE hooklatch_event SET state = 0, attempt = 0, due = ",
        now!(),
        " WHERE key = $2 AND state = 3 AND has_delivery = 1",
    ))
    .bind(time)
    .bind(&event.as_bytes()[..])
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes a copy of a delivery under a key of its own, to be run whatever became of the first.
pub(super) async fn replay(
    conn: &mut Connection,
    time: i64,
    event: Key,
    copy: Key,
) -> Result<bool> {
    let inserted = query::<Db>(concat!(
        "INSERT INTO hooklatch_event (key, content, may_repeat, repeats, state, fence, attempt, due, retention, receiver, tenant, id, type, received, error, has_delivery, revived) ",
        "SELECT $2, NULL, may_repeat, repeats, 0, $3, 0, ", now!(), ", retention, receiver, tenant, id, type, received, NULL, 1, 0 ",
        "FROM hooklatch_event WHERE key = $4 AND has_delivery = 1 ON CONFLICT DO NOTHING RETURNING seq",
    ))
    .bind(time)
    .bind(&copy.as_bytes()[..])
    .bind(first_fence())
    .bind(&event.as_bytes()[..])
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = inserted else {
        return Ok(false);
    };
    let copied = query::<Db>(
        "INSERT INTO hooklatch_delivery (seq, head, body) SELECT $1, d.head, d.body FROM hooklatch_delivery d JOIN hooklatch_event e ON e.seq = d.seq WHERE e.key = $2",
    )
    .bind(row.try_get::<i64, _>(0)?)
    .bind(&event.as_bytes()[..])
    .execute(conn)
    .await?;
    // Removed between the two: nothing of the copy may stay.
    if copied.rows_affected() != 1 {
        return Err(sqlx::Error::RowNotFound);
    }
    Ok(true)
}

fn found(row: &DbRow) -> Result<StoredDelivery> {
    let state = state::state(row.try_get(2)?).ok_or_else(|| odd("a state"))?;
    Ok(StoredDelivery {
        position: row.try_get(0)?,
        event: key_of(row.try_get(1)?)?,
        state,
        attempt: u32::try_from(row.try_get::<i32, _>(3)?).unwrap_or(0),
        due: moment(row.try_get(4)?)?,
        receiver: row.try_get(5)?,
        tenant: row.try_get(6)?,
        id: row.try_get(7)?,
        event_type: row.try_get(8)?,
        received_at: moment(row.try_get(9)?)?,
        error: row.try_get(10)?,
    })
}

const FOUND: &str = found!("");

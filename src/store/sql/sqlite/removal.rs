//! Removing many rows. Nobody else writes meanwhile.

use sqlx::query;

use super::{Connection, Db, queries::code};
use crate::store::DeliveryState as State;

type Result<T> = std::result::Result<T, sqlx::Error>;

macro_rules! expired {
    ($delete:literal) => {
        concat!(
            $delete,
            " WHERE seq IN (SELECT seq FROM hooklatch_event WHERE state = 2 AND due <= ",
            now!(),
            " ORDER BY due LIMIT 1000)"
        )
    };
}

macro_rules! arrived {
    ($delete:literal) => {
        concat!(
            $delete,
            " WHERE seq IN (SELECT seq FROM hooklatch_event WHERE state = $1 AND has_delivery = 1 AND received < $2 ORDER BY seq LIMIT 1000)"
        )
    };
}

/// Removes what was completed longer ago than it must be remembered, at most a thousand of it. Tells how much that was.
pub(super) async fn sweep(conn: &mut Connection, time: i64) -> Result<u64> {
    for sql in [
        expired!("DELETE FROM hooklatch_attempt"),
        expired!("DELETE FROM hooklatch_delivery"),
    ] {
        query::<Db>(sql).bind(time).execute(&mut *conn).await?;
    }
    // What expired between the two statements goes next time.
    let gone = query::<Db>(concat!(
        "DELETE FROM hooklatch_event WHERE seq IN (SELECT seq FROM hooklatch_event e WHERE state = 2 AND due <= ", now!(),
        " AND NOT EXISTS (SELECT 1 FROM hooklatch_delivery d WHERE d.seq = e.seq) ORDER BY due LIMIT 1000)",
    ))
    .bind(time)
    .execute(conn)
    .await?;
    Ok(gone.rows_affected())
}

/// Removes completed or dead deliveries that arrived before a moment, at most a thousand. Tells how many.
pub(super) async fn purge(conn: &mut Connection, state: State, before: i64) -> Result<u64> {
    for sql in [
        arrived!("DELETE FROM hooklatch_attempt"),
        arrived!("DELETE FROM hooklatch_delivery"),
    ] {
        query::<Db>(sql)
            .bind(code(state))
            .bind(before)
            .execute(&mut *conn)
            .await?;
    }
    let gone = query::<Db>(
        "DELETE FROM hooklatch_event WHERE seq IN (SELECT seq FROM hooklatch_event e WHERE state = $1 AND has_delivery = 1 AND received < $2 AND NOT EXISTS (SELECT 1 FROM hooklatch_delivery d WHERE d.seq = e.seq) ORDER BY seq LIMIT 1000)",
    )
    .bind(code(state))
    .bind(before)
    .execute(conn)
    .await?;
    Ok(gone.rows_affected())
}

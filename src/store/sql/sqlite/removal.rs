//! Removing many rows. Nobody else writes meanwhile.

use sqlx::query;

use super::{Connection, Db, queries::code};
use crate::store::DeliveryState as State;

type Result<T> = std::result::Result<T, sqlx::Error>;

/// What removes the first thousand events of an index: their attempts, their bodies, and then the events that have no body
/// any more. What expired between two of these goes next time.
macro_rules! removal {
    ($which:expr, $order:literal) => {
        [
            concat!(
                "DELETE FROM hooklatch_attempt WHERE seq IN (SELECT seq FROM hooklatch_event WHERE ",
                $which, " ORDER BY ", $order, " LIMIT 1000)"
            ),
            concat!(
                "DELETE FROM hooklatch_delivery WHERE seq IN (SELECT seq FROM hooklatch_event WHERE ",
                $which, " ORDER BY ", $order, " LIMIT 1000)"
            ),
            concat!(
                "DELETE FROM hooklatch_event WHERE seq IN (SELECT seq FROM hooklatch_event e WHERE ",
                $which, " AND NOT EXISTS (SELECT 1 FROM hooklatch_delivery d WHERE d.seq = e.seq) ORDER BY ",
                $order, " LIMIT 1000)"
            ),
        ]
    };
}

/// Completed, and to be remembered no longer.
const COMPLETED: [&str; 3] = removal!(concat!("state = 2 AND due <= ", now!()), "due");

/// Claims that failed, or whose process died, and that nobody took up again.
const LAPSED: [&str; 3] = removal!(
    concat!(
        "has_delivery = 0 AND state < 2 AND due + retention <= ",
        now!()
    ),
    "due + retention"
);

/// The first condition on the state is the one of the index, which SQLite does not conclude from the second.
const ARRIVED: [&str; 3] = removal!(
    "has_delivery = 1 AND state >= 2 AND state = $1 AND received < $2",
    "received, seq"
);

/// Removes what must be remembered no longer, at most a thousand of what was completed and as much of what was not. Tells how
/// much that was.
pub(super) async fn sweep(conn: &mut Connection, time: i64) -> Result<u64> {
    let mut gone = 0;
    for statements in [COMPLETED, LAPSED] {
        let mut removed = 0;
        for sql in statements {
            let done = query::<Db>(sql).bind(time).execute(&mut *conn).await?;
            removed = done.rows_affected();
        }
        gone += removed;
    }
    Ok(gone)
}

/// Removes completed or dead deliveries that arrived before a moment, at most a thousand. Tells how many.
pub(super) async fn purge(conn: &mut Connection, state: State, before: i64) -> Result<u64> {
    let mut gone = 0;
    for sql in ARRIVED {
        let done = query::<Db>(sql)
            .bind(code(state))
            .bind(before)
            .execute(&mut *conn)
            .await?;
        // The last of them removes the events.
        gone = done.rows_affected();
    }
    Ok(gone)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::time::Duration;

    use sqlx::{Connection as _, Row as _};

    use super::{
        super::{super::schema, queries},
        *,
    };
    use crate::{
        key::Key,
        store::{Claim, Claimed, Fence},
    };

    async fn empty() -> Connection {
        let mut conn = Connection::connect("sqlite::memory:").await.unwrap();
        for statement in schema::SQLITE.iter().copied().flatten() {
            query::<Db>(*statement).execute(&mut conn).await.unwrap();
        }
        conn
    }

    fn claim(number: u32) -> Claim {
        Claim {
            lease: Duration::from_secs(1),
            retention: Duration::from_secs(60),
            ..Claim::new(Key::event("removal", None, &number.to_le_bytes()))
        }
    }

    async fn run(conn: &mut Connection, time: i64, number: u32) -> (Fence, u32) {
        match queries::claim(conn, time, &claim(number)).await.unwrap() {
            Claimed::New { fence, attempt, .. } => (fence, attempt),
            other => unreachable!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn claims_that_were_not_completed_are_remembered_as_long_as_the_others() {
        let mut conn = empty().await;
        let (failed, _) = run(&mut conn, 0, 1).await;
        assert!(
            queries::release(&mut conn, 0, claim(1).event, failed)
                .await
                .unwrap()
        );
        let (died, _) = run(&mut conn, 0, 2).await;
        let (renewed, _) = run(&mut conn, 0, 3).await;
        assert!(
            queries::renew(&mut conn, 50_000, &claim(3), renewed)
                .await
                .unwrap()
        );
        assert_eq!(sweep(&mut conn, 59_999).await.unwrap(), 0);
        assert_eq!(sweep(&mut conn, 60_000).await.unwrap(), 1, "the failed one");
        assert_eq!(sweep(&mut conn, 61_000).await.unwrap(), 0);
        assert_eq!(
            sweep(&mut conn, 61_001).await.unwrap(),
            1,
            "the one that died"
        );
        for (number, old) in [(1, failed), (2, died)] {
            let (fence, attempt) = run(&mut conn, 61_001, number).await;
            assert!(fence != old && attempt == 1, "as if never seen");
        }
        assert!(
            queries::renew(&mut conn, 61_001, &claim(3), renewed)
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn a_thousand_go_at_a_time() {
        let mut conn = empty().await;
        for number in 0..1001 {
            run(&mut conn, 0, number).await;
        }
        for gone in [1000, 1, 0] {
            assert_eq!(sweep(&mut conn, 100_000).await.unwrap(), gone);
        }
    }

    #[tokio::test]
    async fn no_step_reads_the_whole_table() {
        let mut conn = empty().await;
        for sql in [COMPLETED, LAPSED, ARRIVED].concat() {
            let plan = query::<Db>(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
            for row in plan.fetch_all(&mut conn).await.unwrap() {
                let step: String = row.try_get(3).unwrap();
                assert!(
                    !step.starts_with("SCAN") && !step.contains("TEMP B-TREE"),
                    "{sql}: {step}"
                );
            }
        }
    }
}

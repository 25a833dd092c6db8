//! New deliveries and nothing else, which is what there is to write most of the time: one statement for all of them.
//!
//! A trip to the database's thread and back costs as much as writing dozens of rows, and a transaction of four statements
//! makes four. So the writer's connection has a view of its own that takes a delivery as one row, and a trigger that writes
//! both rows of it. An `INSERT` of many is then a transaction by itself: all of them are new and written, or none is.

use std::{collections::HashSet, sync::LazyLock};

use sqlx::{query, query::Query, sqlite::SqliteArguments};

use super::{
    Connection, Db,
    queries::{self, NewRow},
    rows::ForRows,
    writer::{Job, Work},
};
use crate::store::{Entry, OnRepeat};

/// Makes the view.
pub(super) async fn prepare(connection: &mut Connection) -> Result<(), sqlx::Error> {
    for sql in [VIEW, TRIGGER] {
        query::<Db>(sql).execute(&mut *connection).await?;
    }
    Ok(())
}

/// The deliveries that the jobs are. `None`: they are more than [`MOST`], or something else as well, or the same event or
/// content is among them twice.
pub(super) fn all(jobs: &[Job]) -> Option<Vec<&Entry>> {
    if jobs.len() > MOST {
        return None;
    }
    let entries = distinct(jobs);
    let is_all = entries.len() == jobs.len();
    is_all.then(|| entries.into_iter().map(|(_, entry)| entry).collect())
}

/// The deliveries among the jobs, the first of each event and content, with the numbers of their jobs.
pub(super) fn distinct(jobs: &[Job]) -> Vec<(usize, &Entry)> {
    let (mut events, mut contents) = (HashSet::new(), HashSet::new());
    let mut is_first = |entry: &Entry| {
        let content = entry.claim.content;
        events.insert(entry.claim.event) && content.is_none_or(|content| contents.insert(content))
    };
    let jobs = jobs.iter().enumerate();
    jobs.filter_map(|(index, job)| match &job.work {
        Work::Accept(entry) if is_first(entry) => Some((index, &**entry)),
        _ => None,
    })
    .collect()
}

/// Writes deliveries, at most [`MOST`]. When this returns `Ok` they are durable.
///
/// # Errors
/// That of a constraint, where one of them is not new: then none was written.
pub(super) async fn write(
    connection: &mut Connection,
    now: i64,
    entries: &[&Entry],
) -> Result<(), sqlx::Error> {
    // Parameters that are not bound are NULL, and the trigger leaves rows without a key alone.
    let mut insert = query::<Db>(INSERT.for_at_least(entries.len()));
    for entry in entries {
        insert = bind_event(insert, now, entry)
            .bind(&*entry.head)
            .bind(&*entry.body);
    }
    insert.execute(connection).await?;
    Ok(())
}

/// Binds what the row of a new event holds, thirteen columns.
pub(super) fn bind_event(insert: Insert, now: i64, entry: &Entry) -> Insert {
    let row = NewRow::of(entry);
    insert
        .bind(&entry.claim.event.as_bytes()[..])
        .bind(row.content())
        .bind(i32::from(entry.claim.on_repeat == OnRepeat::Flag))
        .bind(queries::code(row.state))
        .bind(row.fence)
        .bind(now)
        .bind(queries::millis(entry.claim.retention))
        .bind(&*entry.receiver)
        .bind(entry.tenant.as_deref())
        .bind(entry.id.as_deref())
        .bind(entry.event_type.as_deref())
        .bind(queries::millis_at(entry.received_at))
        .bind(entry.dead.as_deref())
}

type Insert = Query<'static, Db, SqliteArguments>;

/// How many one statement takes.
const MOST: usize = 256;

const VIEW: &str = concat!(
    "CREATE TEMP VIEW hooklatch_arrival AS SELECT ",
    "e.key, e.content, e.may_repeat, e.state, e.fence, e.due, e.retention, e.receiver, e.tenant, e.id, e.type, e.received, e.error, d.head, d.body ",
    "FROM hooklatch_event e JOIN hooklatch_delivery d ON d.seq = e.seq",
);

const TRIGGER: &str = concat!(
    "CREATE TEMP TRIGGER hooklatch_arrives INSTEAD OF INSERT ON hooklatch_arrival WHEN NEW.key IS NOT NULL BEGIN ",
    "INSERT INTO hooklatch_event (key, content, may_repeat, state, fence, attempt, due, retention, receiver, tenant, id, type, received, error, repeats, has_delivery, revived) ",
    "VALUES (NEW.key, NEW.content, NEW.may_repeat, NEW.state, NEW.fence, 0, NEW.due, NEW.retention, NEW.receiver, NEW.tenant, NEW.id, NEW.type, NEW.received, NEW.error, 0, 1, 0); ",
    "INSERT INTO hooklatch_delivery (seq, head, body) VALUES (last_insert_rowid(), NEW.head, NEW.body); ",
    "END",
);

/// For many numbers of rows, so that few parameters are left over.
static INSERT: LazyLock<ForRows> = LazyLock::new(|| {
    ForRows::new(
        &[1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, MOST],
        "INSERT INTO hooklatch_arrival VALUES ",
        "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        "",
    )
});

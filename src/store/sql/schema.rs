//! The tables, and their versions.
//!
//! `hooklatch_event` has a small row for every event that is remembered, so that what is asked all the time touches few
//! pages; `hooklatch_delivery` has the body, written once, in the order of arrival. Both are found by `seq`, the order of
//! writing; the keys are spread evenly, and only their index pays for that.

/// The version of the schema that this code reads and writes.
pub(super) const VERSION: i64 = 1;

/// What brings the schema from one version to the next. A version that was released is never changed.
macro_rules! versions {
    ($seq:literal, $bytes:literal, $of_seq:literal) => {
        [[
            concat!(
                "CREATE TABLE hooklatch_event (",
                "seq ", $seq, ", ",
                "key ", $bytes, " NOT NULL, ",
                "content ", $bytes, ", ",
                // 1: claimed as what may repeat its content.
                "may_repeat INTEGER NOT NULL, ",
                // 1: its content is held by another event.
                "repeats INTEGER NOT NULL, ",
                // 0 pending, 1 running, 2 completed, 3 dead.
                "state INTEGER NOT NULL, ",
                "fence BIGINT NOT NULL, ",
                "attempt INTEGER NOT NULL, ",
                // Milliseconds since 1970. Pending: when to run. Running: end of the lease. Completed: when to forget.
                "due BIGINT NOT NULL, ",
                // Milliseconds.
                "retention BIGINT NOT NULL, ",
                "receiver TEXT NOT NULL, ",
                "tenant TEXT, ",
                "id TEXT, ",
                "type TEXT, ",
                // Milliseconds since 1970.
                "received BIGINT NOT NULL, ",
                "error TEXT, ",
                // 1: a row of hooklatch_delivery belongs to it. 0: a claim alone.
                "has_delivery INTEGER NOT NULL, ",
                // Milliseconds since 1970: when a copy last brought it back from the dead.
                "revived BIGINT NOT NULL)"
            ),
            "CREATE UNIQUE INDEX hooklatch_event_key ON hooklatch_event (key)",
            "CREATE UNIQUE INDEX hooklatch_event_content ON hooklatch_event (content) WHERE content IS NOT NULL",
            "CREATE INDEX hooklatch_event_due ON hooklatch_event (receiver, due, received) WHERE has_delivery = 1 AND state < 2",
            "CREATE INDEX hooklatch_event_completed ON hooklatch_event (due) WHERE state = 2",
            "CREATE INDEX hooklatch_event_dead ON hooklatch_event (receiver) WHERE state = 3",
            concat!(
                "CREATE TABLE hooklatch_delivery (seq ", $of_seq, " PRIMARY KEY, head ", $bytes, " NOT NULL, body ", $bytes, " NOT NULL)"
            ),
        ]]
    };
}

#[cfg(feature = "sqlite")]
pub(super) const SQLITE: [[&str; 7]; 1] = versions!("INTEGER PRIMARY KEY", "BLOB", "INTEGER");

#[cfg(feature = "postgres")]
pub(super) const POSTGRES: [[&str; 7]; 1] = versions!(
    "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    "BYTEA",
    "BIGINT"
);

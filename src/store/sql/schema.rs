//! The tables, and their versions.
//!
//! `hooklatch_event` has a small row for every event that is remembered, so that what is asked all the time touches few
//! pages; `hooklatch_delivery` has the body, written once, in the order of arrival. Both are found by `seq`, the order of
//! writing; the keys are spread evenly, and only their index pays for that. `hooklatch_attempt` has a row for every run that
//! failed, and so is touched by none that succeeds.

/// The version of the schema that this code reads and writes.
pub(super) const VERSION: i64 = 3;

/// What brings the schema from one version to the next. A version that was released is never changed.
macro_rules! versions {
    ($seq:literal, $bytes:literal, $of_seq:literal) => {
        &[
            &[
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
                // Milliseconds since 1970. Pending: when to run. Running: end of the lease. Completed: when to forget. A claim
                // that is not completed is forgotten its retention after this.
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
            ],
            &[
                // How many runs before the current one, in a row, ended without an outcome.
                "ALTER TABLE hooklatch_event ADD COLUMN lost INTEGER NOT NULL DEFAULT 0",
                concat!(
                    "CREATE TABLE hooklatch_attempt (",
                    "id ", $seq, ", ",
                    // That of the delivery.
                    "seq BIGINT NOT NULL, ",
                    "number INTEGER NOT NULL, ",
                    // Milliseconds since 1970.
                    "ended BIGINT NOT NULL, ",
                    "error TEXT NOT NULL)"
                ),
                "CREATE INDEX hooklatch_attempt_seq ON hooklatch_attempt (seq)",
                "CREATE INDEX hooklatch_attempt_ended ON hooklatch_attempt (ended)",
            ],
            &[
                // Claims without a delivery that failed, or whose process died: when to forget them.
                "CREATE INDEX hooklatch_event_lapsed ON hooklatch_event ((due + retention)) WHERE has_delivery = 0 AND state < 2",
                // What may be purged. Pending deliveries are not in it, so that to accept one costs no more.
                "CREATE INDEX hooklatch_event_finished ON hooklatch_event (state, received) WHERE has_delivery = 1 AND state >= 2",
            ],
        ]
    };
}

#[cfg(feature = "sqlite")]
pub(super) const SQLITE: &[&[&str]] = versions!("INTEGER PRIMARY KEY", "BLOB", "INTEGER");

#[cfg(feature = "postgres")]
pub(super) const POSTGRES: &[&[&str]] = versions!(
    "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    "BYTEA",
    "BIGINT"
);

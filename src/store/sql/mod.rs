//! The stores in SQL: one schema and one set of statements, in two dialects.

/// What is read of a row to tell what a copy of its event is; what it is read for follows.
macro_rules! seen {
    () => {
        concat!(
            "SELECT seq, state, fence, attempt, CASE WHEN due <= ",
            now!(),
            " THEN 1 ELSE 0 END, has_delivery, may_repeat, CASE WHEN revived > ",
            now!(),
            " - 3600000 THEN 1 ELSE 0 END, key, content FROM hooklatch_event WHERE "
        )
    };
}

#[cfg(feature = "postgres")]
mod postgres;
mod schema;
#[cfg(feature = "sqlite")]
mod sqlite;
mod state;

#[cfg(feature = "postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
pub use self::postgres::{PostgresError, PostgresOptions, PostgresStore, PostgresTx};
#[cfg(feature = "sqlite")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
pub use self::sqlite::{SqliteError, SqliteStore, SqliteTx};

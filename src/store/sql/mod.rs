//! The stores in SQL: one schema and one set of statements, in two dialects.

mod schema;
#[cfg(feature = "sqlite")]
mod sqlite;
mod state;

#[cfg(feature = "sqlite")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
pub use self::sqlite::{SqliteError, SqliteStore, SqliteTx};

use std::time::Duration;

/// How long a handler may keep a transaction open in a store that has only one writer.
pub(crate) const TX_LIMIT: Duration = Duration::from_secs(1);

//! What an error of the driver means.

use std::{borrow::Cow, time::Duration};

use crate::store::StoreError;

/// What it means to the sender.
pub(super) fn failed(error: sqlx::Error) -> StoreError {
    // disk_full
    if code(&error).as_deref() == Some("53100") {
        StoreError::full(error)
    } else {
        StoreError::unavailable(error)
    }
}

/// Whether the server undid everything because of others, so that it may go well at once: two who waited for each other,
/// or who wrote the same key.
pub(super) fn is_collision(error: &sqlx::Error) -> bool {
    // serialization_failure, deadlock_detected, unique_violation
    matches!(code(error).as_deref(), Some("40001" | "40P01" | "23505"))
}

/// Whether something in what was to be written is to blame, and nothing was written.
pub(super) fn is_of_data(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Encode(_) | sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } => true,
        sqlx::Error::Database(_) => code(error).is_some_and(|code| {
            // Data exceptions, integrity constraints, program limits.
            ["22", "23", "54"]
                .iter()
                .any(|class| code.starts_with(class))
        }),
        _ => false,
    }
}

/// Whether the server can do nothing more on this connection: it goes down, or has become a standby after a failover. A
/// new connection may lead to another server.
pub(super) fn is_of_server(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| {
        // read_only_sql_transaction, connection exceptions, operator intervention
        *code == *"25006" || code.starts_with("08") || code.starts_with("57P")
    })
}

fn code(error: &sqlx::Error) -> Option<Cow<'_, str>> {
    error.as_database_error()?.code()
}

/// How often a collision is tried again, and how long after it.
pub(super) const COLLISIONS: u32 = 5;
pub(super) const AFTER_COLLISION: Duration = Duration::from_millis(5);

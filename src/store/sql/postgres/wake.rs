//! Waking the workers of other machines, over `LISTEN` and `NOTIFY`.
//!
//! A notification is no promise: a worker asks every second as well. So it is sent after the commit, in a statement of its
//! own: within a transaction `NOTIFY` makes all commits of the database wait for each other.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

use sqlx::{
    Executor as _, PgPool,
    pool::PoolOptions,
    postgres::{PgConnectOptions, PgListener},
    query,
};
use tokio::time::{sleep, timeout};

use super::{Db, State};

/// The name by which a store knows its own notifications.
pub(super) fn name() -> String {
    format!("{:016x}", RandomState::new().hash_one(()))
}

/// Tells the other machines, once for all that came up since it last did.
pub(super) async fn tell(pool: PgPool, state: Arc<State>, name: String) {
    loop {
        state.news.notified().await;
        let told = query::<Db>("SELECT pg_notify($1, $2)")
            .bind(CHANNEL)
            .bind(&name)
            .execute(&pool);
        match timeout(PATIENCE, told).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                tracing::debug!(target: "hooklatch::store", %error, "other machines were not woken");
            }
            Err(_) => {
                tracing::debug!(target: "hooklatch::store", "other machines were not woken in time");
            }
        }
        sleep(PAUSE).await;
    }
}

/// Wakes the workers of this process when another machine says so.
pub(super) async fn listen(options: PgConnectOptions, state: Arc<State>, name: String) {
    let mut pause = PAUSE;
    loop {
        if let Err(error) = listen_once(&options, &state, &name, &mut pause).await {
            tracing::debug!(target: "hooklatch::store", %error, "what other machines write is found by asking until the connection is back");
        }
        sleep(pause).await;
        pause = (pause * 2).min(PATIENCE);
    }
}

/// Listens until the connection is lost.
async fn listen_once(
    options: &PgConnectOptions,
    state: &State,
    name: &str,
    pause: &mut Duration,
) -> Result<(), sqlx::Error> {
    let pool: PgPool = PoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .connect_lazy_with(options.clone());
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    *pause = PAUSE;
    // What was told before it listened is lost.
    state.arrived();
    loop {
        match timeout(QUIET, listener.try_recv()).await {
            Ok(Ok(Some(told))) => {
                if told.payload() != name {
                    state.arrived();
                }
            }
            Ok(Ok(None)) => return Ok(()),
            Ok(Err(error)) => return Err(error),
            // Nothing for long: a connection that was cut without a word would say nothing for ever.
            Err(_) => {
                let alive = timeout(PATIENCE, (&mut listener).execute("SELECT 1")).await;
                alive.map_err(|_| super::writer::in_vain("the listener got no answer"))??;
            }
        }
    }
}

const CHANNEL: &str = "hooklatch";

/// How long after a notification the next one is sent, and how long after the loss of a connection it is tried again.
const PAUSE: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(5);
/// After so long without a notification the connection is tried.
const QUIET: Duration = Duration::from_secs(20);

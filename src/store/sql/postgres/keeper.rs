//! What goes on beside the requests: counting what is pending, and removing what need not be remembered.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use sqlx::PgPool;
use tokio::time::{sleep, timeout};

use super::{
    State,
    failure::failed,
    queries, within,
    work::{self, Outcome, Work},
};
use crate::store::StoreError;

/// Counts the pending deliveries anew now and then.
pub(super) async fn count(pool: PgPool, state: Arc<State>) {
    loop {
        sleep(Duration::from_secs(5)).await;
        match pending(&pool).await {
            Ok(pending) => state.pending.store(pending, Ordering::Relaxed),
            Err(error) => {
                tracing::warn!(target: "hooklatch::store", %error, "the pending deliveries could not be counted");
            }
        }
    }
}

async fn pending(pool: &PgPool) -> Result<i64, StoreError> {
    within(async {
        let mut connection = pool.acquire().await.map_err(failed)?;
        queries::pending(&mut connection).await.map_err(failed)
    })
    .await
}

/// Removes what need not be remembered. Many machines may do so at once: each passes over what another has.
pub(super) async fn sweep(pool: PgPool) {
    loop {
        sleep(Duration::from_secs(60)).await;
        loop {
            match within(work::run(&pool, &Work::Sweep)).await {
                // A thousand at a time, with room for others in between.
                Ok(Outcome::Count(count)) if count > 0 => sleep(Duration::from_millis(20)).await,
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(target: "hooklatch::store", %error, "what expired could not be removed");
                    break;
                }
            }
        }
    }
}

/// Closes the connections when the store is gone, so that the server need not find out by itself.
pub(super) async fn close(pools: [PgPool; 2]) {
    for pool in pools {
        let _ = timeout(Duration::from_secs(5), pool.close()).await;
    }
}

//! Claims and the inbox in a SQLite file.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;

use hooklatch::{
    store::SqliteStore,
    testing::{ContractTime, ManualClock, claims_contract},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_of_claims() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::default();
    let store = SqliteStore::open_with(
        folder.path().join("hooks.db"),
        Arc::new(clock.clone()),
        1000,
    )
    .await
    .unwrap();
    claims_contract(Arc::new(store), ContractTime::Manual(clock)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_of_claims_in_real_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("hooks.db"))
        .await
        .unwrap();
    claims_contract(Arc::new(store), ContractTime::Real).await;
}

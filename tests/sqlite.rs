//! Claims and the inbox in a SQLite file.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;

use hooklatch::{
    store::SqliteStore,
    testing::{ContractTime, ManualClock, claims_contract, inbox_contract},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contracts() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::default();
    let store = SqliteStore::open_with(
        folder.path().join("hooks.db"),
        Arc::new(clock.clone()),
        1000,
    )
    .await
    .unwrap();
    let store = Arc::new(store);
    claims_contract(store.clone(), ContractTime::Manual(clock.clone())).await;
    inbox_contract(store, ContractTime::Manual(clock)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contracts_in_real_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("hooks.db"))
        .await
        .unwrap();
    let store = Arc::new(store);
    claims_contract(store.clone(), ContractTime::Real).await;
    inbox_contract(store, ContractTime::Real).await;
}

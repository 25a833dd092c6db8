//! Claims and the inbox in a SQLite file.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;

use hooklatch::{
    store::SqliteStore,
    testing::{
        ContractTime, ManualClock, claims_contract, claims_restart_contract, inbox_contract,
        inbox_full_contract, inbox_restart_contract, operate_contract,
    },
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
    inbox_contract(store.clone(), ContractTime::Manual(clock)).await;
    operate_contract(store).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contracts_of_stores_that_are_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let (path, clock) = (folder.path().join("hooks.db"), ManualClock::default());
    let open = async || {
        let clock = Arc::new(clock.clone());
        SqliteStore::open_with(&path, clock, 1000).await.unwrap()
    };
    let time = ContractTime::Manual(clock.clone());
    claims_restart_contract(&open, time.clone()).await;
    inbox_restart_contract(open, time).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_of_full_stores() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hooks.db");
    let clock = Arc::new(ManualClock::default());
    let store = SqliteStore::open_with(path, clock, 25).await.unwrap();
    inbox_full_contract(Arc::new(store), 25).await;
}

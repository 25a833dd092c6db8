//! The contracts of all stores, kept by a real Postgres. In a binary of their own: they measure time, and other tests beside
//! them would take it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "support/servers.rs"]
mod servers;

use std::sync::Arc;

use hooklatch::{
    store::PostgresStore,
    testing::{
        ContractTime, claims_contract, claims_restart_contract, inbox_contract,
        inbox_full_contract, inbox_restart_contract, operate_contract,
    },
};
use servers::Postgres;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_keeps_the_contracts_whatever_isolation_it_is_set_to() {
    for isolation in ["read committed", "serializable"] {
        let Some(postgres) = Postgres::launch(&[("default_transaction_isolation", isolation)])
        else {
            return;
        };
        let store = PostgresStore::connect(&postgres.url()).await.unwrap();
        let store = Arc::new(store);
        claims_contract(store.clone(), ContractTime::Real).await;
        inbox_contract(store.clone(), ContractTime::Real).await;
        operate_contract(store).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_keeps_the_contracts_of_full_stores_and_of_those_that_are_opened_again() {
    let Some(postgres) = Postgres::launch(&[]) else {
        return;
    };
    let url = postgres.url();
    let open = async || PostgresStore::connect(&url).await.unwrap();
    claims_restart_contract(&open, ContractTime::Real).await;
    inbox_restart_contract(open, ContractTime::Real).await;

    // What the other contract left pending is of no interest to this one.
    let _ = postgres.query("TRUNCATE hooklatch_event, hooklatch_delivery, hooklatch_attempt");
    let options = PostgresStore::options().most_pending(25);
    let store = options.connect(&url).await.unwrap();
    inbox_full_contract(Arc::new(store), 25).await;
}

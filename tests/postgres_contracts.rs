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
    testing::{ContractTime, claims_contract, inbox_contract},
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
        inbox_contract(store, ContractTime::Real).await;
    }
}

//! For your integration tests: requests signed as the sender would, a delivery without signing, a clock you set, a store
//! that fails when told to, and the contract every store must keep. Feature `testing`.
//!
//! [`Scenarios`] posts at a receiver what comes to every receiver, and names its flaws. What is your own is tested by
//! single requests, without a network:
//!
//! ```
//! use hooklatch::{Ack, Event, EventRouter, Hooks, provider, testing::Sender};
//! use serde_json::json;
//! use tower::ServiceExt;
//!
//! #[derive(serde::Deserialize)]
//! struct Invoice { id: String }
//!
//! async fn paid(event: Event<Invoice>) -> Ack {
//!     if event.data.id.starts_with("in_") { Ack::Done } else { Ack::Refuse }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), hooklatch::ConfigError> {
//! let stripe = Sender::new(provider::STRIPE);
//! let app = Hooks::new()
//!     .receiver("stripe", provider::STRIPE, stripe.keyring())?
//!     .receive(EventRouter::new().on("invoice.paid", paid));
//!
//! let draft = stripe.event("invoice.paid", json!({"id": "in_1"}));
//! for (request, status) in [
//!     (draft.clone().request(), 200),
//!     (draft.clone().request(), 200), // a duplicate: acknowledged without a run
//!     (draft.clone().id("evt_2").with_flipped_bit().request(), 401),
//!     (draft.clone().id("evt_3").stale().request(), 401),
//!     (draft.clone().id("evt_4").with_wrong_key().request(), 401),
//!     (stripe.event("invoice.paid", json!({"id": 7})).id("evt_5").request(), 422),
//! ] {
//!     let Ok(response) = app.clone().oneshot(request).await;
//!     assert_eq!(response.status(), status);
//! }
//! # Ok(()) }
//! ```
//!
//! What is here panics where a test should fail: on a request that cannot be signed, or a contract that is broken.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test helper fails by panicking"
)]

#[cfg(feature = "asymmetric")]
mod chain;
mod clock;
mod contract;
mod delivery;
mod fault;
#[cfg(feature = "asymmetric")]
mod key_pair;
mod scenario;
mod sender;
mod signing_key;

pub use self::{
    clock::ManualClock,
    contract::{
        ContractTime, claims_contract, claims_full_contract, claims_restart_contract,
        inbox_contract, inbox_full_contract, inbox_restart_contract, operate_contract,
    },
    delivery::delivery,
    fault::{Call, Fault, FaultyStore},
    scenario::{Outcome, Report, Scenarios, Situation},
    sender::{Challenge, Draft, Sender},
};

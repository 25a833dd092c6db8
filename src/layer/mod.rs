//! Tower middleware, one layer a file; each works alone, in axum and in bare tower.
//!
//! A [`Receiver`](crate::Receiver) stacks them in the right order. Alone, they go like this:
//!
//! ```
//! use axum::{Router, routing::post};
//! use hooklatch::{DedupLayer, Delivery, FreshnessLayer, Keyring, MemoryStore, VerifyLayer, provider};
//! use tower::ServiceBuilder;
//!
//! # fn main() -> Result<(), hooklatch::ConfigError> {
//! let keys = Keyring::new("a-secret-of-sixteen-bytes-or-more");
//! let app: Router = Router::new()
//!     .route("/github", post(|delivery: Delivery| async move { println!("{:?}", delivery.event_type()) }))
//!     .layer(
//!         ServiceBuilder::new()
//!             .layer(VerifyLayer::new(provider::GITHUB, keys)?)
//!             .layer(FreshnessLayer::new())
//!             .layer(DedupLayer::new(MemoryStore::new())),
//!     );
//! # Ok(()) }
//! ```
//!
//! Deployment: `axum::serve` (0.8) limits neither the size of a head nor the time it takes; use
//! [`serve`](crate::serve()), or a proxy that does.

pub mod admit;
mod body;
pub mod dedup;
#[cfg(feature = "gzip")]
mod expand;
#[cfg(not(feature = "gzip"))]
#[path = "without_expand.rs"]
mod expand;
pub mod freshness;
mod gate;
pub mod handshake;
pub mod inbox;
mod once;
pub mod replay;
mod tenant;
pub mod verify;
mod waiting;

pub use self::{
    admit::AdmitLayer,
    dedup::DedupLayer,
    freshness::FreshnessLayer,
    gate::{Gated, ResponseFuture},
    handshake::{AnsweredChallenge, ArrivedSecret, HandshakeLayer, Handshaken},
    inbox::{Accepting, AcceptingFuture},
    once::{Claiming, ClaimingFuture},
    replay::ReplayLayer,
    verify::{Verify, VerifyFuture, VerifyLayer},
};
pub(crate) use self::{
    once::{Mode, Once, Ran},
    tenant::{Challenged, ChallengedLayer},
};

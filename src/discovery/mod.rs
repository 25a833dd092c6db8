//! Keys that a sender publishes: fetched when a request names one, and kept.
//!
//! The scheme says where ([`Discovery`](crate::Discovery)), a [`KeySource`] gets them, a [`KeyCache`] stands in front of
//! it. Verification itself stays what it is: synchronous, pure, with exactly the key that was found.

mod address;
mod cache;
mod document;
mod fetch;
mod source;

pub(crate) use self::cache::KeyCache;
pub use self::{
    fetch::{KeyFetcher, Network, NetworkFuture},
    source::{FoundKeys, KeyError, KeyFuture, KeySource},
};

//! Keys that senders publish: what is fetched, what never is, and how often.
#![cfg(feature = "discovery")]
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod cache;
mod fetch;
mod names;
mod sns;
mod world;

//! A receiver with a durable inbox: what is acknowledged is kept, run, tried again and buried.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod accepting;
mod health;
mod senders;
mod working;
mod world;

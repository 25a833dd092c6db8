//! A receiver with a durable inbox: what is acknowledged is kept, run, tried again and buried.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod accepting;
#[path = "../support/attempts.rs"]
mod attempts;
mod fence;
mod health;
#[path = "../support/log.rs"]
mod log;
mod operating;
mod pressure;
mod senders;
mod settling;
mod sick;
mod tracing;
#[path = "../support/version_1.rs"]
mod version_1;
mod working;
mod world;

//! `hooklatch serve`, driven from outside: the real process, real requests, and all that it says.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../support/servers.rs"]
mod servers;

mod actions;
mod admin;
mod beginning;
mod claims;
mod database;
mod private;
mod reloads;
mod secure;
mod senders;
mod service;
mod tenants;
mod upstream;

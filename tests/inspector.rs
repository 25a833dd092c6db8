//! The inspector: its pages over HTTP, and in a real browser.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "support/browser.rs"]
mod browser;
#[path = "inbox/world.rs"]
#[allow(
    dead_code,
    reason = "made for the tests of the inbox, of which some is of use here"
)]
mod world;

#[path = "inspector/actions.rs"]
mod actions;
#[path = "inspector/guard.rs"]
mod guard;
#[path = "inspector/in_browser.rs"]
mod in_browser;
#[path = "inspector/live.rs"]
mod live;
#[path = "inspector/looks.rs"]
mod looks;
#[path = "inspector/pages.rs"]
mod pages;
#[path = "inspector/site.rs"]
mod site;
#[path = "inspector/watched.rs"]
mod watched;

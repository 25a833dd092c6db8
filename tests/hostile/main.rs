//! What a stranger, a broken sender or a bad day can do to whole receivers of all presets, in process and on the wire.
//!
//! Each row of a table gets its documented answer; the process goes on (a good request is handled afterwards), nothing
//! runs, nothing is written, and every authentication failure is the same bytes.
#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]
#![allow(clippy::too_many_lines, reason = "a table may be long")]
#![allow(clippy::needless_pass_by_value, reason = "a stage is given its router")]

mod attacks;
mod bodies;
mod extremes;
mod flood;
mod found;
mod handlers;
mod partial;
mod places;
mod presets;
mod replays;
mod secrets;
mod senders;
mod shapes;
mod signatures;
mod stage;
#[path = "../support/mod.rs"]
mod support;
mod timestamps;
mod transport;
mod wire;

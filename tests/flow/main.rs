//! What a delivery goes through in a whole receiver, on the public API.

mod batches;
mod claims;
mod cloudevents;
mod coverage;
mod events;
mod freshness;
mod operation;
#[path = "../support/mod.rs"]
mod support;

use std::sync::{Arc, Mutex};

use hooklatch::{Rejection, RejectionKind};

/// What handlers note, to be looked at afterwards.
type Log = Arc<Mutex<Vec<String>>>;

fn kind(response: &axum::response::Response) -> RejectionKind {
    response
        .extensions()
        .get::<Rejection>()
        .expect("a rejection")
        .kind()
}

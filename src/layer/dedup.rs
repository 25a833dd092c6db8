//! [`DedupLayer`]: run each event id once; acknowledge repeats.
//!
//! 1. The event is claimed before the handler runs, atomically: of any number of copies exactly one runs.
//! 2. 2xx completes the claim, and copies are answered 200 without a run for as long as the sender's profile says.
//! 3. Anything else, a panic, or the handler deadline frees the claim: the next copy runs.
//! 4. A copy that comes while the first runs waits up to two seconds for it, then 200 if it completed, else 503 with
//!    `Retry-After`.
//! 5. The handler is detached from the connection: a sender that hangs up does not cancel it.
//! 6. At the answer deadline the sender is told 503, and the handler goes on.
//! 7. A batch is split: each item has its own claim and is an event of its own.
//!
//! This is at-least-once with duplicate suppression: a process that dies between the handler's effect and the
//! completion runs the event again.

use std::{sync::Arc, time::Duration};

use tower::Layer;

use super::once::{Claiming, Mode, Once};
use crate::store::Claims;

/// Runs each event once. Stands behind a [`VerifyLayer`](crate::VerifyLayer). See the [module docs](self).
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct DedupLayer {
    once: Arc<Once>,
}

impl DedupLayer {
    /// A layer over this store.
    pub fn new(claims: impl Claims + 'static) -> Self {
        Self::shared(Arc::new(claims))
    }

    /// A layer over a store that others share.
    pub fn shared(claims: Arc<dyn Claims>) -> Self {
        Self {
            once: Arc::new(Once::new(claims, Mode::Dedup)),
        }
    }

    /// How long a handler may run; then it is dropped and its claim released. 60 s unless said.
    pub fn handler_deadline(self, deadline: Duration) -> Self {
        Self {
            once: self.once.with(|once| once.handler_deadline = deadline),
        }
    }

    /// When the sender is answered, counted from the arrival of the request. The profile's unless said.
    pub fn answer_deadline(self, deadline: Duration) -> Self {
        Self {
            once: self.once.with(|once| once.answer_deadline = Some(deadline)),
        }
    }

    /// How long a claim holds without renewal; it is renewed at a third of that. 30 s unless said.
    pub fn lease(self, lease: Duration) -> Self {
        Self {
            once: self.once.with(|once| once.lease = lease),
        }
    }
}

impl<S> Layer<S> for DedupLayer {
    type Service = Claiming<S>;

    fn layer(&self, inner: S) -> Claiming<S> {
        Claiming::new(inner, &self.once)
    }
}

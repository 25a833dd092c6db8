//! A run that began: how long it takes, and the span it is traced by.

use std::time::Instant;

use tracing::{Span, field::Empty};

use super::{Mode, Once};
use crate::delivery::Delivery;

pub(super) struct Begun {
    pub(super) started: Instant,
    /// Entered whenever the handler is polled.
    pub(super) span: Span,
}

impl Begun {
    /// Tells how the run ended.
    pub(super) fn ended(&self, outcome: &'static str) {
        self.span.record("outcome", outcome);
    }
}

impl Once {
    pub(super) fn begin(&self, delivery: &Delivery) -> Begun {
        // Behind a lone replay guard stands what is not ours to trace; of a batch each item is.
        let span = if self.mode == Mode::Replay || delivery.is_unsplit_batch() {
            Span::none()
        } else {
            tracing::info_span!(
                target: "hooklatch::handler",
                "delivery",
                receiver = delivery.receiver(),
                provider = delivery.provider(),
                event_id = delivery.id(),
                event_type = delivery.event_type(),
                attempt = delivery.attempt(),
                outcome = Empty,
            )
        };
        let started = Instant::now();
        Begun { started, span }
    }
}

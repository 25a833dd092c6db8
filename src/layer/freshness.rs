//! [`FreshnessLayer`]: refuse a signed timestamp too far from now, either way.
//!
//! 1. No signed timestamp (GitHub): passes; a [`ReplayLayer`](crate::ReplayLayer) is what such senders need.
//! 2. The window comes from the scheme: an attempt's time ± the sender's tolerance; an event's time, which repeats on
//!    every retry, as far back as the sender retries and 300 s more.
//! 3. Outside of it: 401, like any other failure; 503 where the sender never tries again after a 4xx, since our own clock
//!    is the usual cause.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use time::OffsetDateTime;
use tower::Layer;

use super::gate::{Gate, Gated};
use crate::{
    clock::{Clock, SystemClock},
    delivery::{Delivery, SignedTime, unverified},
    error::{Rejection, RejectionKind},
    profile::OnClientError,
};

/// Refuses stale deliveries. Stands behind a [`VerifyLayer`](crate::VerifyLayer). See the [module docs](self).
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct FreshnessLayer {
    clock: Arc<dyn Clock>,
    tolerance: Option<Duration>,
}

impl FreshnessLayer {
    /// The scheme's own window, by the system clock.
    pub fn new() -> Self {
        Self {
            clock: SystemClock::shared(),
            tolerance: None,
        }
    }

    /// Another clock.
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Another tolerance, for both sides.
    pub const fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = Some(tolerance);
        self
    }

    fn judge(&self, request: &Request) -> Result<(), Rejection> {
        let delivery = request
            .extensions()
            .get::<Delivery>()
            .ok_or_else(unverified)?;
        let Some(signed) = delivery.timestamp() else {
            return Ok(());
        };
        let (past, future) = self
            .tolerance
            .map_or((signed.past, signed.future), |both| (both, both));
        let now = self.clock.now();
        if is_within(signed.at, now, past, future) {
            return Ok(());
        }
        let detail = stale(SignedTime::new(signed.at, past, future), now);
        let rejection = delivery.refusal(RejectionKind::Stale, detail);
        Err(match delivery.profile().on_client_error {
            OnClientError::Retry => rejection,
            OnClientError::GiveUp | OnClientError::Disable => {
                rejection.answered(StatusCode::SERVICE_UNAVAILABLE)
            }
        })
    }
}

impl Default for FreshnessLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for FreshnessLayer {
    type Service = Gated<Self, S>;

    fn layer(&self, inner: S) -> Gated<Self, S> {
        Gated::new(self.clone(), inner)
    }
}

impl Gate for FreshnessLayer {
    fn stop(&self, request: &mut Request) -> Option<Response> {
        self.judge(request).err().map(IntoResponse::into_response)
    }
}

/// Both edges are inside. `OffsetDateTime` differences saturate, so no timestamp overflows.
fn is_within(at: OffsetDateTime, now: OffsetDateTime, past: Duration, future: Duration) -> bool {
    let age = now - at;
    if age.is_negative() {
        age.unsigned_abs() <= future
    } else {
        age.unsigned_abs() <= past
    }
}

fn stale(signed: SignedTime, now: OffsetDateTime) -> String {
    format!(
        "signed at {}, now {}, allowed {} s back and {} s ahead",
        signed.at.unix_timestamp(),
        now.unix_timestamp(),
        signed.past.as_secs(),
        signed.future.as_secs(),
    )
}

//! The only place that asks what time it is.
//!
//! Everything that compares a timestamp, ages a key or renews a lease takes a [`Clock`], so a test can set
//! the time instead of waiting for it (`hooklatch::testing::ManualClock`).

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use time::OffsetDateTime;

/// Tells the time. Cheap to share: layers and stores hold an `Arc<dyn Clock>`.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The calendar time, for comparing with a sender's signed timestamp. May step when the machine's clock is set.
    fn now(&self) -> OffsetDateTime;

    /// Time since an arbitrary fixed origin; never goes back. For leases, retention and timeouts.
    fn monotonic(&self) -> Duration;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl SystemClock {
    /// The machine's clock, ready to be shared.
    #[must_use]
    pub fn shared() -> Arc<dyn Clock> {
        Arc::new(Self)
    }
}

impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    fn monotonic(&self) -> Duration {
        static ORIGIN: OnceLock<Instant> = OnceLock::new();
        ORIGIN.get_or_init(Instant::now).elapsed()
    }
}

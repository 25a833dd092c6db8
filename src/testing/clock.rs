//! [`ManualClock`]: the time is what the test says.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use time::OffsetDateTime;

use crate::clock::Clock;

/// A clock that stands still until a test moves it. Clones are the same clock.
///
/// ```
/// use std::time::Duration;
/// use hooklatch::{Clock, testing::ManualClock};
///
/// let clock = ManualClock::default();
/// let before = (clock.now(), clock.monotonic());
/// clock.advance(Duration::from_secs(90));
/// assert_eq!(clock.now() - before.0, Duration::from_secs(90));
/// assert_eq!(clock.monotonic() - before.1, Duration::from_secs(90));
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock {
    time: Arc<Mutex<Time>>,
}

impl ManualClock {
    /// A clock that stands at this calendar time.
    #[must_use]
    pub fn new(start: OffsetDateTime) -> Self {
        let time = Time {
            calendar: start,
            monotonic: Duration::ZERO,
        };
        Self {
            time: Arc::new(Mutex::new(time)),
        }
    }

    /// Lets this much time pass. The calendar stops at its last day.
    pub fn advance(&self, passed: Duration) {
        let mut time = self.lock();
        time.monotonic = time.monotonic.saturating_add(passed);
        let passed = time::Duration::try_from(passed).unwrap_or(time::Duration::MAX);
        time.calendar = time.calendar.saturating_add(passed);
    }

    /// Sets the calendar time, forwards or back, as an administrator would: no time passes.
    pub fn set(&self, calendar: OffsetDateTime) {
        self.lock().calendar = calendar;
    }

    fn lock(&self) -> MutexGuard<'_, Time> {
        self.time.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ManualClock {
    /// A clock that stands at the 9th of September 2001, 01:46:40 UTC: Unix time 1,000,000,000.
    fn default() -> Self {
        Self::new(OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> OffsetDateTime {
        self.lock().calendar
    }

    fn monotonic(&self) -> Duration {
        self.lock().monotonic
    }
}

#[derive(Debug)]
struct Time {
    calendar: OffsetDateTime,
    monotonic: Duration,
}

//! [`Terms`] and [`Lease`]: the durations in use, each with the queue of the entries it applies to.
//!
//! All entries of one queue wait equally long, so the queue is in order of expiry by construction: the oldest is at its
//! head, and nothing is ever searched or sorted.

use std::time::Duration;

use crate::store::Claim;

/// What happens to an event once it ran: how long it is remembered, how long it is protected.
#[derive(Debug)]
pub(super) struct Terms {
    pub(super) retention: u32,
    pub(super) protect: u32,
    pub(super) completed: Queue,
    pub(super) failed: Queue,
}

/// How long a run is waited for.
#[derive(Debug)]
pub(super) struct Lease {
    pub(super) length: u32,
    pub(super) running: Queue,
}

/// The ends of a list of slots; the links are in the entries.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) head: u32,
    pub(super) tail: u32,
    pub(super) len: usize,
}

impl Queue {
    const EMPTY: Self = Self {
        head: NOBODY,
        tail: NOBODY,
        len: 0,
    };
}

/// The number of the claim's terms.
pub(super) fn terms_of(all: &mut Vec<Terms>, claim: &Claim) -> u16 {
    let retention = ticks_up(claim.retention);
    let protect = ticks_up(claim.protect.max(PROTECT));
    number(
        all,
        |round| (round(retention), round(protect)),
        |terms| (terms.retention, terms.protect),
        |(retention, protect)| Terms {
            retention,
            protect,
            completed: Queue::EMPTY,
            failed: Queue::EMPTY,
        },
    )
}

/// The number of the claim's lease.
pub(super) fn lease_of(all: &mut Vec<Lease>, claim: &Claim) -> u16 {
    let length = ticks_up(claim.lease);
    number(
        all,
        |round| round(length),
        |lease| lease.length,
        |length| Lease {
            length,
            running: Queue::EMPTY,
        },
    )
}

/// Finds or adds. The first [`EXACT`] are kept as they are, later ones are rounded up to powers of two, so that there
/// are never many.
fn number<T, D: PartialEq>(
    all: &mut Vec<T>,
    wanted: impl Fn(fn(u32) -> u32) -> D,
    durations: impl Fn(&T) -> D,
    make: impl Fn(D) -> T,
) -> u16 {
    let find = |all: &[T], wanted: &D| all.iter().position(|other| durations(other) == *wanted);
    let mut new = wanted(|exact| exact);
    let mut found = find(all, &new);
    if found.is_none() && all.len() >= EXACT {
        new = wanted(|exact| exact.checked_next_power_of_two().unwrap_or(u32::MAX));
        found = find(all, &new);
    }
    let position = found.unwrap_or_else(|| {
        all.push(make(new));
        all.len() - 1
    });
    u16::try_from(position).unwrap_or(u16::MAX)
}

/// A point in time in ticks since the store was made: rounded down to tell whether something is over, rounded up to
/// tell when it began. Nothing ends early.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) floor: u32,
    pub(super) ceil: u32,
}

impl Moment {
    pub(super) fn new(age: Duration) -> Self {
        Self {
            floor: ticks_down(age).min(LATEST),
            ceil: ticks_up(age).min(LATEST),
        }
    }
}

fn ticks_up(duration: Duration) -> u32 {
    ticks(duration, duration.subsec_nanos().div_ceil(TICK_NANOS))
}

fn ticks_down(duration: Duration) -> u32 {
    ticks(duration, duration.subsec_nanos() / TICK_NANOS)
}

fn ticks(duration: Duration, part: u32) -> u32 {
    let whole = duration.as_secs().saturating_mul(TICKS_PER_SECOND.into());
    u32::try_from(whole.saturating_add(part.into())).unwrap_or(u32::MAX)
}

/// No slot.
pub(super) const NOBODY: u32 = u32::MAX;
/// A completed event is kept at least this long, whatever the claim says.
const PROTECT: Duration = Duration::from_secs(3600);
/// A sixteenth of a second: 32 bits of them are eight years.
pub(super) const TICKS_PER_SECOND: u32 = 16;
const TICK_NANOS: u32 = 62_500_000;
/// The last moment that can be told: what saturates is after it and never ends.
const LATEST: u32 = u32::MAX - 1;
/// How many different durations are kept exactly.
const EXACT: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Key;

    #[test]
    fn nothing_ends_early() {
        let moment = Moment::new(Duration::from_millis(100));
        assert_eq!((moment.floor, moment.ceil), (1, 2));
        let moment = Moment::new(Duration::from_secs(3));
        assert_eq!((moment.floor, moment.ceil), (48, 48));
        assert_eq!(ticks_up(Duration::MAX), u32::MAX);
        assert_eq!(ticks_down(Duration::from_millis(62)), 0);
        assert_eq!(ticks_up(Duration::from_nanos(1)), 1);
    }

    #[test]
    fn the_number_of_terms_is_bounded_and_they_round_up() {
        let mut all = Vec::new();
        let mut claim = Claim::new(Key::from_bytes([0; 16]));
        for seconds in 0..100_000 {
            claim.retention = Duration::from_secs(seconds);
            let terms = usize::from(terms_of(&mut all, &claim));
            let retention = all[terms].retention;
            let asked = ticks_up(claim.retention);
            assert!(retention >= asked && (seconds < 64 || retention < 2 * asked.max(1)));
        }
        assert!(all.len() < 90, "{}", all.len());
    }
}

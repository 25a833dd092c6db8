//! [`Retries`]: how often a delivery is run, and how long it is left alone in between.

use std::time::Duration;

/// When a delivery that failed is tried again: after a random time between nothing and `first`, twice as much for every
/// further attempt, at most `longest` (exponential backoff with full jitter). After `attempts` it is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "users write it as a literal")]
pub struct Retries {
    /// How often a delivery is run at most.
    pub attempts: u32,
    /// The longest pause after the first attempt.
    pub first: Duration,
    /// The longest pause of all.
    pub longest: Duration,
}

impl Retries {
    /// Twelve attempts, pauses of at most 5 s, 10 s, 20 s and so on, none over an hour.
    pub const DEFAULT: Self = Self {
        attempts: 12,
        first: Duration::from_secs(5),
        longest: Duration::from_secs(3600),
    };

    /// The longest pause after this attempt.
    #[must_use]
    pub fn longest_after(&self, attempt: u32) -> Duration {
        let factor = 1_u32
            .checked_shl(attempt.saturating_sub(1))
            .unwrap_or(u32::MAX);
        self.first.saturating_mul(factor).min(self.longest)
    }
}

impl Default for Retries {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_longest() {
        let retries = Retries::DEFAULT;
        let after = |attempt| retries.longest_after(attempt).as_secs();
        assert_eq!([after(1), after(2), after(3)], [5, 10, 20]);
        assert_eq!([after(10), after(11), after(200)], [2560, 3600, 3600]);
    }
}

//! What happened.

use std::fmt;

use super::Situation;

/// What a receiver made of one situation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// The situation.
    pub situation: Situation,
    /// Whether the receiver stood it; `None` where that cannot be told, or the situation does not exist for this sender.
    pub passed: Option<bool>,
    /// What happened; of a flaw, its name; of what was skipped, why.
    pub what: String,
}

/// What a receiver made of all situations. [`Display`](fmt::Display) gives a table.
#[derive(Clone, Debug)]
#[must_use = "a report says nothing by itself: `assert_all()` does"]
pub struct Report {
    outcomes: Vec<Outcome>,
}

impl Report {
    pub(super) const fn new(outcomes: Vec<Outcome>) -> Self {
        Self { outcomes }
    }

    /// All outcomes, in the order of the situations.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// The outcome of one situation; `None` where it was not asked for.
    #[must_use]
    pub fn of(&self, situation: Situation) -> Option<&Outcome> {
        let mut outcomes = self.outcomes.iter();
        outcomes.find(|outcome| outcome.situation == situation)
    }

    /// The outcomes that name a flaw.
    pub fn flaws(&self) -> impl Iterator<Item = &Outcome> {
        let outcomes = self.outcomes.iter();
        outcomes.filter(|outcome| outcome.passed == Some(false))
    }

    /// The outcomes that say why a situation was not judged.
    pub fn skipped(&self) -> impl Iterator<Item = &Outcome> {
        let outcomes = self.outcomes.iter();
        outcomes.filter(|outcome| outcome.passed.is_none())
    }

    /// Fails the test if there is a flaw.
    ///
    /// # Panics
    /// When a situation shows a flaw, with the whole table.
    #[track_caller]
    pub fn assert_all(&self) {
        assert_eq!(self.flaws().count(), 0, "this receiver has flaws\n\n{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for outcome in &self.outcomes {
            let mark = match outcome.passed {
                Some(true) => "ok",
                Some(false) => "FLAW",
                None => "skipped",
            };
            writeln!(f, "{mark:<8} {:<24} {}", outcome.situation, outcome.what)?;
        }
        Ok(())
    }
}

/// What a judge says of one situation.
#[derive(Debug)]
pub(super) enum Verdict {
    Passed(String),
    Flaw(String),
    Skipped(&'static str),
}

impl Verdict {
    pub(super) fn of(self, situation: Situation) -> Outcome {
        let (passed, what) = match self {
            Self::Passed(what) => (Some(true), what),
            Self::Flaw(what) => (Some(false), what),
            Self::Skipped(why) => (None, why.to_owned()),
        };
        Outcome {
            situation,
            passed,
            what,
        }
    }
}

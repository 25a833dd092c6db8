//! What came of all requests.

use std::{collections::BTreeMap, fmt, time::Duration};

use http::StatusCode;
use serde_json::{Value, json};

/// What came of one request.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) forged: bool,
    /// The status, and how long it took; or what went wrong.
    pub(super) result: Result<(StatusCode, Duration), Failure>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) reason: String,
    /// Whether the request had begun to leave.
    pub(super) is_sent: bool,
}

#[derive(Debug, Default)]
pub(super) struct Summary {
    elapsed: Duration,
    sent: usize,
    /// Requests that never left: no connection was there for them.
    unsent: usize,
    /// Of those that were sent.
    forged: usize,
    /// Genuine requests that were not answered with 2xx, and forged ones that were; with all that never left.
    wrong: usize,
    statuses: BTreeMap<u16, usize>,
    faults: BTreeMap<String, usize>,
    /// Sorted.
    took: Vec<Duration>,
    /// What explains an answer that may surprise.
    hint: Option<&'static str>,
}

impl Summary {
    pub(super) fn new(answers: Vec<Answer>, elapsed: Duration) -> Self {
        let mut summary = Self {
            elapsed,
            ..Self::default()
        };
        for answer in answers {
            summary.add(answer);
        }
        summary.took.sort_unstable();
        summary
    }

    /// The same, with a hint where requests that differ in nothing signed were refused as replays. While the first of them is
    /// handled, the answer is 503.
    pub(super) fn explained(mut self, repeats_itself: bool) -> Self {
        let is_there = |status: StatusCode| self.statuses.contains_key(&status.as_u16());
        let is_one_taken = self
            .statuses
            .keys()
            .any(|status| (200..300).contains(status));
        let is_replay = is_there(StatusCode::CONFLICT)
            || (is_one_taken && is_there(StatusCode::SERVICE_UNAVAILABLE));
        if repeats_itself && is_replay {
            self.hint = Some(REPLAYS);
        }
        self
    }

    fn add(&mut self, answer: Answer) {
        if let Err(failure) = &answer.result
            && !failure.is_sent
        {
            *self.faults.entry(failure.reason.clone()).or_default() += 1;
            self.unsent += 1;
            self.wrong += 1;
            return;
        }
        self.sent += 1;
        self.forged += usize::from(answer.forged);
        let as_it_should_be = match answer.result {
            Ok((status, took)) => {
                *self.statuses.entry(status.as_u16()).or_default() += 1;
                self.took.push(took);
                status.is_success() != answer.forged
            }
            Err(failure) => {
                *self.faults.entry(failure.reason).or_default() += 1;
                false
            }
        };
        self.wrong += usize::from(!as_it_should_be);
    }

    pub(super) const fn is_as_it_should_be(&self) -> bool {
        self.wrong == 0
    }

    /// Whether no request left at all.
    pub(super) const fn is_nothing_sent(&self) -> bool {
        self.sent == 0
    }

    /// The least time within which this many of a hundred were answered; `None` where none was.
    fn percentile(&self, percent: usize) -> Option<Duration> {
        let rank = self.took.len().saturating_mul(percent).div_ceil(100);
        self.took.get(rank.checked_sub(1)?).copied()
    }

    fn per_second(&self) -> u128 {
        let sent = u128::try_from(self.sent).unwrap_or_default();
        sent.saturating_mul(1_000_000)
            .checked_div(self.elapsed.as_micros())
            .unwrap_or_default()
    }

    pub(super) fn as_json(&self) -> Value {
        let micros = |percent| {
            self.percentile(percent)
                .map(|took| u64::try_from(took.as_micros()).ok())
        };
        json!({
            "sent": self.sent,
            "unsent": self.unsent,
            "forged": self.forged,
            "wrong": self.wrong,
            "elapsed_us": u64::try_from(self.elapsed.as_micros()).ok(),
            "statuses": self.statuses,
            "faults": self.faults,
            "hint": self.hint,
            "latency_us": {
                "p50": micros(50), "p90": micros(90), "p95": micros(95), "p99": micros(99), "max": micros(100),
            },
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            sent,
            unsent,
            forged,
            wrong,
            ..
        } = self;
        if self.is_nothing_sent() {
            writeln!(f, "nothing sent")?;
        } else {
            write!(f, "{sent} sent in {:.3} s", self.elapsed.as_secs_f64())?;
            writeln!(f, ", {} per second; {forged} forged", self.per_second())?;
        }
        for (status, count) in &self.statuses {
            writeln!(f, "  {status}: {count}")?;
        }
        for (fault, count) in &self.faults {
            writeln!(f, "  failed: {count}: {fault}")?;
        }
        for (name, percent) in [
            ("p50", 50),
            ("p90", 90),
            ("p95", 95),
            ("p99", 99),
            ("max", 100),
        ] {
            if let Some(took) = self.percentile(percent) {
                writeln!(f, "  {name}: {:.3} ms", took.as_secs_f64() * 1000.0)?;
            }
        }
        let answered = wrong.saturating_sub(*unsent);
        if answered > 0 {
            writeln!(
                f,
                "{answered} answers are not as they should be: 2xx for genuine requests, anything else for forged ones"
            )?;
        }
        if *unsent > 0 {
            writeln!(f, "{unsent} could not be sent")?;
        }
        if let Some(hint) = self.hint {
            writeln!(f, "hint: {hint}")?;
        }
        Ok(())
    }
}

const REPLAYS: &str = "this sender does not sign the event id, so that the same body under another id is a replay, and 409 is right; \
    so is 503 while the first is still being handled. Another event needs another --body or --payload; for copies of one event \
    there is --duplicates";

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(forged: bool, status: u16, millis: u64) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        let result = Ok((status, Duration::from_millis(millis)));
        Answer { forged, result }
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let answers = (1..=200).rev().map(|millis| answer(false, 200, millis));
        let summary = Summary::new(answers.collect(), Duration::from_secs(2));
        let at = |percent| summary.percentile(percent).unwrap().as_millis();
        assert_eq!([at(50), at(90), at(99), at(100)], [100, 180, 198, 200]);
        assert_eq!(summary.per_second(), 100);
        let one = Summary::new(vec![answer(false, 200, 7)], Duration::ZERO);
        assert_eq!(one.percentile(50), one.percentile(100));
        assert_eq!(Summary::default().percentile(50), None);
    }

    #[test]
    fn replays_are_explained_where_there_are_some() {
        let hint = |status, repeats_itself| {
            let summary = Summary::new(vec![answer(false, status, 1)], Duration::ZERO);
            let summary = summary.explained(repeats_itself);
            let text = summary.to_string();
            assert_eq!(
                text.contains("hint: "),
                !summary.as_json()["hint"].is_null()
            );
            text.contains("hint: ")
        };
        assert!(hint(409, true));
        assert!(!hint(409, false) && !hint(200, true));
        // Without one that was taken, 503 says something else.
        assert!(!hint(503, true));
        let both = vec![answer(false, 200, 1), answer(false, 503, 1)];
        let both = Summary::new(both, Duration::ZERO).explained(true);
        assert!(both.hint.is_some());
    }

    #[test]
    fn forged_requests_have_to_be_refused_and_genuine_ones_accepted() {
        let is_fine = |answers| Summary::new(answers, Duration::ZERO).is_as_it_should_be();
        assert!(is_fine(vec![answer(false, 204, 1), answer(true, 401, 1)]));
        assert!(!is_fine(vec![answer(true, 200, 1)]));
        assert!(!is_fine(vec![answer(false, 503, 1)]));
        for is_sent in [true, false] {
            let result = Err(Failure {
                reason: "refused".to_owned(),
                is_sent,
            });
            let forged = true;
            assert!(!is_fine(vec![Answer { forged, result }]));
        }
    }
}

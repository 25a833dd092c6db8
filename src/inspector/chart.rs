//! [`Chart`]: what arrived and what failed in the last hour, minute by minute.

use std::{array, time::Duration};

use maud::{Markup, Render, html};
use time::OffsetDateTime;

use crate::store::Activity;

/// Two rows of bars, drawn as SVG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chart {
    minutes: [Minute; MINUTES],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Minute {
    arrived: u64,
    failed: u64,
}

impl Chart {
    /// When the chart of this moment begins: a whole minute, so that bars do not wander.
    pub(super) fn begin(now: OffsetDateTime) -> OffsetDateTime {
        let whole = now - time::Duration::seconds(now.unix_timestamp().rem_euclid(60));
        whole.replace_nanosecond(0).unwrap_or(whole) - time::Duration::minutes(LAST)
    }

    /// The length of a bar's time.
    pub(super) const STEP: Duration = Duration::from_secs(60);

    /// The chart that begins at `begin`, of all receivers together.
    pub(super) fn new(begin: OffsetDateTime, activity: &[Activity]) -> Self {
        let mut minutes = [Minute::default(); MINUTES];
        for step in activity {
            let minute = (step.at - begin).whole_seconds().div_euclid(60);
            let minute = usize::try_from(minute)
                .ok()
                .and_then(|at| minutes.get_mut(at));
            if let Some(minute) = minute {
                minute.arrived = minute.arrived.saturating_add(step.arrived);
                minute.failed = minute.failed.saturating_add(step.failed);
            }
        }
        Self { minutes }
    }

    /// What the chart shows, for those who do not see it.
    fn summary(&self) -> String {
        let sum = |of: fn(&Minute) -> u64| self.minutes.iter().map(of).fold(0, u64::saturating_add);
        let arrived = sum(|minute| minute.arrived);
        let failed = sum(|minute| minute.failed);
        let most = self.most(|minute| minute.arrived);
        format!("Last hour: {arrived} arrived, at most {most} in a minute; {failed} runs failed")
    }

    fn most(&self, of: fn(&Minute) -> u64) -> u64 {
        self.minutes.iter().map(of).max().unwrap_or_default()
    }
}

impl Render for Chart {
    fn render(&self) -> Markup {
        let summary = self.summary();
        let most = self
            .most(|minute| minute.arrived)
            .max(self.most(|minute| minute.failed));
        // Minutes ago, from the oldest on, and where the bar stands.
        let places: [(i64, i64); MINUTES] = array::from_fn(|at| {
            let at = i64::try_from(at).unwrap_or_default();
            (LAST - at, at * 10)
        });
        html! {
            svg viewBox="0 0 600 102" role="img" aria-label=(summary) preserveAspectRatio="none" {
                @for ((ago, x), minute) in places.into_iter().zip(&self.minutes) {
                    g {
                        title { (ago) " min ago: " (minute.arrived) " arrived, " (minute.failed) " failed" }
                        rect class="minute" x=(x) y="0" width="10" height="102" {}
                        @let (up, down) = (height(minute.arrived, most), height(minute.failed, most));
                        rect class="arrived" x=(x + 1) y=(HALF - up) width="8" height=(up) {}
                        rect class="failed" x=(x + 1) y=(HALF + 2) width="8" height=(down) {}
                    }
                }
                rect class="axis" x="0" y=(HALF) width="600" height="1" {}
            }
            figcaption {
                span.key-arrived { "arrived" } " above, " span.key-failed { "failed runs" } " below. " (summary) "."
            }
        }
    }
}

/// The height of a bar: what there is at all can be seen.
fn height(count: u64, most: u64) -> u64 {
    match u128::from(count) * u128::from(HALF) / u128::from(most.max(1)) {
        0 if count > 0 => 1,
        height => u64::try_from(height).unwrap_or(HALF),
    }
}

const MINUTES: usize = 60;
/// The oldest minute, in minutes ago.
const LAST: i64 = 59;
const HALF: u64 = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_begins_at_a_whole_minute() {
        let now = OffsetDateTime::from_unix_timestamp(3_659).unwrap() + Duration::from_millis(1);
        assert_eq!(Chart::begin(now).unix_timestamp(), 60);
    }

    #[test]
    fn bars_fit_and_small_ones_are_seen() {
        assert_eq!([height(0, 0), height(0, 9), height(9, 9)], [0, 0, HALF]);
        assert_eq!(height(1, u64::MAX), 1);
        assert_eq!(height(u64::MAX, u64::MAX), HALF);
    }
}

//! [`Search`]: gives variants to the verifier, within bounds, until one matches.

use time::OffsetDateTime;

use super::{
    Explain,
    attempt::{Attempt, Variant},
    explanation::{Explanation, Finding},
    hypothesis::{HYPOTHESES, Hypothesis},
};
use crate::delivery::Verified;

/// A variant that verified, and the mistakes it undoes.
type Found = (Verified, Vec<Finding>);

pub(super) struct Search<'a> {
    explain: &'a Explain<'a>,
    limit: usize,
    tried: usize,
    bytes: usize,
}

impl<'a> Search<'a> {
    pub(super) const fn new(explain: &'a Explain<'a>, limit: usize) -> Self {
        Self {
            explain,
            limit,
            tried: 1,
            bytes: 0,
        }
    }

    /// One mistake.
    pub(super) fn one(&mut self, base: &Attempt) -> Option<Found> {
        HYPOTHESES
            .iter()
            .find_map(|hypothesis| self.first(hypothesis, base))
    }

    /// Two mistakes at once, of kinds that come together.
    pub(super) fn two(&mut self, base: &Attempt) -> Option<Found> {
        let mut rest = HYPOTHESES;
        while let Some((first, others)) = rest.split_first() {
            rest = others;
            let mut seconds = others
                .iter()
                .filter(|second| first.combines_with(second))
                .peekable();
            if seconds.peek().is_none() {
                continue;
            }
            let variants = (first.variants)(base, self.explain);
            let found = self.until(variants, |search, variant| {
                search.second(&variant, seconds.clone())
            });
            if found.is_some() || self.is_spent() {
                return found;
            }
        }
        None
    }

    /// Another mistake besides that of a variant.
    fn second<'h>(
        &mut self,
        variant: &Variant,
        seconds: impl Iterator<Item = &'h Hypothesis>,
    ) -> Option<Found> {
        let (verified, mut findings) = self.until(seconds, |search, second| {
            search.first(second, &variant.attempt)
        })?;
        findings.insert(0, finding(variant));
        Some((verified, findings))
    }

    /// The first variant that verifies; where a hypothesis is to name all, the others of the same mistake are told too.
    fn first(&mut self, hypothesis: &Hypothesis, base: &Attempt) -> Option<Found> {
        let mut variants = (hypothesis.variants)(base, self.explain);
        let (verified, variant) = self.until(&mut variants, Self::verifies)?;
        let mut found = finding(&variant);
        if hypothesis.names_all() {
            let others = variants
                .filter(|other| other.mistake == variant.mistake)
                .filter_map(|other| self.verifies(other))
                .take(MOST_NAMED);
            let others: Vec<String> = others.map(|(_, other)| other.detail).collect();
            if !others.is_empty() {
                let also = format!("{} Also {}.", found.detail(), others.join("; "));
                found = Finding::new(variant.mistake, also);
            }
        }
        Some((verified, vec![found]))
    }

    /// What the first item gives that gives something, as long as work is left: to make an item is work too.
    fn until<I: Iterator, T>(
        &mut self,
        mut items: I,
        mut judge: impl FnMut(&mut Self, I::Item) -> Option<T>,
    ) -> Option<T> {
        while !self.is_spent() {
            let found = judge(self, items.next()?);
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn verifies(&mut self, variant: Variant) -> Option<(Verified, Variant)> {
        self.tried = self.tried.saturating_add(1);
        self.bytes = self.bytes.saturating_add(variant.attempt.body.len());
        let verified = variant.attempt.judge().ok()?;
        Some((verified, variant))
    }

    const fn is_spent(&self) -> bool {
        self.tried >= self.limit || self.bytes >= MOST_BYTES
    }

    pub(super) fn explanation(
        &self,
        refusal: String,
        found: Option<Found>,
        hints: Vec<String>,
        now: OffsetDateTime,
    ) -> Explanation {
        let complete = found.is_some() || !self.is_spent();
        Explanation::of_refused(refusal, found, hints, now).after(self.tried, complete)
    }
}

fn finding(variant: &Variant) -> Finding {
    let detail = format!("The signature matches {}.", variant.detail);
    Finding::new(variant.mistake, detail)
}

/// Of all bodies together.
const MOST_BYTES: usize = 128 * 1024 * 1024;
const MOST_NAMED: usize = 4;

//! [`Search`]: gives variants to the verifier, within bounds, until one matches.

use time::OffsetDateTime;

use super::{
    Explain,
    attempt::{Attempt, Variant},
    explanation::{Explanation, Finding},
    hypothesis::{HYPOTHESES, Hypothesis},
    refusal::Refusal,
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
                if first.reads_body() {
                    search.charge(&variant.attempt);
                }
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
        if hypothesis.reads_body() {
            self.charge(base);
        }
        let mut variants = (hypothesis.variants)(base, self.explain);
        let (verified, variant) = self.until(&mut variants, |search, variant| {
            search.verifies(base, variant)
        })?;
        let mut found = finding(&variant);
        if hypothesis.names_all() {
            let others = variants
                .filter(|other| other.mistake == variant.mistake)
                .filter_map(|other| self.verifies(base, other))
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

    fn verifies(&mut self, base: &Attempt, variant: Variant) -> Option<(Verified, Variant)> {
        self.tried = self.tried.saturating_add(1);
        let judged = variant.attempt.judge();
        let is_made = variant.attempt.body.as_ptr() != base.body.as_ptr();
        // Where the head alone condemns it and the body is the same, nothing was done with that.
        if is_made || judged.as_ref().map_or_else(Refusal::is_of_body, |_| true) {
            self.charge(&variant.attempt);
        }
        Some((judged.ok()?, variant))
    }

    fn charge(&mut self, attempt: &Attempt) {
        self.bytes = self.bytes.saturating_add(attempt.body.len());
    }

    const fn is_spent(&self) -> bool {
        self.tried >= self.limit || self.bytes >= MOST_BYTES
    }

    pub(super) fn explanation(
        &self,
        refusal: &Refusal,
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

/// Of all bodies together that are read, made or verified.
const MOST_BYTES: usize = 128 * 1024 * 1024;
const MOST_NAMED: usize = 4;

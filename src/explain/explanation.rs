//! [`Explanation`]: what came of it.

use std::fmt;

use time::OffsetDateTime;

use super::{mistake::Mistake, refusal::Refusal};
use crate::delivery::{SignedTime, Verified};

/// What is wrong with a request, if something is. `Display` says it in sentences, a line each.
#[derive(Clone, Debug)]
pub struct Explanation {
    verified: Option<Verified>,
    refusal: Option<String>,
    /// What to do where nothing was found.
    advice: &'static str,
    findings: Vec<Finding>,
    hints: Vec<String>,
    tried: usize,
    complete: bool,
}

/// A mistake that was made, as a matching signature proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    mistake: Mistake,
    detail: String,
}

impl Finding {
    pub(super) const fn new(mistake: Mistake, detail: String) -> Self {
        Self { mistake, detail }
    }

    /// The mistake.
    #[must_use]
    pub const fn mistake(&self) -> Mistake {
        self.mistake
    }

    /// What exactly was found, as a sentence.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What to do about it, in a sentence.
    #[must_use]
    pub const fn fix(&self) -> &'static str {
        self.mistake.fix()
    }
}

impl Explanation {
    pub(super) fn of_verified(verified: Verified, now: OffsetDateTime) -> Self {
        Self {
            findings: clock(&verified, now).into_iter().collect(),
            verified: Some(verified),
            refusal: None,
            advice: "",
            hints: Vec::new(),
            tried: 1,
            complete: true,
        }
    }

    pub(super) fn of_refused(
        refusal: &Refusal,
        found: Option<(Verified, Vec<Finding>)>,
        hints: Vec<String>,
        now: OffsetDateTime,
    ) -> Self {
        let findings = found.map(|(verified, mut findings)| {
            findings.extend(clock(&verified, now));
            findings
        });
        Self {
            verified: None,
            refusal: Some(refusal.to_string()),
            advice: refusal.advice(),
            findings: findings.unwrap_or_default(),
            hints,
            tried: 1,
            complete: true,
        }
    }

    /// How far the search came.
    pub(super) const fn after(mut self, tried: usize, complete: bool) -> Self {
        self.tried = tried;
        self.complete = complete;
        self
    }

    /// Whether the request is accepted as it is: its signature matches, and a timestamp is not too far from now.
    #[must_use]
    pub const fn verifies(&self) -> bool {
        self.verified.is_some() && self.findings.is_empty()
    }

    /// What the signature proves of the request as it is, where it matches.
    #[must_use]
    pub const fn verified(&self) -> Option<&Verified> {
        self.verified.as_ref()
    }

    /// What the verifier says, or why it cannot be built, where the signature does not match.
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        self.refusal.as_deref()
    }

    /// The mistake that was made; two where two were made together, and [`Mistake::Clock`] besides where the timestamp is
    /// too far from now. Empty where nothing is wrong, and where nothing fits.
    #[must_use]
    pub fn mistakes(&self) -> &[Finding] {
        &self.findings
    }

    /// What looks odd where nothing fits. No proof of anything.
    #[must_use]
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// How many variants of the request were verified, itself included.
    #[must_use]
    pub const fn tried(&self) -> usize {
        self.tried
    }

    /// Whether the search ended by itself, and not at a bound.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.complete
    }
}

/// What is wrong with the timestamp, if something is.
fn clock(verified: &Verified, now: OffsetDateTime) -> Option<Finding> {
    let time = verified.timestamp()?;
    let detail = if now - time.at > time.past {
        format!("The request was signed {}.", before(&time, now))
    } else if time.at - now > time.future {
        let early = (time.at - now).whole_seconds();
        format!(
            "The request was signed {early} s after now, and {} s are allowed: this machine's clock is behind, or the sender's is ahead.",
            time.future.as_secs()
        )
    } else {
        return None;
    };
    Some(Finding::new(Mistake::Clock, detail))
}

fn before(time: &SignedTime, now: OffsetDateTime) -> String {
    format!(
        "{} s before now, and {} s are allowed",
        (now - time.at).whole_seconds(),
        time.past.as_secs()
    )
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(verified) = &self.verified {
            writeln!(f, "The signature matches, by the key {:?}.", verified.key())?;
        }
        if let Some(refusal) = &self.refusal {
            writeln!(f, "The request does not verify: {refusal}.")?;
        }
        for found in &self.findings {
            writeln!(f, "{}: {}", found.mistake, found.detail)?;
            writeln!(f, "  {}", found.fix())?;
        }
        if self.verified.is_none() && self.findings.is_empty() {
            let end = if self.complete {
                ""
            } else {
                " before the bound on the work was reached"
            };
            writeln!(
                f,
                "None of the usual mistakes fits: {} variants were tried{end}. {}",
                self.tried, self.advice
            )?;
        }
        self.hints
            .iter()
            .try_for_each(|hint| writeln!(f, "hint: {hint}"))
    }
}

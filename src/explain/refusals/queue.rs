//! [`Queue`]: the requests that wait for their explanation, one being explained at a time.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use tokio::runtime::Handle;

use super::{Endpoint, refused::Refused, witness::Evidence};
use crate::{explain::Explain, provider, scheme::Scheme, secret::Keyring};

#[derive(Default)]
pub(super) struct Queue {
    waiting: VecDeque<Case>,
    /// The size of those that wait, in bytes.
    bytes: usize,
    is_busy: bool,
}

/// A request to be explained.
pub(super) struct Case {
    pub(super) number: u64,
    receiver: String,
    evidence: Evidence,
}

impl Queue {
    /// Takes a case in; gives it back where it is the next. An error says why it is not taken.
    pub(super) fn offer(&mut self, case: Case) -> Result<Option<Case>, &'static str> {
        if case.evidence.body.len() > LARGEST {
            return Err("its body is over 1 MiB");
        }
        if Handle::try_current().is_err() {
            return Err("there is no tokio runtime to do it on");
        }
        if !self.is_busy {
            self.is_busy = true;
            return Ok(Some(case));
        }
        let bytes = self.bytes.saturating_add(case.evidence.size());
        if self.waiting.len() >= MOST_WAITING || bytes > MOST_BYTES {
            return Err("too many others wait for it");
        }
        self.bytes = bytes;
        self.waiting.push_back(case);
        Ok(None)
    }

    /// The next case, after one has ended.
    pub(super) fn next(&mut self) -> Option<Case> {
        let case = self.waiting.pop_front();
        self.is_busy = case.is_some();
        let size = case.as_ref().map_or(0, |case| case.evidence.size());
        self.bytes = self.bytes.saturating_sub(size);
        case
    }
}

impl Case {
    pub(super) fn new(refused: &Refused, evidence: Evidence) -> Self {
        Self {
            number: refused.number,
            receiver: refused.receiver.clone(),
            evidence,
        }
    }

    /// What is wrong with the request, in lines. Never panics: others wait.
    pub(super) fn explain(&self, endpoints: &[Endpoint]) -> Vec<String> {
        catch_unwind(AssertUnwindSafe(|| self.judge(endpoints)))
            .unwrap_or_else(|_| vec!["Not explained: the search failed.".to_owned()])
    }

    fn judge(&self, endpoints: &[Endpoint]) -> Vec<String> {
        let Some(keys) = &self.evidence.keys else {
            return vec!["Not explained: the verifier is not of this crate.".to_owned()];
        };
        let (scheme, keyring) = (keys.scheme(), keys.keyring());
        if scheme.discovery.is_some() && keyring.keys().is_empty() {
            return vec!["Not explained: the sender's keys are fetched.".to_owned()];
        }
        let others = endpoints
            .iter()
            .filter(|other| *other.name != *self.receiver);
        let others: Vec<(&str, Arc<Scheme>, Arc<Keyring>)> = others
            .map(|other| {
                (
                    &*other.name,
                    Arc::clone(other.keys.scheme()),
                    other.keys.keyring(),
                )
            })
            .collect();
        let explain = Explain::new(scheme, &keyring)
            .presets(provider::ALL)
            .hide_path();
        let explain = others
            .iter()
            .fold(explain, |explain, (name, scheme, keys)| {
                explain.endpoint(name, scheme, keys)
            });
        let explanation = explain.judge(&self.evidence.request()).to_string();
        explanation.lines().map(str::to_owned).collect()
    }
}

/// The largest body that is explained, in bytes.
const LARGEST: usize = 1024 * 1024;

/// The most requests that wait.
const MOST_WAITING: usize = 16;

/// Their size together, in bytes.
const MOST_BYTES: usize = 16 * 1024 * 1024;

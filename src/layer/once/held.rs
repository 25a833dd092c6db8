//! The claims a run holds.

use std::collections::HashSet;

use crate::{
    key::Key,
    store::{Claim, Claims, Fence, StoreError, Transactional},
};

/// The claims of one run: of a single event one, of a batch as many as items are running or waiting to.
#[derive(Debug, Default)]
pub(super) struct Held(Vec<(Claim, Fence)>);

impl Held {
    pub(super) fn one(claim: Claim, fence: Fence) -> Self {
        Self(vec![(claim, fence)])
    }

    pub(super) fn push(&mut self, claim: Claim, fence: Fence) {
        self.0.push((claim, fence));
    }

    /// Takes out the claims of these events.
    pub(super) fn take(&mut self, events: &HashSet<Key>) -> Self {
        let (taken, rest) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|(claim, _)| events.contains(&claim.event));
        self.0 = rest;
        Self(taken)
    }

    pub(super) fn events(&self) -> impl Iterator<Item = Key> {
        self.0.iter().map(|(claim, _)| claim.event)
    }

    /// Extends every lease, also those behind one that failed; `false` when one is lost.
    pub(super) async fn renew(&self, claims: &dyn Claims) -> Result<bool, StoreError> {
        let mut all = Ok(true);
        for (claim, fence) in &self.0 {
            let renewed = claims.renew(claim, *fence).await;
            all = all.and_then(|all| renewed.map(|renewed| all && renewed));
        }
        all
    }

    /// Completes every claim, in the handler's transaction where it opened one; `false` when one was lost.
    pub(super) async fn complete(
        &self,
        claims: &dyn Claims,
        open: Option<&dyn Transactional>,
    ) -> Result<bool, StoreError> {
        if let Some(slot) = open {
            let all = slot.commit(&self.0).await;
            if !matches!(all, Ok(true)) {
                // Nothing took effect, so the next copy may run at once.
                self.release(claims).await;
            }
            return all;
        }
        let mut all = true;
        for (claim, fence) in &self.0 {
            all &= claims.complete(claim, *fence).await?;
        }
        Ok(all)
    }

    /// Releases every claim. What cannot be released ends with its lease.
    pub(super) async fn release(&self, claims: &dyn Claims) {
        for (claim, fence) in &self.0 {
            if let Err(error) = claims.release(claim, *fence).await {
                tracing::warn!(target: "hooklatch::dedup", %error, "a claim could not be released; it ends with its lease");
            }
        }
    }
}

pub(super) async fn roll_back(slot: &dyn Transactional) {
    if let Err(error) = slot.roll_back().await {
        tracing::warn!(target: "hooklatch::dedup", %error, "a handler's transaction could not be rolled back; the store undoes it with its connection");
    }
}

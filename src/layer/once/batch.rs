//! A batch: each item is claimed and run as an event of its own; a retry runs only what is unfinished.

use std::collections::HashSet;

use axum::response::{IntoResponse, Response};

use super::{Inner, Once, held::Held, refuse, refuse_store};
use crate::{
    answer::{self, Deferred, Outcome, gather},
    delivery::Delivery,
    error::RejectionKind,
    key::Key,
    store::{Claimed, StoreError},
};

/// How far a batch has come.
#[derive(Default)]
struct Progress {
    held: Held,
    /// Items whose route takes them together, by route.
    deferred: Vec<(Deferred, Vec<Delivery>)>,
    unfinished: bool,
    store_error: Option<StoreError>,
}

impl Once {
    pub(super) async fn handle_batch<S: Inner>(
        &self,
        inner: S,
        batch: &Delivery,
    ) -> Result<Response, S::Error> {
        let items = match batch.split() {
            Ok(items) => items,
            Err(reason) => {
                return Ok(answer::stopping(
                    batch.unreadable(reason).into_response(),
                    batch.profile(),
                ));
            }
        };
        let mut progress = Progress::default();
        let result = self.run_items(inner, batch, items, &mut progress).await;
        // Where the service failed or we were told to stop, items may still be held.
        progress.held.release(&*self.claims).await;
        result?;
        Ok(match progress {
            Progress {
                store_error: Some(error),
                ..
            } => refuse_store(batch, &error),
            Progress {
                unfinished: true, ..
            } => refuse(
                batch,
                RejectionKind::Unfinished,
                "items of the batch are unfinished",
            ),
            Progress { .. } => answer::accepted(batch.profile()),
        })
    }

    async fn run_items<S: Inner>(
        &self,
        inner: S,
        batch: &Delivery,
        items: Vec<Delivery>,
        progress: &mut Progress,
    ) -> Result<(), S::Error> {
        let mut seen = HashSet::new();
        for item in items
            .into_iter()
            .filter(|item| seen.insert(item.event_key()))
        {
            self.run_item(inner.clone(), item, progress).await?;
        }
        for (_, items) in std::mem::take(&mut progress.deferred) {
            let events = self.events_of(&items);
            let together = batch.gathered(items);
            let response = self
                .run_some(inner.clone(), &together, &mut progress.held, &events)
                .await?;
            progress.note(&response);
        }
        Ok(())
    }

    async fn run_item<S: Inner>(
        &self,
        inner: S,
        item: Delivery,
        progress: &mut Progress,
    ) -> Result<(), S::Error> {
        if self.drain.is_aborting() {
            progress.unfinished = true;
            return Ok(());
        }
        let claim = self.claim_of(&item);
        let item = match self.claims.claim(&claim).await {
            Ok(Claimed::New {
                fence,
                attempt,
                repeats_content,
            }) => {
                progress.held.push(claim, fence);
                item.at_attempt(attempt, repeats_content)
            }
            Ok(Claimed::Completed) => return Ok(()),
            Ok(Claimed::Running | Claimed::Replay { .. }) => {
                progress.unfinished = true;
                return Ok(());
            }
            Err(error) => {
                progress.store_error = Some(error);
                return Ok(());
            }
        };
        let own = HashSet::from([claim.event]);
        let response = self
            .run_some(inner, &item, &mut progress.held, &own)
            .await?;
        match Deferred::of(&response) {
            Some(route) => gather(&mut progress.deferred, route, item),
            None => progress.note(&response),
        }
        Ok(())
    }

    fn events_of(&self, items: &[Delivery]) -> HashSet<Key> {
        items.iter().map(|item| self.claim_of(item).event).collect()
    }
}

impl Progress {
    fn note(&mut self, response: &Response) {
        self.unfinished |= Outcome::of(response.status()) != Outcome::Done;
    }
}

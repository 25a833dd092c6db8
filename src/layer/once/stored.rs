//! Runs a delivery of an inbox: supervised as any other, but what becomes of it is for the worker to write.

use axum::response::Response;
use tracing::Instrument as _;

use super::{
    Inner, Once,
    held::Held,
    pass,
    supervise::{Ended, is_done},
};
use crate::{
    answer::{ForTheSender, Outcome, RetryAfter, Told},
    delivery::Delivery,
    error::Rejection,
    failpoint,
    store::{Claim, Fence, StoreError, Transactional},
};

/// What became of a run.
#[derive(Debug)]
pub(crate) enum Ran {
    /// Done, and still to be written as done.
    Done,
    /// Done, and written together with what the handler wrote.
    Committed,
    /// To be run again, not before the handler wants to.
    Retry {
        reason: String,
        after: Option<RetryAfter>,
    },
    /// It can never be handled as it is.
    Refused(String),
    /// Dropped, since the process ends.
    Aborted,
    /// Somebody else has it now.
    Lost,
}

impl Once {
    /// Keeps the lease of a delivery that waits to be run; ends when it is lost.
    pub(crate) async fn keep_stored(&self, claim: Claim, fence: Fence) {
        let _ = self.keep(&Held::one(claim, fence)).await;
    }

    /// Runs a delivery that was leased.
    pub(crate) async fn run_stored<S: Inner>(
        &self,
        inner: S,
        delivery: Delivery,
        claim: Claim,
        fence: Fence,
    ) -> Ran {
        let begun = self.begin(&delivery);
        let held = Held::one(claim, fence);
        let (ended, open) = if delivery.is_unsplit_batch() {
            // Each item is a run with a transaction of its own.
            let handler = self.handle_batch(inner, &delivery);
            (self.supervise(handler, &held, None).await, None)
        } else {
            let slot = self.claims.transaction();
            let run = slot.clone().map(Transactional::into_run);
            let mut request = delivery.clone().in_run(run).to_request();
            let handler = pass(inner, &mut request).instrument(begun.span.clone());
            let ended = self.supervise(handler, &held, slot.as_deref()).await;
            (ended, slot.filter(|slot| slot.is_open()))
        };
        failpoint::pass("work/handled");
        self.count(&ended, &begun, &delivery);
        let done = matches!(&ended, Ended::Answered(Ok(response)) if is_done(response));
        match open {
            Some(slot) if done => committed(slot.commit(&[(claim, fence)]).await),
            Some(slot) => {
                super::held::roll_back(&*slot).await;
                outcome(ended)
            }
            None => outcome(ended),
        }
    }
}

fn committed(committed: Result<bool, StoreError>) -> Ran {
    match committed {
        Ok(true) => Ran::Committed,
        Ok(false) => Ran::Lost,
        // Where it was committed all the same, the store knows the event as done and it will not run again.
        Err(error) => retry(&format!("the transaction of the handler: {error}")),
    }
}

fn outcome<E>(ended: Ended<E>) -> Ran {
    match ended {
        Ended::Answered(Ok(response)) => match Outcome::of(response.status()) {
            Outcome::Done => {
                if response.extensions().get::<ForTheSender>().is_some() {
                    tracing::warn!(target: "hooklatch::router", "a Reply to a delivery of an inbox: nobody waits for it");
                }
                Ran::Done
            }
            Outcome::Refused => Ran::Refused(reason(&response)),
            Outcome::Retry => Ran::Retry {
                reason: reason(&response),
                after: response.extensions().get().copied(),
            },
        },
        Ended::Answered(Err(_)) => retry("the handler's service failed"),
        Ended::Panicked => retry("the handler panicked"),
        Ended::Deadline => retry("the handler took too long"),
        Ended::Overdue => retry("the handler's transaction was open for too long"),
        Ended::Aborted => Ran::Aborted,
        Ended::LeaseLost => Ran::Lost,
    }
}

fn retry(reason: &str) -> Ran {
    Ran::Retry {
        reason: reason.to_owned(),
        after: None,
    }
}

/// Why a handler failed, in the words there are.
fn reason(response: &Response) -> String {
    let extensions = response.extensions();
    let status = response.status().as_u16();
    if let Some(rejection) = extensions.get::<Rejection>() {
        return rejection.detail().to_owned();
    }
    match extensions.get::<Told>() {
        Some(Told(text)) => format!("the handler answered {status}: {text}"),
        None => format!("the handler answered {status}"),
    }
}

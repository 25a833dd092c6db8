//! Runs a handler under its claims: renewed while it runs, completed or released when it ended.

use std::{
    collections::HashSet,
    convert::Infallible,
    future::{Future, pending, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use http::StatusCode;
use tokio::time::sleep;
use tracing::Instrument as _;

use super::{
    Inner, Mode, Once,
    begun::Begun,
    held::{self, Held},
    pass, refuse, refuse_store,
};
use crate::{
    answer::{Deferred, Outcome},
    delivery::Delivery,
    error::RejectionKind,
    failpoint,
    key::Key,
    store::Transactional,
};

/// How a run ended.
pub(super) enum Ended<E> {
    Answered(Result<Response, E>),
    Panicked,
    Deadline,
    /// The handler's transaction was open for longer than the store can bear.
    Overdue,
    Aborted,
    LeaseLost,
}

impl Once {
    /// Runs the handler, then completes or releases what is held.
    pub(super) async fn run<S: Inner>(
        &self,
        inner: S,
        delivery: &Delivery,
        request: &mut Request,
        held: Held,
    ) -> Result<Response, S::Error> {
        let slot = self.claims.transaction();
        if let Some(there) = request.extensions_mut().get_mut::<Delivery>() {
            let run = slot.clone().map(Transactional::into_run);
            *there = delivery.clone().in_run(run);
        }
        let begun = self.begin(delivery);
        let handler = pass(inner, request).instrument(begun.span.clone());
        let ended = self.supervise(handler, &held, slot.as_deref()).await;
        self.settle(ended, &begun, delivery, &held, slot.as_deref())
            .await
    }

    /// Runs some of what is held, all of it being renewed meanwhile, then completes or releases the claims of these
    /// events. An item that waits for the others of its batch keeps its claim.
    pub(super) async fn run_some<S: Inner>(
        &self,
        inner: S,
        delivery: &Delivery,
        held: &mut Held,
        events: &HashSet<Key>,
    ) -> Result<Response, S::Error> {
        let begun = self.begin(delivery);
        let slot = self.claims.transaction();
        let run = slot.clone().map(Transactional::into_run);
        let mut request = delivery.clone().in_run(run).to_request();
        let handler = pass(inner, &mut request).instrument(begun.span.clone());
        match self.supervise(handler, held, slot.as_deref()).await {
            Ended::Answered(Ok(response)) if Deferred::of(&response).is_some() => {
                begun.ended("gathered");
                Ok(response)
            }
            ended => {
                let held = held.take(events);
                self.settle(ended, &begun, delivery, &held, slot.as_deref())
                    .await
            }
        }
    }

    /// When this returns the handler is dropped: it can no longer run.
    pub(super) async fn supervise<E>(
        &self,
        handler: impl Future<Output = Result<Response, E>>,
        held: &Held,
        slot: Option<&dyn Transactional>,
    ) -> Ended<E> {
        let handler = AssertUnwindSafe(handler).catch_unwind();
        let mut handler = pin!(Some(handler));
        let running = poll_fn(|cx| match handler.as_mut().as_pin_mut() {
            Some(handler) => handler.poll(cx),
            None => Poll::Pending,
        });
        let ended = tokio::select! {
            biased;
            result = running => result.map_or(Ended::Panicked, Ended::Answered),
            // Boxed when it is first asked: most handlers are done before that.
            ended = async { Box::pin(self.interrupted(held, slot)).await } => ended,
        };
        // Dropped here, where a panic of its `drop` does not take the release of the claim with it.
        let dropped = catch_unwind(AssertUnwindSafe(|| handler.set(None)));
        if dropped.is_err() {
            tracing::error!(target: "hooklatch::handler", "the handler panicked when it was dropped");
        }
        ended
    }

    /// Ends when the handler must.
    async fn interrupted<E>(&self, held: &Held, slot: Option<&dyn Transactional>) -> Ended<E> {
        tokio::select! {
            biased;
            () = sleep(self.handler_deadline) => Ended::Deadline,
            () = overdue(slot) => Ended::Overdue,
            () = self.aborted() => Ended::Aborted,
            _ = self.keep(held) => Ended::LeaseLost,
        }
    }

    /// Ends when running handlers must be dropped. Each waits on a signal of its own: on a shared one they would
    /// contend at every poll.
    async fn aborted(&self) {
        self.drain.ear().aborting().await;
    }

    /// Renews the leases at a third of their length, until one is lost.
    pub(super) async fn keep(&self, held: &Held) -> Result<(), Infallible> {
        loop {
            sleep(self.lease / 3).await;
            match held.renew(&*self.claims).await {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => {
                    tracing::warn!(target: "hooklatch::dedup", %error, "a lease could not be renewed");
                }
            }
        }
    }

    async fn settle<E>(
        &self,
        ended: Ended<E>,
        begun: &Begun,
        delivery: &Delivery,
        held: &Held,
        slot: Option<&dyn Transactional>,
    ) -> Result<Response, E> {
        failpoint::pass("claim/handled");
        self.count(&ended, begun, delivery);
        let open = slot.filter(|slot| slot.is_open());
        let done = matches!(&ended, Ended::Answered(Ok(response)) if is_done(response));
        let completed = if done {
            held.complete(&*self.claims, open).await
        } else {
            if let Some(slot) = open {
                held::roll_back(slot).await;
            }
            held.release(&*self.claims).await;
            Ok(false)
        };
        failpoint::pass("claim/settled");
        for event in held.events() {
            self.waiting.ended(event, matches!(completed, Ok(true)));
        }
        match (ended, completed) {
            (Ended::Answered(Ok(_)), Err(error)) => Ok(refuse_store(delivery, &error)),
            (Ended::Answered(Ok(response)), Ok(false)) if is_done(&response) => {
                Ok(lease_lost(delivery))
            }
            (Ended::Answered(result), _) => result,
            (Ended::Panicked, _) => Ok(panicked(delivery)),
            (Ended::Deadline, _) => Ok(refuse(
                delivery,
                RejectionKind::HandlerDeadline,
                "the handler took too long",
            )),
            (Ended::Overdue, _) => Ok(refuse(
                delivery,
                RejectionKind::HandlerDeadline,
                "the handler's transaction was open for too long",
            )),
            (Ended::Aborted, _) => Ok(refuse(delivery, RejectionKind::Draining, "shutting down")),
            (Ended::LeaseLost, _) => Ok(lease_lost(delivery)),
        }
    }

    pub(super) fn count<E>(&self, ended: &Ended<E>, begun: &Begun, delivery: &Delivery) {
        // Behind a lone replay guard stands a dedup layer or a handler that is not ours to count.
        if self.mode == Mode::Replay {
            return;
        }
        let outcome = match ended {
            Ended::Answered(Ok(response)) => Outcome::of(response.status()).name(),
            Ended::Answered(Err(_)) => Outcome::Retry.name(),
            Ended::Panicked => "panic",
            Ended::Deadline | Ended::Overdue => "deadline",
            Ended::Aborted => "aborted",
            Ended::LeaseLost => "lease_lost",
        };
        begun.ended(outcome);
        delivery.count(outcome, begun.started.elapsed().as_secs_f64());
    }
}

pub(super) fn is_done(response: &Response) -> bool {
    Outcome::of(response.status()) == Outcome::Done
}

/// Ends when the transaction has to; never where there is none.
async fn overdue(slot: Option<&dyn Transactional>) {
    match slot {
        // An error would say that nothing is known of it; the handler's own deadline then counts alone.
        Some(slot) if slot.overdue().await.is_ok() => {}
        _ => pending().await,
    }
}

fn panicked(delivery: &Delivery) -> Response {
    tracing::error!(
        target: "hooklatch::handler",
        receiver = delivery.receiver(),
        id = delivery.id(),
        "the handler panicked; the event is tried again"
    );
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

fn lease_lost(delivery: &Delivery) -> Response {
    refuse(
        delivery,
        RejectionKind::Running,
        "the lease was lost: another run has taken over",
    )
}

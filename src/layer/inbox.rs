//! Accepting: write the delivery durably, then acknowledge. What a receiver with an inbox has in the place of its claims.
//!
//! 1. The answer comes after the delivery would survive a loss of power; of a copy, once the first would.
//! 2. Handlers run later, in a [`Worker`](crate::Worker): the sender never waits for one.
//! 3. Where the store cannot say that it has the delivery, the sender is told 503 and comes again.
//! 4. What verified but cannot be read is kept as dead, with its body, and acknowledged: to send it again would not
//!    help.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use tokio::time::timeout_at;
use tower::Service;

use super::once::{Once, duplicate, refuse, refuse_store, replay};
use crate::{
    answer,
    delivery::{Delivery, unverified},
    error::RejectionKind,
    failpoint, metric,
    store::{Accepted, Entry, Inbox, StoreError},
};

/// Writes deliveries to an inbox.
#[derive(Clone, Debug)]
pub struct Accepting {
    inbox: Arc<dyn Inbox>,
    once: Arc<Once>,
}

impl Accepting {
    pub(crate) fn new(inbox: Arc<dyn Inbox>, once: Arc<Once>) -> Self {
        Self { inbox, once }
    }

    async fn accept(self, delivery: Delivery) -> Response {
        let entry = match self.entry(&delivery) {
            Ok(entry) => entry,
            Err(error) => return refuse_store(&delivery, &error),
        };
        let answer_by = self.once.answer_by(&delivery);
        failpoint::pass("accept/begun");
        match timeout_at(answer_by, self.inbox.accept(entry)).await {
            Ok(Ok(accepted)) => answer(&delivery, accepted),
            Ok(Err(error)) => refuse_store(&delivery, &error),
            Err(_) => {
                let late =
                    "the store did not answer in time: whether the delivery was written is unknown";
                refuse_store(&delivery, &StoreError::unavailable(late))
            }
        }
    }

    fn entry(&self, delivery: &Delivery) -> Result<Entry, StoreError> {
        let dead = delivery.readable().err();
        let head = serde_json::to_vec(&delivery.stored_head()).map_err(StoreError::unavailable)?;
        let receiver = Arc::clone(delivery.receiver_name());
        Ok(Entry {
            claim: self.once.claim_of(delivery),
            receiver,
            tenant: delivery.tenant().map(Box::from),
            id: delivery.id().map(Box::from),
            event_type: delivery.event_type().map(Box::from),
            received_at: delivery.received_at(),
            head: head.into(),
            body: delivery.body().clone(),
            dead: dead.map(|rejection| rejection.detail().into()),
        })
    }
}

fn answer(delivery: &Delivery, accepted: Accepted) -> Response {
    match accepted {
        Accepted::New { .. } => {
            metric::accepted(delivery.receiver_name());
            answer::accepted(delivery.profile())
        }
        Accepted::Duplicate => duplicate(delivery),
        Accepted::Dead => skipped(delivery, "dead"),
        Accepted::Revived => skipped(delivery, "revived"),
        Accepted::Replay { completed } => replay(delivery, completed),
        Accepted::Running => refuse(
            delivery,
            RejectionKind::Running,
            "another copy is being handled",
        ),
    }
}

fn skipped(delivery: &Delivery, reason: &'static str) -> Response {
    metric::skipped(delivery.receiver(), reason);
    answer::accepted(delivery.profile())
}

impl Service<Request> for Accepting {
    type Response = Response;
    type Error = Infallible;
    type Future = AcceptingFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> AcceptingFuture {
        let this = self.clone();
        let delivery = request.extensions().get::<Delivery>().cloned();
        AcceptingFuture(Box::pin(async move {
            match delivery {
                Some(delivery) => this.accept(delivery).await,
                None => unverified().into_response(),
            }
        }))
    }
}

/// The future of [`Accepting`].
#[must_use = "futures do nothing unless awaited"]
pub struct AcceptingFuture(Pin<Box<dyn Future<Output = Response> + Send>>);

impl Future for AcceptingFuture {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map(Ok)
    }
}

impl fmt::Debug for AcceptingFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AcceptingFuture")
    }
}

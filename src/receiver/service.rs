//! [`Receive`]: the service that a receiver becomes.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use axum::{extract::Request, response::Response};
use futures_util::future::Either;
use pin_project_lite::pin_project;
use tokio::runtime::Handle;
use tower::Service;

use super::Hook;
use crate::{
    error::{Rejection, RejectionKind},
    explain::{Refusals, Witness},
    health::Vitals,
    layer::{
        Accepting, AcceptingFuture, AdmitLayer, Challenged, Claiming, ClaimingFuture,
        FreshnessLayer, Gated, Handshaken, Verify,
    },
    router::EventRouter,
    worker::{Watch, Worker},
};

pub(super) type Stack =
    Gated<AdmitLayer, Challenged<Handshaken<Verify<Gated<FreshnessLayer, Handshaken<Innermost>>>>>>;

/// What takes an event over once everything is known of it.
#[derive(Clone)]
pub(super) enum Innermost {
    /// Its handler, under its claims.
    Claims(Claiming<EventRouter>),
    /// The inbox.
    Inbox(Accepting),
}

impl Service<Request> for Innermost {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<ClaimingFuture<Infallible>, AcceptingFuture>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        match self {
            Self::Claims(claims) => claims.poll_ready(cx),
            Self::Inbox(inbox) => inbox.poll_ready(cx),
        }
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self {
            Self::Claims(claims) => Either::Left(claims.call(request)),
            Self::Inbox(inbox) => Either::Right(inbox.call(request)),
        }
    }
}

/// What a receiver does beside its requests.
pub(super) enum Task {
    /// With an inbox, which a worker watches as well.
    Work(Worker),
    /// Without one, or where another process works.
    Watch(Watch),
}

/// A task that is still to be started.
#[derive(Default)]
pub(super) struct Waiting {
    task: Mutex<Option<Task>>,
    /// Asked on every request: cheaper than the lock.
    is_there: AtomicBool,
}

impl Waiting {
    pub(super) fn put(&self, task: Task) {
        *self.task.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
        self.is_there.store(true, Ordering::Release);
        self.start();
    }

    /// Starts it, where there is a runtime.
    fn start(&self) {
        if !self.is_there.load(Ordering::Acquire) || Handle::try_current().is_err() {
            return;
        }
        let task = self
            .task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        self.is_there.store(false, Ordering::Release);
        match task {
            Some(Task::Work(worker)) => worker.spawn(),
            Some(Task::Watch(watch)) => watch.spawn(),
            None => {}
        }
    }
}

/// The service of a [`Receiver`](super::Receiver), to be mounted. Cheap to clone.
#[derive(Clone)]
pub struct Receive {
    pub(super) stack: Stack,
    pub(super) on_rejection: Option<Hook>,
    pub(super) vitals: Arc<Vitals>,
    pub(super) refusals: Option<Refusals>,
    pub(super) task: Arc<Waiting>,
}

impl Service<Request> for Receive {
    type Response = Response;
    type Error = Infallible;
    type Future = ReceiveFuture;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.stack.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> ReceiveFuture {
        self.task.start();
        let refusals = self.refusals.as_ref();
        let witness = refusals
            .map(|log| Witness::new(log, request.method(), request.uri(), request.extensions()));
        ReceiveFuture {
            witness,
            inner: self.stack.call(request),
            on_rejection: self.on_rejection.clone(),
            vitals: Arc::clone(&self.vitals),
        }
    }
}

impl fmt::Debug for Receive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receive")
    }
}

pin_project! {
    /// The future of [`Receive`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct ReceiveFuture {
        #[pin]
        inner: <Stack as Service<Request>>::Future,
        on_rejection: Option<Hook>,
        vitals: Arc<Vitals>,
        witness: Option<Witness>,
    }
}

impl Future for ReceiveFuture {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(cx));
        if let (Ok(answer), Some(witness)) = (&mut response, this.witness.take()) {
            // What stands in front of the verification refuses without it.
            witness.answered(answer, this.vitals.now());
        }
        if let Ok(answer) = &response {
            match answer.extensions().get::<Rejection>().map(Rejection::kind) {
                Some(RejectionKind::Stale) => this.vitals.stale(),
                None if answer.status().is_success() => this.vitals.fresh(),
                _ => {}
            }
        }
        if let (Ok(response), Some(hook)) = (&response, this.on_rejection)
            && let Some(rejection) = response.extensions().get::<Rejection>()
            && catch_unwind(AssertUnwindSafe(|| hook(rejection))).is_err()
        {
            tracing::error!(target: "hooklatch::rejection", "the on_rejection hook panicked");
        }
        Poll::Ready(response)
    }
}

impl fmt::Debug for ReceiveFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiveFuture")
    }
}

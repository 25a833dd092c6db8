//! Claim, run detached, complete or release: what the dedup and replay layers and the receiver share.
//!
//! - Whatever is not done within one poll goes on in a task of its own, from the claim on: a sender that hangs up cancels
//!   nothing, and a claim is never left behind by a dropped connection.
//! - The *answer deadline* ends only the waiting: the sender is told 503 and the handler goes on under its claim.
//! - The *handler deadline* ends the handler: it is dropped, and only then is its claim released. So a claim is free
//!   only when its handler can no longer run.

use std::{
    fmt,
    future::{Future, poll_fn},
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use tokio::{
    sync::oneshot,
    time::{Instant, timeout, timeout_at},
};
use tower::{Service, ServiceExt};
use tracing::Instrument;

use self::held::Held;
use super::waiting::Waiting;
use crate::{
    answer,
    delivery::{Delivery, unverified},
    drain::{Drain, after},
    error::RejectionKind,
    failpoint, metric,
    profile::OnClientError,
    store::{Claim, Claimed, Claims, OnRepeat, StoreError},
};

mod batch;
mod begun;
mod held;
mod stored;
mod supervise;

pub(crate) use self::stored::Ran;

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The event, and its content where that needs a guard: the receiver.
    Both,
    /// The event.
    Dedup,
    /// The content, bound to its event.
    Replay,
}

/// The settings and shared state of one claims layer.
#[derive(Clone, Debug)]
pub(crate) struct Once {
    pub(crate) claims: Arc<dyn Claims>,
    pub(crate) mode: Mode,
    pub(crate) drain: Drain,
    pub(crate) lease: Duration,
    pub(crate) handler_deadline: Duration,
    /// `None`: the profile's.
    pub(crate) answer_deadline: Option<Duration>,
    /// How far back a timestamp may lie where that is not the scheme's to say.
    pub(crate) tolerance: Option<Duration>,
    waiting: Arc<Waiting>,
}

impl Once {
    pub(crate) fn new(claims: Arc<dyn Claims>, mode: Mode) -> Self {
        Self {
            claims,
            mode,
            drain: Drain::new(),
            lease: Duration::from_secs(30),
            handler_deadline: Duration::from_secs(60),
            answer_deadline: None,
            tolerance: None,
            waiting: Arc::default(),
        }
    }

    /// A copy with other settings. Nobody waits on it: it may be given another store, where the same event is another.
    pub(crate) fn with(&self, change: impl FnOnce(&mut Self)) -> Arc<Self> {
        let mut copy = Self {
            waiting: Arc::default(),
            ..self.clone()
        };
        change(&mut copy);
        Arc::new(copy)
    }

    /// The moment of the answer deadline; the far future where an instant cannot hold it.
    pub(super) fn answer_by(&self, delivery: &Delivery) -> Instant {
        let deadline = self.answer_deadline(delivery);
        let moment = delivery.arrived().checked_add(deadline);
        moment.unwrap_or_else(|| after(deadline))
    }

    fn answer_deadline(&self, delivery: &Delivery) -> Duration {
        self.answer_deadline
            .unwrap_or_else(|| delivery.profile().answer_deadline())
    }

    async fn handle<S>(
        &self,
        inner: S,
        delivery: Delivery,
        request: &mut Request,
    ) -> Result<Response, S::Error>
    where
        S: Inner,
    {
        if delivery.is_unsplit_batch() {
            // Boxed, as is waiting: what is rare takes no room in every task.
            return Box::pin(self.handle_batch(inner, &delivery)).await;
        }
        let claim = self.claim_of(&delivery);
        if self.mode == Mode::Replay && claim.content.is_none() {
            return pass(inner, request).await;
        }
        match self.claim_or_wait(&claim, &delivery).await {
            Ok(Claimed::New {
                fence,
                attempt,
                repeats_content,
            }) => {
                failpoint::pass("claim/claimed");
                let delivery = delivery.at_attempt(attempt, repeats_content);
                self.run(inner, &delivery, request, Held::one(claim, fence))
                    .await
            }
            // Replay alone does not deduplicate: a copy of the same event goes on to whoever does.
            Ok(Claimed::Running | Claimed::Completed) if self.mode == Mode::Replay => {
                pass(inner, request).await
            }
            Ok(Claimed::Completed) => Ok(duplicate(&delivery)),
            Ok(Claimed::Running) => Ok(refuse(
                &delivery,
                RejectionKind::Running,
                "another copy is being handled",
            )),
            Ok(Claimed::Replay { completed }) => Ok(replay(&delivery, completed)),
            Err(error) => Ok(refuse_store(&delivery, &error)),
        }
    }

    pub(super) fn claim_of(&self, delivery: &Delivery) -> Claim {
        let event = delivery.event_key();
        let content = delivery.content_key();
        let (event, content) = match self.mode {
            Mode::Both => (event, content),
            Mode::Dedup => (event, None),
            Mode::Replay => (event.guarded(), content),
        };
        let mut claim = Claim::new(event);
        claim.content = content;
        claim.lease = self.lease;
        // Inside twice the tolerance a captured request could still pass as fresh.
        let window = delivery.timestamp().map_or(Duration::ZERO, |signed| {
            self.tolerance.unwrap_or(signed.past).saturating_mul(2)
        });
        claim.retention = delivery.profile().retention.max(window);
        if content.is_some() {
            claim.protect = claim.protect.max(window);
            claim.on_repeat = if delivery.may_repeat() {
                OnRepeat::Flag
            } else {
                OnRepeat::Refuse
            };
        }
        claim
    }

    /// Claims; while another copy runs, waits for it.
    async fn claim_or_wait(
        &self,
        claim: &Claim,
        delivery: &Delivery,
    ) -> Result<Claimed, StoreError> {
        match self.claims.claim(claim).await {
            Ok(Claimed::Running) if self.mode != Mode::Replay => {
                Box::pin(self.wait_and_claim(claim, delivery)).await
            }
            answer => answer,
        }
    }

    /// Waits for the copy that runs, up to two seconds or half the answer deadline.
    async fn wait_and_claim(
        &self,
        claim: &Claim,
        delivery: &Delivery,
    ) -> Result<Claimed, StoreError> {
        let mut wait = self.waiting.join(claim.event);
        // It may have ended before we joined.
        let second = self.claims.claim(claim).await?;
        if second != Claimed::Running {
            return Ok(second);
        }
        let patience = Duration::from_secs(2).min(self.answer_deadline(delivery) / 2);
        match timeout(patience, wait.ended()).await {
            Ok(Some(true)) => Ok(Claimed::Completed),
            Ok(Some(false) | None) => Ok(Claimed::Running),
            // Another process may have completed it, and cannot tell us.
            Err(_) => self.claims.claim(claim).await,
        }
    }
}

/// The service behind a claims layer, moved into its task.
pub(crate) trait Inner:
    Service<Request, Response = Response, Future: Send, Error: Send> + Clone + Send + 'static
{
}

impl<S> Inner for S
where
    S: Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
{
}

/// The service of [`DedupLayer`](crate::DedupLayer) and [`ReplayLayer`](crate::ReplayLayer).
#[derive(Clone, Debug)]
pub struct Claiming<S> {
    inner: S,
    once: Arc<Once>,
}

impl<S> Claiming<S> {
    pub(crate) fn new(inner: S, once: &Arc<Once>) -> Self {
        let once = Arc::clone(once);
        Self { inner, once }
    }
}

impl<S> Service<Request> for Claiming<S>
where
    S: Inner,
    S::Error: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = ClaimingFuture<S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The service that was polled ready goes with the request; the clone, which may not be ready, stays.
        let clone = self.inner.clone();
        let inner = mem::replace(&mut self.inner, clone);
        let once = Arc::clone(&self.once);
        ClaimingFuture(Box::pin(async move {
            let Some(delivery) = request.extensions().get::<Delivery>().cloned() else {
                return Ok(unverified().into_response());
            };
            let answer_by = once.answer_by(&delivery);
            let drain = once.drain.clone();
            let mut run = Box::pin(handle(once, inner, delivery.clone(), request));
            // Most are done at once. Nothing can cancel them within one poll, so they need no task of their own.
            if let Poll::Ready(result) = poll_fn(|cx| Poll::Ready(run.as_mut().poll(cx))).await {
                return result;
            }
            match timeout_at(answer_by, detach(&drain, run)).await {
                Ok(Ok(result)) => result,
                Ok(Err(_)) => Ok(ended(&delivery)),
                Err(_) => Ok(still_running(&delivery)),
            }
        }))
    }
}

/// The future of a claims layer.
#[must_use = "futures do nothing unless awaited"]
pub struct ClaimingFuture<E>(Pin<Box<dyn Future<Output = Result<Response, E>> + Send>>);

impl<E> Future for ClaimingFuture<E> {
    type Output = Result<Response, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl<E> fmt::Debug for ClaimingFuture<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimingFuture")
    }
}

/// Gives the request to the service behind.
async fn pass<S: Inner>(mut inner: S, request: &mut Request) -> Result<Response, S::Error> {
    inner.ready().await?.call(mem::take(request)).await
}

async fn handle<S: Inner>(
    once: Arc<Once>,
    inner: S,
    delivery: Delivery,
    mut request: Request,
) -> Result<Response, S::Error> {
    once.handle(inner, delivery, &mut request).await
}

/// Goes on with a run in a task of its own, which nobody cancels by hanging up.
fn detach<T: Send + 'static>(
    drain: &Drain,
    run: Pin<Box<impl Future<Output = T> + Send + 'static>>,
) -> oneshot::Receiver<T> {
    let (sender, receiver) = oneshot::channel();
    let task = async move {
        // Nobody listens when the sender hung up or the deadline passed.
        let _ = sender.send(run.await);
    };
    drain.spawn(task.instrument(tracing::Span::current()));
    receiver
}

fn ended(delivery: &Delivery) -> Response {
    refuse(
        delivery,
        RejectionKind::Draining,
        "the handling task was ended",
    )
}

fn still_running(delivery: &Delivery) -> Response {
    let detail = "the handler is still running; a later copy is acknowledged once it is done";
    refuse(delivery, RejectionKind::AnswerDeadline, detail)
}

pub(super) fn duplicate(delivery: &Delivery) -> Response {
    metric::skipped(delivery.receiver(), "duplicate");
    tracing::debug!(target: "hooklatch::dedup", receiver = delivery.receiver(), id = delivery.id(), "duplicate");
    answer::accepted(delivery.profile())
}

pub(super) fn replay(delivery: &Delivery, completed: bool) -> Response {
    if !completed {
        return refuse(
            delivery,
            RejectionKind::ReplayRunning,
            "the same content is being handled under another id",
        );
    }
    if delivery.profile().on_client_error == OnClientError::Disable {
        // A 4xx would disable the endpoint: acknowledge without effect.
        metric::skipped(delivery.receiver(), "replay");
        return answer::accepted(delivery.profile());
    }
    refuse(
        delivery,
        RejectionKind::Replay,
        "the same content was accepted under another id",
    )
}

pub(super) fn refuse(delivery: &Delivery, kind: RejectionKind, detail: &'static str) -> Response {
    delivery.refusal(kind, detail).into_response()
}

pub(super) fn refuse_store(delivery: &Delivery, error: &StoreError) -> Response {
    let kind = if error.is_full() {
        RejectionKind::StoreFull
    } else {
        RejectionKind::StoreUnavailable
    };
    let cause = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    delivery
        .refusal(kind, format!("{error}: {cause}"))
        .into_response()
}

//! What one version of the configuration makes: hooks, receivers and their routes; and the place where the next takes over.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use axum::{Router, extract::Request, response::Response};
use hooklatch::{Health, Hooks, Retries, explain::Refusals};
use tokio::time::{Instant, timeout_at};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};
use tower::ServiceExt as _;

use super::{
    action::{self, Means},
    config::{Config, Fault},
    store::Store,
};

/// What outlives a reload.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) store: Store,
    pub(super) means: Means,
    pub(super) refusals: Refusals,
}

/// The receivers of one version of the configuration.
pub(super) struct Generation {
    hooks: Hooks,
    app: Router,
    /// The requests that are on their way through it.
    requests: TaskTracker,
}

impl Generation {
    /// Makes all receivers, and only if each can be made starts their workers.
    ///
    /// # Errors
    /// A secret cannot be read, or the library refuses a setting.
    pub(super) fn new(config: &Config, kept: &Kept) -> Result<Self, Fault> {
        let hooks = config.server.hooks().with_refusals(kept.refusals.clone());
        let hooks = kept.store.with_claims(hooks);
        let hidden = config.secret_variables();
        let ready = config.sources.iter().map(|source| {
            let receiver = source.receiver(&hooks)?;
            let retries = source.retries.unwrap_or(Retries::DEFAULT);
            let attempts = kept.store.operate().map(|_| retries.attempts);
            let events = action::events(&source.action, &kept.means, &hidden, attempts)?;
            Ok((&*source.path, kept.store.with_inbox(receiver), events))
        });
        let ready: Vec<_> = ready.collect::<Result<_, Fault>>()?;
        let routes = ready.into_iter();
        let app = routes.fold(Router::new(), |app, (path, receiver, events)| {
            app.route_service(path, receiver.receive(events))
        });
        Ok(Self {
            hooks,
            app,
            requests: TaskTracker::new(),
        })
    }

    /// Ends it: waits for the requests that are in it, which may still begin handlers, for up to half the time; then for its
    /// handlers, for the other half.
    async fn retire(&self, deadline: Duration, cut: &CancellationToken) {
        let begun = Instant::now();
        self.requests.close();
        tokio::select! {
            () = cut.cancelled() => {}
            _ = timeout_at(begun + deadline / 2, self.requests.wait()) => {}
        }
        let left = deadline.saturating_sub(begun.elapsed());
        tokio::select! {
            // The earliest deadline counts.
            () = async { cut.cancelled().await; self.hooks.shutdown(Duration::ZERO).await } => {}
            () = self.hooks.shutdown(left) => {}
        }
    }
}

/// The generation that takes requests now. Clones are the same.
#[derive(Clone)]
pub(super) struct Current {
    generation: Arc<RwLock<Arc<Generation>>>,
    /// Earlier generations that are still ending.
    retiring: TaskTracker,
    cut: CancellationToken,
}

impl Current {
    pub(super) fn new(first: Generation) -> Self {
        Self {
            generation: Arc::new(RwLock::new(Arc::new(first))),
            retiring: TaskTracker::new(),
            cut: CancellationToken::new(),
        }
    }

    /// The application: whatever is current when a request comes in answers it, to the end.
    pub(super) fn app(&self) -> Router {
        let current = self.clone();
        Router::new().fallback(move |request: Request| {
            let (app, entered) = current.enter();
            answer(app, entered, request)
        })
    }

    /// The token is taken under the lock: a generation that was replaced knows of every request that is in it.
    fn enter(&self) -> (Router, TaskTrackerToken) {
        let generation = self
            .generation
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        (generation.app.clone(), generation.requests.token())
    }

    fn now(&self) -> Arc<Generation> {
        let generation = self
            .generation
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&generation)
    }

    /// Lets the next generation take over, and ends the one before in the background.
    pub(super) fn replace(&self, next: Generation, deadline: Duration) {
        let mut generation = self
            .generation
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *generation, Arc::new(next));
        drop(generation);
        let cut = self.cut.clone();
        self.retiring
            .spawn(async move { before.retire(deadline, &cut).await });
    }

    pub(super) fn health(&self) -> Health {
        self.now().hooks.health()
    }

    /// Ends all generations, within the deadline and a moment.
    pub(super) async fn retire(&self, deadline: Duration) {
        self.retiring.close();
        let last = self.now();
        let last = last.retire(deadline, &self.cut);
        let all = async { tokio::join!(last, self.retiring.wait()) };
        let _ = timeout_at(Instant::now() + deadline + ABORTED, all).await;
    }

    /// Drops what is still running.
    pub(super) fn cut(&self) {
        self.cut.cancel();
    }
}

async fn answer(app: Router, entered: TaskTrackerToken, request: Request) -> Response {
    let Ok(response) = app.oneshot(request).await;
    drop(entered);
    response
}

/// How long aborted handlers may take to release what they hold.
const ABORTED: Duration = Duration::from_secs(6);

//! From a verified delivery to your function.
//!
//! [`EventRouter`] picks one handler by the event's type:
//! 1. the route with exactly this type,
//! 2. else the longest `prefix*` that it starts with,
//! 3. else the fallback,
//! 4. else nothing runs: the event is acknowledged and counted as ignored.
//!
//! A handler is an axum handler. It sees the router's state, what [`EventRouter::layer`] adds, the
//! [`Delivery`], its method, path and headers, and nothing else of the request: so it sees the same whether it runs at
//! once or later from a store. The layers of the `Router` around it do not reach it.
//!
//! What it returns becomes an answer by its status: 2xx is done; 400 and 422 are a permanent refusal (422 to the
//! sender); anything else is tried again (a 5xx as it is, else 503). Its body never reaches the sender, unless it is a
//! [`Reply`] to a sender that reads one.
//!
//! ```
//! use hooklatch::{Ack, Event, EventRouter, RawEvent};
//!
//! #[derive(serde::Deserialize)]
//! struct Invoice { id: String }
//!
//! async fn paid(event: Event<Invoice>) -> Ack {
//!     if event.data.id.is_empty() { Ack::Refuse } else { Ack::Done }
//! }
//! async fn rest(event: RawEvent) { println!("{}", event.event_type) }
//!
//! let router: EventRouter = EventRouter::new().on("invoice.paid", paid).on("invoice.*", rest).fallback(rest);
//! ```

mod ack;
#[cfg(feature = "multipart")]
mod attachments;
mod context;
mod covered;
mod decode;
mod event;
mod table;

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    body::HttpBody,
    extract::{DefaultBodyLimit, Request},
    handler::Handler,
    response::{IntoResponse, Response},
    routing::{MethodRouter, Route, any},
};
use http::{Extensions, StatusCode};
use tower::{Layer, Service, ServiceExt};

use crate::{
    answer::{self, Deferred, Outcome, gather},
    delivery::{Delivery, unverified},
    error::Rejection,
    metric,
};

#[cfg(feature = "multipart")]
pub use self::attachments::{Attachment, Attachments};
use self::table::{Table, Unknown};
pub use self::{
    ack::{Ack, Reply},
    covered::Covered,
    event::{Batch, Event, EventType, NamedByPayload, RawEvent},
};

/// Routes events to handlers by their type. See the [module docs](self).
///
/// Cheap to clone once built. As a tower service it takes requests that carry a [`Delivery`].
#[must_use = "a router does nothing until a receiver is given it"]
pub struct EventRouter<S = ()> {
    table: Arc<Table<MethodRouter<S>>>,
    unknown: Arc<Unknown>,
}

impl<S> EventRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// A router without routes: every event is acknowledged and ignored.
    pub fn new() -> Self {
        Self {
            table: Arc::default(),
            unknown: Arc::default(),
        }
    }

    /// Handles events whose type is `pattern`, or starts with it where it ends in `*`.
    ///
    /// # Panics
    /// When the pattern is registered already: two handlers for one event would be a guess.
    #[track_caller]
    pub fn on<H, T>(self, pattern: &str, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.with_table(|table| table.insert(pattern, any(handler)))
    }

    /// Handles events whose payload type names its event type: the pattern is [`EventType::TYPE`] of the type in the
    /// handler's own `Event<T>` or `Batch<T>`, so the two cannot disagree.
    ///
    /// ```
    /// use hooklatch::{Event, EventRouter, EventType};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct InvoicePaid { id: String }
    /// impl EventType for InvoicePaid { const TYPE: &str = "invoice.paid"; }
    ///
    /// async fn paid(event: Event<InvoicePaid>) {}
    /// let router: EventRouter = EventRouter::new().on_event(paid);
    /// ```
    ///
    /// # Panics
    /// When the type is registered already.
    #[track_caller]
    pub fn on_event<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: NamedByPayload + 'static,
    {
        self.on(T::TYPE, handler)
    }

    /// Handles events that no pattern matches, and those without a type.
    ///
    /// # Panics
    /// When there is a fallback already.
    #[track_caller]
    pub fn fallback<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.with_table(|table| table.set_fallback(any(handler)))
    }

    /// Wraps the handlers registered so far in a layer, as [`axum::Router::layer`] does. What it adds to the request,
    /// such as an `Extension`, is there whether a handler runs at once or later.
    pub fn layer<L>(self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.map(|handler| handler.layer(layer.clone()))
    }

    /// Gives the handlers their state.
    pub fn with_state<S2>(self, state: S) -> EventRouter<S2>
    where
        S2: Clone + Send + Sync + 'static,
    {
        self.map(|handler| handler.with_state(state.clone()))
    }

    fn map<S2>(self, change: impl FnMut(MethodRouter<S>) -> MethodRouter<S2>) -> EventRouter<S2> {
        let table = Arc::unwrap_or_clone(self.table).map(change);
        EventRouter {
            table: Arc::new(table),
            unknown: self.unknown,
        }
    }

    #[track_caller]
    fn with_table(self, change: impl FnOnce(&mut Table<MethodRouter<S>>)) -> Self {
        let mut table = Arc::unwrap_or_clone(self.table);
        change(&mut table);
        Self {
            table: Arc::new(table),
            unknown: self.unknown,
        }
    }
}

impl<S> Clone for EventRouter<S> {
    fn clone(&self) -> Self {
        Self {
            table: Arc::clone(&self.table),
            unknown: Arc::clone(&self.unknown),
        }
    }
}

impl<S> Default for EventRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<S> fmt::Debug for EventRouter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventRouter")
            .field("patterns", &self.table.patterns())
            .finish_non_exhaustive()
    }
}

impl Service<Request> for EventRouter {
    type Response = Response;
    type Error = Infallible;
    type Future = RouterFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> RouterFuture {
        let router = self.clone();
        // Emptied, so that a handler sees nothing of the request; and used again.
        let mut extensions = std::mem::take(request.extensions_mut());
        let delivery = extensions.remove::<Delivery>();
        extensions.clear();
        RouterFuture(Box::pin(async move {
            match delivery {
                None => unverified().into_response(),
                Some(batch) if batch.is_unsplit_batch() => {
                    // Boxed: it takes no room where it is not needed.
                    Box::pin(router.dispatch_each(&batch)).await
                }
                Some(delivery) => router.dispatch(&delivery, extensions).await,
            }
        }))
    }
}

impl EventRouter {
    async fn dispatch(&self, delivery: &Delivery, extensions: Extensions) -> Response {
        let route = match self.route(delivery) {
            Ok(route) => route,
            Err(rejection) => {
                return answer::stopping(rejection.into_response(), delivery.profile());
            }
        };
        let Some((index, handler)) = route else {
            self.unknown.note(delivery);
            metric::skipped(delivery.receiver(), "ignored");
            return answer::accepted(delivery.profile());
        };
        let request = delivery.clone().into_request(extensions);
        let response = run(handler.clone(), request).await;
        if Deferred::of(&response).is_some() {
            return defer(response, index);
        }
        let response = context::blame_ourselves(response, delivery).await;
        let response = if delivery.is_stored() {
            context::keep_words(response).await
        } else {
            response
        };
        answer::to_sender(response, delivery.profile())
    }

    /// Runs every item of a batch; for use without a claims layer in front, which would split the batch itself.
    async fn dispatch_each(&self, batch: &Delivery) -> Response {
        let items = match batch.split() {
            Ok(items) => items,
            Err(reason) => return batch.unreadable(reason).into_response(),
        };
        let mut all_done = true;
        let mut deferred: Vec<(Deferred, Vec<Delivery>)> = Vec::new();
        for item in items {
            let response = self.dispatch(&item, Extensions::new()).await;
            match Deferred::of(&response) {
                Some(key) => gather(&mut deferred, key, item),
                None => all_done &= Outcome::of(response.status()) == Outcome::Done,
            }
        }
        for (_, items) in deferred {
            let together = batch.gathered(items);
            let response = self.dispatch(&together, Extensions::new()).await;
            all_done &= Outcome::of(response.status()) == Outcome::Done;
        }
        if all_done {
            answer::accepted(batch.profile())
        } else {
            answer::to_sender(unavailable(), batch.profile())
        }
    }

    /// The handler of an event. Where the first part of the type is a header and no pattern looks beyond it, the body
    /// is not read.
    fn route(&self, delivery: &Delivery) -> Result<Option<(usize, &MethodRouter)>, Rejection> {
        if let Some(head) = delivery
            .type_head()
            .filter(|head| !self.table.looks_beyond(head))
        {
            return Ok(self.table.find(Some(head)));
        }
        delivery.readable()?;
        Ok(self.table.find(delivery.event_type()))
    }
}

/// axum's extractors of a whole body refuse more than 2 MB unless told otherwise. What the receiver accepted is within
/// its own limit: the handler may read all of it.
async fn run(handler: MethodRouter, request: Request) -> Response {
    let size = request.body().size_hint().exact();
    let Ok(response) = if size.is_some_and(|size| size <= AXUM_LIMIT) {
        handler.oneshot(request).await
    } else {
        DefaultBodyLimit::disable()
            .layer(handler)
            .oneshot(request)
            .await
    };
    response
}

fn defer(mut response: Response, route: usize) -> Response {
    response
        .extensions_mut()
        .insert(Deferred { route: Some(route) });
    response
}

fn unavailable() -> Response {
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

/// The future of an [`EventRouter`].
#[must_use = "futures do nothing unless awaited"]
pub struct RouterFuture(Pin<Box<dyn Future<Output = Response> + Send>>);

impl Future for RouterFuture {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map(Ok)
    }
}

impl fmt::Debug for RouterFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RouterFuture")
    }
}

/// What axum's extractors take by themselves, in bytes.
const AXUM_LIMIT: u64 = 2 * 1024 * 1024;

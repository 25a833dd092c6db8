//! The service of a layer that decides without waiting: it answers a request itself, or lets it pass.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{extract::Request, response::Response};
use pin_project_lite::pin_project;
use tower::Service;

/// Decides what passes.
pub(super) trait Gate {
    /// The answer to a request that does not pass.
    fn stop(&self, request: &mut Request) -> Option<Response>;
}

/// The service of [`AdmitLayer`](crate::AdmitLayer) and [`FreshnessLayer`](crate::FreshnessLayer): it answers a request
/// itself or asks the service behind it.
#[derive(Clone, Debug)]
pub struct Gated<L, S> {
    layer: L,
    inner: S,
}

impl<L, S> Gated<L, S> {
    pub(super) const fn new(layer: L, inner: S) -> Self {
        Self { layer, inner }
    }
}

impl<L, S> Service<Request> for Gated<L, S>
where
    L: Gate,
    S: Service<Request, Response = Response>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        match self.layer.stop(&mut request) {
            None => ResponseFuture::asked(self.inner.call(request)),
            Some(response) => ResponseFuture::answered(response),
        }
    }
}

pin_project! {
    /// The future of [`Gated`]: its own answer, or that of the service behind it.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless awaited"]
    pub struct ResponseFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProj]
    enum State<F> {
        Answered { response: Option<Response> },
        Asked { #[pin] inner: F },
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn answered(response: Response) -> Self {
        Self {
            state: State::Answered {
                response: Some(response),
            },
        }
    }

    pub(super) const fn asked(inner: F) -> Self {
        Self {
            state: State::Asked { inner },
        }
    }
}

impl<F, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Asked { inner } => Poll::Ready(ready!(inner.poll(cx))),
            StateProj::Answered { response } => response
                .take()
                .map_or(Poll::Pending, |response| Poll::Ready(Ok(response))),
        }
    }
}

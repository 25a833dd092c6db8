//! The future of a layer that either answers at once or asks the service behind it.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::response::{IntoResponse, Response};
use pin_project_lite::pin_project;

use crate::error::Rejection;

pin_project! {
    /// The future of a layer that decides without waiting: its own answer, or that of the service behind it.
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
    pub(super) const fn answer(response: Response) -> Self {
        Self {
            state: State::Answered {
                response: Some(response),
            },
        }
    }

    pub(super) fn refuse(rejection: Rejection) -> Self {
        Self::answer(rejection.into_response())
    }

    pub(super) const fn ask(inner: F) -> Self {
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

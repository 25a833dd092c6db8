//! The bodies of an exchange: the request's under deadlines, both reporting their end.

use std::{
    error::Error as StdError,
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::BoxError;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};

use super::{Limits, pulse::Half};

pin_project! {
    /// A request body that fails when nothing comes for too long, or the whole takes too long. Time counts from the
    /// first read: a sender is not to blame for our waiting.
    pub(super) struct RequestBody {
        #[pin]
        inner: Incoming,
        half: Option<Half>,
        idle: Duration,
        total: Duration,
        began: Option<Instant>,
        quiet: Option<Instant>,
        #[pin]
        timer: Option<Sleep>,
        failed: bool,
    }
}

impl RequestBody {
    pub(super) fn new(inner: Incoming, half: Half, limits: &Limits) -> Self {
        let mut half = Some(half);
        if inner.is_end_stream() {
            end(&mut half);
        }
        Self {
            inner,
            half,
            idle: limits.body_idle,
            total: limits.body_total,
            began: None,
            quiet: None,
            timer: None,
            failed: false,
        }
    }

    /// Ready once the sender is too slow, having come this far without a frame.
    fn poll_patience(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        now: Instant,
    ) -> Poll<BodyTooSlow> {
        let mut this = self.project();
        let total_end = *this.began.get_or_insert(now) + *this.total;
        let idle_end = *this.quiet.get_or_insert(now) + *this.idle;
        let end = idle_end.min(total_end);
        if this.timer.is_none() {
            this.timer.set(Some(sleep_until(end)));
        }
        let Some(mut timer) = this.timer.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        if timer.deadline() != end {
            timer.as_mut().reset(end);
        }
        timer.poll(cx).map(|()| {
            if idle_end < total_end {
                BodyTooSlow::Idle
            } else {
                BodyTooSlow::Total
            }
        })
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.failed {
            return Poll::Ready(None);
        }
        let now = Instant::now();
        let mut this = self.as_mut().project();
        let late = now >= *this.began.get_or_insert(now) + *this.total;
        match this.inner.as_mut().poll_frame(cx) {
            Poll::Ready(None) => {
                end(this.half);
                Poll::Ready(None)
            }
            Poll::Ready(Some(Err(error))) => {
                *this.failed = true;
                Poll::Ready(Some(Err(error.into())))
            }
            Poll::Ready(Some(Ok(_))) if late => {
                *this.failed = true;
                Poll::Ready(Some(Err(BodyTooSlow::Total.into())))
            }
            Poll::Ready(Some(Ok(frame))) => {
                *this.quiet = None;
                if this.inner.is_end_stream() {
                    end(this.half);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Pending => self.as_mut().poll_patience(cx, now).map(|slow| {
                *self.project().failed = true;
                Some(Err(slow.into()))
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.failed || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

fn end(half: &mut Option<Half>) {
    if let Some(half) = half.take() {
        half.end();
    }
}

/// The sender did not deliver the body of its request in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BodyTooSlow {
    Idle,
    Total,
}

impl fmt::Display for BodyTooSlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Idle => "nothing of the request's body came for too long",
            Self::Total => "the request's body took too long as a whole",
        })
    }
}

impl StdError for BodyTooSlow {}

pin_project! {
    /// A response body that reports when it was handed to the connection.
    pub(super) struct ResponseBody<B> {
        #[pin]
        inner: B,
        half: Option<Half>,
    }
}

impl<B> ResponseBody<B> {
    pub(super) const fn new(inner: B, half: Option<Half>) -> Self {
        Self { inner, half }
    }
}

impl<B: Body> Body for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.project().inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

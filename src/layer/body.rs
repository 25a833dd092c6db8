//! Reads a body once, under a cap and two deadlines.

use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};

use super::admit::{Taken, overloaded};
use crate::{
    drain::after,
    error::{Rejection, RejectionKind},
};

/// How a body may come.
#[derive(Clone, Copy, Debug)]
pub(super) struct BodyLimits {
    /// The most bytes.
    pub(super) size: usize,
    /// The longest silence between two frames.
    pub(super) idle: Duration,
    /// The longest time for all of it.
    pub(super) total: Duration,
}

impl BodyLimits {
    pub(super) const fn sized(size: usize) -> Self {
        Self {
            size,
            idle: Duration::from_secs(10),
            total: Duration::from_secs(30),
        }
    }

    /// Reads to the end of the body, not to what it says of its end; the permit grows with what came. Nothing is allocated on the word of a
    /// `Content-Length` or size hint, and a body of a single frame is not copied.
    pub(super) async fn read<B>(
        &self,
        body: B,
        arrived: Instant,
        permit: Option<&Taken>,
    ) -> Result<Bytes, Rejection>
    where
        B: Body<Data = Bytes>,
    {
        let mut body = std::pin::pin!(body);
        let mut read = Read::Nothing;
        let mut empty_frames = 0_usize;
        let end = deadline(arrived, self.total);
        loop {
            let until = end.min(deadline(Instant::now(), self.idle));
            let Ok(frame) = timeout_at(until, body.frame()).await else {
                return Err(Rejection::new(
                    RejectionKind::BodyTimeout,
                    "the body came too slowly",
                ));
            };
            let data = match frame {
                None => return Ok(read.finish()),
                // A server's own deadline, equal to ours, may have come first.
                Some(Err(_)) if Instant::now() >= until => {
                    return Err(Rejection::new(
                        RejectionKind::BodyTimeout,
                        "the body came too slowly",
                    ));
                }
                Some(Err(_)) => {
                    return Err(Rejection::new(
                        RejectionKind::BodyBroken,
                        "the body broke off",
                    ));
                }
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
            };
            if data.is_empty() {
                empty_frames = empty_frames.saturating_add(1);
                if empty_frames > MOST_EMPTY_FRAMES {
                    return Err(Rejection::new(
                        RejectionKind::BodyBroken,
                        "the body is made of empty frames",
                    ));
                }
                continue;
            }
            let size = read.len().saturating_add(data.len());
            if size > self.size {
                return Err(too_large(self.size));
            }
            if permit.is_some_and(|permit| !permit.grow_to(size)) {
                return Err(overloaded());
            }
            read.push(data);
        }
    }
}

/// The far future where a deadline is past what an instant can hold.
fn deadline(from: Instant, delay: Duration) -> Instant {
    from.checked_add(delay).unwrap_or_else(|| after(delay))
}

pub(super) fn too_large(limit: usize) -> Rejection {
    Rejection::new(
        RejectionKind::BodyTooLarge,
        format!("the body is over {limit} bytes"),
    )
}

enum Read {
    Nothing,
    One(Bytes),
    Many(BytesMut),
}

impl Read {
    fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::One(bytes) => bytes.len(),
            Self::Many(bytes) => bytes.len(),
        }
    }

    fn push(&mut self, data: Bytes) {
        match self {
            Self::Nothing => *self = Self::One(data),
            Self::Many(bytes) => bytes.extend_from_slice(&data),
            Self::One(first) => {
                let mut bytes = BytesMut::with_capacity(first.len().saturating_add(data.len()));
                bytes.extend_from_slice(first.chunk());
                bytes.extend_from_slice(&data);
                *self = Self::Many(bytes);
            }
        }
    }

    fn finish(self) -> Bytes {
        match self {
            Self::Nothing => Bytes::new(),
            Self::One(bytes) => bytes,
            Self::Many(bytes) => bytes.freeze(),
        }
    }
}

/// A body that is always ready with nothing would otherwise spin for as long as it likes.
const MOST_EMPTY_FRAMES: usize = 1_000;

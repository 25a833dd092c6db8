//! Reads the body of what may be an unsigned challenge, and gives it back.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, StreamExt as _};
use http_body::Body as _;
use http_body_util::BodyExt;
use tokio::time::timeout;

/// The whole body, if it is short and comes soon; and the body to hand on, as it was.
pub(super) async fn peek(mut body: Body) -> (Option<Bytes>, Body) {
    if body.size_hint().lower() > LONGEST {
        return (None, body);
    }
    let mut read = BytesMut::new();
    let whole = timeout(WITHIN, gather(&mut body, &mut read))
        .await
        .unwrap_or(false);
    let read = read.freeze();
    if whole {
        return (Some(read.clone()), Body::from(read));
    }
    let first = stream::iter([Ok(read)]);
    (
        None,
        Body::from_stream(first.chain(body.into_data_stream())),
    )
}

/// Whether the body ended. What was read before the deadline is kept.
async fn gather(body: &mut Body, read: &mut BytesMut) -> bool {
    let mut frames = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return false;
        };
        read.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
        frames = frames.saturating_add(1);
        let size = u64::try_from(read.len()).unwrap_or(u64::MAX);
        if size > LONGEST || frames > MOST_FRAMES {
            return false;
        }
    }
    true
}

/// The longest body of a challenge, in bytes.
const LONGEST: u64 = 4096;
/// A body that is always ready with nothing would otherwise spin for as long as it likes.
const MOST_FRAMES: usize = 1_000;
const WITHIN: Duration = Duration::from_secs(10);

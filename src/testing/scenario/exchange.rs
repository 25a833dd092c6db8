//! A request to any service, and what came of it.

use std::{
    convert::Infallible,
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use tokio::{task::JoinHandle, time::timeout};
use tower::{Service, ServiceExt};

/// A receiver, whatever it is made of.
#[derive(Clone)]
pub(super) struct App(Arc<dyn Fn(Request<Body>) -> Exchange + Send + Sync>);

type Exchange = Pin<Box<dyn Future<Output = Answer> + Send>>;

impl App {
    pub(super) fn new<S, B>(service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: fmt::Display + Send,
        S::Future: Send + 'static,
        B: http_body::Body<Data: Send, Error: Into<axum::BoxError>> + Send + 'static,
    {
        Self(Arc::new(move |request| {
            let service = service.clone();
            Box::pin(async move {
                match service.oneshot(request).await {
                    Ok(response) => Answer::read(response).await,
                    Err(error) => Answer::none(&format_args!("the service fails: {error}")),
                }
            })
        }))
    }

    /// Sends a request as on a connection of its own.
    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        match awaited(tokio::spawn((self.0)(request))).await {
            Ok(answer) | Err(answer) => answer,
        }
    }

    /// Sends a request and hangs up as soon as the receiver has waited that often; the answer if it came before.
    pub(super) async fn hang_up(&self, request: Request<Body>, waits: usize) -> Option<Answer> {
        let mut exchange = (self.0)(request);
        let mut left = waits;
        let task = tokio::spawn(poll_fn(move |context| {
            if let Poll::Ready(answer) = exchange.as_mut().poll(context) {
                return Poll::Ready(Some(answer));
            }
            left = left.saturating_sub(1);
            if left == 0 {
                Poll::Ready(None)
            } else {
                Poll::Pending
            }
        }));
        awaited(task).await.unwrap_or_else(Some)
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// The status, or why there is none.
    pub(super) status: Result<StatusCode, String>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    async fn read<B>(response: Response<B>) -> Self
    where
        B: http_body::Body<Error: Into<axum::BoxError>>,
    {
        let (head, body) = response.into_parts();
        match Limited::new(body, LONGEST_ANSWER).collect().await {
            Ok(body) => Self {
                status: Ok(head.status),
                headers: head.headers,
                body: body.to_bytes(),
            },
            Err(error) => Self::none(&format_args!("its body breaks off: {error}")),
        }
    }

    fn none(why: &dyn fmt::Display) -> Self {
        Self {
            status: Err(why.to_string()),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    /// Whether the event is acknowledged.
    pub(super) fn is_done(&self) -> bool {
        self.status.as_ref().is_ok_and(StatusCode::is_success)
    }

    /// Whether the sender is told that it is at fault.
    pub(super) fn is_refusal(&self) -> bool {
        self.status.as_ref().is_ok_and(StatusCode::is_client_error)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.status {
            Ok(status) => f.write_str(status.as_str()),
            Err(why) => write!(f, "no answer, {why}"),
        }
    }
}

/// A body of this many bytes that is made as it is read, and the count of what was read.
pub(super) fn counted_body(bytes: usize) -> (Body, Arc<AtomicUsize>) {
    let read = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&read);
    let chunk = move |_| {
        counted.fetch_add(CHUNK, Ordering::SeqCst);
        Ok::<_, Infallible>(Bytes::from_static(&[b' '; CHUNK]))
    };
    let chunks = stream::iter((0..bytes.div_ceil(CHUNK)).map(chunk));
    (Body::from_stream(chunks), read)
}

/// What a task gives, or that it gives no answer.
async fn awaited<T>(mut task: JoinHandle<T>) -> Result<T, Answer> {
    match timeout(LONGEST, &mut task).await {
        Ok(Ok(ended)) => Ok(ended),
        Ok(Err(_)) => Err(Answer::none(&"it panics")),
        Err(_) => {
            task.abort();
            Err(Answer::none(&format_args!(
                "not in {} s",
                LONGEST.as_secs()
            )))
        }
    }
}

/// How long an answer is waited for.
const LONGEST: Duration = Duration::from_secs(30);
/// The largest answer that is read.
const LONGEST_ANSWER: usize = 1024 * 1024;
const CHUNK: usize = 16 * 1024;

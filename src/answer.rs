//! What a handler's response means, and what the sender is told.

mod retry_after;

use std::{borrow::Cow, sync::Arc};

use axum::{body::Body, response::Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

pub(crate) use self::retry_after::RetryAfter;
use crate::{metric, profile::Profile};

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The event is done.
    Done,
    /// The event can never be handled as it is.
    Refused,
    /// It may work next time.
    Retry,
}

impl Outcome {
    /// The meaning of a status: 2xx done, 400 and 422 a permanent refusal, anything else transient.
    pub(crate) fn of(status: StatusCode) -> Self {
        match status {
            _ if status.is_success() => Self::Done,
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Self::Refused,
            _ => Self::Retry,
        }
    }

    /// The outcome as it stands in metrics.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Done => metric::DONE,
            Self::Refused => "refused",
            Self::Retry => "retry",
        }
    }
}

/// Marks a response whose body the handler meant for the sender ([`Reply`](crate::Reply)).
#[derive(Clone, Copy, Debug)]
pub(crate) struct ForTheSender;

/// What a handler said when it failed, for whoever looks after the inbox; at most a kilobyte of it.
#[derive(Clone, Debug)]
pub(crate) struct Told(pub(crate) Arc<str>);

/// Marks an item of a batch that its route wants together with the others: whoever splits the batch keeps its claim and
/// calls that route once, with all of them. Never reaches the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deferred {
    pub(crate) route: Option<usize>,
}

impl Deferred {
    pub(crate) fn of(response: &Response) -> Option<Self> {
        response.extensions().get::<Self>().copied()
    }
}

/// Adds a value to the group of its key; there are as many groups as routes that take batches.
pub(crate) fn gather<K: PartialEq, V>(groups: &mut Vec<(K, Vec<V>)>, key: K, value: V) {
    match groups.iter_mut().find(|(known, _)| *known == key) {
        Some((_, values)) => values.push(value),
        None => groups.push((key, vec![value])),
    }
}

/// The answer to the sender for what a handler returned: its status where the sender can make something of it, and
/// never its text, save a reply to a sender that reads it.
pub(crate) fn to_sender(response: Response, profile: &Profile) -> Response {
    let status = response.status();
    match Outcome::of(status) {
        Outcome::Done if response.extensions().get::<ForTheSender>().is_some() => {
            reply(response, profile)
        }
        Outcome::Done => accepting(bare(status, response), profile),
        Outcome::Refused => stopping(bare(StatusCode::UNPROCESSABLE_ENTITY, response), profile),
        Outcome::Retry if status.is_server_error() => retry_later(bare(status, response)),
        Outcome::Retry => retry_later(bare(StatusCode::SERVICE_UNAVAILABLE, response)),
    }
}

/// The answer for a delivery that is done without a run of its own: a duplicate, a batch, a type without a handler.
pub(crate) fn accepted(profile: &Profile) -> Response {
    accepting(done(), profile)
}

/// An empty 200, for what is no delivery; that is [`accepted`].
pub(crate) fn done() -> Response {
    Response::new(Body::empty())
}

/// The same answer in the words the sender counts as accepted, where it wants some.
fn accepting(mut response: Response, profile: &Profile) -> Response {
    // The content type was checked with the scheme.
    if let Some(words) = &profile.accepted
        && let Ok(content_type) = HeaderValue::try_from(&*words.content_type)
    {
        *response.status_mut() = StatusCode::OK;
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, content_type);
        *response.body_mut() = match &words.body {
            Cow::Borrowed(body) => Body::from(*body),
            Cow::Owned(body) => Body::from(body.clone()),
        };
    }
    response
}

/// The answer for a permanent refusal, in the sender's words.
pub(crate) fn stopping(mut response: Response, profile: &Profile) -> Response {
    if let Ok(status) = StatusCode::from_u16(profile.refusal_status) {
        *response.status_mut() = status;
    }
    if let Some((name, value)) = &profile.stop_header {
        // Both were checked with the scheme.
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(&**name),
            HeaderValue::try_from(&**value),
        ) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn reply(response: Response, profile: &Profile) -> Response {
    if profile.reads_reply {
        return response;
    }
    tracing::warn!(target: "hooklatch::router", "a Reply to a sender that reads none: its body is dropped");
    accepting(bare(response.status(), response), profile)
}

fn retry_later(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, RETRY_AFTER);
    response
}

/// The status and the extensions, without body and headers.
fn bare(status: StatusCode, response: Response) -> Response {
    let (parts, _) = response.into_parts();
    let mut bare = Response::new(Body::empty());
    *bare.status_mut() = status;
    *bare.extensions_mut() = parts.extensions;
    bare
}

/// Seconds. Long enough to let a lease end or a queue drain a little, short enough for a sender that tries three times.
pub(crate) const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

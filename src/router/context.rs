//! An extractor that fails for lack of context is our fault, never the sender's.
//!
//! A handler behind an [`EventRouter`](crate::EventRouter) has no path parameters, no query and no extensions but those
//! of the router's own layers. An axum extractor that asks for them rejects the request with a 4xx or 500 of its own. Such
//! an answer is not the handler's; left alone, a 400 would count as a permanent refusal of a genuine event. axum gives
//! no mark to tell it by but its text, so the text it is: a test runs the real extractors.

use axum::{
    body::{Body, HttpBody, to_bytes},
    response::{IntoResponse, Response},
};
use http::StatusCode;

use crate::{
    answer::{Outcome, RetryAfter, Told},
    delivery::Delivery,
    error::{Rejection, RejectionKind},
};

/// Turns the rejection of a context extractor into a 503 that names it in the log; other responses pass.
pub(super) async fn blame_ourselves(response: Response, delivery: &Delivery) -> Response {
    if !may_be_rejection(&response) {
        return response;
    }
    Box::pin(examine(response, delivery)).await
}

async fn examine(response: Response, delivery: &Delivery) -> Response {
    let (parts, body) = response.into_parts();
    let text = to_bytes(body, LONGEST).await.unwrap_or_default();
    if !REJECTIONS
        .iter()
        .any(|rejection| text.starts_with(rejection.as_bytes()))
    {
        return Response::from_parts(parts, Body::from(text));
    }
    let detail = format!(
        "a handler's extractor lacks its context: {}",
        String::from_utf8_lossy(&text)
    );
    Rejection::new(RejectionKind::Misconfigured, detail)
        .at(delivery.receiver_name())
        .into_response()
}

/// Keeps what a handler said when it failed, and when it wants to be tried again, before the answer loses it. Of a stored
/// delivery nobody else is told.
pub(super) async fn keep_words(response: Response) -> Response {
    if Outcome::of(response.status()) == Outcome::Done {
        return response;
    }
    let after = RetryAfter::of(&response);
    let (mut parts, body) = response.into_parts();
    if let Some(after) = after {
        parts.extensions.insert(after);
    }
    let text = to_bytes(body, LONGEST).await.unwrap_or_default();
    let text: String = String::from_utf8_lossy(&text)
        .chars()
        .take(MOST_WORDS)
        .collect();
    if !text.trim().is_empty() {
        parts.extensions.insert(Told(text.trim().into()));
    }
    Response::from_parts(parts, Body::empty())
}

fn may_be_rejection(response: &Response) -> bool {
    let status = matches!(
        response.status(),
        StatusCode::BAD_REQUEST | StatusCode::INTERNAL_SERVER_ERROR
    );
    let size = response.body().size_hint().upper().unwrap_or(u64::MAX);
    let ours = response.extensions().get::<Rejection>().is_some();
    status && !ours && (1..=LONGEST_U64).contains(&size)
}

/// In characters.
const MOST_WORDS: usize = 1000;
const LONGEST: usize = 4096;
const LONGEST_U64: u64 = 4096;

/// How axum 0.8 begins the texts of the rejections that blame a missing context.
const REJECTIONS: [&str; 5] = [
    "Missing request extension",
    "No paths parameters found for matched route",
    "No matched path found",
    "The matched route is not nested",
    "Failed to deserialize query string",
];

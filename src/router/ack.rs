//! [`Ack`] and [`Reply`]: a handler's answer.

use std::error::Error;

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::answer::ForTheSender;

/// What became of an event, in the handler's own words.
///
/// `Result<(), Ack>` works with `?` on any error: it is logged, never sent, and the event is tried again.
///
/// ```
/// use hooklatch::{Ack, Event};
///
/// async fn paid(event: Event<serde_json::Value>) -> Result<(), Ack> {
///     let amount: i64 = event.data["amount"].as_i64().ok_or(Ack::Refuse)?;
///     std::fs::write("/dev/null", amount.to_string())?; // an error here means: try again
///     Ok(())
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no fourth answer")]
pub enum Ack {
    /// Done: never again.
    Done,
    /// It can never be handled as it is: 422 to the sender, and its claim is freed, so that a fixed handler and the
    /// sender's retry may still succeed.
    Refuse,
    /// Not now: 503 to the sender, who tries again.
    Retry,
}

impl IntoResponse for Ack {
    fn into_response(self) -> Response {
        match self {
            Self::Done => StatusCode::OK,
            Self::Refuse => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Retry => StatusCode::SERVICE_UNAVAILABLE,
        }
        .into_response()
    }
}

impl<E: Error> From<E> for Ack {
    fn from(error: E) -> Self {
        tracing::error!(target: "hooklatch::handler", error = %error, "the handler failed; the event is tried again");
        Self::Retry
    }
}

/// A response whose body is for the sender, where the sender reads one
/// ([`Profile::reads_reply`](crate::Profile::reads_reply)): Discord, Sentry, Slack, Telegram, Twilio. Elsewhere, and
/// where its status is not 2xx, the body is dropped. It is not stored: a copy of the event is answered 200 and nothing
/// more.
///
/// ```
/// use axum::Json;
/// use hooklatch::{EventRouter, RawEvent, Reply};
/// use serde_json::{Value, json};
///
/// async fn weather(_: RawEvent) -> Reply<Json<Value>> {
///     Reply(Json(json!({"text": "Rain, then more rain."})))
/// }
/// let router: EventRouter = EventRouter::new().on("/weather", weather);
/// ```
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a wrapper, made by its field")]
pub struct Reply<R>(pub R);

impl<R: IntoResponse> IntoResponse for Reply<R> {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        response.extensions_mut().insert(ForTheSender);
        response
    }
}

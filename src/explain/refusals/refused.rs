//! [`Refused`]: what is kept of a refused request.

use http::StatusCode;
use time::OffsetDateTime;

use crate::error::{Rejection, RejectionKind};

use super::asked::Asked;

/// A refused request, as [`Refusals`](super::Refusals) keeps it: no header, no query and nothing of its body.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Refused {
    /// Counts the refusals of the process, from 1.
    pub number: u64,
    /// When the request came.
    pub at: OffsetDateTime,
    /// The name of the receiver.
    pub receiver: String,
    /// What kind of refusal it is.
    pub kind: RejectionKind,
    /// What was wrong, in words: [`Rejection::detail`].
    pub reason: String,
    /// The status of the answer.
    pub status: StatusCode,
    /// The method of the request.
    pub method: String,
    /// The path without its query: that of axum's route, as `/webhooks/{tenant}/stripe`, so that a tenant or a token in a path
    /// is not told; without a route that of the request.
    pub path: String,
    /// The length of the body, where it was read.
    pub body_bytes: Option<usize>,
    /// What is wrong with its signature, in lines for people; `None` where nothing is explained, or not yet.
    pub explanation: Option<Vec<String>>,
}

impl Refused {
    pub(super) fn new(
        rejection: &Rejection,
        status: StatusCode,
        at: OffsetDateTime,
        asked: &Asked,
        body_bytes: Option<usize>,
    ) -> Self {
        Self {
            number: 0,
            at,
            receiver: rejection.receiver().unwrap_or_default().to_owned(),
            kind: rejection.kind(),
            reason: bounded(rejection.detail()),
            status,
            method: bounded(asked.method.as_str()),
            path: bounded(asked.path()),
            body_bytes,
            explanation: None,
        }
    }
}

/// The beginning of a text that a stranger may have chosen.
fn bounded(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// How much of a text is kept, in characters.
const LONGEST: usize = 512;

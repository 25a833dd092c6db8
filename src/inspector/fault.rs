//! [`Fault`]: why there is no page, told on a page.

use std::{borrow::Cow, error::Error};

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::store::StoreError;

/// Goes into the extensions of a response; [`frame`](super::frame) makes a page of it.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) status: StatusCode,
    pub(super) title: &'static str,
    pub(super) text: Cow<'static, str>,
    /// Whether the page asks for the token.
    pub(super) asks_for_token: bool,
}

impl Fault {
    pub(super) const NOT_FOUND: Self = Self::new(
        StatusCode::NOT_FOUND,
        "Not found",
        "There is nothing here. A delivery that was here is forgotten.",
    );

    pub(super) const SIGN_IN: Self =
        Self::sign_in("The inspector shows what senders sent: it asks for its token.");

    /// A page with the form to sign in.
    pub(super) const fn sign_in(text: &'static str) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            title: "Sign in",
            text: Cow::Borrowed(text),
            asks_for_token: true,
        }
    }

    pub(super) const fn new(status: StatusCode, title: &'static str, text: &'static str) -> Self {
        Self {
            status,
            title,
            text: Cow::Borrowed(text),
            asks_for_token: false,
        }
    }

    /// Where something changed since a page was shown.
    pub(super) const fn conflict(text: &'static str) -> Self {
        Self::new(StatusCode::CONFLICT, "Nothing was changed", text)
    }

    pub(super) const fn bad_request(text: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Bad request", text)
    }
}

/// The cause is for the log: it may name what a page need not show.
impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        tracing::warn!(target: TARGET, %error, cause, "the store cannot be shown");
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            title: "The store cannot be reached",
            text: format!("The store of the deliveries does not answer: {error}. The log says more. Try again in a moment.").into(),
            asks_for_token: false,
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

const TARGET: &str = "hooklatch::inspector";

//! The two ways things go wrong, never mixed: a [`Rejection`] is a refused request, a [`ConfigError`] a bad set-up.

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

/// A refused request: why, and with which status.
///
/// Its response has an empty body, and every authentication failure the same bytes, so a stranger learns nothing. The
/// reason is for the owner of the endpoint: it is put in the response's extensions, traced under the target
/// `hooklatch::rejection`, counted in `hooklatch_rejections_total`, and handed to
/// [`Receiver::on_rejection`](crate::Receiver::on_rejection). It never holds a secret, an expected signature or a body.
#[derive(Clone, Debug)]
pub struct Rejection {
    kind: RejectionKind,
    status: StatusCode,
    detail: Cow<'static, str>,
    receiver: Option<Arc<str>>,
    tenant: Option<Arc<str>>,
    allow: Option<HeaderValue>,
}

impl Rejection {
    /// A refusal of this kind. `detail` says in words what was wrong, with both sides of a failed comparison where
    /// they are not secret.
    #[must_use]
    pub fn new(kind: RejectionKind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            status: kind.status(),
            detail: detail.into(),
            receiver: None,
            tenant: None,
            allow: None,
        }
    }

    /// What kind of refusal it is.
    #[must_use]
    pub const fn kind(&self) -> RejectionKind {
        self.kind
    }

    /// The status the sender is given. Usually [`RejectionKind::status`]; a sender's profile may override it.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// What was wrong, in words.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The name of the receiver that refused, where one is known.
    #[must_use]
    pub fn receiver(&self) -> Option<&str> {
        self.receiver.as_deref()
    }

    /// The name of the tenant, where the receiver has tenants and this one is known: nobody else is named.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    pub(crate) fn of_tenant(mut self, tenant: Option<&Arc<str>>) -> Self {
        self.tenant = tenant.cloned();
        self
    }

    pub(crate) fn at(mut self, receiver: &Arc<str>) -> Self {
        self.receiver = Some(Arc::clone(receiver));
        self
    }

    pub(crate) const fn answered(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn allowing(mut self, methods: HeaderValue) -> Self {
        self.allow = Some(methods);
        self
    }

    fn report(&self) {
        let receiver = self.receiver.as_deref().unwrap_or_default();
        let tenant = self.tenant();
        let kind = self.kind.name();
        let status = self.status.as_u16();
        let detail = &*self.detail;
        if self.kind.is_our_fault() {
            tracing::error!(target: TARGET, receiver, tenant, kind, status, detail, "refused");
        } else {
            tracing::warn!(target: TARGET, receiver, tenant, kind, status, detail, "refused");
        }
        crate::metric::rejected(receiver, kind);
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({}): {}",
            self.kind.name(),
            self.status.as_u16(),
            self.detail
        )
    }
}

impl StdError for Rejection {}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        self.report();
        let mut response = self.status.into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, crate::answer::RETRY_AFTER);
        }
        if self.kind == RejectionKind::Draining {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if let Some(methods) = self.allow.clone() {
            headers.insert(header::ALLOW, methods);
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// The kinds of refusal. [`status`](Self::status) gives the answer of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RejectionKind {
    /// 503: the answer deadline passed while the handler was running; it goes on.
    AnswerDeadline,
    /// 400: the sender's connection failed while the body was read.
    BodyBroken,
    /// 408: the body came too slowly.
    BodyTimeout,
    /// 413: the body, or what the request says of its length, is over the limit.
    BodyTooLarge,
    /// 503: the receiver is shutting down.
    Draining,
    /// 415: the body has a content encoding that the sender's signature does not cover.
    Encoding,
    /// 503: the handler took longer than it may and was dropped.
    HandlerDeadline,
    /// 503: a key is unusable, or where keys come from cannot be reached.
    KeysUnavailable,
    /// 405: not a method this endpoint has.
    Method,
    /// 503: our own set-up is at fault, found at run time.
    Misconfigured,
    /// 503: too many requests or bytes are being handled.
    Overloaded,
    /// 409: these signed bytes were accepted under another event id.
    Replay,
    /// 503: these signed bytes are being handled under another event id.
    ReplayRunning,
    /// 503: another copy of this event is being handled.
    Running,
    /// 401: no signature, or it or what it needs is malformed or repeated.
    SignatureMalformed,
    /// 401: no key and signature agree on these bytes.
    SignatureMismatch,
    /// 401: a header the signature needs is missing.
    SignatureMissing,
    /// 401: the signed timestamp is too far from now, either way.
    Stale,
    /// 503: the store is full.
    StoreFull,
    /// 503: the store cannot be reached, or the outcome of a commit is unknown.
    StoreUnavailable,
    /// 503: items of a batch are unfinished; a retry runs those.
    Unfinished,
    /// 422: authentic, but its id, type or payload cannot be read.
    Unreadable,
    /// 401: no such tenant.
    UnknownTenant,
    /// 500: a layer that needs a verified delivery stands without verification in front.
    Unverified,
}

impl RejectionKind {
    /// The answer for this kind, unless a sender's profile overrides it.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::SignatureMalformed
            | Self::SignatureMismatch
            | Self::SignatureMissing
            | Self::Stale
            | Self::UnknownTenant => StatusCode::UNAUTHORIZED,
            Self::AnswerDeadline
            | Self::Draining
            | Self::HandlerDeadline
            | Self::KeysUnavailable
            | Self::Misconfigured
            | Self::Overloaded
            | Self::ReplayRunning
            | Self::Running
            | Self::StoreFull
            | Self::StoreUnavailable
            | Self::Unfinished => StatusCode::SERVICE_UNAVAILABLE,
            Self::BodyBroken => StatusCode::BAD_REQUEST,
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Replay => StatusCode::CONFLICT,
            Self::Unreadable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unverified => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The kind as it stands in traces and metrics: lower case with underscores.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AnswerDeadline => "answer_deadline",
            Self::BodyBroken => "body_broken",
            Self::BodyTimeout => "body_timeout",
            Self::BodyTooLarge => "body_too_large",
            Self::Draining => "draining",
            Self::Encoding => "encoding",
            Self::HandlerDeadline => "handler_deadline",
            Self::KeysUnavailable => "keys_unavailable",
            Self::Method => "method",
            Self::Misconfigured => "misconfigured",
            Self::Overloaded => "overloaded",
            Self::Replay => "replay",
            Self::ReplayRunning => "replay_running",
            Self::Running => "running",
            Self::SignatureMalformed => "signature_malformed",
            Self::SignatureMismatch => "signature_mismatch",
            Self::SignatureMissing => "signature_missing",
            Self::Stale => "stale",
            Self::StoreFull => "store_full",
            Self::StoreUnavailable => "store_unavailable",
            Self::Unfinished => "unfinished",
            Self::Unreadable => "unreadable",
            Self::UnknownTenant => "unknown_tenant",
            Self::Unverified => "unverified",
        }
    }

    /// Whether the owner of the endpoint has to act, rather than the sender.
    #[must_use]
    pub const fn is_our_fault(self) -> bool {
        matches!(
            self,
            Self::KeysUnavailable
                | Self::Misconfigured
                | Self::StoreFull
                | Self::StoreUnavailable
                | Self::Unverified
        )
    }
}

/// A bad set-up, found when something is built and never caused by a request.
#[derive(Debug)]
pub struct ConfigError {
    kind: ConfigErrorKind,
    message: String,
}

impl ConfigError {
    /// A set-up fault of this kind; the message says what to change and never holds a secret.
    #[must_use]
    pub fn new(kind: ConfigErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// What kind of fault it is.
    #[must_use]
    pub const fn kind(&self) -> ConfigErrorKind {
        self.kind
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for ConfigError {}

/// The kinds of set-up fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfigErrorKind {
    /// The sender needs a cargo feature that is off; the message names it.
    Feature,
    /// A secret or public key is missing, empty, too short or of the wrong kind.
    Key,
    /// A receiver name is used twice.
    Name,
    /// A parameter the sender needs is missing from the keyring.
    Param,
    /// A scheme contradicts itself.
    Scheme,
    /// A setting that cannot work, as a deadline of zero.
    Setting,
}

const TARGET: &str = "hooklatch::rejection";

//! GitLab. Their page: "Webhooks".
//!
//! - [`GITLAB`] is the signing token: Standard Webhooks, its secret base64 behind `whsec_`. Id and timestamp are
//!   signed.
//! - [`GITLAB_TOKEN`] is the older secret token, repeated in `X-Gitlab-Token`: it says who sent a request and nothing
//!   of what is in it. Both may come in one request; each preset reads its own.
//! - The event id of a signing token is `webhook-id`, that of a secret token `Idempotency-Key`, else
//!   `X-Gitlab-Event-UUID`.
//! - The event type is the body's `object_kind`, else `event_name`, then the action where there is one:
//!   `merge_request.open`. The header `X-Gitlab-Event` is not signed.
//! - GitLab waits for ten seconds and tries no delivery again by itself; endpoints that fail are disabled for a while.
//!
//! ```
//! use axum::Router;
//! use hooklatch::{EventRouter, Hooks, Keyring, RawEvent, provider};
//!
//! async fn handle(event: RawEvent) {
//!     println!("{} {}", event.id, event.event_type);
//! }
//!
//! let hooks = Hooks::new();
//! let keys = Keyring::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=");
//! let receiver = hooks.receiver("gitlab", provider::GITLAB, keys)?;
//! let events = EventRouter::new().on("push", handle);
//! let app: Router = Router::new().route_service("/webhooks/gitlab", receiver.receive(events));
//!
//! let wrong = Keyring::new("glpat-not-a-signing-token");
//! assert!(hooks.receiver("wrong", provider::GITLAB, wrong).is_err());
//!
//! let token = Keyring::new("a secret token of GitLab");
//! assert!(hooks.receiver("token", provider::GITLAB_TOKEN, token).is_ok());
//! # Ok::<(), hooklatch::ConfigError>(())
//! ```

use std::{borrow::Cow, time::Duration};

use super::{
    DAY,
    standard_webhooks::{CONTENT, LIST, V1},
};
use crate::{
    profile::Profile,
    scheme::{Method, Scheme, Timestamp},
    source::{Source, TypePart},
};

/// GitLab's signing token: HMAC-SHA-256 in base64 over `{id}.{timestamp}.{body}`, listed in `webhook-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const GITLAB: Scheme = Scheme {
    name: Cow::Borrowed("gitlab"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed(
        "the signing token; an older secret token may come along and is not read",
    ),
    signature: Source::header("webhook-signature"),
    grammar: LIST,
    methods: Cow::Borrowed(&[V1]),
    content: CONTENT,
    timestamp: Some(Timestamp::unix(Source::header("webhook-timestamp"))),
    id: Some(Source::header("webhook-id")),
    event_type: TYPES,
    keep_headers: HEADERS,
    profile: PROFILE,
    ..Scheme::HMAC_SHA256
};

/// GitLab's secret token, in `X-Gitlab-Token`. Prefer [`GITLAB`], which signs.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const GITLAB_TOKEN: Scheme = Scheme {
    name: Cow::Borrowed("gitlab-token"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("a token: it signs nothing of the request"),
    signature: Source::header("x-gitlab-token"),
    methods: Cow::Borrowed(&[Method::TOKEN]),
    content: Cow::Borrowed(&[]),
    id: Some(Source::FirstOf(Cow::Borrowed(&[
        Source::header("idempotency-key"),
        Source::header("x-gitlab-event-uuid"),
    ]))),
    event_type: TYPES,
    keep_headers: HEADERS,
    profile: PROFILE,
    ..Scheme::HMAC_SHA256
};

const TYPES: Cow<'static, [TypePart]> = Cow::Borrowed(&[
    TypePart::new(Source::json("/object_kind")),
    TypePart::otherwise(Source::json("/event_name")),
    TypePart::new(Source::json("/object_attributes/action")),
]);

const HEADERS: Cow<'static, [Cow<'static, str>]> = Cow::Borrowed(&[
    Cow::Borrowed("x-gitlab-event"),
    Cow::Borrowed("x-gitlab-instance"),
    Cow::Borrowed("x-gitlab-webhook-uuid"),
]);

const PROFILE: Profile = Profile {
    answer_within: Duration::from_secs(10),
    retry_horizon: Duration::ZERO,
    retention: Duration::from_secs(7 * DAY),
    body_limit: 25 * 1024 * 1024,
    ..Profile::DEFAULT
};

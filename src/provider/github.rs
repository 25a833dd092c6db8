//! GitHub. Their page: "Validating webhook deliveries".
//!
//! - The event id, `X-GitHub-Delivery`, is not under the signature, and there is no timestamp: a captured request could
//!   be sent again under another id, so identical signed bytes are refused, except for the events that have nothing to
//!   tell two of them apart.
//! - The event type is the header `X-GitHub-Event`, followed by the body's `action` where it has one: `issues.opened`.
//! - A webhook may be set to send a form; the JSON is in its field `payload`.
//! - GitHub waits for ten seconds and does not try again by itself; a redelivery by hand keeps its id.
//! - The older `X-Hub-Signature` (SHA-1) comes along and is not read. [`GITHUB_SHA1`] reads it, and nothing else: for what
//!   stands between and passes only that on. Wherever the newer one arrives, take [`GITHUB`].
#![doc = mounting!(GITHUB, "github", Keyring::new("It's a Secret to Everybody"), "issues.opened")]

use std::{borrow::Cow, time::Duration};

use super::{DAY, common::SHA256};
use crate::{
    profile::{Profile, Repeats},
    scheme::{Algorithm, Method, Scheme},
    source::{FormPayload, Source, TypePart},
};

/// GitHub: HMAC-SHA-256 in hex over the body, as `sha256=…` in `X-Hub-Signature-256`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const GITHUB: Scheme = scheme(
    "github",
    "the event id is not signed and there is no timestamp",
    Source::header("x-hub-signature-256"),
    Cow::Borrowed(&[SHA256]),
);

/// GitHub, its older signature: HMAC-SHA-1 in hex over the body, as `sha1=…` in `X-Hub-Signature`. Prefer [`GITHUB`].
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const GITHUB_SHA1: Scheme = scheme(
    "github-sha1",
    "the older signature; prefer that of SHA-256",
    Source::header("x-hub-signature"),
    Cow::Borrowed(&[Method {
        algorithm: Algorithm::HmacSha1,
        tag: Cow::Borrowed("sha1="),
        ..Method::HMAC_SHA256
    }]),
);

const fn scheme(
    name: &'static str,
    quirks: &'static str,
    signature: Source,
    methods: Cow<'static, [Method]>,
) -> Scheme {
    Scheme {
        name: Cow::Borrowed(name),
        docs: Cow::Borrowed("Validating webhook deliveries"),
        quirks: Cow::Borrowed(quirks),
        signature,
        methods,
        id: Some(Source::header("x-github-delivery")),
        event_type: EVENT,
        form_payload: Some(FormPayload::Text(Cow::Borrowed("payload"))),
        keep_headers: Cow::Borrowed(&[
            Cow::Borrowed("x-github-hook-id"),
            Cow::Borrowed("x-github-hook-installation-target-id"),
            Cow::Borrowed("x-github-hook-installation-target-type"),
        ]),
        profile: Profile {
            answer_within: Duration::from_secs(10),
            retry_horizon: Duration::ZERO,
            retention: Duration::from_secs(7 * DAY),
            body_limit: 25 * 1024 * 1024,
            repeats: Repeats::FlagTypes(Cow::Borrowed(&[
                Cow::Borrowed("ping"),
                Cow::Borrowed("repository_dispatch"),
                Cow::Borrowed("workflow_dispatch"),
            ])),
            ..Profile::DEFAULT
        },
        ..Scheme::HMAC_SHA256
    }
}

const EVENT: Cow<'static, [TypePart]> = Cow::Borrowed(&[
    TypePart::new(Source::header("x-github-event")),
    TypePart::new(Source::json("/action")),
]);

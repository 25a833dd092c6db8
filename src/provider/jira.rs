//! Jira and Confluence (webhooks of an administrator). Their page: "Webhooks: secure admin webhooks".
//!
//! - Only webhooks with a secret are signed. Those of Connect and OAuth apps carry a JWT instead, and are not meant
//!   here.
//! - The event id, `X-Atlassian-Webhook-Identifier`, is the same on a retry, and is not signed: identical signed
//!   bytes under another id are refused.
//! - The header names its method; Atlassian uses `sha256`, and nothing else counts here.
//! - Jira tries up to five more times, within about an hour (`X-Atlassian-Webhook-Retry`).
#![doc = mounting!(JIRA, "jira", Keyring::new("8f742231b10e8888abcd99"), "jira:issue_updated")]

use std::{borrow::Cow, time::Duration};

use super::{DAY, common::SHA256};
use crate::{
    profile::Profile,
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Jira: HMAC-SHA-256 in hex over the body, as `sha256=…` in `X-Hub-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const JIRA: Scheme = Scheme {
    name: Cow::Borrowed("jira"),
    docs: Cow::Borrowed("Webhooks: secure admin webhooks"),
    quirks: Cow::Borrowed("the id is not signed and there is no timestamp"),
    signature: Source::header("x-hub-signature"),
    methods: Cow::Borrowed(&[SHA256]),
    id: Some(Source::header("x-atlassian-webhook-identifier")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/webhookEvent"))]),
    keep_headers: Cow::Borrowed(&[
        Cow::Borrowed("x-atlassian-webhook-flow"),
        Cow::Borrowed("x-atlassian-webhook-retry"),
    ]),
    profile: Profile {
        retry_horizon: Duration::from_secs(2 * 3600),
        retention: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

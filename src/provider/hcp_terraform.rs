//! HCP Terraform and Terraform Enterprise. Their page: "Notification configurations; run tasks".
//!
//! - Notifications have their signature in `X-TFE-Notification-Signature`, run tasks in `X-TFC-Task-Signature`.
//!   Without a token, or an HMAC key, nothing is signed.
//! - A notification has no id and is known by its content, which holds the run and the moment. Its type is that of
//!   its one entry, as `run:completed`.
//! - A run task has the stage as its type and `task_result_id` as its id. It answers 200 at once; the result goes to
//!   the callback URL in the body.
//! - The request that tests a configuration is signed like others and has the type `verification`.
//! - Nothing is tried again.
#![doc = mounting!(HCP_TERRAFORM, "hcp-terraform", Keyring::new("8f742231b10e8888abcd99"), "run:completed")]

use std::{borrow::Cow, time::Duration};

use super::{DAY, common::SHA512};
use crate::{
    profile::Profile,
    scheme::Scheme,
    source::{Source, TypePart},
};

/// HCP Terraform: HMAC-SHA-512 in hex over the body, in `X-TFE-Notification-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const HCP_TERRAFORM: Scheme = Scheme {
    name: Cow::Borrowed("hcp-terraform"),
    docs: Cow::Borrowed("Notification configurations; run tasks"),
    quirks: Cow::Borrowed(
        "SHA-512; notifications and run tasks have their signature in headers of their own",
    ),
    signature: Source::FirstOf(Cow::Borrowed(&[
        Source::header("x-tfe-notification-signature"),
        Source::header("x-tfc-task-signature"),
    ])),
    methods: Cow::Borrowed(&[SHA512]),
    id: Some(Source::json("/task_result_id")),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/notifications/0/trigger")),
        TypePart::otherwise(Source::json("/stage")),
    ]),
    profile: Profile {
        retry_horizon: Duration::ZERO,
        retention: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

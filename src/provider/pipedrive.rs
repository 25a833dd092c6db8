//! Pipedrive. Their page: "Webhooks".
//!
//! - Pipedrive signs nothing: it sends the `http_auth_user` and `http_auth_password` of the webhook as HTTP Basic.
//!   `Delivery::coverage` is nothing. The key is `user:password`; a webhook without them cannot be told from anybody.
//! - This is version 2 of its webhooks: the type is entity and action, `deal.change`. In version 1 `/meta/id` is that of
//!   the deal; for it write a [`Scheme`] without `id`, and with `/event` as the type.
//! - Pipedrive waits for ten seconds and tries three more times, within three minutes.
#![doc = mounting!(PIPEDRIVE, "pipedrive", Keyring::new("user:a-long-password"), "deal.change")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Pipedrive: HTTP Basic.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const PIPEDRIVE: Scheme = Scheme {
    name: Cow::Borrowed("pipedrive"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("user and password, which sign nothing; version 2 of its webhooks"),
    id: Some(Source::json("/meta/id")),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/meta/entity")),
        TypePart::new(Source::json("/meta/action")),
    ]),
    payload: Cow::Borrowed("/data"),
    profile: Profile {
        retry_horizon: Duration::from_secs(3600),
        retention: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::BASIC
};

//! Postmark. Their page: "Webhooks overview".
//!
//! - Postmark signs nothing: it sends the user and password in the URL of the webhook as HTTP Basic.
//!   `Delivery::coverage` is nothing. The key is `user:password`.
//! - `MessageID` names the message, of which several events tell (`Delivery`, `Open`, `Click`): an event is known by its
//!   content.
//! - Postmark tries again for about ten hours, and stops at 403: that is what a refusal answers.
#![doc = mounting!(POSTMARK, "postmark", Keyring::new("user:a-long-password"), "Bounce")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Postmark: HTTP Basic.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const POSTMARK: Scheme = Scheme {
    name: Cow::Borrowed("postmark"),
    docs: Cow::Borrowed("Webhooks overview"),
    quirks: Cow::Borrowed("user and password, which sign nothing; no event id; 403 stops it"),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/RecordType"))]),
    profile: Profile {
        retry_horizon: Duration::from_secs(12 * 3600),
        retention: Duration::from_secs(7 * DAY),
        refusal_status: 403,
        ..Profile::DEFAULT
    },
    ..Scheme::BASIC
};

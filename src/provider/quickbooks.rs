//! QuickBooks Online (Intuit). Their page: "Webhooks".
//!
//! - The key is the verifier token of the app.
//! - Two formats come signed the same way: the older `{"eventNotifications": […]}` and, instead of it, an array of
//!   CloudEvents. So a delivery is one event here, without a type, known by its content; the handler takes the
//!   entities out of it.
//! - A notification says which entities changed, and nothing of how they look now.
//! - Intuit waits for three seconds and tries again three times, within two hours.
#![doc = mounting!(QUICKBOOKS, "quickbooks", Keyring::new("8f742231b10e8888abcd99"))]

use std::{borrow::Cow, time::Duration};

use super::{DAY, common::BASE64};
use crate::{profile::Profile, scheme::Scheme, source::Source};

/// QuickBooks Online: HMAC-SHA-256 in base64 over the body, in `intuit-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const QUICKBOOKS: Scheme = Scheme {
    name: Cow::Borrowed("quickbooks"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed(
        "no event id in the older format; one delivery tells of several entities",
    ),
    signature: Source::header("intuit-signature"),
    methods: Cow::Borrowed(&[BASE64]),
    profile: Profile {
        answer_within: Duration::from_secs(3),
        retry_horizon: Duration::from_secs(2 * 3600),
        retention: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

//! Xero. Their page: "Webhooks overview: intent to receive".
//!
//! - The webhook key looks like base64 and is used as text.
//! - To make sure of a URL ("intent to receive") Xero sends empty batches, some with a wrong signature: the answers
//!   must be 200 and 401, with no body and no cookies. They are, as long as no layer outside turns a 401 into
//!   something else.
//! - Events have no id and are known by their content. Their type is category and type: `INVOICE.UPDATE`.
//! - Xero waits for five seconds and tries again for a day, then disables the webhook.
#![doc = mounting!(XERO, "xero", Keyring::new("8f742231b10e8888abcd99"), "INVOICE.UPDATE")]

use std::{borrow::Cow, time::Duration};

use super::{DAY, common::BASE64};
use crate::{
    profile::Profile,
    scheme::Scheme,
    source::{Items, Source, TypePart},
};

/// Xero: HMAC-SHA-256 in base64 over the body, in `x-xero-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const XERO: Scheme = Scheme {
    name: Cow::Borrowed("xero"),
    docs: Cow::Borrowed("Webhooks overview: intent to receive"),
    quirks: Cow::Borrowed("a batch, which may be empty; wrong signatures are sent on purpose"),
    signature: Source::header("x-xero-signature"),
    methods: Cow::Borrowed(&[BASE64]),
    items: Some(Items {
        pointer: Cow::Borrowed("/events"),
        id: None,
        event_type: Cow::Borrowed(&[
            TypePart::new(Source::json("/eventCategory")),
            TypePart::new(Source::json("/eventType")),
        ]),
    }),
    profile: Profile {
        answer_within: Duration::from_secs(5),
        retry_horizon: Duration::from_secs(DAY),
        retention: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

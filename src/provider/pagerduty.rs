//! PagerDuty V3. Their page: "Verifying signatures".
//!
//! - While a secret is rolled a request carries a `v1` for each.
//! - There is no timestamp; the event id, `/event/id`, is in the signed body.
//! - PagerDuty waits for five seconds and tries again for 48 hours after silence, a 5xx or a 429. Any other 4xx drops
//!   the event, and three drops in a row disable the endpoint for a day: a refusal is 422, so refuse only what can
//!   never be handled.
#![doc = mounting!(PAGERDUTY, "pagerduty", Keyring::new("8f742231b10e8888abcd99"), "incident.triggered")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::{OnClientError, Profile},
    scheme::{Grammar, Method, Scheme},
    source::{Source, TypePart},
};

/// PagerDuty V3: HMAC-SHA-256 in hex over the body, listed in `X-PagerDuty-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const PAGERDUTY: Scheme = Scheme {
    name: Cow::Borrowed("pagerduty"),
    docs: Cow::Borrowed("Verifying signatures"),
    quirks: Cow::Borrowed("a 4xx drops the event; three in a row disable the endpoint"),
    signature: Source::header("x-pagerduty-signature"),
    grammar: Grammar::List {
        separator: ',',
        assign: '=',
    },
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("v1"),
        ..Method::HMAC_SHA256
    }]),
    id: Some(Source::json("/event/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event/event_type"))]),
    payload: Cow::Borrowed("/event/data"),
    keep_headers: Cow::Borrowed(&[
        Cow::Borrowed("x-webhook-id"),
        Cow::Borrowed("x-webhook-subscription"),
    ]),
    profile: Profile {
        answer_within: Duration::from_secs(5),
        retry_horizon: Duration::from_secs(2 * DAY),
        on_client_error: OnClientError::Disable,
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

//! Paddle Billing. Their page: "Verify webhook signatures".
//!
//! - The secret begins with `pdl_ntfset_` and is used whole, as text.
//! - Fields stand between semicolons, and a colon between timestamp and body. While a secret is rolled a request
//!   carries an `h1` for each; other fields are passed over.
//! - Paddle allows a timestamp to be five seconds old. Where clocks or networks are worse than that, say more with
//!   `Receiver::tolerance`.
//! - Paddle waits for five seconds and tries 60 times in three days (3 times in the sandbox).
#![doc = mounting!(PADDLE_BILLING, "paddle", Keyring::new("pdl_ntfset_01hs0t3tw21j988db1pam5xg8m_GrOWLNef+vmtjJYq4mSnHNzvc8uWoJ1I"), "transaction.completed")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{Grammar, Method, Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Paddle Billing: HMAC-SHA-256 in hex over `{timestamp}:{body}`, in the fields of `Paddle-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const PADDLE_BILLING: Scheme = Scheme {
    name: Cow::Borrowed("paddle-billing"),
    docs: Cow::Borrowed("Verify webhook signatures"),
    quirks: Cow::Borrowed("a timestamp counts for five seconds only"),
    signature: Source::header("paddle-signature"),
    grammar: Grammar::Fields {
        separator: ';',
        assign: '=',
    },
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("h1"),
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[Part::Timestamp, Part::literal(":"), Part::Body]),
    timestamp: Some(Timestamp {
        source: Source::field("ts"),
        format: TimeFormat::UnixSeconds,
        names: Names::Attempt,
        tolerance: Duration::from_secs(5),
    }),
    id: Some(Source::json("/event_id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event_type"))]),
    payload: Cow::Borrowed("/data"),
    profile: Profile {
        answer_within: Duration::from_secs(5),
        retry_horizon: Duration::from_secs(3 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

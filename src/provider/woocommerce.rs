//! WooCommerce. Their page: "Webhooks".
//!
//! - The event id, `X-WC-Webhook-Delivery-ID`, and the topic are headers and not signed; there is no timestamp. The
//!   same body may be sent for several changes, so a repeat under another id runs and says so.
//! - When a webhook is activated, a form with its number comes without a signature, and anything but a 2xx stops the
//!   activation: a form without a signature is answered 200 and has no other effect.
//! - WooCommerce never tries again by itself, and disables a webhook after five failures in a row.
#![doc = mounting!(WOOCOMMERCE, "woocommerce", Keyring::new("8f742231b10e8888abcd99"), "order.created")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::{Profile, Repeats},
    scheme::{ChallengeAnswer, Condition, Encoding, Handshake, Method, Scheme},
    source::{Source, TypePart},
};

/// WooCommerce: HMAC-SHA-256 in base64 over the body, in `X-WC-Webhook-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const WOOCOMMERCE: Scheme = Scheme {
    name: Cow::Borrowed("woocommerce"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("an unsigned ping on activation is answered; no header is signed"),
    signature: Source::header("x-wc-webhook-signature"),
    methods: Cow::Borrowed(&[Method {
        encoding: Encoding::Base64,
        ..Method::HMAC_SHA256
    }]),
    id: Some(Source::header("x-wc-webhook-delivery-id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::header("x-wc-webhook-topic"))]),
    handshakes: Cow::Borrowed(&[Handshake {
        signed: false,
        method: Cow::Borrowed("POST"),
        when: Cow::Borrowed(&[
            Condition::Absent(Source::header("x-wc-webhook-signature")),
            Condition::StartsWith(
                Source::header("content-type"),
                Cow::Borrowed("application/x-www-form-urlencoded"),
            ),
        ]),
        answer: ChallengeAnswer::Acknowledge,
    }]),
    keep_headers: Cow::Borrowed(&[
        Cow::Borrowed("x-wc-webhook-id"),
        Cow::Borrowed("x-wc-webhook-source"),
    ]),
    profile: Profile {
        answer_within: Duration::from_secs(60),
        retry_horizon: Duration::ZERO,
        retention: Duration::from_secs(7 * DAY),
        body_limit: 8 * 1024 * 1024,
        repeats: Repeats::Flag,
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

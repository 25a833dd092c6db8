//! Telegram Bot API. Their page: "setWebhook".
//!
//! - Telegram signs nothing: it repeats the `secret_token` of `setWebhook` (letters, digits, `_` and `-`) in a header.
//!   `Delivery::coverage` is nothing.
//! - The event type is the member beside `update_id`: `message`, `callback_query`. The payload is the whole update.
//! - The answer may carry a call of the bot API as JSON: answer with a [`Reply`](crate::Reply).
//! - Telegram tries again for about a day.
#![doc = mounting!(TELEGRAM, "telegram", Keyring::new("a-secret_token-of-your-choice"), "message")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{Method, Scheme},
    source::{Source, TypePart},
};

/// Telegram Bot API: a token in `X-Telegram-Bot-Api-Secret-Token`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const TELEGRAM: Scheme = Scheme {
    name: Cow::Borrowed("telegram"),
    docs: Cow::Borrowed("setWebhook"),
    quirks: Cow::Borrowed("a token, which signs nothing; the answer may carry a call of the API"),
    signature: Source::header("x-telegram-bot-api-secret-token"),
    methods: Cow::Borrowed(&[Method::TOKEN]),
    content: Cow::Borrowed(&[]),
    id: Some(Source::json("/update_id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::OtherMember(Cow::Borrowed(&[
        Cow::Borrowed("update_id"),
    ])))]),
    profile: Profile {
        retry_horizon: Duration::from_secs(DAY),
        retention: Duration::from_secs(7 * DAY),
        reads_reply: true,
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

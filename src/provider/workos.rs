//! WorkOS. Their page: "Webhooks: validate".
//!
//! - The fields are parted by a comma and a space; the time is in milliseconds.
//! - WorkOS refuses what is older than three minutes; here as well what is so far in the future.
//! - Actions are signed alike, but they want a signed answer, which a handler has to make.
//! - WorkOS tries up to six times in three days.
#![doc = mounting!(WORKOS, "workos", Keyring::new("5HkzNq7hLJ3xUPVZ"), "dsync.user.created")]

use std::{borrow::Cow, time::Duration};

use super::{
    DAY,
    common::{FIELDS, TIMED},
};
use crate::{
    profile::Profile,
    scheme::{Method, Names, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// WorkOS: HMAC-SHA-256 in hex over `{timestamp}.{body}`, in the fields of `WorkOS-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const WORKOS: Scheme = Scheme {
    name: Cow::Borrowed("workos"),
    docs: Cow::Borrowed("Webhooks: validate"),
    quirks: Cow::Borrowed("a space follows the comma; the time is in milliseconds"),
    signature: Source::header("workos-signature"),
    grammar: FIELDS,
    spaced: true,
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("v1"),
        ..Method::HMAC_SHA256
    }]),
    content: TIMED,
    timestamp: Some(Timestamp {
        source: Source::field("t"),
        format: TimeFormat::UnixMillis,
        names: Names::Attempt,
        tolerance: Duration::from_secs(180),
    }),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    profile: Profile {
        retry_horizon: Duration::from_secs(3 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

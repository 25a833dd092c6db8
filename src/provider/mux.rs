//! Mux. Their page: "Verify webhook signatures".
//!
//! - Mux refuses only old times; here one from the future is stale too.
//! - The id and the type are in the signed body.
//! - Mux waits for 5 seconds and tries for a day.
#![doc = mounting!(MUX, "mux", Keyring::new("5HkzNq7hLJ3xUPVZ"), "video.asset.ready")]

use std::{borrow::Cow, time::Duration};

use super::{
    DAY,
    common::{FIELDS, TIMED},
};
use crate::{
    profile::Profile,
    scheme::{Method, Scheme, Timestamp},
    source::{Source, TypePart},
};

/// Mux: HMAC-SHA-256 in hex over `{timestamp}.{body}`, in the fields of `Mux-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const MUX: Scheme = Scheme {
    name: Cow::Borrowed("mux"),
    docs: Cow::Borrowed("Verify webhook signatures"),
    quirks: Cow::Borrowed("only v1 counts"),
    signature: Source::header("mux-signature"),
    grammar: FIELDS,
    methods: Cow::Borrowed(&[Method {
        tag: Cow::Borrowed("v1"),
        ..Method::HMAC_SHA256
    }]),
    content: TIMED,
    timestamp: Some(Timestamp::unix(Source::field("t"))),
    id: Some(Source::json("/id")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    payload: Cow::Borrowed("/data"),
    profile: Profile {
        answer_within: Duration::from_secs(5),
        retry_horizon: Duration::from_secs(DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

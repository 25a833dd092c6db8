//! Auth0 log streams. Their page: "Custom log streams".
//!
//! - Auth0 signs nothing: it repeats the authorization token of the stream in `Authorization`, as it was configured.
//!   `Delivery::coverage` is nothing.
//! - A body is a JSON array of events: set the stream's content format to that. JSON lines and a stream of objects are
//!   refused as unreadable.
//! - Auth0 tries up to three more times.
#![doc = mounting!(AUTH0, "auth0", Keyring::new("a long token of your choice"), "slo")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::{Method, Scheme},
    source::{Items, Source, TypePart},
};

/// Auth0 log streams: a token in `Authorization`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const AUTH0: Scheme = Scheme {
    name: Cow::Borrowed("auth0"),
    docs: Cow::Borrowed("Custom log streams"),
    quirks: Cow::Borrowed("a token, which signs nothing; a body is an array of events"),
    signature: Source::header("authorization"),
    methods: Cow::Borrowed(&[Method::TOKEN]),
    content: Cow::Borrowed(&[]),
    items: Some(Items {
        pointer: Cow::Borrowed(""),
        id: Some(Cow::Borrowed("/log_id")),
        event_type: Cow::Borrowed(&[TypePart::new(Source::json("/data/type"))]),
    }),
    profile: Profile {
        retention: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

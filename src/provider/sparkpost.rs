//! SparkPost. Their page: "Webhooks".
//!
//! - SparkPost signs nothing: it sends user and password as HTTP Basic. `Delivery::coverage` is nothing. The key is
//!   `user:password`. A webhook with OAuth 2.0 sends a bearer token instead: write a [`Scheme`] on
//!   [`Scheme::BEARER`] then.
//! - A body is an array of events, `{"msys": {"message_event": {…}}}`: the class stands around the event, so the
//!   payload is the whole item. A `message_event` is known by its `event_id`, one of another class by its content,
//!   which holds its id.
//! - A new webhook gets `[{"msys": {}}]`, which is acknowledged as an event of no type.
//! - SparkPost waits for ten seconds and tries again for eight hours.
#![doc = mounting!(SPARKPOST, "sparkpost", Keyring::new("user:a-long-password"), "bounce")]

use std::{borrow::Cow, time::Duration};

use super::DAY;
use crate::{
    profile::Profile,
    scheme::Scheme,
    source::{Items, Source, TypePart},
};

/// SparkPost: HTTP Basic.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const SPARKPOST: Scheme = Scheme {
    name: Cow::Borrowed("sparkpost"),
    docs: Cow::Borrowed("Webhooks"),
    quirks: Cow::Borrowed("user and password, which sign nothing; a body is an array of events"),
    items: Some(Items {
        pointer: Cow::Borrowed(""),
        id: Some(Cow::Borrowed("/msys/message_event/event_id")),
        event_type: Cow::Borrowed(&[
            TypePart::new(Source::json("/msys/message_event/type")),
            TypePart::otherwise(Source::json("/msys/track_event/type")),
            TypePart::otherwise(Source::json("/msys/unsubscribe_event/type")),
            TypePart::otherwise(Source::json("/msys/gen_event/type")),
            TypePart::otherwise(Source::json("/msys/relay_event/type")),
            TypePart::otherwise(Source::json("/msys/ab_test_event/type")),
        ]),
    }),
    profile: Profile {
        retry_horizon: Duration::from_secs(8 * 3600),
        retention: Duration::from_secs(7 * DAY),
        ..Profile::DEFAULT
    },
    ..Scheme::BASIC
};

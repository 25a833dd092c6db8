//! Nuvemshop (Tiendanube). Their page: "Webhooks: verify".
//!
//! - The key is the client secret of the app.
//! - A notification names a store, an event and an object, and nothing more: the next of the same kind is the same
//!   byte for byte. So a completed one is remembered for a second, and what a handler does must bear to be done
//!   again: fetch the object.
//! - For the same reason a captured request can be sent again. It makes the handler look, and says nothing.
//! - The scheme is known from public code of others.
#![doc = mounting!(NUVEMSHOP, "nuvemshop", Keyring::new("8f742231b10e8888abcd99"), "order/paid")]

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::Scheme,
    source::{Source, TypePart},
};

/// Nuvemshop: HMAC-SHA-256 in hex over the body, in `x-linkedstore-hmac-sha256`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const NUVEMSHOP: Scheme = Scheme {
    name: Cow::Borrowed("nuvemshop"),
    docs: Cow::Borrowed("Webhooks: verify"),
    quirks: Cow::Borrowed(
        "one notification is like another: it names an object, and is remembered for a second only",
    ),
    signature: Source::header("x-linkedstore-hmac-sha256"),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    profile: Profile {
        retention: Duration::from_secs(1),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

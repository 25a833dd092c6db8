//! Zoho CRM (notifications). Their page: "Notifications: enable notifications".
//!
//! - Zoho signs nothing: it repeats the `token` of the request that enabled the channel. `Delivery::coverage` is
//!   nothing.
//! - The event type is the module and the operation: `Leads.update`. There is no event id: an event is known by its
//!   content, which holds the moment.
//! - What Zoho sends out of workflows is set up by its users, without a scheme of its own.
//! - Not confirmed by the sender's own documentation or code.
#![doc = mounting!(ZOHO, "zoho", Keyring::new("8f742231b10e8888abcd99"), "Leads.update")]

use std::borrow::Cow;

use crate::{
    scheme::{Method, Scheme},
    source::{Source, TypePart},
};

/// Zoho CRM: a token in the body, `/token`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const ZOHO: Scheme = Scheme {
    name: Cow::Borrowed("zoho"),
    docs: Cow::Borrowed("Notifications: enable notifications"),
    quirks: Cow::Borrowed("a token in the body, which signs nothing"),
    signature: Source::json("/token"),
    methods: Cow::Borrowed(&[Method::TOKEN]),
    content: Cow::Borrowed(&[]),
    event_type: Cow::Borrowed(&[
        TypePart::new(Source::json("/module")),
        TypePart::new(Source::json("/operation")),
    ]),
    ..Scheme::HMAC_SHA256
};

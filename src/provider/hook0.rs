//! Hook0. Their page: "Webhook signatures".
//!
//! - A `v1` covers the headers that the field `h` lists; each has to be there. The older `v0` covers the time and the
//!   body alone, and counts only where there is no `v1`: a wrong `v1` is a refusal.
//! - The values of headers may hold the full stop that joins them, so no id counts as signed: not `X-Event-Id`,
//!   whether listed or not, nor what stands in the body.
//! - What is the same event under `v0` and `v1`, under whatever id, is caught as a replay.
#![doc = mounting!(HOOK0, "hook0", Keyring::new("5HkzNq7hLJ3xUPVZ"), "user.created")]

use std::borrow::Cow;

use super::common::FIELDS;
use crate::{
    scheme::{Listed, ListedAs, Method, Part, Scheme, Timestamp},
    source::{Source, TypePart},
};

/// Hook0: HMAC-SHA-256 in hex over the timestamp, the headers it lists and the body, in the fields of
/// `X-Hook0-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const HOOK0: Scheme = sent_by_hook0("hook0", "Webhook signatures", EVENT_TYPE);

const EVENT_TYPE: &[TypePart] = &[TypePart::new(Source::json("/eventType"))];

/// A sender that leaves its deliveries to Hook0.
pub(super) const fn sent_by_hook0(
    name: &'static str,
    docs: &'static str,
    event_type: &'static [TypePart],
) -> Scheme {
    Scheme {
        name: Cow::Borrowed(name),
        docs: Cow::Borrowed(docs),
        quirks: Cow::Borrowed(
            "the sender chooses which headers are signed; a v0 beside a v1 is never looked at",
        ),
        signature: Source::header("x-hook0-signature"),
        grammar: FIELDS,
        methods: Cow::Borrowed(&[Method {
            tag: Cow::Borrowed("v1"),
            fallback_tag: Some(Cow::Borrowed("v0")),
            ..Method::HMAC_SHA256
        }]),
        content: CONTENT,
        timestamp: Some(Timestamp::unix(Source::field("t"))),
        id: Some(Source::header("x-event-id")),
        event_type: Cow::Borrowed(event_type),
        ..Scheme::HMAC_SHA256
    }
}

/// A `v1` covers what `h` lists, which is there beside it.
const CONTENT: Cow<'static, [Part]> = Cow::Borrowed(&[
    Part::Timestamp,
    Part::literal("."),
    Part::Where(
        Source::Field(Cow::Borrowed("v1")),
        Cow::Borrowed(&[
            Part::Text(Source::Field(Cow::Borrowed("h"))),
            Part::literal("."),
            Part::Listed(Listed {
                list: Source::Field(Cow::Borrowed("h")),
                separator: ' ',
                written: ListedAs::Values,
                join: Cow::Borrowed("."),
                always: Cow::Borrowed(&[]),
            }),
            Part::literal("."),
        ]),
    ),
    Part::Body,
]);

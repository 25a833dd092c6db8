//! Contentful. Their page: "Request verification".
//!
//! - `x-contentful-signed-headers` lists the headers that are signed, itself and the timestamp among them; each has
//!   to be there, once.
//! - The query is escaped twice before it is signed.
//! - Contentful refuses what is older than 30 seconds; here as well what is so far in the future.
//! - The id, `X-Contentful-Idempotency-Key`, and the type, `X-Contentful-Topic`, are headers: signed only where they
//!   are listed, so they do not count as signed.
//! - Contentful waits for 30 seconds and tries five times.
#![doc = mounting!(CONTENTFUL, "contentful", Keyring::new("5HkzNq7hLJ3xUPVZ"), "ContentManagement.Entry.publish")]

use std::{borrow::Cow, time::Duration};

use crate::{
    profile::Profile,
    scheme::{Listed, ListedAs, Names, Part, Scheme, TimeFormat, Timestamp},
    source::{Source, TypePart},
};

/// Contentful: HMAC-SHA-256 in hex over the method, the path, the headers it lists and the body, in
/// `x-contentful-signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const CONTENTFUL: Scheme = Scheme {
    name: Cow::Borrowed("contentful"),
    docs: Cow::Borrowed("Request verification"),
    quirks: Cow::Borrowed("a canonical request: method, escaped path, listed headers, body"),
    signature: Source::header("x-contentful-signature"),
    content: Cow::Borrowed(&[
        Part::Method,
        Part::literal("\n"),
        Part::EscapedPath,
        Part::literal("\n"),
        Part::Listed(Listed {
            list: Source::Header(Cow::Borrowed("x-contentful-signed-headers")),
            separator: ',',
            written: ListedAs::Pairs,
            join: Cow::Borrowed(";"),
            always: Cow::Borrowed(&[
                Cow::Borrowed("x-contentful-signed-headers"),
                Cow::Borrowed("x-contentful-timestamp"),
            ]),
        }),
        Part::literal("\n"),
        Part::Body,
    ]),
    timestamp: Some(Timestamp {
        source: Source::header("x-contentful-timestamp"),
        format: TimeFormat::UnixMillis,
        names: Names::Attempt,
        tolerance: Duration::from_secs(30),
    }),
    id: Some(Source::header("x-contentful-idempotency-key")),
    event_type: Cow::Borrowed(&[TypePart::new(Source::header("x-contentful-topic"))]),
    profile: Profile {
        answer_within: Duration::from_secs(30),
        ..Profile::DEFAULT
    },
    ..Scheme::HMAC_SHA256
};

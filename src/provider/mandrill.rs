//! Mandrill (Mailchimp Transactional). Their page: "Track and respond to activity with webhooks: authenticating".
//!
//! - The URL is signed as Mandrill was given it, with user and password where it has those: behind a proxy say which
//!   that is, by `Param::PublicUrl` or the receiver's URL policy.
//! - A form is signed field by field (sorted, each name directly before its value), so where one ends is not:
//!   `Delivery::coverage` is partial.
//! - The form has one field, `mandrill_events`: a JSON array of events with an `_id` each. There is no timestamp.
//! - A URL is tested by HEAD, which is answered; a POST that is signed with the key `test-webhook`, as comes before there
//!   is a key, is refused.
#![doc = mounting!(MANDRILL, "mandrill", Keyring::new("7b9e55d2c0a14fb2b6f1").with(hooklatch::Param::PublicUrl, "https://example.com/webhooks/mandrill"), "hard_bounce")]

use std::borrow::Cow;

use crate::{
    scheme::{Algorithm, ChallengeAnswer, Encoding, Handshake, Method, Part, Scheme},
    source::{FormPayload, Items, Source, TypePart},
};

/// Mandrill: HMAC-SHA-1 in base64 over the URL and the fields of the form, in `X-Mandrill-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const MANDRILL: Scheme = Scheme {
    name: Cow::Borrowed("mandrill"),
    docs: Cow::Borrowed("Track and respond to activity with webhooks: authenticating"),
    quirks: Cow::Borrowed(
        "the URL is signed, and the form by its sorted fields; a batch in a field",
    ),
    signature: Source::header("x-mandrill-signature"),
    methods: Cow::Borrowed(&[Method {
        algorithm: Algorithm::HmacSha1,
        encoding: Encoding::Base64,
        ..Method::HMAC_SHA256
    }]),
    content: Cow::Borrowed(&[Part::Url, Part::SortedForm]),
    form_payload: Some(FormPayload::Text(Cow::Borrowed("mandrill_events"))),
    items: Some(Items {
        pointer: Cow::Borrowed(""),
        id: Some(Cow::Borrowed("/_id")),
        event_type: Cow::Borrowed(&[TypePart::new(Source::json("/event"))]),
    }),
    handshakes: Cow::Borrowed(&[Handshake {
        signed: false,
        method: Cow::Borrowed("HEAD"),
        when: Cow::Borrowed(&[]),
        answer: ChallengeAnswer::Acknowledge,
    }]),
    ..Scheme::HMAC_SHA256
};

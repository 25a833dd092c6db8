//! LinkedIn. Their page: "Webhooks overview".
//!
//! - As their page has it, `hmacsha256=` is in front of the body that is signed; some implementations have it in the
//!   header instead.
//! - There is no event id and no timestamp: an event is known by its content.
#![doc = mounting!(LINKEDIN, "linkedin", Keyring::new("5HkzNq7hLJ3xUPVZ"), "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS")]

use std::borrow::Cow;

use crate::{
    scheme::{AnswerPart, ChallengeAnswer, Condition, Encoding, Handshake, Part, Scheme},
    source::{Source, TypePart},
};

/// LinkedIn: HMAC-SHA-256 in hex over `hmacsha256={body}`, in `X-LI-Signature`.
///
/// The [module](self) says what is odd about it and shows how to mount it.
pub const LINKEDIN: Scheme = Scheme {
    name: Cow::Borrowed("linkedin"),
    docs: Cow::Borrowed("Webhooks overview"),
    quirks: Cow::Borrowed("the signed text begins with hmacsha256="),
    signature: Source::header("x-li-signature"),
    content: Cow::Borrowed(&[Part::literal("hmacsha256="), Part::Body]),
    event_type: Cow::Borrowed(&[TypePart::new(Source::json("/type"))]),
    handshakes: Cow::Borrowed(&[Handshake {
        signed: false,
        method: Cow::Borrowed("GET"),
        when: Cow::Borrowed(&[Condition::Present(Source::query("challengeCode"))]),
        answer: ChallengeAnswer::Json(Cow::Borrowed(&[
            AnswerPart::Literal(Cow::Borrowed(r#"{"challengeCode":""#)),
            AnswerPart::Challenge(Source::query("challengeCode")),
            AnswerPart::Literal(Cow::Borrowed(r#"","challengeResponse":""#)),
            AnswerPart::Mac(Source::query("challengeCode"), Encoding::Hex),
            AnswerPart::Literal(Cow::Borrowed(r#""}"#)),
        ])),
    }]),
    ..Scheme::HMAC_SHA256
};

//! A sender's URL challenge, described as data.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{
    Encoding,
    check::{fault, is_header},
};
use crate::{envelope::is_pointer, secret::Param, source::Source};

/// A sender's URL challenge: which request it is and how it is answered. It reaches no handler.
///
/// ```
/// use std::borrow::Cow;
/// use hooklatch::{AnswerPart, ChallengeAnswer, Condition, Encoding, Handshake, Scheme, Source};
///
/// // A signed POST {"type":"verify","token":"abc"}, answered {"mac":"…"}: the MAC of `abc` by the signing key.
/// const ACME: Scheme = Scheme {
///     handshakes: Cow::Borrowed(&[Handshake {
///         signed: true,
///         method: Cow::Borrowed("POST"),
///         when: Cow::Borrowed(&[Condition::Equals(Source::json("/type"), Cow::Borrowed("verify"))]),
///         answer: ChallengeAnswer::Json(Cow::Borrowed(&[
///             AnswerPart::Literal(Cow::Borrowed(r#"{"mac":""#)),
///             AnswerPart::Mac(Source::json("/token"), Encoding::Hex),
///             AnswerPart::Literal(Cow::Borrowed(r#""}"#)),
///         ])),
///     }]),
///     ..Scheme::HMAC_SHA256
/// };
/// assert!(ACME.check().is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "users write schemes as literals")]
pub struct Handshake {
    /// Whether the challenge is signed as a delivery is. One that is not is answered in front of verification, and
    /// cannot be told by its body.
    pub signed: bool,
    /// The method of the challenge, as `POST`.
    pub method: Cow<'static, str>,
    /// What all must hold for a request to be the challenge; a request for which it does not is a delivery like any
    /// other. A POST needs one condition at least.
    pub when: Cow<'static, [Condition]>,
    /// The answer.
    pub answer: ChallengeAnswer,
}

/// One thing that must hold for a request to be a challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "users write schemes as literals")]
pub enum Condition {
    /// The text is there.
    Present(Source),
    /// The text is not there.
    Absent(Source),
    /// The text is there and begins with this.
    StartsWith(Source, Cow<'static, str>),
    /// The text is there and made of lower-case hexadecimal digits: at least the first number of them, at most the second.
    Hex(Source, usize, usize),
    /// The text is there and equals this.
    Equals(Source, Cow<'static, str>),
    /// The text is there and equals a parameter of the keyring, compared in constant time.
    EqualsParam(Source, Param),
}

/// How a challenge is answered. What is reflected is at most 1 KiB of printable ASCII; a challenge that is more, or
/// less, is no challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChallengeAnswer {
    /// The challenge as plain text.
    Echo(Source),
    /// The challenge as the only member, of this name, of a JSON object.
    EchoJson(Source, Cow<'static, str>),
    /// Just 200.
    Acknowledge,
    /// Just 204.
    NoContent,
    /// Text of these parts, one after the other.
    Text(Cow<'static, [AnswerPart]>),
    /// JSON of these parts, one after the other; what is reflected is escaped.
    Json(Cow<'static, [AnswerPart]>),
}

/// One part of the answer to a challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnswerPart {
    /// This text. In JSON it is written as it is, quotation marks and all.
    Literal(Cow<'static, str>),
    /// What stands at this place.
    Challenge(Source),
    /// The MAC of what stands at this place, by the key that verified the challenge, else by the current one.
    ///
    /// The key signs events too, so only a text that no sender would sign is answered: at most 256 letters, digits, `_`
    /// and `-`. Where that could still be a signed content, [`Condition::Hex`] has to say more.
    Mac(Source, Encoding),
    /// The public id of the key ([`KeyFormat::id_before`](super::KeyFormat::id_before)).
    KeyId,
}

impl Handshake {
    /// What contradicts itself in it.
    pub(super) fn fault(&self) -> Option<String> {
        if http::Method::from_bytes(self.method.as_bytes()).is_err() {
            return Some(format!("{:?} is not a method", self.method));
        }
        if self.when.is_empty() && self.method == "POST" {
            return fault("a URL challenge without a condition would swallow every delivery");
        }
        let least_over_most = |condition: &Condition| matches!(condition, Condition::Hex(_, least, most) if least > most);
        if self.when.iter().any(least_over_most) {
            return fault("a URL challenge needs more digits than it may have");
        }
        let in_body = |source: &Source| source.is_in_body();
        if !self.signed && self.sources().any(in_body) {
            return fault("an unsigned URL challenge cannot be told by its body");
        }
        self.sources()
            .flat_map(Source::places)
            .find_map(|source| match source {
                Source::Field(_) => {
                    fault("a URL challenge cannot use a field beside the signature")
                }
                Source::Xml(_)
                | Source::OtherMember(_)
                | Source::Body
                | Source::Claim(_)
                | Source::Protected(_) => {
                    fault("a URL challenge is told by headers, query, JSON or form fields")
                }
                Source::Header(name) if !is_header(name) => {
                    Some(format!("{name:?} is not a header name"))
                }
                Source::Json(text) if !is_pointer(text) => {
                    Some(format!("{text:?} is not a JSON pointer"))
                }
                _ => None,
            })
    }

    fn sources(&self) -> impl Iterator<Item = &Source> {
        let conditions = self.when.iter().map(Condition::source);
        conditions.chain(self.answer.sources())
    }
}

impl Condition {
    const fn source(&self) -> &Source {
        match self {
            Self::Present(source)
            | Self::Absent(source)
            | Self::StartsWith(source, _)
            | Self::Hex(source, _, _)
            | Self::Equals(source, _)
            | Self::EqualsParam(source, _) => source,
        }
    }
}

impl ChallengeAnswer {
    fn sources(&self) -> impl Iterator<Item = &Source> {
        let (one, parts) = match self {
            Self::Echo(source) | Self::EchoJson(source, _) => (Some(source), &[][..]),
            Self::Acknowledge | Self::NoContent => (None, &[][..]),
            Self::Text(parts) | Self::Json(parts) => (None, &**parts),
        };
        let in_parts = parts.iter().filter_map(|part| match part {
            AnswerPart::Challenge(source) | AnswerPart::Mac(source, _) => Some(source),
            AnswerPart::Literal(_) | AnswerPart::KeyId => None,
        });
        one.into_iter().chain(in_parts)
    }
}

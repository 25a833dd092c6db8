//! A sender's URL challenge, described as data.

use std::borrow::Cow;

use http::{HeaderMap, Uri};
use serde::{Deserialize, Serialize};

use super::{
    Encoding, Scheme,
    check::{fault, is_header},
};
use crate::{envelope::is_pointer, secret::Param, source::Source};

/// A sender's URL challenge: which request it is and how it is answered. It reaches no handler, is stored nowhere and
/// counts as no event.
///
/// A scheme's challenges are tried in their order, and the first that fits is answered.
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
    /// Whether the challenge is signed as a delivery is. One that is not is answered in front of verification. Its body
    /// is read only where a condition or the answer names a place in it, at most 4 KiB of it, and only of a request that
    /// carries no signature; what it holds may be reflected, and nothing else.
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
    /// Nothing is there, text or not.
    Absent(Source),
    /// The text is there and begins with this.
    StartsWith(Source, Cow<'static, str>),
    /// The text is there and made of lower-case hexadecimal digits: at least the first number of them, at most the second.
    Hex(Source, usize, usize),
    /// The text is there and equals this.
    Equals(Source, Cow<'static, str>),
    /// The text is there and equals a parameter of the keyring, compared in constant time.
    EqualsParam(Source, Param),
    /// The text is there and is one of those that a parameter of the keyring lists, separated by white space. Without the
    /// parameter none is.
    Listed(Source, Param),
    /// The text is there and is none of those that a parameter of the keyring lists.
    Unlisted(Source, Param),
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
    /// Just 200, with these headers.
    Headers(Cow<'static, [AnswerHeader]>),
    /// Just this status, a 4xx, where the sender looks for a certain one when a challenge is not right (Fitbit: 404). It
    /// stands behind those that are right. Without it what fits no challenge is a delivery without a signature: 401.
    Refuse(u16),
    /// The challenge brings the secret that signs all deliveries from now on. Nothing proves where it comes from, so it is
    /// never taken blindly:
    /// [`Receiver::on_secret`](crate::Receiver::on_secret) has to accept it, and only a receiver that has no key yet is
    /// asked. Else the challenge is a delivery without a valid signature: 401. A signature that comes with it has to be its
    /// own.
    ///
    /// The answer is 200, with the secret in the header of this name where the sender wants it back.
    Secret(Source, Option<Cow<'static, str>>),
}

/// One header of the answer to a challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "users write schemes as literals")]
pub struct AnswerHeader {
    /// Its name.
    pub name: Cow<'static, str>,
    /// Its value: these parts, one after the other.
    pub value: Cow<'static, [AnswerPart]>,
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
    /// and `-`. Where anybody can ask for it, a delivery whose body is such a text is refused, whatever its signature.
    /// Where that could still be a signed content, [`Condition::Hex`] has to say more.
    Mac(Source, Encoding),
    /// The SHA-256 of what stands at this place, followed by these parameters of the keyring (eBay).
    Sha256(Source, Cow<'static, [Param]>, Encoding),
    /// A parameter of the keyring that is no secret ([`Param::AllowedRate`]), or this text where the keyring has none.
    Param(Param, Cow<'static, str>),
    /// The public id of the key ([`KeyFormat::id_before`](super::KeyFormat::id_before)).
    KeyId,
}

impl Handshake {
    /// What contradicts itself in it.
    pub(super) fn fault(&self, scheme: &Scheme) -> Option<String> {
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
        self.body_fault(scheme)
            .or_else(|| self.answer.fault(self.signed))
            .or_else(|| {
                self.sources()
                    .flat_map(Source::places)
                    .find_map(place_fault)
            })
    }

    /// Whether an unsigned challenge is told by its body, or answered with some of it.
    pub(crate) fn reads_body(&self) -> bool {
        !self.signed && self.sources().any(Source::is_in_body)
    }

    /// Whether it brings the secret.
    pub(crate) const fn brings_secret(&self) -> bool {
        matches!(self.answer, ChallengeAnswer::Secret(..))
    }

    /// What is wrong with an unsigned challenge whose body has to be read before anything is verified.
    fn body_fault(&self, scheme: &Scheme) -> Option<String> {
        if !self.reads_body() {
            return None;
        }
        if scheme.signature.is_in_body() {
            return fault("an unsigned URL challenge is told by its body, and so is a signature");
        }
        let compares = |condition: &Condition| {
            matches!(
                condition,
                Condition::EqualsParam(..) | Condition::Listed(..) | Condition::Unlisted(..)
            )
        };
        let makes =
            |part: &AnswerPart| !matches!(part, AnswerPart::Literal(_) | AnswerPart::Challenge(_));
        (self.when.iter().any(compares) || self.answer.parts().any(makes)).then(|| {
            "an unsigned URL challenge told by its body is reflected and nothing else".to_owned()
        })
    }

    fn sources(&self) -> impl Iterator<Item = &Source> {
        let conditions = self.when.iter().map(Condition::source);
        conditions.chain(self.answer.sources())
    }

    /// The parameters of the keyring without which it cannot be answered.
    pub(super) fn params(&self) -> impl Iterator<Item = Param> {
        let compared = self.when.iter().filter_map(|condition| match condition {
            Condition::EqualsParam(_, param) => Some(*param),
            _ => None,
        });
        let hashed = self.answer.parts().flat_map(|part| match part {
            AnswerPart::Sha256(_, params, _) => &**params,
            _ => &[],
        });
        compared.chain(hashed.copied())
    }
}

impl Condition {
    pub(crate) const fn source(&self) -> &Source {
        match self {
            Self::Present(source)
            | Self::Absent(source)
            | Self::StartsWith(source, _)
            | Self::Hex(source, _, _)
            | Self::Equals(source, _)
            | Self::EqualsParam(source, _)
            | Self::Listed(source, _)
            | Self::Unlisted(source, _) => source,
        }
    }
}

impl ChallengeAnswer {
    fn fault(&self, signed: bool) -> Option<String> {
        let headers = match self {
            Self::Headers(headers) => &**headers,
            Self::Refuse(status) if !(400..500).contains(status) => {
                return fault("the status for a URL challenge that is not right is no 4xx");
            }
            Self::Secret(..) if signed => {
                return fault(
                    "a URL challenge that brings the secret cannot be signed with a known one",
                );
            }
            Self::Secret(_, Some(name)) if !is_header(name) => {
                return Some(format!("{name:?} is not a header name"));
            }
            _ => &[],
        };
        if let Some(header) = headers.iter().find(|header| !is_header(&header.name)) {
            return Some(format!("{:?} is not a header name", header.name));
        }
        let in_headers = headers.iter().flat_map(|header| header.value.iter());
        if in_headers.into_iter().any(AnswerPart::is_no_header_text) {
            return fault("a header of the answer to a URL challenge is not visible ASCII");
        }
        self.parts().find_map(|part| match part {
            AnswerPart::Param(param, _) if param.is_secret() => {
                Some(format!("{param} is a secret, which no answer may tell"))
            }
            AnswerPart::Sha256(_, params, _) if params.is_empty() => {
                fault("a digest of the challenge alone proves nothing")
            }
            AnswerPart::Mac(_, Encoding::Text) | AnswerPart::Sha256(_, _, Encoding::Text) => {
                fault("a MAC or digest is no text")
            }
            _ => None,
        })
    }

    /// What it is put together from.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &AnswerPart> {
        let (parts, headers) = match self {
            Self::Text(parts) | Self::Json(parts) => (&**parts, &[][..]),
            Self::Headers(headers) => (&[][..], &**headers),
            _ => (&[][..], &[][..]),
        };
        let in_headers = headers.iter().flat_map(|header| header.value.iter());
        parts.iter().chain(in_headers)
    }

    fn sources(&self) -> impl Iterator<Item = &Source> {
        let one = match self {
            Self::Echo(source) | Self::EchoJson(source, _) | Self::Secret(source, _) => {
                Some(source)
            }
            _ => None,
        };
        let in_parts = self.parts().filter_map(|part| match part {
            AnswerPart::Challenge(source)
            | AnswerPart::Mac(source, _)
            | AnswerPart::Sha256(source, _, _) => Some(source),
            AnswerPart::Literal(_) | AnswerPart::Param(..) | AnswerPart::KeyId => None,
        });
        one.into_iter().chain(in_parts)
    }
}

impl Scheme {
    /// Whether a request carries what may be a signature, outside its body.
    pub(crate) fn carries_signature(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let prefixes = self.header_prefixes.iter().map(|prefix| &**prefix);
        let bare = self.header_prefixes.is_empty().then_some("");
        let prefixes: Vec<&str> = prefixes.chain(bare).collect();
        self.signature.places().iter().any(|place| match place {
            Source::Header(name) => prefixes
                .iter()
                .any(|prefix| headers.contains_key(format!("{prefix}{name}"))),
            Source::Query(name) => {
                let query = uri.query().unwrap_or_default().as_bytes();
                form_urlencoded::parse(query).any(|(field, _)| field == **name)
            }
            _ => false,
        })
    }

    /// Whether a challenge that anybody can send is answered with a MAC.
    pub(super) fn answers_macs(&self) -> bool {
        let mut unsigned = self.handshakes.iter().filter(|handshake| !handshake.signed);
        unsigned.any(|handshake| {
            let is_mac = |part: &AnswerPart| matches!(part, AnswerPart::Mac(..));
            handshake.answer.parts().any(is_mac)
        })
    }
}

impl AnswerPart {
    fn is_no_header_text(&self) -> bool {
        matches!(self, Self::Literal(text) | Self::Param(_, text) if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')))
    }
}

/// Why a challenge cannot be read from this place.
fn place_fault(place: &Source) -> Option<String> {
    match place {
        Source::Field(_) => fault("a URL challenge cannot use a field beside the signature"),
        Source::Xml(_) | Source::OtherMember(_) => {
            fault("a URL challenge is told by headers, query, JSON or form fields")
        }
        Source::Header(name) if !is_header(name) => Some(format!("{name:?} is not a header name")),
        Source::Json(text) if !is_pointer(text) => Some(format!("{text:?} is not a JSON pointer")),
        _ => None,
    }
}

/// What no sender signs as an event: no JSON document with members, no form, no base64 with padding.
pub(crate) fn is_nonce(text: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=LONGEST_NONCE).contains(&text.len()) && text.iter().all(plain)
}

/// The most bytes of which a MAC is told.
const LONGEST_NONCE: usize = 256;
/// What tells a longer text from one of which a MAC is told.
pub(super) const MORE_THAN_A_NONCE: usize = LONGEST_NONCE + 1;

//! One challenge: whether a request is it, and its answer.

use axum::{
    body::Body,
    extract::{OriginalUri, Request},
    response::Response,
};
use bytes::Bytes;
use http::{
    Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header, request::Parts,
};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    answer,
    delivery::Delivery,
    envelope::{self, Plan, Unreadable},
    scheme::{
        AnswerHeader, AnswerPart, ChallengeAnswer, Condition, Handshake, Keys, encode, is_nonce,
    },
    secret::Param,
    source::Source,
    tenant::Tenant,
};

/// A challenge, with the parameters it compares.
#[derive(Clone, Debug)]
pub(super) struct Challenge {
    pub(super) handshake: Handshake,
    pub(super) method: Method,
    /// `None`: those of the request's tenant.
    pub(super) keys: Option<Keys>,
}

/// A request that may be a challenge, as far as it may be read.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) method: &'a Method,
    pub(super) uri: &'a Uri,
    pub(super) headers: &'a HeaderMap,
    pub(super) extensions: &'a Extensions,
    pub(super) delivery: Option<&'a Delivery>,
    /// Of a delivery all of it, else what was read to tell a challenge.
    pub(super) body: Option<&'a Bytes>,
}

/// What a request is to a challenge.
pub(super) enum Verdict<'c> {
    /// Another thing.
    Passed,
    /// The challenge.
    Answered(Response),
    /// The challenge, bringing this secret; the header in which the sender wants it back.
    Brings(String, Option<&'c str>),
}

/// A URL challenge that is answered, for [`Receiver::on_challenge`](crate::Receiver::on_challenge). Prints method and path.
pub struct AnsweredChallenge<'a> {
    asked: &'a Asked<'a>,
    receiver: &'a str,
    status: StatusCode,
}

impl<'a> AnsweredChallenge<'a> {
    pub(super) const fn new(asked: &'a Asked<'a>, receiver: &'a str, status: StatusCode) -> Self {
        Self {
            asked,
            receiver,
            status,
        }
    }

    /// The name of the receiver, or of the scheme where the layer stands alone.
    #[must_use]
    pub const fn receiver(&self) -> &str {
        self.receiver
    }

    /// The name of the tenant, where the receiver has tenants and the answer took its keys.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        Some(&self.asked.tenant()?.name)
    }

    /// The method of the request.
    #[must_use]
    pub const fn method(&self) -> &Method {
        self.asked.method
    }

    /// The path of the request, as the client sent it.
    #[must_use]
    pub fn path(&self) -> &str {
        self.asked.path()
    }

    /// A parameter of the query, decoded; `None` where it is missing or repeats.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        self.asked.query(name)
    }

    /// A header, where it is visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.asked.headers.get(name)?.to_str().ok()
    }

    /// The status of the answer: a 4xx for a challenge that is not right.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }
}

impl std::fmt::Debug for AnsweredChallenge<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnsweredChallenge")
            .field("receiver", &self.receiver)
            .field("method", self.asked.method)
            .field("path", &self.path())
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Challenge {
    /// Whether a request is this challenge as far as can be told without keys and body.
    pub(super) fn may_be(&self, asked: &Asked<'_>) -> bool {
        let met = |condition: &Condition| match condition {
            _ if condition.source().is_in_body() && asked.body.is_none() => {
                self.handshake.reads_body()
            }
            Condition::EqualsParam(source, _)
            | Condition::Listed(source, _)
            | Condition::Unlisted(source, _) => asked.read(source).is_some(),
            other => self.is_met(other, asked),
        };
        *asked.method == self.method && self.handshake.when.iter().all(met)
    }

    /// Whether keys decide on the answer.
    pub(super) fn needs_keys(&self) -> bool {
        let compares = |condition| {
            matches!(
                condition,
                &Condition::EqualsParam(..) | &Condition::Listed(..) | &Condition::Unlisted(..)
            )
        };
        let writes = |part| !matches!(part, &AnswerPart::Literal(_) | &AnswerPart::Challenge(_));
        self.brings_secret()
            || self.handshake.answer.parts().any(writes)
            || self.handshake.when.iter().any(compares)
    }

    pub(super) fn reads_body(&self) -> bool {
        self.handshake.reads_body()
    }

    pub(super) const fn brings_secret(&self) -> bool {
        self.handshake.brings_secret()
    }

    pub(super) fn keys(&self, asked: &Asked<'_>) -> Option<Keys> {
        let of_tenant = || Some(asked.tenant()?.verifier.keys());
        self.keys.clone().or_else(of_tenant)
    }

    /// Whether no key is known yet, so that one may arrive.
    pub(super) fn has_no_key(&self, asked: &Asked<'_>) -> bool {
        self.keys(asked).is_some_and(|keys| keys.is_empty())
    }

    /// Whether this request is the challenge, and its answer. A signed challenge needs the delivery that proves it.
    pub(super) fn judge(&self, asked: &Asked<'_>) -> Verdict<'_> {
        if *asked.method != self.method || (self.handshake.signed && asked.delivery.is_none()) {
            return Verdict::Passed;
        }
        let met = |condition| self.is_met(condition, asked);
        if !self.handshake.when.iter().all(met) {
            return Verdict::Passed;
        }
        if let ChallengeAnswer::Secret(source, echo) = &self.handshake.answer {
            let secret = asked.challenge(source);
            return secret.map_or(Verdict::Passed, |secret| {
                Verdict::Brings(secret, echo.as_deref())
            });
        }
        self.answer(asked)
            .map_or(Verdict::Passed, Verdict::Answered)
    }

    fn answer(&self, asked: &Asked<'_>) -> Option<Response> {
        match &self.handshake.answer {
            ChallengeAnswer::Acknowledge => Some(answer::done()),
            ChallengeAnswer::NoContent => Some(empty(StatusCode::NO_CONTENT)),
            ChallengeAnswer::Refuse(status) => Some(empty(StatusCode::from_u16(*status).ok()?)),
            ChallengeAnswer::Echo(source) => Some(typed(asked.challenge(source)?, TEXT)),
            ChallengeAnswer::EchoJson(source, member) => {
                let challenge = asked.challenge(source)?;
                let object = serde_json::Map::from_iter([(member.to_string(), challenge.into())]);
                Some(typed(serde_json::Value::Object(object).to_string(), JSON))
            }
            ChallengeAnswer::Text(parts) => Some(typed(self.text(parts, asked)?, TEXT)),
            ChallengeAnswer::Json(parts) => {
                let written = |part: &AnswerPart| match part {
                    AnswerPart::Literal(text) => Some(text.to_string()),
                    part => self.write(part, asked).as_deref().and_then(escaped),
                };
                Some(typed(
                    parts.iter().map(written).collect::<Option<_>>()?,
                    JSON,
                ))
            }
            ChallengeAnswer::Headers(headers) => {
                let mut response = answer::done();
                for AnswerHeader { name, value } in &**headers {
                    let name = HeaderName::try_from(&**name).ok()?;
                    let value = HeaderValue::try_from(self.text(value, asked)?).ok()?;
                    response.headers_mut().insert(name, value);
                }
                Some(response)
            }
            // Not without asking.
            ChallengeAnswer::Secret(..) => None,
        }
    }

    fn text(&self, parts: &[AnswerPart], asked: &Asked<'_>) -> Option<String> {
        parts.iter().map(|part| self.write(part, asked)).collect()
    }

    fn write(&self, part: &AnswerPart, asked: &Asked<'_>) -> Option<String> {
        let key = asked.delivery.map(Delivery::key_name);
        match part {
            AnswerPart::Literal(text) => Some(text.to_string()),
            AnswerPart::Challenge(source) => asked.challenge(source),
            AnswerPart::Mac(source, encoding) => {
                let text = asked
                    .read(source)
                    .filter(|text| is_nonce(text.as_bytes()))?;
                self.keys(asked)?.mac(key, &text, *encoding)
            }
            AnswerPart::Sha256(source, params, encoding) => {
                let keys = self.keys(asked)?;
                let mut hash = Sha256::new_with_prefix(asked.challenge(source)?);
                for param in &**params {
                    hash.update(keys.param(*param)?.expose());
                }
                encode(*encoding, &hash.finalize())
            }
            AnswerPart::Param(param, otherwise) => {
                let known = self.keys(asked)?.param(*param);
                known.map_or_else(
                    || Some(otherwise.to_string()),
                    |known| String::from_utf8(known.expose().to_vec()).ok(),
                )
            }
            AnswerPart::KeyId => self.keys(asked)?.key_id(key),
        }
    }

    fn is_met(&self, condition: &Condition, asked: &Asked<'_>) -> bool {
        let found = || asked.read(condition.source());
        match condition {
            Condition::Present(source) => !asked.rules_out(source) && found().is_some(),
            Condition::Absent(source) => !asked.has(source),
            Condition::StartsWith(_, start) => {
                found().is_some_and(|text| text.starts_with(&**start))
            }
            Condition::Hex(_, least, most) => {
                found().is_some_and(|text| is_hex(&text, *least, *most))
            }
            Condition::Equals(source, text) => asked.equals(source, text),
            Condition::EqualsParam(_, param) => {
                let given = found().unwrap_or_default();
                let expected = self.keys(asked).and_then(|keys| keys.param(*param));
                expected.is_some_and(|expected| expected.expose().ct_eq(given.as_bytes()).into())
            }
            Condition::Listed(_, param) => self.lists(*param, found(), asked) == Some(true),
            Condition::Unlisted(_, param) => self.lists(*param, found(), asked) == Some(false),
        }
    }

    /// Whether a parameter lists the text that was found; `None` without text or keys.
    fn lists(&self, param: Param, found: Option<String>, asked: &Asked<'_>) -> Option<bool> {
        let (found, keys) = found.zip(self.keys(asked))?;
        let listed = keys.param(param);
        let listed = listed
            .as_ref()
            .and_then(|all| str::from_utf8(all.expose()).ok());
        let mut listed = listed.unwrap_or_default().split_ascii_whitespace();
        Some(listed.any(|one| one == found))
    }
}

impl<'a> Asked<'a> {
    pub(super) fn of(request: &'a Request) -> Self {
        let (uri, extensions) = (request.uri(), request.extensions());
        Self::new(request.method(), uri, request.headers(), extensions)
    }

    pub(super) fn of_head(head: &'a Parts) -> Self {
        Self::new(&head.method, &head.uri, &head.headers, &head.extensions)
    }

    fn new(
        method: &'a Method,
        uri: &'a Uri,
        headers: &'a HeaderMap,
        extensions: &'a Extensions,
    ) -> Self {
        let delivery = extensions.get::<Delivery>();
        Self {
            method,
            uri,
            headers,
            extensions,
            delivery,
            body: delivery.map(Delivery::body),
        }
    }

    pub(super) fn tenant(&self) -> Option<&'a Tenant> {
        self.extensions.get::<Tenant>()
    }

    /// The path as the client sent it: a nested router takes the prefix off the request's own.
    pub(super) fn path(&self) -> &'a str {
        let original = self.extensions.get::<OriginalUri>();
        original.map_or_else(|| self.uri.path(), |original| original.0.path())
    }

    fn query(&self, name: &str) -> Option<String> {
        envelope::form_field(self.uri.query()?.as_bytes(), name).ok()?
    }

    /// Whether a body has no such member. Most deliveries are no challenge: look for the word before parsing.
    fn rules_out(&self, source: &Source) -> bool {
        let (Source::Json(pointer), Some(body)) = (source, self.body) else {
            return false;
        };
        let name = pointer.rsplit('/').next().unwrap_or_default();
        str::from_utf8(body).map_or(true, |body| !body.contains(name))
    }

    fn equals(&self, source: &Source, text: &str) -> bool {
        // As above.
        let rules_out =
            |body: &Bytes| str::from_utf8(body).map_or(true, |body| !body.contains(text));
        if source.is_in_body() && self.body.is_none_or(rules_out) {
            return false;
        }
        self.read(source).is_some_and(|found| found == text)
    }

    /// The text at a place.
    fn read(&self, source: &Source) -> Option<String> {
        match source {
            Source::Header(name) => {
                let mut values = self.headers.get_all(&**name).iter();
                let value = values.next()?.to_str().ok()?;
                values.next().is_none().then(|| value.to_owned())
            }
            Source::Query(name) => self.query(name),
            Source::Form(name) => envelope::form_field(self.body?, name).ok()?,
            Source::Json(pointer) => envelope::text(self.value(pointer).ok()??).ok()?,
            Source::FirstOf(places) => places.iter().find_map(|place| self.read(place)),
            Source::Field(_)
            | Source::Xml(_)
            | Source::OtherMember(_)
            | Source::Body
            | Source::Claim(_)
            | Source::Protected(_) => None,
        }
    }

    /// Whether there is anything at a place, be it text or not, or nobody can tell.
    fn has(&self, place: &Source) -> bool {
        match place {
            Source::Json(pointer) => self.value(pointer).map_or(true, |value| value.is_some()),
            Source::Header(name) => self.headers.contains_key(&**name),
            Source::FirstOf(places) => places.iter().any(|place| self.has(place)),
            place => self.read(place).is_some(),
        }
    }

    fn value(&self, pointer: &str) -> Result<Option<&'a RawValue>, Unreadable> {
        let Some(body) = self.body else {
            return Ok(None);
        };
        let document = str::from_utf8(body).map_err(|_| Unreadable::Malformed)?;
        let [found, ..] = Plan::new([Some(pointer)]).read(document)?;
        Ok(found)
    }

    /// The text at a place, where it may be reflected.
    fn challenge(&self, source: &Source) -> Option<String> {
        self.read(source).filter(|text| is_harmless(text))
    }
}

/// As it stands between the quotes of a JSON string.
fn escaped(text: &str) -> Option<String> {
    let quoted = serde_json::Value::from(text).to_string();
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    Some(inner.to_owned())
}

fn empty(status: StatusCode) -> Response {
    let mut response = answer::done();
    *response.status_mut() = status;
    response
}

fn typed(body: String, content_type: HeaderValue) -> Response {
    let mut response = Response::new(Body::from(body));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    response.headers_mut().insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

fn is_harmless(challenge: &str) -> bool {
    (1..=LONGEST).contains(&challenge.len())
        && challenge.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

fn is_hex(text: &str, least: usize, most: usize) -> bool {
    let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (least..=most).contains(&text.len()) && text.bytes().all(digit)
}

const LONGEST: usize = 1024;
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

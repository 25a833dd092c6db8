//! [`HandshakeLayer`]: answer a sender's URL challenge.
//!
//! Some senders ask the endpoint to prove that it is meant, before they deliver. A signed challenge (Slack) is answered
//! behind verification, an unsigned one (a GET with a token) in front of it: put the layer where the scheme says. What is
//! reflected is at most 1 KiB of printable ASCII, as `text/plain` or a JSON string, with `nosniff`.
//!
//! Requests that are no challenge pass; so does everything for a scheme that has none.
//!
//! ```
//! use axum::{Router, routing::any};
//! use hooklatch::{Delivery, HandshakeLayer, Keyring, Param, VerifyLayer, provider};
//! use tower::ServiceBuilder;
//!
//! # fn main() -> Result<(), hooklatch::ConfigError> {
//! // Meta's challenge, a GET with a token, is not signed: it is answered in front of verification.
//! let keys = Keyring::new("the-app-secret-of-meta").with(Param::VerifyToken, "a word you chose");
//! let app: Router = Router::new()
//!     .route("/meta", any(|_: Delivery| async {}))
//!     .layer(
//!         ServiceBuilder::new()
//!             .layer(HandshakeLayer::new(&provider::META, keys.clone())?)
//!             .layer(VerifyLayer::new(provider::META, keys)?),
//!     );
//! # Ok(()) }
//! ```

use std::sync::Arc;

use axum::{body::Body, extract::Request, response::Response};
use http::{HeaderValue, Method, StatusCode, header};
use subtle::ConstantTimeEq;
use tower::Layer;

use super::gate::{Gate, Gated};
use crate::{
    answer,
    delivery::Delivery,
    envelope::{self, Plan},
    error::ConfigError,
    scheme::{AnswerPart, ChallengeAnswer, Condition, Handshake, Keys, Scheme},
    secret::Keyring,
    source::Source,
    tenant::Tenant,
};

/// Answers URL challenges. See the [module docs](self).
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct HandshakeLayer {
    challenges: Arc<[Challenge]>,
}

impl HandshakeLayer {
    /// A layer for the scheme's challenges; the keyring holds the parameters they compare.
    ///
    /// # Errors
    /// A scheme that contradicts itself, a key it cannot use, or a parameter that a challenge compares is missing.
    pub fn new(scheme: &Scheme, keys: Keyring) -> Result<Self, ConfigError> {
        scheme.check()?;
        Ok(Self::with_keys(scheme, Some(&Keys::new(scheme, keys)?)))
    }

    /// A layer for a scheme that was checked, with the keys of its verifier, so that both are replaced together.
    /// Without keys it asks those of the request's tenant.
    pub(crate) fn with_keys(scheme: &Scheme, keys: Option<&Keys>) -> Self {
        let challenge = |handshake: &Handshake| {
            // `check` refuses a method that is none.
            let method = Method::try_from(&*handshake.method).ok()?;
            Some(Challenge {
                handshake: handshake.clone(),
                method,
                keys: keys.cloned(),
            })
        };
        Self {
            challenges: scheme.handshakes.iter().filter_map(challenge).collect(),
        }
    }

    /// The methods of the challenges.
    pub(crate) fn methods(&self) -> impl Iterator<Item = &Method> {
        self.challenges.iter().map(|challenge| &challenge.method)
    }

    /// Whether a request is a challenge as far as can be told without keys, and is answered with them. One that takes
    /// none is answered whatever tenant it names, and so tells nobody which there are.
    pub(crate) fn needs_keys(&self, request: &Request) -> bool {
        self.challenges
            .iter()
            .any(|challenge| challenge.needs_keys() && challenge.may_be(request))
    }

    /// The same, but passing everything unless the challenge is signed (or unsigned) as said.
    pub(crate) fn only(&self, signed: bool) -> Self {
        let challenges = self.challenges.iter();
        Self {
            challenges: challenges
                .filter(|challenge| challenge.handshake.signed == signed)
                .cloned()
                .collect(),
        }
    }
}

impl<S> Layer<S> for HandshakeLayer {
    type Service = Gated<Self, S>;

    fn layer(&self, inner: S) -> Gated<Self, S> {
        Gated::new(self.clone(), inner)
    }
}

impl Gate for HandshakeLayer {
    fn stop(&self, request: &mut Request) -> Option<Response> {
        self.challenges
            .iter()
            .find_map(|challenge| challenge.answer(request))
    }
}

/// A challenge, with the parameters it compares and the pointers it reads.
#[derive(Clone, Debug)]
struct Challenge {
    handshake: Handshake,
    method: Method,
    /// `None`: those of the request's tenant.
    keys: Option<Keys>,
}

impl Challenge {
    /// Whether a request is this challenge as far as can be told without keys.
    fn may_be(&self, request: &Request) -> bool {
        let met = |condition: &Condition| match condition {
            Condition::EqualsParam(source, _) => read(source, request, None).is_some(),
            other => self.is_met(other, request, None),
        };
        *request.method() == self.method && self.handshake.when.iter().all(met)
    }

    /// Whether keys decide on the answer.
    fn needs_keys(&self) -> bool {
        let compares = |condition| matches!(condition, &Condition::EqualsParam(..));
        let writes = |part| matches!(part, &AnswerPart::Mac(..) | &AnswerPart::KeyId);
        let in_answer = match &self.handshake.answer {
            ChallengeAnswer::Text(parts) | ChallengeAnswer::Json(parts) => parts.iter().any(writes),
            ChallengeAnswer::Echo(_)
            | ChallengeAnswer::EchoJson(..)
            | ChallengeAnswer::Acknowledge
            | ChallengeAnswer::NoContent => false,
        };
        in_answer || self.handshake.when.iter().any(compares)
    }

    fn keys(&self, request: &Request) -> Option<Keys> {
        let of_tenant = || Some(request.extensions().get::<Tenant>()?.verifier.keys());
        self.keys.clone().or_else(of_tenant)
    }

    /// The answer, if this request is the challenge. A signed challenge needs the delivery that proves it.
    fn answer(&self, request: &Request) -> Option<Response> {
        let delivery = request.extensions().get::<Delivery>();
        if *request.method() != self.method || (self.handshake.signed && delivery.is_none()) {
            return None;
        }
        let met = |condition| self.is_met(condition, request, delivery);
        if !self.handshake.when.iter().all(met) {
            return None;
        }
        match &self.handshake.answer {
            ChallengeAnswer::Acknowledge => Some(answer::done()),
            ChallengeAnswer::NoContent => Some(no_content()),
            ChallengeAnswer::Echo(source) => {
                Some(typed(challenge(source, request, delivery)?, TEXT))
            }
            ChallengeAnswer::EchoJson(source, member) => {
                let challenge = challenge(source, request, delivery)?;
                let object = serde_json::Map::from_iter([(member.to_string(), challenge.into())]);
                Some(typed(serde_json::Value::Object(object).to_string(), JSON))
            }
            ChallengeAnswer::Text(parts) => {
                let written = |part| self.write(part, request, delivery);
                Some(typed(
                    parts.iter().map(written).collect::<Option<_>>()?,
                    TEXT,
                ))
            }
            ChallengeAnswer::Json(parts) => {
                let written = |part: &AnswerPart| match part {
                    AnswerPart::Literal(text) => Some(text.to_string()),
                    part => self
                        .write(part, request, delivery)
                        .as_deref()
                        .and_then(escaped),
                };
                Some(typed(
                    parts.iter().map(written).collect::<Option<_>>()?,
                    JSON,
                ))
            }
        }
    }

    fn write(
        &self,
        part: &AnswerPart,
        request: &Request,
        delivery: Option<&Delivery>,
    ) -> Option<String> {
        let key = delivery.map(Delivery::key_name);
        match part {
            AnswerPart::Literal(text) => Some(text.to_string()),
            AnswerPart::Challenge(source) => challenge(source, request, delivery),
            AnswerPart::Mac(source, encoding) => {
                let text = read(source, request, delivery).filter(|text| is_nonce(text))?;
                self.keys(request)?.mac(key, &text, *encoding)
            }
            AnswerPart::KeyId => self.keys(request)?.key_id(key),
        }
    }

    fn is_met(
        &self,
        condition: &Condition,
        request: &Request,
        delivery: Option<&Delivery>,
    ) -> bool {
        match condition {
            Condition::Present(source) => read(source, request, delivery).is_some(),
            Condition::Absent(source) => read(source, request, delivery).is_none(),
            Condition::StartsWith(source, start) => {
                read(source, request, delivery).is_some_and(|text| text.starts_with(&**start))
            }
            Condition::Hex(source, least, most) => {
                read(source, request, delivery).is_some_and(|text| is_hex(&text, *least, *most))
            }
            Condition::Equals(source, text) => equals(source, text, request, delivery),
            Condition::EqualsParam(source, param) => {
                let given = read(source, request, delivery).unwrap_or_default();
                let expected = self.keys(request).and_then(|keys| keys.param(*param));
                expected.is_some_and(|expected| expected.expose().ct_eq(given.as_bytes()).into())
            }
        }
    }
}

fn equals(source: &Source, text: &str, request: &Request, delivery: Option<&Delivery>) -> bool {
    // Most deliveries are no challenge: look for the word before parsing.
    let rules_out = |body: &[u8]| str::from_utf8(body).map_or(true, |body| !body.contains(text));
    if source.is_in_body() && delivery.is_none_or(|delivery| rules_out(delivery.body())) {
        return false;
    }
    read(source, request, delivery).is_some_and(|found| found == text)
}

/// The text at a place; in a body only of a verified delivery.
fn read(source: &Source, request: &Request, delivery: Option<&Delivery>) -> Option<String> {
    match source {
        Source::Header(name) => Some(request.headers().get(&**name)?.to_str().ok()?.to_owned()),
        Source::Query(name) => {
            envelope::form_field(request.uri().query()?.as_bytes(), name).ok()?
        }
        Source::Form(name) => envelope::form_field(delivery?.body(), name).ok()?,
        Source::Json(pointer) => {
            let document = str::from_utf8(delivery?.body()).ok()?;
            let [found, ..] = Plan::new([Some(&**pointer)]).read(document).ok()?;
            envelope::text(found?).ok()?
        }
        Source::FirstOf(places) => places
            .iter()
            .find_map(|place| read(place, request, delivery)),
        Source::Field(_)
        | Source::Xml(_)
        | Source::OtherMember(_)
        | Source::Body
        | Source::Claim(_)
        | Source::Protected(_) => None,
    }
}

/// The text at a place, where it may be reflected.
fn challenge(source: &Source, request: &Request, delivery: Option<&Delivery>) -> Option<String> {
    read(source, request, delivery).filter(|text| is_harmless(text))
}

/// As it stands between the quotes of a JSON string.
fn escaped(text: &str) -> Option<String> {
    let quoted = serde_json::Value::from(text).to_string();
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    Some(inner.to_owned())
}

fn no_content() -> Response {
    let mut response = answer::done();
    *response.status_mut() = StatusCode::NO_CONTENT;
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

/// What no sender signs as an event: no JSON, no form, no base64 with padding.
fn is_nonce(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=LONGEST_NONCE).contains(&text.len()) && text.bytes().all(plain)
}

fn is_hex(text: &str, least: usize, most: usize) -> bool {
    let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (least..=most).contains(&text.len()) && text.bytes().all(digit)
}

const LONGEST_NONCE: usize = 256;
const LONGEST: usize = 1024;
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

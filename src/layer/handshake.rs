//! [`HandshakeLayer`]: answer a sender's URL challenge.
//!
//! Some senders ask the endpoint to prove that it is meant, before they deliver. A signed challenge (Slack) is answered
//! behind verification, an unsigned one (a GET with a token) in front of it: put the layer where the scheme says. What is
//! reflected is at most 1 KiB of printable ASCII, as `text/plain` or a JSON string, with `nosniff`.
//!
//! Requests that are no challenge pass; so does everything for a scheme that has none.

use std::sync::Arc;

use axum::{body::Body, extract::Request, response::Response};
use http::{HeaderValue, Method, header};
use subtle::ConstantTimeEq;
use tower::Layer;

use super::gate::{Gate, Gated};
use crate::{
    answer,
    delivery::Delivery,
    envelope::{self, Plan},
    error::ConfigError,
    scheme::{ChallengeAnswer, Condition, Handshake, Keys, Scheme},
    secret::{Keyring, Param, Secret},
    source::Source,
    tenant::Tenant,
};

/// Answers URL challenges. See the [module docs](self).
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct HandshakeLayer {
    challenge: Option<Arc<Challenge>>,
}

impl HandshakeLayer {
    /// A layer for the scheme's challenge; the keyring holds the parameters it compares.
    ///
    /// # Errors
    /// A scheme that contradicts itself, a key it cannot use, or a parameter that the challenge compares is missing.
    pub fn new(scheme: &Scheme, keys: Keyring) -> Result<Self, ConfigError> {
        scheme.check()?;
        Ok(Self::with_keys(scheme, Some(&Keys::new(scheme, keys)?)))
    }

    /// A layer for a scheme that was checked, with the keys of its verifier, so that both are replaced together.
    /// Without keys it asks those of the request's tenant.
    pub(crate) fn with_keys(scheme: &Scheme, keys: Option<&Keys>) -> Self {
        let challenge = scheme.handshake.clone().and_then(|handshake| {
            // `check` refuses a method that is none.
            let method = Method::try_from(&*handshake.method).ok()?;
            Some(Arc::new(Challenge {
                handshake,
                method,
                keys: keys.cloned(),
            }))
        });
        Self { challenge }
    }

    /// The method of the challenge.
    pub(crate) fn method(&self) -> Option<&Method> {
        self.challenge.as_ref().map(|challenge| &challenge.method)
    }

    /// Whether a request is the challenge as far as can be told without keys.
    pub(crate) fn may_answer(&self, request: &Request) -> bool {
        self.challenge
            .as_ref()
            .is_some_and(|challenge| challenge.may_be(request))
    }

    /// The same, but passing everything unless the challenge is signed (or unsigned) as said.
    pub(crate) fn only(self, signed: bool) -> Self {
        Self {
            challenge: self
                .challenge
                .filter(|challenge| challenge.handshake.signed == signed),
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
        self.challenge.as_ref()?.answer(request)
    }
}

/// A challenge, with the parameters it compares and the pointers it reads.
#[derive(Debug)]
struct Challenge {
    handshake: Handshake,
    method: Method,
    /// `None`: those of the request's tenant.
    keys: Option<Keys>,
}

impl Challenge {
    fn may_be(&self, request: &Request) -> bool {
        let met = |condition: &Condition| match condition {
            Condition::EqualsParam(source, _) => read(source, request, None).is_some(),
            Condition::Present(_) | Condition::Equals(..) => self.is_met(condition, request, None),
        };
        *request.method() == self.method && self.handshake.when.iter().all(met)
    }

    fn param(&self, param: Param, request: &Request) -> Option<Secret> {
        match &self.keys {
            Some(keys) => keys.param(param),
            None => {
                let tenant = request.extensions().get::<Tenant>()?;
                tenant.verifier.keys().param(param)
            }
        }
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
            ChallengeAnswer::Echo(source) => reflect(read(source, request, delivery)?, TEXT),
            ChallengeAnswer::EchoJson(source, member) => {
                let challenge = read(source, request, delivery).filter(|text| is_harmless(text))?;
                let object = serde_json::Map::from_iter([(member.to_string(), challenge.into())]);
                Some(typed(serde_json::Value::Object(object).to_string(), JSON))
            }
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
            Condition::Equals(source, text) => equals(source, text, request, delivery),
            Condition::EqualsParam(source, param) => {
                let given = read(source, request, delivery).unwrap_or_default();
                let expected = self.param(*param, request);
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
        Source::Field(_) | Source::Xml(_) | Source::OtherMember(_) => None,
    }
}

fn reflect(challenge: String, content_type: HeaderValue) -> Option<Response> {
    is_harmless(&challenge).then(|| typed(challenge, content_type))
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

const LONGEST: usize = 1024;
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

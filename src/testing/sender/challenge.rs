//! URL challenges as the sender makes them.

use std::borrow::Cow;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderName, Method, Request, StatusCode, header};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Draft, Sender, set};
use crate::{
    scheme::{
        AnswerHeader, AnswerPart, ChallengeAnswer, Condition, Handshake, Keys, Part, Proof, Scheme,
        encode,
    },
    secret::Param,
    source::Source,
};

/// A sender's URL challenge, and the answer it expects; from [`Sender::handshakes`].
#[derive(Clone, Debug)]
pub struct Challenge {
    draft: Draft,
    expected: Expected,
}

#[derive(Clone, Debug, Default)]
struct Expected {
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    body: String,
}

impl Sender {
    /// The URL challenges of this sender, in the order of the scheme: all conditions met, tokens taken from the
    /// [`keyring`](Self::keyring), signed where the sender signs them. None for a sender that has none. One that has to be
    /// refused with a status of its own is among them, and one that brings a secret is not
    /// ([`secret_challenge`](Self::secret_challenge)).
    ///
    /// ```
    /// use axum::body::to_bytes;
    /// use hooklatch::{EventRouter, Hooks, provider, testing::Sender};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let slack = Sender::new(provider::SLACK);
    /// let app = Hooks::new().receiver("slack", provider::SLACK, slack.keyring())?.receive(EventRouter::new());
    /// for challenge in slack.handshakes() {
    ///     let Ok(response) = app.clone().oneshot(challenge.request()).await;
    ///     let status = response.status();
    ///     let body = to_bytes(response.into_body(), 1024).await?;
    ///     assert!(challenge.is_met_by(status, &body), "{:?} expected", challenge.expected());
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn handshakes(&self) -> Vec<Challenge> {
        let handshakes = self.scheme.handshakes.iter();
        handshakes
            .filter(|handshake| !handshake.brings_secret())
            .map(|handshake| self.challenge(handshake))
            .collect()
    }

    /// The URL challenge that brings this sender's secret, for a receiver that has no key yet; `None` for a sender whose
    /// secret is no such matter.
    ///
    /// ```
    /// use hooklatch::{EventRouter, Hooks, Keyring, provider, testing::Sender};
    /// use tower::ServiceExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), hooklatch::ConfigError> {
    /// let notion = Sender::new(provider::NOTION);
    /// let app = Hooks::new()
    ///     .receiver("notion", provider::NOTION, Keyring::empty())?
    ///     .on_secret(|arrived| async move {
    ///         assert_eq!(arrived.path(), "/");
    ///         Ok::<_, std::io::Error>(()) // stored
    ///     })
    ///     .receive(EventRouter::new());
    /// let event = notion.event("page.created", serde_json::json!({}));
    /// for (request, status) in [
    ///     (event.clone().request(), 401),
    ///     (notion.secret_challenge().expect("it brings one").request(), 200),
    ///     (event.request(), 200),
    /// ] {
    ///     let Ok(response) = app.clone().oneshot(request).await;
    ///     assert_eq!(response.status(), status);
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn secret_challenge(&self) -> Option<Challenge> {
        let mut handshakes = self.scheme.handshakes.iter();
        let brings = handshakes.find(|handshake| handshake.brings_secret())?;
        Some(self.challenge(brings))
    }

    fn challenge(&self, handshake: &Handshake) -> Challenge {
        let mut made = Made::default();
        if let ChallengeAnswer::Secret(place, _) = &handshake.answer {
            made.put(place, &self.key_text());
        }
        for condition in &*handshake.when {
            match condition {
                Condition::Present(place) => made.put(place, CHALLENGE),
                Condition::Equals(place, text) => made.put(place, text),
                Condition::EqualsParam(place, param) => made.put(place, self.param(*param)),
                Condition::Listed(place, param) => {
                    let first = self.param(*param).split_ascii_whitespace().next();
                    made.put(place, first.unwrap_or_default());
                }
                Condition::Unlisted(place, _) => made.put(place, CHALLENGE),
                Condition::StartsWith(place, text) => made.put(place, text),
                Condition::Hex(place, least, _) => made.put(place, &HEX.repeat(*least)),
                Condition::Absent(_) => {}
            }
        }
        let expected = self.expected(&handshake.answer, &mut made);
        let method = Method::try_from(&*handshake.method).expect("the scheme names a method");
        let mut draft = made.draft(self).method(method);
        draft.signed = handshake.signed;
        Challenge { draft, expected }
    }

    fn expected(&self, answer: &ChallengeAnswer, made: &mut Made) -> Expected {
        let just = |status: StatusCode| Expected {
            status,
            ..Expected::default()
        };
        let text = |body: String| Expected {
            body,
            ..Expected::default()
        };
        match answer {
            ChallengeAnswer::Acknowledge => just(StatusCode::OK),
            ChallengeAnswer::NoContent => just(StatusCode::NO_CONTENT),
            ChallengeAnswer::Refuse(status) => {
                just(StatusCode::from_u16(*status).expect("a status"))
            }
            ChallengeAnswer::Echo(place) => text(made.challenge(place)),
            ChallengeAnswer::EchoJson(place, member) => {
                text(json!({&**member: made.challenge(place)}).to_string())
            }
            ChallengeAnswer::Text(parts) | ChallengeAnswer::Json(parts) => {
                text(self.written(parts, made))
            }
            ChallengeAnswer::Headers(headers) => {
                let header = |header: &AnswerHeader| {
                    let name = HeaderName::try_from(&*header.name).expect("a header name");
                    (name, self.written(&header.value, made))
                };
                Expected {
                    headers: headers.iter().map(header).collect(),
                    ..Expected::default()
                }
            }
            ChallengeAnswer::Secret(place, echo) => {
                let echoed = |name| {
                    let name = HeaderName::try_from(name).expect("a header name");
                    (name, made.challenge(place))
                };
                Expected {
                    headers: echo.as_deref().map(echoed).into_iter().collect(),
                    ..Expected::default()
                }
            }
        }
    }

    fn written(&self, parts: &[AnswerPart], made: &mut Made) -> String {
        parts.iter().map(|part| self.answered(part, made)).collect()
    }

    /// What the sender expects for a part of the answer.
    fn answered(&self, part: &AnswerPart, made: &mut Made) -> String {
        let keys = || Keys::new(&self.scheme, self.keyring()).expect("keys of this scheme");
        match part {
            AnswerPart::Literal(text) => text.to_string(),
            AnswerPart::Challenge(place) => made.challenge(place),
            AnswerPart::Mac(place, encoding) => keys()
                .mac(None, &made.challenge(place), *encoding)
                .expect("a key that makes MACs"),
            AnswerPart::Sha256(place, params, encoding) => {
                let mut hash = Sha256::new_with_prefix(made.challenge(place));
                for param in &**params {
                    hash.update(self.param(*param));
                }
                encode(*encoding, &hash.finalize()).expect("a digest that can be written")
            }
            AnswerPart::Param(param, otherwise) => {
                let known = self.params.iter().find(|(known, _)| known == param);
                known.map_or_else(|| otherwise.to_string(), |(_, value)| value.clone())
            }
            AnswerPart::KeyId => keys().key_id(None).expect("a key with an id"),
        }
    }

    fn param(&self, param: Param) -> &str {
        let found = self.params.iter().find(|(known, _)| *known == param);
        found.map_or("", |(_, value)| value)
    }
}

impl Challenge {
    /// The request, to be changed like any other: where it goes, or what is wrong with it.
    pub fn draft(&self) -> Draft {
        self.draft.clone()
    }

    /// The request.
    ///
    /// # Panics
    /// As [`Draft::request`].
    #[must_use]
    pub fn request(&self) -> Request<Body> {
        self.draft().request()
    }

    /// The status and body that the sender expects.
    #[must_use]
    pub fn expected(&self) -> (StatusCode, &str) {
        (self.expected.status, &self.expected.body)
    }

    /// The headers that the sender expects, besides the content type.
    #[must_use]
    pub fn expected_headers(&self) -> &[(HeaderName, String)] {
        &self.expected.headers
    }

    /// Whether the sender takes an answer of this status and body. JSON may be written in any way.
    #[must_use]
    pub fn is_met_by(&self, status: StatusCode, body: &[u8]) -> bool {
        let (expected, text) = self.expected();
        let json = |text: &[u8]| serde_json::from_slice::<Value>(text).ok();
        let same = body == text.as_bytes()
            || json(body).is_some_and(|value| json(text.as_bytes()) == Some(value));
        status == expected && same
    }
}

/// The parameters that a receiver needs for the challenges, for what is signed and for tokens, made up for the test.
pub(super) fn params(scheme: &Scheme) -> Vec<(Param, String)> {
    let compared = scheme
        .handshakes
        .iter()
        .flat_map(|handshake| handshake.when.iter())
        .filter_map(|condition| match condition {
            Condition::EqualsParam(_, param)
            | Condition::Listed(_, param)
            | Condition::Unlisted(_, param) => Some(*param),
            _ => None,
        });
    let hashed = scheme
        .handshakes
        .iter()
        .flat_map(|handshake| handshake.answer.parts())
        .flat_map(|part| match part {
            AnswerPart::Sha256(_, params, _) => &**params,
            _ => &[],
        });
    let signed = scheme.content.iter().filter_map(|part| match part {
        Part::Param(param) => Some(*param),
        _ => None,
    });
    let named = match &scheme.proof {
        Proof::Jws(jws) => Some(jws.params()),
        _ => None,
    };
    let all = compared.chain(hashed.copied()).chain(signed);
    let mut params: Vec<(Param, String)> = Vec::new();
    for allowed in scheme.allowed.iter() {
        params.push((allowed.param, Scheme::SAMPLE_TOPIC.to_owned()));
    }
    for param in all.chain(named.into_iter().flatten()) {
        let value = match param {
            Param::PublicUrl => "https://example.com/hooks",
            Param::Topics => "https://example.com/a-topic",
            Param::AllowedOrigins => "sender.example.com",
            _ => "a-token-made-up-for-the-test",
        };
        if params.iter().all(|(known, _)| *known != param) {
            params.push((param, value.to_owned()));
        }
    }
    params
}

/// What a challenge is put together from. What is there first stays.
#[derive(Default)]
struct Made {
    headers: Vec<(HeaderName, String)>,
    query: Vec<(String, String)>,
    form: Vec<(String, String)>,
    json: Option<Value>,
}

impl Made {
    /// The challenge at this place, which is put there unless something is.
    fn challenge(&mut self, place: &Source) -> String {
        self.put(place, CHALLENGE);
        self.at(place).unwrap_or_else(|| CHALLENGE.to_owned())
    }

    fn at(&self, place: &Source) -> Option<String> {
        let found = |pairs: &[(String, String)], name: &str| {
            let pair = pairs.iter().find(|(known, _)| known == name);
            pair.map(|(_, value)| value.clone())
        };
        match place {
            Source::Query(name) => found(&self.query, name),
            Source::Form(name) => found(&self.form, name),
            Source::Header(name) => {
                let header = self
                    .headers
                    .iter()
                    .find(|(known, _)| known.as_str() == name);
                header.map(|(_, value)| value.clone())
            }
            Source::Json(pointer) => {
                let value = self.json.as_ref()?.pointer(pointer)?;
                value.as_str().map(str::to_owned)
            }
            _ => None,
        }
    }

    fn put(&mut self, place: &Source, text: &str) {
        let add = |pairs: &mut Vec<(String, String)>, name: &Cow<'_, str>| {
            if pairs.iter().all(|(known, _)| known != name) {
                pairs.push((name.to_string(), text.to_owned()));
            }
        };
        match place {
            Source::Header(name) => {
                let name = HeaderName::try_from(&**name).expect("a header name");
                if self.headers.iter().all(|(known, _)| *known != name) {
                    self.headers.push((name, text.to_owned()));
                }
            }
            Source::Query(name) => add(&mut self.query, name),
            Source::Form(name) => add(&mut self.form, name),
            Source::Json(pointer) => {
                let document = self.json.get_or_insert_with(|| json!({}));
                if document.pointer(pointer).is_none() {
                    set(document, pointer, text.into());
                }
            }
            Source::FirstOf(_) => {
                if let [first, ..] = place.places() {
                    self.put(first, text);
                }
            }
            // No challenge is read there.
            Source::Field(_)
            | Source::Xml(_)
            | Source::OtherMember(_)
            | Source::Body
            | Source::Claim(_)
            | Source::Protected(_) => {}
        }
    }

    fn draft(self, sender: &Sender) -> Draft {
        let form = || {
            let mut pairs = form_urlencoded::Serializer::new(String::new());
            pairs.extend_pairs(&self.form).finish()
        };
        let (content_type, body) = match &self.json {
            Some(document) => (Some("application/json"), document.to_string()),
            None if self.form.is_empty() => (None, String::new()),
            None => (Some("application/x-www-form-urlencoded"), form()),
        };
        let mut draft = sender.raw(Bytes::from(body));
        if let Some(content_type) = content_type {
            draft = draft.header(header::CONTENT_TYPE, content_type);
        }
        for (name, value) in self.headers {
            draft = draft.header(name, &value);
        }
        for (name, value) in &self.query {
            draft = draft.query(name, value);
        }
        draft
    }
}

const HEX: &str = "a";
/// Letters and digits: whatever a receiver holds for harmless.
const CHALLENGE: &str = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P";

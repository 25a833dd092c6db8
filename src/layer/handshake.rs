//! [`HandshakeLayer`]: answer a sender's URL challenge.
//!
//! Some senders ask the endpoint to prove that it is meant, before they deliver. A signed challenge (Slack) is answered
//! behind verification, an unsigned one (a GET with a token) in front of it: put the layer where the scheme says. What is
//! reflected is at most 1 KiB of printable ASCII, as `text/plain` or a JSON string, with `nosniff`.
//!
//! The body of an unsigned challenge is read only where the scheme tells it by its body (monday), at most 4 KiB within 10 s,
//! and not of a request that carries a signature. A secret that arrives in a challenge (Asana) is taken only with
//! [`on_secret`](HandshakeLayer::on_secret).
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

mod challenge;
mod peek;
mod secret;

use std::{
    error::Error as StdError,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use futures_util::future::Either;
use http::Method;
use tower::{Layer, Service};

pub use self::{challenge::AnsweredChallenge, secret::ArrivedSecret};
use self::{
    challenge::{Asked, Challenge, Verdict},
    peek::peek,
    secret::OnSecret,
};
use super::gate::ResponseFuture;
use crate::{
    error::{ConfigError, Rejection, RejectionKind},
    scheme::{Handshake, Keys, Scheme},
    secret::Keyring,
};

/// Answers URL challenges. See the [module docs](self).
#[derive(Clone)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct HandshakeLayer {
    scheme: Arc<Scheme>,
    challenges: Arc<[Challenge]>,
    receiver: Arc<str>,
    /// In a receiver, in front of verification: the methods of deliveries and of challenges behind it. What else was
    /// admitted is a challenge or nothing.
    others: Option<Arc<[Method]>>,
    on_secret: Option<OnSecret>,
    on_challenge: Option<OnChallenge>,
}

type OnChallenge = Arc<dyn Fn(&AnsweredChallenge<'_>) + Send + Sync>;

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
            receiver: (*scheme.name).into(),
            scheme: Arc::new(scheme.clone()),
            others: None,
            on_secret: None,
            on_challenge: None,
        }
    }

    /// Asks this before a secret that arrives in a challenge is taken. As
    /// [`Receiver::on_secret`](crate::Receiver::on_secret); but this layer alone has no hold of the keys of a
    /// [`VerifyLayer`](crate::VerifyLayer), which the hook has to replace itself.
    pub fn on_secret<F, Answer, E>(self, hook: F) -> Self
    where
        F: Fn(ArrivedSecret) -> Answer + Send + Sync + 'static,
        Answer: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        Self {
            on_secret: Some(secret::hook(hook)),
            ..self
        }
    }

    /// Calls this with every challenge that is answered. As [`Receiver::on_challenge`](crate::Receiver::on_challenge).
    pub fn on_challenge(
        self,
        hook: impl Fn(&AnsweredChallenge<'_>) + Send + Sync + 'static,
    ) -> Self {
        Self {
            on_challenge: Some(Arc::new(hook)),
            ..self
        }
    }

    pub(crate) fn named(self, receiver: &Arc<str>) -> Self {
        Self {
            receiver: Arc::clone(receiver),
            ..self
        }
    }

    /// The methods of the challenges.
    pub(crate) fn methods(&self) -> impl Iterator<Item = &Method> {
        self.challenges.iter().map(|challenge| &challenge.method)
    }

    /// Whether a request is a challenge as far as can be told without keys, and is answered with them. One that takes
    /// none is answered whatever tenant it names, and so tells nobody which there are.
    pub(crate) fn needs_keys(&self, request: &Request) -> bool {
        let asked = &Asked::of(request);
        self.challenges
            .iter()
            .any(|challenge| challenge.needs_keys() && challenge.may_be(asked))
    }

    /// Whether a request may be a challenge, though a delivery looks the same before its body is read.
    pub(crate) fn is_in_doubt(&self, request: &Request) -> bool {
        let asked = &Asked::of(request);
        let mut certain = self.challenges.iter().filter(|challenge| {
            challenge.needs_keys() && challenge.may_be(asked) && !challenge.handshake.reads_body()
        });
        certain.next().is_none()
    }

    /// The challenges in front of verification, of a receiver: a method that only they have admits nothing else.
    pub(crate) fn in_front(&self) -> Self {
        let signed = self
            .challenges
            .iter()
            .filter(|challenge| challenge.handshake.signed);
        let methods = signed.map(|challenge| challenge.method.clone());
        Self {
            others: Some(methods.chain([Method::POST]).collect()),
            ..self.only(false)
        }
    }

    /// The same, but passing everything unless the challenge is signed (or unsigned) as said.
    pub(crate) fn only(&self, signed: bool) -> Self {
        let challenges = self.challenges.iter();
        Self {
            challenges: challenges
                .filter(|challenge| challenge.handshake.signed == signed)
                .cloned()
                .collect(),
            ..self.clone()
        }
    }

    /// Whether the answer takes more than the head of the request.
    fn waits(&self, request: &Request) -> bool {
        let waiting = |challenge: &&Challenge| challenge.reads_body() || challenge.brings_secret();
        let mut challenges = self.challenges.iter().filter(waiting).peekable();
        if challenges.peek().is_none() {
            return false;
        }
        let asked = &Asked::of(request);
        let is_signed = self
            .scheme
            .carries_signature(request.headers(), request.uri());
        challenges.any(|challenge| {
            let is_open = if challenge.brings_secret() {
                challenge.has_no_key(asked)
            } else {
                !is_signed
            };
            is_open && challenge.may_be(asked)
        })
    }

    /// The answer that takes no more than the head of the request, or the delivery in it.
    fn at_once(&self, asked: &Asked<'_>) -> Option<Response> {
        for challenge in &*self.challenges {
            if let Verdict::Answered(response) = challenge.judge(asked) {
                return Some(self.told(asked, response));
            }
        }
        self.stray(asked)
    }

    /// The answer that takes the body, or the hook of a secret; else the request as it came.
    async fn in_time(&self, request: Request) -> Result<Response, Request> {
        let (head, body) = request.into_parts();
        let is_signed = self.scheme.carries_signature(&head.headers, &head.uri);
        let (body, rest) = peek(body).await;
        let asked = Asked {
            body: body.as_ref(),
            ..Asked::of_head(&head)
        };
        for challenge in &*self.challenges {
            if is_signed && challenge.reads_body() && !challenge.brings_secret() {
                continue;
            }
            let answer = match challenge.judge(&asked) {
                Verdict::Answered(response) => Some(response),
                Verdict::Brings(secret, echo) => {
                    let arrival = secret::Arrival {
                        secret: &secret,
                        echo,
                        is_signed,
                    };
                    self.learn(challenge, &asked, arrival).await
                }
                Verdict::Passed => None,
            };
            if let Some(response) = answer {
                return Ok(self.told(&asked, response));
            }
        }
        let stray = self.stray(&asked);
        stray.ok_or_else(|| Request::from_parts(head, rest))
    }

    fn told(&self, asked: &Asked<'_>, response: Response) -> Response {
        if let Some(hook) = &self.on_challenge {
            hook(&AnsweredChallenge::new(
                asked,
                &self.receiver,
                response.status(),
            ));
        }
        response
    }

    /// The refusal of what can be neither a delivery nor a challenge behind.
    fn stray(&self, asked: &Asked<'_>) -> Option<Response> {
        let others = self.others.as_ref()?;
        if others.contains(asked.method) {
            return None;
        }
        let rejection = Rejection::new(
            RejectionKind::SignatureMissing,
            "a method that only URL challenges have, and none that this sender makes",
        );
        Some(rejection.at(&self.receiver).into_response())
    }
}

impl fmt::Debug for HandshakeLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandshakeLayer")
            .field("challenges", &self.challenges)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for HandshakeLayer {
    type Service = Handshaken<S>;

    fn layer(&self, inner: S) -> Handshaken<S> {
        Handshaken {
            layer: self.clone(),
            inner,
        }
    }
}

/// The service of [`HandshakeLayer`].
#[derive(Clone, Debug)]
pub struct Handshaken<S> {
    layer: HandshakeLayer,
    inner: S,
}

impl<S> Service<Request> for Handshaken<S>
where
    S: Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Either<
        ResponseFuture<S::Future>,
        Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>,
    >;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if !self.layer.waits(&request) {
            return Either::Left(match self.layer.at_once(&Asked::of(&request)) {
                Some(response) => ResponseFuture::answered(response),
                None => ResponseFuture::asked(self.inner.call(request)),
            });
        }
        let layer = self.layer.clone();
        // The service that was polled ready goes with the request; the clone, which may not be ready, stays.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Either::Right(Box::pin(async move {
            match layer.in_time(request).await {
                Ok(response) => Ok(response),
                Err(request) => inner.call(request).await,
            }
        }))
    }
}

//! A secret that arrives in a challenge: taken once, and only if the owner of the endpoint says so.

use std::{error::Error as StdError, fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use axum::response::Response;
use http::{HeaderName, HeaderValue};
use time::OffsetDateTime;
use tokio::time::timeout;

use super::{
    HandshakeLayer,
    challenge::{Asked, Challenge},
};
use crate::{
    answer,
    scheme::{SchemeVerifier, Unverified, Verifier as _},
    secret::{Keyring, Secret},
};

/// A secret that arrived in a URL challenge, for [`Receiver::on_secret`](crate::Receiver::on_secret). Its `Debug` does not
/// print the secret.
#[derive(Clone, Debug)]
pub struct ArrivedSecret {
    receiver: Arc<str>,
    tenant: Option<Arc<str>>,
    path: String,
    secret: Secret,
}

impl ArrivedSecret {
    /// The name of the receiver, or of the scheme where the layer stands alone.
    #[must_use]
    pub fn receiver(&self) -> &str {
        &self.receiver
    }

    /// The name of the tenant, where the receiver has tenants.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// The path it came to, as the client sent it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The secret, to be stored as any other.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }
}

type Answer = Pin<Box<dyn Future<Output = Result<(), Box<dyn StdError + Send + Sync>>> + Send>>;

pub(super) type OnSecret = Arc<dyn Fn(ArrivedSecret) -> Answer + Send + Sync>;

pub(super) fn hook<F, Answering, E>(hook: F) -> OnSecret
where
    F: Fn(ArrivedSecret) -> Answering + Send + Sync + 'static,
    Answering: Future<Output = Result<(), E>> + Send + 'static,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    Arc::new(move |secret| {
        let answer = hook(secret);
        Box::pin(async { answer.await.map_err(Into::into) })
    })
}

/// What a challenge brings.
pub(super) struct Arrival<'a> {
    pub(super) secret: &'a str,
    pub(super) echo: Option<&'a str>,
    pub(super) is_signed: bool,
}

impl HandshakeLayer {
    /// Takes the secret and answers, if all agree; else the request is a delivery like any other.
    pub(super) async fn learn(
        &self,
        challenge: &Challenge,
        asked: &Asked<'_>,
        arrival: Arrival<'_>,
    ) -> Option<Response> {
        match self.take(challenge, asked, &arrival).await {
            Ok(()) => {}
            Err(why) => {
                let receiver = &*self.receiver;
                let tenant = asked.tenant().map(|tenant| &*tenant.name);
                tracing::warn!(target: "hooklatch::handshake", receiver, tenant, why, "a secret arrived and is refused");
                return None;
            }
        }
        let mut response = answer::done();
        if let Some(name) = arrival.echo {
            let name = HeaderName::try_from(name).ok()?;
            let value = HeaderValue::try_from(arrival.secret).ok()?;
            response.headers_mut().insert(name, value);
        }
        Some(response)
    }

    async fn take(
        &self,
        challenge: &Challenge,
        asked: &Asked<'_>,
        arrival: &Arrival<'_>,
    ) -> Result<(), &'static str> {
        let hook = self
            .on_secret
            .as_ref()
            .ok_or("nobody asked for it: there is no `on_secret`")?;
        let keys = challenge.keys(asked).ok_or("no such tenant")?;
        let learning = keys
            .learning()
            .ok_or("there is a key already, or one is on its way")?;
        let secret = Secret::from(arrival.secret);
        self.check(&secret, asked, arrival.is_signed)?;
        let arrived = ArrivedSecret {
            receiver: Arc::clone(&self.receiver),
            tenant: asked.tenant().map(|tenant| Arc::clone(&tenant.name)),
            path: asked.path().to_owned(),
            secret: secret.clone(),
        };
        match timeout(WITHIN, hook(arrived)).await {
            Ok(Ok(())) => learning
                .finish(&secret)
                .map_err(|_| "no key of this scheme"),
            Ok(Err(_)) => Err("`on_secret` refused it"),
            Err(_) => Err("`on_secret` took too long"),
        }
    }

    /// Whether the secret can be a key of this scheme, and signed the request that brings it if anything did.
    fn check(
        &self,
        secret: &Secret,
        asked: &Asked<'_>,
        is_signed: bool,
    ) -> Result<(), &'static str> {
        let scheme = (*self.scheme).clone();
        let verifier = SchemeVerifier::new(scheme, Keyring::new(secret.clone()))
            .map_err(|_| "it can be no key of this scheme")?;
        if !is_signed {
            return Ok(());
        }
        let mut head = http::Request::new(()).into_parts().0;
        head.method.clone_from(asked.method);
        head.uri.clone_from(asked.uri);
        head.headers.clone_from(asked.headers);
        let body = asked.body.ok_or("it is signed, and too long to check")?;
        // A key that just came does not expire, and how old a timestamp is says nothing of whose it is.
        let request = Unverified::new(&head, body, OffsetDateTime::UNIX_EPOCH);
        let verified = verifier.verify(&request);
        verified
            .map(drop)
            .map_err(|_| "the signature that came with it is not its own")
    }
}

impl fmt::Debug for Arrival<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Arrival")
    }
}

const WITHIN: Duration = Duration::from_secs(10);

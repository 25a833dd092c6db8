//! The tenant of an unsigned URL challenge, whose token is in the tenant's keyring.
//!
//! [`VerifyLayer`](crate::VerifyLayer) looks up the tenant of a delivery; this is for what is answered in front of it.

use std::{
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
use tower::{Layer, Service};

use super::handshake::HandshakeLayer;
use crate::tenant::Lookup;

/// Looks up the tenant of a request that may be a challenge answered with its keys, and lets all others pass.
#[derive(Clone, Debug)]
pub(crate) struct ChallengedLayer {
    challenge: HandshakeLayer,
    /// `None`: the receiver has keys of its own.
    tenants: Option<Lookup>,
    receiver: Arc<str>,
}

impl ChallengedLayer {
    pub(crate) fn new(
        challenge: &HandshakeLayer,
        tenants: Option<Lookup>,
        receiver: &Arc<str>,
    ) -> Self {
        Self {
            challenge: challenge.only(false),
            tenants,
            receiver: Arc::clone(receiver),
        }
    }
}

impl<S> Layer<S> for ChallengedLayer {
    type Service = Challenged<S>;

    fn layer(&self, inner: S) -> Challenged<S> {
        Challenged {
            layer: self.clone(),
            inner,
        }
    }
}

/// The service of [`ChallengedLayer`].
#[derive(Clone, Debug)]
pub(crate) struct Challenged<S> {
    layer: ChallengedLayer,
    inner: S,
}

impl<S> Service<Request> for Challenged<S>
where
    S: Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = S::Error;
    type Future =
        Either<S::Future, Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let Some(tenants) = self
            .layer
            .tenants
            .as_ref()
            .filter(|_| self.layer.challenge.needs_keys(&request))
        else {
            return Either::Left(self.inner.call(request));
        };
        let (tenants, receiver) = (tenants.clone(), Arc::clone(&self.layer.receiver));
        // What may be a delivery is refused as late as one.
        let is_in_doubt = self.layer.challenge.is_in_doubt(&request);
        // The service that was polled ready goes with the request; the clone, which may not be ready, stays.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let (mut head, body) = request.into_parts();
        Either::Right(Box::pin(async move {
            let found = match tenants.name(&mut head).await {
                Ok(name) => name.find().await,
                Err(rejection) => Err(rejection),
            };
            match found {
                Ok(tenant) => {
                    head.extensions.insert(tenant);
                    inner.call(Request::from_parts(head, body)).await
                }
                Err(_) if is_in_doubt => inner.call(Request::from_parts(head, body)).await,
                Err(rejection) => Ok(rejection.at(&receiver).into_response()),
            }
        }))
    }
}

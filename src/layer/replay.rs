//! [`ReplayLayer`]: refuse signed bytes that were already accepted under another id.
//!
//! Where a sender's event id is outside its signature (GitHub, Shopify, GitLab), whoever captured one request can send
//! it again under a fresh id, and deduplication by id lets it pass. This layer binds the signed content to the first id
//! it came with:
//! 1. The same content under the same id passes: that is a retry, and deduplication's business.
//! 2. Under another id: 409 once the first completed, 503 while it runs; if the first failed, it passes and takes over.
//! 3. Where the profile says that identical content is ordinary, it passes and
//!    [`Delivery::repeats_content`](crate::Delivery::repeats_content) says so.
//! 4. To a sender that disables endpoints on 4xx: 200 without effect.
//! 5. Nothing to guard, and all passes: the id is signed, the signature covers only part of the body, or there is none.

use std::{sync::Arc, time::Duration};

use tower::Layer;

use super::once::{Claiming, Mode, Once};
use crate::store::Claims;

/// Refuses replays of signed content. Stands behind a [`VerifyLayer`](crate::VerifyLayer). See the [module docs](self).
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct ReplayLayer {
    once: Arc<Once>,
}

impl ReplayLayer {
    /// A layer over this store.
    pub fn new(claims: impl Claims + 'static) -> Self {
        Self::shared(Arc::new(claims))
    }

    /// A layer over a store that others share.
    pub fn shared(claims: Arc<dyn Claims>) -> Self {
        Self {
            once: Arc::new(Once::new(claims, Mode::Replay)),
        }
    }

    /// How long a handler may run; then it is dropped and its claim released. 60 s unless said.
    pub fn handler_deadline(self, deadline: Duration) -> Self {
        Self {
            once: self.once.with(|once| once.handler_deadline = deadline),
        }
    }

    /// When the sender is answered, counted from the arrival of the request. The profile's unless said.
    pub fn answer_deadline(self, deadline: Duration) -> Self {
        Self {
            once: self.once.with(|once| once.answer_deadline = Some(deadline)),
        }
    }

    /// How long a claim holds without renewal; it is renewed at a third of that. 30 s unless said.
    pub fn lease(self, lease: Duration) -> Self {
        Self {
            once: self.once.with(|once| once.lease = lease),
        }
    }
}

impl<S> Layer<S> for ReplayLayer {
    type Service = Claiming<S>;

    fn layer(&self, inner: S) -> Claiming<S> {
        Claiming::new(inner, &self.once)
    }
}

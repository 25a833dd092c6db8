//! [`Hooks`]: receiver names, the handlers that run detached, and the stop.

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

#[cfg(feature = "tenants")]
use crate::tenant::Tenants;
use crate::{
    clock::{Clock, SystemClock},
    drain::Drain,
    error::{ConfigError, ConfigErrorKind},
    explain::Refusals,
    health::{Health, Problem, Vitals},
    layer::AdmitLayer,
    public_url::PublicUrl,
    receiver::{Receiver, Shared},
    scheme::Scheme,
    secret::Keyring,
    store::{Claims, MemoryStore},
};

/// What the receivers of one process share: the registry of their names, the store of claims, the limits on what is in
/// flight, the handlers that run detached from their connections, and the signal to stop.
///
/// Cheap to clone; clones are the same hooks.
///
/// ```
/// # fn main() -> Result<(), hooklatch::ConfigError> {
/// use hooklatch::{Hooks, Keyring, provider};
///
/// let hooks = Hooks::new();
/// let keys = Keyring::new("a-secret-of-sixteen-bytes-or-more");
/// let github = hooks.receiver("github", provider::GITHUB, keys.clone())?;
/// assert!(hooks.receiver("github", provider::GITHUB, keys).is_err(), "a name is used once");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Hooks {
    names: Arc<Mutex<HashSet<Box<str>>>>,
    drain: Drain,
    claims: Arc<dyn Claims>,
    clock: Arc<dyn Clock>,
    admit: AdmitLayer,
    public_url: PublicUrl,
    vitals: Arc<Vitals>,
    refusals: Option<Refusals>,
}

impl Hooks {
    /// Hooks with a bounded store in memory and the system clock. At most 8,192 requests and 256 MiB are in flight over
    /// all receivers.
    #[must_use]
    pub fn new() -> Self {
        Self {
            names: Arc::default(),
            drain: Drain::new(),
            claims: Arc::new(MemoryStore::new()),
            clock: SystemClock::shared(),
            admit: AdmitLayer::new(),
            public_url: PublicUrl::as_received(),
            vitals: Arc::new(Vitals::new(SystemClock::shared())),
            refusals: None,
        }
    }

    /// Another store of claims, for receivers made from now on.
    #[must_use]
    pub fn with_claims(self, claims: Arc<dyn Claims>) -> Self {
        Self { claims, ..self }
    }

    /// Another clock, for receivers made from now on.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self {
            vitals: Arc::new(Vitals::new(Arc::clone(&clock))),
            clock,
            ..self
        }
    }

    /// Other limits on what is in flight, for receivers made from now on.
    #[must_use]
    pub fn with_limits(self, requests: usize, bytes: usize) -> Self {
        Self {
            admit: AdmitLayer::new().max_requests(requests).max_bytes(bytes),
            ..self
        }
    }

    /// How receivers made from now on tell the URL a sender was given, where its signature covers it. As received unless
    /// said.
    #[must_use]
    pub fn with_public_url(self, policy: PublicUrl) -> Self {
        Self {
            public_url: policy,
            ..self
        }
    }

    /// Keeps in this log what receivers made from now on refuse.
    #[must_use]
    pub fn with_refusals(self, log: Refusals) -> Self {
        Self {
            refusals: Some(log),
            ..self
        }
    }

    /// A receiver of this name for a sender's scheme. The name scopes event ids: two receivers of one sender handle the
    /// same id each.
    ///
    /// # Errors
    /// The name is used already, the scheme contradicts itself, a key cannot be used, or a parameter or cargo feature is
    /// missing.
    pub fn receiver(
        &self,
        name: &str,
        scheme: Scheme,
        keys: Keyring,
    ) -> Result<Receiver, ConfigError> {
        let receiver = Receiver::new(name, scheme, keys, &self.shared())?;
        let receiver = self.register(name, receiver)?;
        if let Some(log) = &self.refusals {
            log.know(name, receiver.keys());
        }
        Ok(receiver)
    }

    /// A receiver of this name for many tenants, each with keys of its own: the path names the tenant, the resolver (or
    /// [`Tenants`], where more is to be set) knows its keyring. See [`Receiver`](Receiver#tenants).
    ///
    /// ```
    /// # fn main() -> Result<(), hooklatch::ConfigError> {
    /// use std::collections::HashMap;
    /// use axum::Router;
    /// use hooklatch::{Delivery, EventRouter, Hooks, Keyring, provider};
    ///
    /// async fn handle(delivery: Delivery) { println!("for {:?}", delivery.tenant()) }
    ///
    /// let keys = HashMap::from([
    ///     ("acme".to_owned(), Keyring::new("the-secret-of-acme-at-github")),
    ///     ("crabs".to_owned(), Keyring::new("the-secret-of-crabs-at-github")),
    /// ]);
    /// let github = Hooks::new().tenants("github", provider::GITHUB, keys)?;
    /// let events = EventRouter::new().fallback(handle);
    /// let app: Router = Router::new()
    ///     .route_service("/webhooks/{tenant}/github", github.receive(events));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The name is used already, the scheme contradicts itself, or a setting of the tenants cannot work. Keyrings are
    /// checked when they are looked up.
    #[cfg(feature = "tenants")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tenants")))]
    pub fn tenants(
        &self,
        name: &str,
        scheme: Scheme,
        tenants: impl Into<Tenants>,
    ) -> Result<Receiver, ConfigError> {
        let receiver = Receiver::for_tenants(name, scheme, tenants.into(), &self.shared())?;
        self.register(name, receiver)
    }

    fn shared(&self) -> Shared {
        Shared {
            drain: self.drain.clone(),
            claims: Arc::clone(&self.claims),
            clock: Arc::clone(&self.clock),
            admit: self.admit.clone(),
            public_url: self.public_url.clone(),
            vitals: Arc::clone(&self.vitals),
            refusals: self.refusals.clone(),
        }
    }

    fn register(&self, name: &str, receiver: Receiver) -> Result<Receiver, ConfigError> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if !names.insert(name.into()) {
            let message =
                format!("there is a receiver named `{name}` already: give this one another name");
            return Err(ConfigError::new(ConfigErrorKind::Name, message));
        }
        Ok(receiver)
    }

    /// Stops: new requests are answered 503, running handlers get until the deadline, then they are dropped and their
    /// claims released. Returns when none runs. [`serve`](crate::serve()) calls it on SIGTERM.
    pub async fn shutdown(&self, deadline: Duration) {
        self.drain.shutdown(deadline).await;
    }

    /// Whether requests should be sent here: no store is broken, no delivery has been due for too long, the clock can be
    /// believed, and nobody is shutting down. For the readiness check of whatever sends requests here; cheap: stores are asked
    /// every 5 s, not anew.
    #[must_use]
    pub fn health(&self) -> Health {
        let mut problems = self.vitals.problems();
        if self.drain.is_stopping() {
            problems.push(Problem::Draining);
        }
        Health { problems }
    }

    pub(crate) const fn drain(&self) -> &Drain {
        &self.drain
    }
}

impl Default for Hooks {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("Hooks")
            .field("receivers", &*names)
            .finish_non_exhaustive()
    }
}

//! [`Tenants`]: a resolver, and how long its answers hold.

use std::{fmt, sync::Arc, time::Duration};

use super::resolver::TenantResolver;
use crate::error::{ConfigError, ConfigErrorKind};

/// Where the keys of a receiver's tenants come from, which part of the path names the tenant, and how long answers hold.
///
/// Made of a [`TenantResolver`], and given to [`Hooks::tenants`](crate::Hooks::tenants), which takes a resolver by itself
/// as well.
///
/// ```
/// # fn main() -> Result<(), hooklatch::ConfigError> {
/// use std::{collections::HashMap, time::Duration};
/// use axum::Router;
/// use hooklatch::{EventRouter, Hooks, Keyring, Tenants, provider};
///
/// let keys = HashMap::from([("acme".to_owned(), Keyring::new("the-secret-of-acme-at-github"))]);
/// let tenants = Tenants::new(keys).parameter("customer").fresh(Duration::from_secs(300));
/// let github = Hooks::new().tenants("github", provider::GITHUB, tenants)?;
/// let app: Router = Router::new()
///     .route_service("/customers/{customer}/github", github.receive(EventRouter::new()));
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "tenants do nothing until a receiver is made for them"]
pub struct Tenants {
    pub(super) resolver: Arc<dyn TenantResolver>,
    pub(super) parameter: Arc<str>,
    pub(super) fresh: Duration,
    pub(super) unknown: Duration,
    pub(super) stale: Duration,
    pub(super) deadline: Duration,
    pub(super) capacity: u64,
}

impl Tenants {
    /// Tenants whose keys this resolver knows, named by the path parameter `tenant`.
    pub fn new(resolver: impl TenantResolver) -> Self {
        Self {
            resolver: Arc::new(resolver),
            parameter: "tenant".into(),
            fresh: Duration::from_secs(60),
            unknown: Duration::from_secs(10),
            stale: Duration::from_secs(10 * 60),
            deadline: Duration::from_secs(5),
            capacity: 10_000,
        }
    }

    /// Another name of the path parameter: `customer` for `/webhooks/{customer}/stripe`.
    pub fn parameter(self, name: &str) -> Self {
        Self {
            parameter: name.into(),
            ..self
        }
    }

    /// How long a tenant's keys count before the resolver is asked again. 60 s unless said. Zero: it is asked for every
    /// request that does not come while it is being asked.
    pub fn fresh(self, time: Duration) -> Self {
        Self {
            fresh: time,
            ..self
        }
    }

    /// How long a name is taken to be unknown before the resolver is asked again. 10 s unless said: so long a new tenant
    /// may be answered 401, unless [`TenantKeys::replace`](crate::TenantKeys::replace) makes it known.
    pub fn unknown(self, time: Duration) -> Self {
        Self {
            unknown: time,
            ..self
        }
    }

    /// How much longer a tenant's keys count while the resolver fails. 10 min unless said: so long a key that was
    /// withdrawn may still be accepted.
    pub fn stale(self, time: Duration) -> Self {
        Self {
            stale: time,
            ..self
        }
    }

    /// How long the resolver may take; then it counts as failed. 5 s unless said.
    pub fn deadline(self, time: Duration) -> Self {
        Self {
            deadline: time,
            ..self
        }
    }

    /// How many tenants, known and unknown, are remembered at most. 10,000 unless said. Names that are seldom asked for
    /// make room for those that often are, so a flood of invented names does not push out tenants at work.
    pub fn capacity(self, tenants: u64) -> Self {
        Self {
            capacity: tenants,
            ..self
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let fault = |what| Err(ConfigError::new(ConfigErrorKind::Setting, what));
        if self.parameter.is_empty() {
            return fault("the path parameter that names the tenant has no name");
        }
        if self.deadline.is_zero() {
            return fault("a deadline of zero leaves the resolver of tenants no time");
        }
        if self.capacity == 0 {
            return fault("a capacity of zero remembers no tenant");
        }
        Ok(())
    }
}

impl<R: TenantResolver> From<R> for Tenants {
    fn from(resolver: R) -> Self {
        Self::new(resolver)
    }
}

impl fmt::Debug for Tenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenants")
            .field("parameter", &self.parameter)
            .field("fresh", &self.fresh)
            .field("unknown", &self.unknown)
            .field("stale", &self.stale)
            .field("deadline", &self.deadline)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

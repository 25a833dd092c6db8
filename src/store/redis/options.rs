//! [`RedisOptions`]: how a [`RedisStore`] connects, and what it puts up with.

use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

use redis::{Client, ConnectionInfo, IntoConnectionInfo, ProtocolVersion};

use super::{
    RedisStore, Shared, TARGET,
    guarantees::{self, Found, RedisEviction},
    link::Link,
    script::Scripts,
};
use crate::{
    error::{ConfigError, ConfigErrorKind},
    store::{Claims as _, StoreError},
};

/// How to connect to a Redis, from [`RedisStore::options`].
///
/// ```no_run
/// use std::time::Duration;
/// use hooklatch::store::RedisStore;
///
/// # async fn example() -> Result<(), hooklatch::store::RedisConnectError> {
/// let store = RedisStore::options()
///     .prefix("shop:webhooks:")
///     .timeout(Duration::from_secs(1))
///     .connect("redis://127.0.0.1/")
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RedisOptions {
    prefix: String,
    timeout: Duration,
    evicting: bool,
}

impl RedisOptions {
    pub(super) fn new() -> Self {
        Self {
            prefix: PREFIX.to_owned(),
            timeout: TIMEOUT,
            evicting: false,
        }
    }

    /// What the name of every key begins with, `hooklatch:` unless set. All instances that share claims need the same;
    /// applications that share a Redis and no claims need different ones.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long a call may take in all, 2 s unless set. It then fails, and the sender is answered 503; what it asked for
    /// may still be done.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Connects to a Redis that evicts keys, too: whenever it makes room it may forget a claim, of a running event even,
    /// and the next copy runs again. Without this, such a Redis is refused.
    #[must_use]
    pub const fn accept_eviction(mut self) -> Self {
        self.evicting = true;
        self
    }

    /// Connects, asks Redis for its [guarantees](RedisStore::guarantees), and writes them to the log: as a warning where
    /// they are not [sound](super::RedisGuarantees::are_sound).
    ///
    /// `redis://[user][:password@]host[:port][/database]`, or `unix:///path/to/socket`.
    ///
    /// # Errors
    /// [`RedisConnectError::Config`]: the URL or a setting cannot be used, Redis evicts keys, or it is part of a cluster.
    /// [`RedisConnectError::Unavailable`]: it cannot be reached, does not let us in, or is a replica.
    pub async fn connect(self, url: &str) -> Result<RedisStore, RedisConnectError> {
        if self.timeout.is_zero() {
            return Err(unusable(
                "the timeout of the Redis store is zero".to_owned(),
            ));
        }
        let info = parse(url)?;
        let address = info.addr().to_string();
        let client = Client::open(info)
            .map_err(|error| unusable(format!("cannot use Redis at {address}: {error}")))?;
        let link = Link::new(client, self.timeout);
        let found = guarantees::find(&link).await.map_err(StoreError::from)?;
        self.check(&address, &found)?;

        let guarantees = found.guarantees;
        if guarantees.are_sound() {
            tracing::info!(target: TARGET, address, %guarantees, "connected to Redis");
        } else {
            tracing::warn!(target: TARGET, address, %guarantees, "connected to Redis, which may forget claims");
        }
        let shared = Shared {
            address,
            prefix: self.prefix,
            link,
            scripts: Scripts::new(found.major),
            guarantees,
        };
        let store = RedisStore(Arc::new(shared));
        // Whether we may do what every request needs is better known now.
        store.ping().await?;
        Ok(store)
    }

    fn check(&self, address: &str, found: &Found) -> Result<(), RedisConnectError> {
        if found.is_cluster {
            let message = format!(
                "Redis at {address} is part of a cluster, where an event and its content live on different machines: use one that is not"
            );
            return Err(unusable(message));
        }
        if found.is_replica {
            let cause = format!("Redis at {address} is a replica: claims need its master");
            return Err(StoreError::unavailable(cause).into());
        }
        match &found.guarantees.eviction {
            RedisEviction::Policy(policy) if !self.evicting => Err(unusable(format!(
                "Redis at {address} may forget claims to make room (maxmemory-policy {policy}): set it to noeviction, or accept that events then run again, with RedisOptions::accept_eviction"
            ))),
            _ => Ok(()),
        }
    }
}

/// What the URL says. The reason it cannot be read is not told where it might repeat a password.
fn parse(url: &str) -> Result<ConnectionInfo, RedisConnectError> {
    let info = url.into_connection_info().map_err(|_| {
        unusable("the URL of Redis must be redis://[user][:password@]host[:port][/database] or unix:///path".to_owned())
    })?;
    // With it the client is told at once of a connection that was lost while nothing was asked.
    let settings = info.redis_settings().clone();
    let query = url.split_once('?').unwrap_or_default().1;
    let settings = if query.contains("protocol=") {
        settings
    } else {
        settings.set_protocol(ProtocolVersion::RESP3)
    };
    let tcp = info.tcp_settings().clone();
    Ok(info
        .set_redis_settings(settings)
        .set_tcp_settings(tcp.set_nodelay(true)))
}

fn unusable(message: String) -> RedisConnectError {
    ConfigError::new(ConfigErrorKind::Setting, message).into()
}

/// Why there is no [`RedisStore`]. Holds no password.
#[derive(Debug)]
#[non_exhaustive]
pub enum RedisConnectError {
    /// Something has to be set up differently: the URL, a setting of the store, or Redis.
    Config(ConfigError),
    /// Redis cannot be used now; later it may.
    Unavailable(StoreError),
}

impl fmt::Display for RedisConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::Unavailable(error) => match error.source() {
                Some(cause) => write!(f, "cannot use Redis: {cause}"),
                None => error.fmt(f),
            },
        }
    }
}

impl StdError for RedisConnectError {}

impl From<ConfigError> for RedisConnectError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<StoreError> for RedisConnectError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error)
    }
}

const PREFIX: &str = "hooklatch:";
const TIMEOUT: Duration = Duration::from_secs(2);

//! [`KeySource`]: where keys come from that are in no keyring.

use std::{borrow::Cow, fmt, future::Future, pin::Pin, time::Duration};

use crate::{scheme::KeyQuery, secret::Keyring};

/// Gets the keys a sender publishes. [`KeyFetcher`](crate::KeyFetcher) does so over HTTPS; another may have them from
/// a mirror or a database.
///
/// It is asked before anything of a request is believed, but only for what the scheme's
/// [`Discovery`](crate::Discovery) allows. A receiver asks once at a time for each URL, keeps the answer for 5 minutes to
/// 24 hours, asks again for a key it does not know at most every 30 seconds, and at most ten times in 30 seconds for URLs
/// that never gave a key. It waits 10 seconds.
pub trait KeySource: fmt::Debug + Send + Sync + 'static {
    /// The keys at the URL of this query, named as requests name them. What else is there may be given with them.
    ///
    /// # Errors
    /// [`KeyError::unknown`]: the sender says that there is no such key; the request is refused as one with a wrong
    /// signature. [`KeyError::unavailable`]: that cannot be told now; the sender is answered 503 and tries again.
    fn keys<'a>(&'a self, query: &'a KeyQuery) -> KeyFuture<'a>;
}

/// The answer of a [`KeySource`], on its way.
pub type KeyFuture<'a> = Pin<Box<dyn Future<Output = Result<FoundKeys, KeyError>> + Send + 'a>>;

/// The keys that were found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FoundKeys {
    /// The keys, each by the name that requests have for it.
    pub keyring: Keyring,
    /// How long the source says they hold.
    pub fresh: Option<Duration>,
}

impl FoundKeys {
    /// These keys, which hold for an hour.
    #[must_use]
    pub const fn new(keyring: Keyring) -> Self {
        Self {
            keyring,
            fresh: None,
        }
    }

    /// The same, for this long; below 5 minutes and above 24 hours the nearer of these counts.
    #[must_use]
    pub const fn fresh(mut self, time: Duration) -> Self {
        self.fresh = Some(time);
        self
    }
}

/// Why a [`KeySource`] gives no keys. Its text is logged, so it must not hold a secret.
#[derive(Clone, Debug)]
pub struct KeyError {
    pub(super) unknown: bool,
    reason: Cow<'static, str>,
}

impl KeyError {
    /// The sender has no such key.
    pub fn unknown(reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            unknown: true,
            reason: reason.into(),
        }
    }

    /// It cannot be told now.
    pub fn unavailable(reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            unknown: false,
            reason: reason.into(),
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for KeyError {}

// Stops compiling when the trait is no longer object safe.
#[expect(dead_code, reason = "a compile-time check")]
fn object_safe(_: &dyn KeySource) {}

//! [`TenantResolver`]: where the keys of tenants come from.

use std::{
    collections::{BTreeMap, HashMap},
    error::Error as StdError,
    fmt,
    future::Future,
    hash::BuildHasher,
    pin::Pin,
    task::{Context, Poll},
};

use crate::secret::Keyring;

/// Knows the keyring of every tenant: a table, a secret store, a service.
///
/// It is asked once per tenant and [`fresh`](crate::Tenants::fresh) time, however many requests come in meanwhile, and
/// never before the head of a request is well-formed. What a name may look like is not checked but for its length (1 to
/// 256 bytes): it is whatever a stranger writes into the path, so hand it on as a parameter, never as a piece of a query.
///
/// Two names are two tenants: event ids are scoped by the name as it stands in the path. Where names have several spellings
/// (`/ACME`, `/acme`), know one of them alone; and where two tenants share a secret, each takes what was signed for the other.
///
/// A map from names to keyrings is a resolver, and so is a function of an owned name:
///
/// ```
/// use hooklatch::{Hooks, Keyring, provider};
///
/// # #[derive(Clone)] struct Database;
/// # impl Database { async fn secret(&self, tenant: &str) -> Result<Option<String>, std::io::Error> { Ok(None) } }
/// # fn main() -> Result<(), hooklatch::ConfigError> {
/// # let database = Database;
/// let keys = move |tenant: String| {
///     let database = database.clone();
///     async move { Ok::<_, std::io::Error>(database.secret(&tenant).await?.map(Keyring::new)) }
/// };
/// let receiver = Hooks::new().tenants("stripe", provider::STRIPE, keys)?;
/// # Ok(()) }
/// ```
pub trait TenantResolver: Send + Sync + 'static {
    /// The keyring of the tenant of this name; `None` when there is none.
    ///
    /// # Errors
    /// [`TenantError`]: it cannot be told now. The sender is answered 503 and tries again, or keys that were known before
    /// go on to count for a while.
    fn resolve<'a>(&'a self, tenant: &'a str) -> TenantFuture<'a>;
}

impl<F, Answer, E> TenantResolver for F
where
    F: Fn(String) -> Answer + Send + Sync + 'static,
    Answer: Future<Output = Result<Option<Keyring>, E>> + Send + 'static,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    fn resolve<'a>(&'a self, tenant: &'a str) -> TenantFuture<'a> {
        let answer = self(tenant.to_owned());
        TenantFuture::pending(async { answer.await.map_err(TenantError::new) })
    }
}

impl<S: BuildHasher + Send + Sync + 'static> TenantResolver for HashMap<String, Keyring, S> {
    fn resolve<'a>(&'a self, tenant: &'a str) -> TenantFuture<'a> {
        TenantFuture::ready(Ok(self.get(tenant).cloned()))
    }
}

impl TenantResolver for BTreeMap<String, Keyring> {
    fn resolve<'a>(&'a self, tenant: &'a str) -> TenantFuture<'a> {
        TenantFuture::ready(Ok(self.get(tenant).cloned()))
    }
}

/// The answer of a [`TenantResolver`]: there already, or on its way.
#[must_use = "futures do nothing unless awaited"]
pub struct TenantFuture<'a>(State<'a>);

type Answer = Result<Option<Keyring>, TenantError>;

enum State<'a> {
    Ready(Option<Answer>),
    Pending(Pin<Box<dyn Future<Output = Answer> + Send + 'a>>),
}

impl<'a> TenantFuture<'a> {
    /// An answer that is there already; costs no allocation.
    pub const fn ready(answer: Result<Option<Keyring>, TenantError>) -> Self {
        Self(State::Ready(Some(answer)))
    }

    /// An answer that needs I/O.
    pub fn pending(
        answer: impl Future<Output = Result<Option<Keyring>, TenantError>> + Send + 'a,
    ) -> Self {
        Self(State::Pending(Box::pin(answer)))
    }
}

impl Future for TenantFuture<'_> {
    type Output = Result<Option<Keyring>, TenantError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Ready(answer) => answer.take().map_or(Poll::Pending, Poll::Ready),
            State::Pending(future) => future.as_mut().poll(cx),
        }
    }
}

impl fmt::Debug for TenantFuture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TenantFuture")
    }
}

/// Why a [`TenantResolver`] cannot tell. Its text is logged, so it must not hold a secret.
#[derive(Debug)]
pub struct TenantError(Box<dyn StdError + Send + Sync>);

impl TenantError {
    /// An error with this cause.
    pub fn new(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

impl fmt::Display for TenantError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for TenantError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

// Stops compiling when the trait is no longer object safe.
#[expect(dead_code, reason = "a compile-time check")]
fn object_safe(_: &dyn TenantResolver) {}

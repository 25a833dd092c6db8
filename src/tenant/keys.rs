//! [`TenantKeys`]: the keys of tenants that are known by now.

use std::{
    fmt,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{Shared, WeakShared},
};
use moka::sync::Cache;
use tokio::time::timeout;

use super::{Find, Found, Lookup, Tenant, Tenants};
use crate::{
    clock::Clock,
    error::{ConfigError, Rejection, RejectionKind},
    scheme::SchemeVerifier,
    secret::Keyring,
};

/// The keys of a receiver's tenants, as far as they were looked up: a cache in front of a
/// [`TenantResolver`](crate::TenantResolver), and the handle to change it while requests come in. Cheap to clone; clones
/// are the same keys. From [`Receiver::tenant_keys`](crate::Receiver::tenant_keys).
///
/// 1. One call of the resolver at a time for each tenant; all requests of that tenant wait for it, or go on with keys that
///    still count. It has a deadline, and a panic counts as an error.
/// 2. An answer holds for [`Tenants::fresh`] (60 s), that there is no such tenant for [`Tenants::unknown`] (10 s).
/// 3. Where the resolver fails, or gives a keyring that the sender's scheme refuses, earlier keys go on to count for
///    [`Tenants::stale`] (10 min); without such the answer is 503, never 401. It is asked again after a second.
/// 4. At most [`Tenants::capacity`] (10,000) tenants are remembered.
///
/// A request that found its keys keeps them until it is answered, whatever is replaced meanwhile.
///
/// ```
/// # fn main() -> Result<(), hooklatch::ConfigError> {
/// use std::collections::HashMap;
/// use hooklatch::{Hooks, Keyring, provider};
///
/// let old = "the-old-secret-of-acme";
/// let keys = HashMap::from([("acme".to_owned(), Keyring::new(old))]);
/// let receiver = Hooks::new().tenants("github", provider::GITHUB, keys)?;
/// if let Some(keys) = receiver.tenant_keys() {
///     // From now on, not only when the resolver is asked again. Both secrets count until GitHub has the new one.
///     keys.replace("acme", Keyring::new("the-new-secret-of-acme").and("old", old))?;
/// }
/// # Ok(()) }
/// ```
// Why moka only bounds, and neither expires nor loads: time comes from our clock, so that tests set it, and a keyring put
// in place by hand must win over a call of the resolver that began before it.
#[derive(Clone)]
pub struct TenantKeys(Arc<Known>);

impl TenantKeys {
    pub(crate) fn new(
        receiver: &Arc<str>,
        template: Arc<SchemeVerifier>,
        tenants: Tenants,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, ConfigError> {
        tenants.check()?;
        // By the machine's clock, only so that the keys of tenants that went quiet do not stay in memory.
        let longest = tenants
            .fresh
            .saturating_add(tenants.stale)
            .max(tenants.unknown);
        let slots = Cache::builder()
            .max_capacity(tenants.capacity)
            .time_to_idle(longest.clamp(SHORTEST, LONGEST))
            .build();
        Ok(Self(Arc::new(Known {
            receiver: Arc::clone(receiver),
            template,
            slots,
            clock: Arc::clone(clock),
            tenants,
        })))
    }

    pub(crate) fn lookup(&self) -> Lookup {
        Lookup {
            parameter: Arc::clone(&self.0.tenants.parameter),
            source: Arc::new(self.clone()),
        }
    }

    /// Puts a keyring in place for all requests of this tenant that look for their keys from now on, as if the resolver
    /// had just given it; an answer that is on its way does not undo it. The resolver must know the same keyring by the
    /// time it is asked again, which may be at any time.
    ///
    /// # Errors
    /// The scheme cannot use the keyring; nothing changes then.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a keyring that is given away is wiped here"
    )]
    pub fn replace(&self, tenant: &str, keyring: Keyring) -> Result<(), ConfigError> {
        let found = self.0.known(tenant, &keyring)?;
        let entry = self.0.entry(found);
        self.0.slot(tenant).lock().put(Some(entry));
        Ok(())
    }

    /// Forgets what is known of this tenant, for good or ill: the resolver is asked at its next request.
    pub fn forget(&self, tenant: &str) {
        self.0.slot(tenant).lock().put(None);
        self.0.slots.invalidate(tenant);
    }
}

impl Find for TenantKeys {
    fn find<'a>(&'a self, name: &'a str) -> Found<'a> {
        Box::pin(async {
            let answer = match self.0.look(name) {
                Look::There(answer) => answer,
                Look::OnItsWay(call) => call.await,
            };
            match answer {
                Answer::Known(tenant) => Ok(Some(tenant)),
                Answer::Unknown => Ok(None),
                Answer::Failed(reason) => {
                    let detail = format!("the keys of the tenant cannot be had: {reason}");
                    Err(Rejection::new(RejectionKind::KeysUnavailable, detail))
                }
            }
        })
    }
}

impl fmt::Debug for TenantKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantKeys")
            .field("receiver", &self.0.receiver)
            .field("tenants", &self.0.tenants)
            .finish_non_exhaustive()
    }
}

struct Known {
    receiver: Arc<str>,
    template: Arc<SchemeVerifier>,
    slots: Cache<String, Arc<Slot>>,
    clock: Arc<dyn Clock>,
    tenants: Tenants,
}

/// Where a tenant's keys are: here, or being looked up.
enum Look {
    There(Answer),
    OnItsWay(Shared<Call>),
}

/// A call of the resolver, which ends with the slot filled. It goes on as long as one request waits for it.
type Call = Pin<Box<dyn Future<Output = Answer> + Send>>;

impl Known {
    fn look(self: &Arc<Self>, name: &str) -> Look {
        let slot = self.slot(name);
        let now = self.clock.monotonic();
        let mut state = slot.lock();
        let call = state.call.as_ref().and_then(WeakShared::upgrade);
        let counts = |entry: &&Entry| {
            now < entry.fresh_until || (call.is_some() && now < entry.usable_until)
        };
        if let Some(entry) = state.entry.as_ref().filter(counts) {
            return Look::There(entry.answer.clone());
        }
        Look::OnItsWay(call.unwrap_or_else(|| {
            let call = Arc::clone(self).ask(name.into(), Arc::clone(&slot), state.version);
            let call: Call = Box::pin(call);
            let call = call.shared();
            state.call = call.downgrade();
            call
        }))
    }

    fn slot(&self, name: &str) -> Arc<Slot> {
        self.slots.get_with_by_ref(name, Arc::default)
    }

    async fn ask(self: Arc<Self>, name: Box<str>, slot: Arc<Slot>, version: u64) -> Answer {
        let answer = self.resolve(&name).await;
        let mut state = slot.lock();
        if state.version != version {
            // Replaced or forgotten while the call was under way: what was put in place is newer.
            let entry = state.entry.as_ref();
            return entry.map_or_else(
                || answer.unwrap_or_else(Answer::Failed),
                |entry| entry.answer.clone(),
            );
        }
        let entry = match answer {
            Ok(answer) => self.entry(answer),
            Err(reason) => self.failed(state.entry.take(), &reason),
        };
        let answer = entry.answer.clone();
        state.entry = Some(entry);
        state.call = None;
        answer
    }

    /// What the resolver says; an error in words where it cannot be used.
    async fn resolve(&self, name: &str) -> Result<Answer, Arc<str>> {
        let deadline = self.tenants.deadline;
        let call = AssertUnwindSafe(async { self.tenants.resolver.resolve(name).await });
        match timeout(deadline, call.catch_unwind()).await {
            Err(_) => Err(format!("no answer within {deadline:?}").into()),
            Ok(Err(_)) => Err("the resolver panicked".into()),
            Ok(Ok(Err(error))) => Err(error.to_string().into()),
            Ok(Ok(Ok(None))) => Ok(Answer::Unknown),
            Ok(Ok(Ok(Some(keyring)))) => self
                .known(name, &keyring)
                .map_err(|error| error.to_string().into()),
        }
    }

    fn known(&self, name: &str, keyring: &Keyring) -> Result<Answer, ConfigError> {
        Ok(Answer::Known(Tenant {
            name: name.into(),
            verifier: Arc::new(self.template.with_keyring(keyring)?),
        }))
    }

    fn entry(&self, answer: Answer) -> Entry {
        let (fresh, stale) = match &answer {
            Answer::Known(_) => (self.tenants.fresh, self.tenants.stale),
            Answer::Unknown => (self.tenants.unknown, Duration::ZERO),
            Answer::Failed(_) => (PAUSE, Duration::ZERO),
        };
        let fresh_until = self.clock.monotonic().saturating_add(fresh);
        Entry {
            answer,
            fresh_until,
            usable_until: fresh_until.saturating_add(stale),
        }
    }

    /// The entry after a failure: the earlier one as long as it may be used.
    fn failed(&self, before: Option<Entry>, reason: &Arc<str>) -> Entry {
        let failed = self.entry(Answer::Failed(Arc::clone(reason)));
        let now = self.clock.monotonic();
        match before {
            Some(Entry {
                answer: Answer::Known(tenant),
                usable_until,
                ..
            }) if now < usable_until => {
                let (receiver, name) = (&*self.receiver, &*tenant.name);
                tracing::error!(target: TARGET, receiver, tenant = name, %reason, "cannot look up keys again, going on with the earlier ones");
                Entry {
                    answer: Answer::Known(tenant),
                    fresh_until: failed.fresh_until.min(usable_until),
                    usable_until,
                }
            }
            _ => failed,
        }
    }
}

/// What is known of one tenant.
#[derive(Default)]
struct Slot(Mutex<State>);

impl Slot {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
struct State {
    entry: Option<Entry>,
    /// The call that is under way, if anybody still waits for it.
    call: Option<WeakShared<Call>>,
    /// Counts what was put in place by hand.
    version: u64,
}

impl State {
    fn put(&mut self, entry: Option<Entry>) {
        self.entry = entry;
        self.call = None;
        self.version = self.version.wrapping_add(1);
    }
}

/// An answer, and until when it counts by itself or while the resolver does not give another.
struct Entry {
    answer: Answer,
    fresh_until: Duration,
    usable_until: Duration,
}

#[derive(Clone)]
enum Answer {
    Known(Tenant),
    Unknown,
    /// In words, without a secret.
    Failed(Arc<str>),
}

/// How long a resolver that failed is left alone, for each tenant.
const PAUSE: Duration = Duration::from_secs(1);

/// Longer than any call of a resolver should take: a slot that goes meanwhile would let a second call begin.
const SHORTEST: Duration = Duration::from_secs(60);

/// moka takes nothing longer than a thousand years.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

const TARGET: &str = "hooklatch::tenant";

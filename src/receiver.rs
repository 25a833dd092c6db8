//! [`Receiver`]: every layer in the right order. START HERE.

mod service;

use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

use tower::Layer;

pub use self::service::Receive;
use self::service::{Innermost, Task};

#[cfg(feature = "discovery")]
use crate::discovery::KeySource;
use crate::{
    clock::Clock,
    drain::Drain,
    error::{ConfigError, ConfigErrorKind, Rejection},
    explain::Refusals,
    health::Vitals,
    layer::{
        Accepting, AdmitLayer, AnsweredChallenge, ArrivedSecret, ChallengedLayer, Claiming,
        FreshnessLayer, HandshakeLayer, Mode, Once, VerifyLayer,
    },
    public_url::PublicUrl,
    router::EventRouter,
    scheme::{Keys, Scheme},
    secret::Keyring,
    store::{Claims, Inbox},
    worker::{Retries, Settings, Watch, Watched, Worker},
};
#[cfg(feature = "tenants")]
use crate::{
    scheme::SchemeVerifier,
    tenant::{TenantKeys, Tenants},
};

/// Receives the webhooks of one sender at one endpoint: verified, fresh, once, typed, handled.
///
/// A request passes, from the outside in:
/// 1. [`AdmitLayer`]: the method; a permit on what is in flight.
/// 2. [`HandshakeLayer`]: an unsigned URL challenge.
/// 3. [`VerifyLayer`]: the body under a cap, the signature over its raw bytes.
/// 4. [`FreshnessLayer`]: the signed timestamp.
/// 5. [`HandshakeLayer`]: a signed URL challenge.
/// 6. Claims: event id and, where the id is unsigned, content, in one atomic operation; the handler runs detached.
///    With an [inbox](Self::inbox): the delivery is written instead, and acknowledged.
/// 7. [`EventRouter`]: your handler; with an inbox, in the [`Worker`].
///
/// Made by [`Hooks::receiver`](crate::Hooks::receiver); every setting has a default from the sender's profile.
///
/// ```
/// # fn main() -> Result<(), hooklatch::ConfigError> {
/// use axum::Router;
/// use hooklatch::{EventRouter, Hooks, Keyring, RawEvent, provider};
///
/// let hooks = Hooks::new();
/// let keys = Keyring::new("a-secret-of-sixteen-bytes-or-more");
/// let github = hooks
///     .receiver("github", provider::GITHUB, keys)?
///     .on_rejection(|rejection| eprintln!("refused: {rejection}"));
/// let events = EventRouter::new().fallback(|event: RawEvent| async move { println!("{}", event.event_type) });
/// let app: Router = Router::new().route_service("/webhooks/github", github.receive(events));
/// # Ok(()) }
/// ```
///
/// # Tenants
///
/// With the feature `tenants` one receiver serves many customers: `Hooks::tenants` makes it, the
/// path it is mounted at names the tenant (`/webhooks/{tenant}/stripe`), and a resolver knows the tenant's keyring. Event
/// ids are scoped by receiver and tenant, so two tenants may have the same. [`Delivery::tenant`](crate::Delivery::tenant)
/// tells the handler.
///
/// 1. A route without that path parameter is our own fault: 503 for every request.
/// 2. Head and body are checked and read as they always are, whoever the tenant is; then the keys are looked up.
/// 3. An unknown tenant, and a name that is not Unicode or has not 1 to 256 bytes, is answered as a wrong signature is, by
///    the same bytes and as late: only after the body. What is left is the time of the look-up itself, so a name
///    that must stay secret has to be hard to guess.
/// 4. A resolver that fails, a keyring the scheme refuses: 503, unless the tenant's earlier keys still count.
/// 5. An unsigned URL challenge is looked up once all of it but the tenant's token fits.
#[derive(Clone)]
#[must_use = "a receiver does nothing until `receive` gives it handlers"]
pub struct Receiver {
    name: Arc<str>,
    admit: AdmitLayer,
    challenge: HandshakeLayer,
    verify: VerifyLayer,
    freshness: FreshnessLayer,
    once: Arc<Once>,
    on_rejection: Option<Hook>,
    keys: Keys,
    inbox: Option<Arc<dyn Inbox>>,
    work: Settings,
    vitals: Arc<Vitals>,
    refusals: Option<Refusals>,
    #[cfg(feature = "tenants")]
    tenants: Option<TenantKeys>,
}

type Hook = Arc<dyn Fn(&Rejection) + Send + Sync>;

/// What a receiver shares with the others of its hooks.
pub(crate) struct Shared {
    pub(crate) drain: Drain,
    pub(crate) claims: Arc<dyn Claims>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) admit: AdmitLayer,
    pub(crate) public_url: PublicUrl,
    pub(crate) vitals: Arc<Vitals>,
    pub(crate) refusals: Option<Refusals>,
}

impl Receiver {
    pub(crate) fn new(
        name: &str,
        scheme: Scheme,
        keys: Keyring,
        shared: &Shared,
    ) -> Result<Self, ConfigError> {
        let name = named(name)?;
        let verify = VerifyLayer::new(scheme, keys)?.named(&name);
        let keys = verify
            .keys()
            .ok_or_else(|| ConfigError::new(ConfigErrorKind::Key, "the scheme has no keys"))?;
        let challenge = HandshakeLayer::with_keys(verify.scheme(), Some(&keys)).named(&name);
        Ok(Self::build(name, verify, challenge, keys, shared))
    }

    #[cfg(feature = "tenants")]
    pub(crate) fn for_tenants(
        name: &str,
        scheme: Scheme,
        tenants: Tenants,
        shared: &Shared,
    ) -> Result<Self, ConfigError> {
        let name = named(name)?;
        scheme.check_formats()?;
        let verifier = Arc::new(SchemeVerifier::without_keys(scheme.clone())?);
        let keys = verifier.keys();
        let tenants = TenantKeys::new(&name, Arc::clone(&verifier), tenants, &shared.clock)?;
        let verify = VerifyLayer::for_tenants(scheme, verifier, tenants.lookup())?.named(&name);
        let challenge = HandshakeLayer::with_keys(verify.scheme(), None).named(&name);
        Ok(Self {
            tenants: Some(tenants),
            ..Self::build(name, verify, challenge, keys, shared)
        })
    }

    fn build(
        name: Arc<str>,
        verify: VerifyLayer,
        challenge: HandshakeLayer,
        keys: Keys,
        shared: &Shared,
    ) -> Self {
        let admit = shared.admit.clone().for_receiver(&name, &shared.drain);
        let methods = challenge.methods().cloned();
        let admit = methods.fold(admit, AdmitLayer::method);
        let once = Once::new(Arc::clone(&shared.claims), Mode::Both)
            .with(|once| once.drain = shared.drain.clone());
        Self {
            freshness: FreshnessLayer::new().clock(Arc::clone(&shared.clock)),
            once,
            on_rejection: None,
            name,
            admit,
            challenge,
            verify: verify
                .clock(Arc::clone(&shared.clock))
                .public_url(shared.public_url.clone()),
            keys,
            inbox: None,
            work: Settings::DEFAULT,
            vitals: Arc::clone(&shared.vitals),
            refusals: shared.refusals.clone(),
            #[cfg(feature = "tenants")]
            tenants: None,
        }
    }

    /// The service to mount, with these handlers behind it: `Router::route_service(path, receiver.receive(events))`.
    ///
    /// With an [inbox](Self::inbox) this starts its [`Worker`] as well; outside of a tokio runtime, the first request does.
    /// Call it once: handlers of a second call would share the work with those of the first.
    pub fn receive(&self, events: EventRouter) -> Receive {
        let (innermost, task) = match &self.inbox {
            Some(inbox) => (
                Innermost::Inbox(self.accepting(inbox)),
                Task::Work(self.working(inbox, events)),
            ),
            None => {
                let claims = Watched::Claims(Arc::downgrade(&self.once.claims));
                (
                    Innermost::Claims(Claiming::new(events, &self.once)),
                    Task::Watch(self.watch(claims)),
                )
            }
        };
        let receive = self.receive_by(innermost);
        receive.task.put(task);
        receive
    }

    /// The service to mount where another process runs the [`worker`](Self::worker): it only accepts.
    /// [`Hooks::health`](crate::Hooks::health) knows of its inbox all the same.
    ///
    /// # Errors
    /// [`ConfigErrorKind::Setting`]: the receiver has no inbox.
    pub fn accept_only(&self) -> Result<Receive, ConfigError> {
        let inbox = self.inbox.as_ref().ok_or_else(no_inbox)?;
        let receive = self.receive_by(Innermost::Inbox(self.accepting(inbox)));
        let inbox = Watched::Inbox(Arc::downgrade(inbox), self.work.oldest);
        receive.task.put(Task::Watch(self.watch(inbox)));
        Ok(receive)
    }

    /// What runs the deliveries of the [inbox](Self::inbox), for a process that only works. `None`: there is no inbox.
    ///
    /// ```no_run
    /// # async fn f(github: hooklatch::Receiver, events: hooklatch::EventRouter) {
    /// if let Some(worker) = github.worker(events) {
    ///     worker.run().await;
    /// }
    /// # }
    /// ```
    pub fn worker(&self, events: EventRouter) -> Option<Worker> {
        Some(self.working(self.inbox.as_ref()?, events))
    }

    fn working(&self, inbox: &Arc<dyn Inbox>, events: EventRouter) -> Worker {
        let claims: Arc<dyn Claims> = Arc::<dyn Inbox>::clone(inbox);
        let once = self.once.with(|once| once.claims = claims);
        Worker::new(
            Arc::clone(inbox),
            Arc::clone(self.verify.origin()),
            once,
            events,
            Arc::clone(&self.vitals),
            Settings {
                lease: self.once.lease,
                ..self.work
            },
        )
    }

    fn watch(&self, store: Watched) -> Watch {
        Watch {
            receiver: Arc::clone(&self.name),
            store,
            drain: self.once.drain.clone(),
            vitals: Arc::clone(&self.vitals),
        }
    }

    fn accepting(&self, inbox: &Arc<dyn Inbox>) -> Accepting {
        Accepting::new(Arc::clone(inbox), Arc::clone(&self.once))
    }

    fn receive_by(&self, innermost: Innermost) -> Receive {
        let verify = match innermost {
            Innermost::Claims(_) => self.verify.clone(),
            Innermost::Inbox(_) => self.verify.clone().keeping_unreadable(),
        };
        let verify = match &self.refusals {
            Some(log) => verify.refusals(log.clone()),
            None => verify,
        };
        let challenged = self.challenge.only(true).layer(innermost);
        let fresh = self.freshness.layer(challenged);
        let verified = verify.layer(fresh);
        let answering = self.challenge.in_front().layer(verified);
        let challenged = ChallengedLayer::new(&self.challenge, self.verify.tenants(), &self.name);
        let stack = self.admit.layer(challenged.layer(answering));
        Receive {
            stack,
            on_rejection: self.on_rejection.clone(),
            vitals: Arc::clone(&self.vitals),
            refusals: self.refusals.clone(),
            task: Arc::default(),
        }
    }

    /// Writes every delivery to this store and acknowledges it; its handlers run afterwards, in this process, and again
    /// where they fail ([`retries`](Self::retries)). Then nothing that was acknowledged is lost, whatever happens to the
    /// process, and no handler makes a sender wait.
    ///
    /// A handler then answers nobody: of a [`Reply`](crate::Reply) the body is dropped.
    ///
    /// ```no_run
    /// # #[cfg(feature = "sqlite")]
    /// # async fn f(stripe: hooklatch::Receiver) -> Result<(), Box<dyn std::error::Error>> {
    /// use hooklatch::store::SqliteStore;
    ///
    /// let stripe = stripe.inbox(SqliteStore::open("hooks.db").await?);
    /// # Ok(()) }
    /// ```
    pub fn inbox(self, store: impl Inbox + 'static) -> Self {
        self.shared_inbox(Arc::new(store))
    }

    /// The same, with a store that others share.
    pub fn shared_inbox(self, store: Arc<dyn Inbox>) -> Self {
        Self {
            inbox: Some(store),
            ..self
        }
    }

    /// When deliveries of the [inbox](Self::inbox) that failed are tried again, and how often. [`Retries::DEFAULT`] unless
    /// said.
    pub const fn retries(mut self, retries: Retries) -> Self {
        self.work.retries = retries;
        self
    }

    /// How many deliveries of the [inbox](Self::inbox) are handled at the same time in this process, at least one. 16 unless
    /// said.
    pub const fn concurrency(mut self, handlers: usize) -> Self {
        self.work.concurrency = if handlers == 0 { 1 } else { handlers };
        self
    }

    /// How long a delivery of the [inbox](Self::inbox) may be due before [`Hooks::health`](crate::Hooks::health) says that
    /// nobody takes it ([`Backlog::oldest`](crate::store::Backlog::oldest)): one that waits for its next attempt is not due.
    /// 15 minutes unless said.
    pub const fn oldest_allowed(mut self, age: Duration) -> Self {
        self.work.oldest = age;
        self
    }

    /// The receiver's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The keys, to replace them while requests come in: the new keyring is checked first, and a bad one changes nothing.
    ///
    /// A receiver for [tenants](Self#tenants) never uses these; its keys are its `tenant_keys`.
    #[must_use]
    pub const fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The keys of the tenants, to replace or forget those of one while requests come in. `None` where the receiver has keys
    /// of its own.
    #[cfg(feature = "tenants")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tenants")))]
    #[must_use]
    pub const fn tenant_keys(&self) -> Option<&TenantKeys> {
        self.tenants.as_ref()
    }

    /// Calls this with every refusal, for alerts. It runs on the request's way, so it must not block.
    pub fn on_rejection(self, hook: impl Fn(&Rejection) + Send + Sync + 'static) -> Self {
        Self {
            on_rejection: Some(Arc::new(hook)),
            ..self
        }
    }

    /// Calls this with every URL challenge that is answered, as to learn the lease of a WebSub subscription. It runs on the
    /// request's way, so it must not block.
    ///
    /// ```
    /// # fn main() -> Result<(), hooklatch::ConfigError> {
    /// # use hooklatch::{Hooks, Keyring, Param, provider};
    /// let keys = Keyring::new("the-app-secret-of-meta").with(Param::VerifyToken, "a word you chose");
    /// let meta = Hooks::new()
    ///     .receiver("meta", provider::META, keys)?
    ///     .on_challenge(|challenge| println!("confirmed: {:?}", challenge.query("hub.mode")));
    /// # Ok(()) }
    /// ```
    pub fn on_challenge(
        self,
        hook: impl Fn(&AnsweredChallenge<'_>) + Send + Sync + 'static,
    ) -> Self {
        Self {
            challenge: self.challenge.on_challenge(hook),
            ..self
        }
    }

    /// Asks this before a secret that arrives in a URL challenge is taken ([`ChallengeAnswer::Secret`]): a sender that
    /// makes the secret itself sends it to the endpoint, and nothing proves that it was the sender. So take it only while you
    /// wait for one, and store it: the receiver has it from then on, but not after a restart, when its keyring has to hold
    /// it. Begin with [`Keyring::empty`]; a receiver that has a key never asks, and refuses a second secret.
    ///
    /// An error refuses the secret, as does a hook that takes longer than 10 s, and having no hook. The sender is then
    /// answered 401.
    ///
    /// [`ChallengeAnswer::Secret`]: crate::ChallengeAnswer::Secret
    ///
    /// ```
    /// # fn main() -> Result<(), hooklatch::ConfigError> {
    /// use std::borrow::Cow;
    /// use hooklatch::{ChallengeAnswer, Condition, Handshake, Hooks, Keyring, Scheme, Secret, Source};
    ///
    /// # async fn store(secret: &Secret) -> Result<(), std::io::Error> { Ok(()) }
    /// const SECRET: Source = Source::header("x-hook-secret");
    /// const ACME: Scheme = Scheme {
    ///     handshakes: Cow::Borrowed(&[Handshake {
    ///         signed: false,
    ///         method: Cow::Borrowed("POST"),
    ///         when: Cow::Borrowed(&[Condition::Present(SECRET)]),
    ///         answer: ChallengeAnswer::Secret(SECRET, Some(Cow::Borrowed("x-hook-secret"))),
    ///     }]),
    ///     ..Scheme::HMAC_SHA256
    /// };
    /// let acme = Hooks::new()
    ///     .receiver("acme", ACME, Keyring::empty())?
    ///     .on_secret(|arrived| async move { store(arrived.secret()).await });
    /// # Ok(()) }
    /// ```
    pub fn on_secret<F, Answer, E>(self, hook: F) -> Self
    where
        F: Fn(ArrivedSecret) -> Answer + Send + Sync + 'static,
        Answer: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        Self {
            challenge: self.challenge.on_secret(hook),
            ..self
        }
    }

    /// Another store of claims than the hooks' own.
    pub fn claims(self, claims: Arc<dyn Claims>) -> Self {
        self.with_once(|once| once.claims = claims)
    }

    /// When the sender is answered, counted from the arrival of the request: 503 then, while the handler goes on. The
    /// profile's unless said: half a second before the sender gives up, within 10 s.
    pub fn answer_deadline(self, deadline: Duration) -> Self {
        self.with_once(|once| once.answer_deadline = Some(deadline))
    }

    /// How long a handler may run; then it is dropped and its claim released. 60 s unless said.
    pub fn handler_deadline(self, deadline: Duration) -> Self {
        self.with_once(|once| once.handler_deadline = deadline)
    }

    /// How long a claim holds without renewal; it is renewed at a third of that. 30 s unless said.
    pub fn lease(self, lease: Duration) -> Self {
        self.with_once(|once| once.lease = lease)
    }

    /// Another tolerance for the signed timestamp, for both sides.
    pub fn tolerance(self, tolerance: Duration) -> Self {
        let freshness = self.freshness.clone().tolerance(tolerance);
        Self {
            freshness,
            ..self.with_once(|once| once.tolerance = Some(tolerance))
        }
    }

    /// How to tell the URL the sender was given, where its signature covers it, instead of the hooks' own way.
    ///
    /// ```
    /// # fn main() -> Result<(), hooklatch::ConfigError> {
    /// # use hooklatch::{Hooks, Keyring, PublicUrl, Scheme};
    /// # let (hooks, scheme, keys) = (Hooks::new(), Scheme::HMAC_SHA256, Keyring::new("0123456789abcdef"));
    /// let receiver = hooks
    ///     .receiver("shop", scheme, keys)?
    ///     .public_url(PublicUrl::base("https://hooks.example.com")?);
    /// # Ok(()) }
    /// ```
    pub fn public_url(self, policy: PublicUrl) -> Self {
        Self {
            verify: self.verify.public_url(policy),
            ..self
        }
    }

    /// Another source of the keys that the sender publishes than a [`KeyFetcher`](crate::KeyFetcher). It is only asked where
    /// the scheme has a [`Discovery`](crate::Discovery) and the keyring no key.
    #[cfg(feature = "discovery")]
    #[cfg_attr(docsrs, doc(cfg(feature = "discovery")))]
    pub fn key_source(self, source: Arc<dyn KeySource>) -> Self {
        Self {
            verify: self.verify.key_source(source),
            ..self
        }
    }

    /// Another limit for the body, in bytes.
    pub fn body_limit(self, bytes: usize) -> Self {
        Self {
            verify: self.verify.body_limit(bytes),
            ..self
        }
    }

    /// Other deadlines for the body: the longest silence, and the longest time for all of it. 10 s and 30 s unless said.
    pub fn body_timeouts(self, idle: Duration, total: Duration) -> Self {
        Self {
            verify: self.verify.body_timeouts(idle, total),
            ..self
        }
    }

    /// Another place for the payload: a JSON pointer into the body, or into an item of a batch; `""` for all of it.
    ///
    /// # Errors
    /// Not a JSON pointer (RFC 6901).
    pub fn payload(self, pointer: &str) -> Result<Self, ConfigError> {
        Ok(Self {
            verify: self.verify.payload(pointer)?,
            ..self
        })
    }

    /// Insists that the sender's signatures cover the whole body, so that its handlers may believe what they read. Where
    /// that depends on the request, as with a sender of JSON and of forms, the handler asks by taking
    /// [`Covered`](crate::Covered).
    ///
    /// ```
    /// use hooklatch::{Hooks, Keyring, provider};
    ///
    /// let hooks = Hooks::new();
    /// let github = hooks.receiver("github", provider::GITHUB, Keyring::new("8f742231b10e8888abcd99"))?;
    /// assert!(github.require_whole_coverage().is_ok());
    /// // A token tells who sent a request, not what is in it.
    /// let telegram = hooks.receiver("telegram", provider::TELEGRAM, Keyring::new("8f742231b10e8888abcd99"))?;
    /// assert!(telegram.require_whole_coverage().is_err());
    /// # Ok::<(), hooklatch::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigErrorKind::Scheme`]: no signature of this sender covers a whole body.
    pub fn require_whole_coverage(self) -> Result<Self, ConfigError> {
        let scheme = self.verify.scheme();
        if scheme.may_cover_whole() {
            return Ok(self);
        }
        Err(ConfigError::new(
            ConfigErrorKind::Scheme,
            format!(
                "the signature of {} does not cover the whole body: fetch from the sender what its events name",
                scheme.name
            ),
        ))
    }

    fn with_once(self, change: impl FnOnce(&mut Once)) -> Self {
        Self {
            once: self.once.with(change),
            ..self
        }
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("name", &self.name)
            .field("verify", &self.verify)
            .finish_non_exhaustive()
    }
}

/// A receiver's name, checked.
fn named(name: &str) -> Result<Arc<str>, ConfigError> {
    if name.is_empty() {
        return Err(ConfigError::new(
            ConfigErrorKind::Name,
            "a receiver needs a name: it scopes event ids",
        ));
    }
    Ok(name.into())
}

fn no_inbox() -> ConfigError {
    ConfigError::new(
        ConfigErrorKind::Setting,
        "the receiver has no inbox: give it one with `inbox`",
    )
}

//! What was already accepted, and what is still to be done: [`Claims`], [`Inbox`], and the stores.
//!
//! A claim is a lease with a token, the *fence*. Whoever claims first runs the handler; everybody else is told that it
//! is running or done. Only the holder of the current fence can finish or free a claim, so a process that slept through
//! its lease changes nothing when it wakes up.
//!
//! ```text
//! absent ──claim──▶ in progress ──complete──▶ completed ──retention──▶ absent
//!                     │    ▲
//!             release │    │ claim (attempt + 1, fence + 1)
//!             or lease▼    │
//!              over   failed
//! ```
//!
//! Every implementation must pass `testing::claims_contract` (feature `testing`).

mod inbox;
mod masked;
mod memory;
mod operate;
#[cfg(feature = "redis")]
mod redis;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod sql;
mod transaction;

use std::{
    error::Error as StdError,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use crate::key::Key;

#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) use self::operate::replay_key;
#[cfg(feature = "redis")]
#[cfg_attr(docsrs, doc(cfg(feature = "redis")))]
pub use self::redis::{
    RedisConnectError, RedisDurability, RedisEviction, RedisGuarantees, RedisOptions, RedisStore,
};
#[cfg(any(feature = "sqlite", feature = "postgres"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "sqlite", feature = "postgres"))))]
pub use self::sql::*;
pub use self::transaction::Transactional;
pub use self::{
    inbox::{Accepted, Backlog, Entry, Inbox, Leased, Settlement},
    memory::{MemoryStats, MemoryStore},
    operate::{
        Activity, Attempt, DeliveryContent, DeliveryQuery, DeliveryState, Finished, Operate,
        StoredDelivery,
    },
};

/// Who may run an event's handler, decided atomically.
///
/// The methods return [`StoreFuture`], so that a store in memory answers without an allocation and the trait stays
/// object safe. A call that is dropped half-way may or may not have taken effect; a claim that was taken then ends with
/// its lease.
pub trait Claims: fmt::Debug + Send + Sync {
    /// Takes the event for one run, or tells who has it. The event key and the content key are taken together or not
    /// at all.
    ///
    /// # Errors
    /// [`StoreError`]: the store is full or cannot be reached. Nothing was taken as far as the store knows.
    fn claim<'a>(&'a self, claim: &'a Claim) -> StoreFuture<'a, Claimed>;

    /// Extends the lease to `claim.lease` from now. `false`: the fence is no longer current, somebody else may run.
    ///
    /// # Errors
    /// [`StoreError`]: the store cannot be reached; whether the lease was extended is unknown.
    fn renew<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool>;

    /// Marks the event as done for `claim.retention`. `false`: the fence is no longer current and nothing changed.
    ///
    /// # Errors
    /// [`StoreError`]: whether the completion was stored is unknown; the answer to the sender must be 503.
    fn complete<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool>;

    /// Frees exactly what the claim with this fence took, so that the next copy runs; the count of attempts stays.
    /// `false`: the fence is no longer current and nothing changed.
    ///
    /// # Errors
    /// [`StoreError`]: the claim then ends with its lease.
    fn release<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool>;

    /// Forgets an event and its content altogether, whatever its state, so that it runs as if never seen.
    /// `false`: there was nothing.
    ///
    /// # Errors
    /// [`StoreError`]: whether it was forgotten is unknown.
    fn forget(&self, event: Key) -> StoreFuture<'_, bool>;

    /// Asks whether the store can be reached, and changes nothing. [`Hooks::health`](crate::Hooks::health) does, every 5 s, where
    /// there is no inbox. A store in this process leaves it as it is.
    ///
    /// # Errors
    /// [`StoreError`]: it cannot be reached.
    fn ping(&self) -> StoreFuture<'_, ()> {
        StoreFuture::ready(Ok(()))
    }

    /// Whether the store can keep what it is given, as far as it knows without asking anybody.
    fn condition(&self) -> Condition {
        Condition::Sound
    }

    /// Place for a transaction that a handler may open in this store, to be committed together with the completion of its
    /// event. `None`: the store has no transactions.
    #[doc(hidden)]
    fn transaction(&self) -> Option<Arc<dyn Transactional>> {
        None
    }
}

/// What to claim, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// The event.
    pub event: Key,
    /// The signed content, where the id is not under the signature.
    pub content: Option<Key>,
    /// What to do when the content is held by another event.
    pub on_repeat: OnRepeat,
    /// How long the claim holds without a renewal.
    pub lease: Duration,
    /// How long a completed event is remembered.
    pub retention: Duration,
    /// How long after its completion a bounded store must not forget the event, even to make room.
    pub protect: Duration,
}

impl Claim {
    /// A claim on an event alone: lease 30 s, retention 30 days, protected for an hour.
    #[must_use]
    pub const fn new(event: Key) -> Self {
        Self {
            event,
            content: None,
            on_repeat: OnRepeat::Refuse,
            lease: Duration::from_secs(30),
            retention: Duration::from_secs(30 * 24 * 3600),
            protect: Duration::from_secs(3600),
        }
    }
}

/// What a claim does when its content is already held by another event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnRepeat {
    /// Answer [`Claimed::Replay`] and take nothing.
    #[default]
    Refuse,
    /// Where the holder was claimed with this too: take the event alone, leave the content with its holder, and say so
    /// in [`Claimed::New`]. Else refuse. So content that came once as what must not repeat never repeats, whatever a
    /// later copy calls itself: the name of a type may be as unsigned as the id.
    Flag,
}

/// The outcome of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claimed {
    /// Taken: run the handler, then complete or release with this fence.
    New {
        /// The token of this run.
        fence: Fence,
        /// Which run of this event it is, from 1.
        attempt: u32,
        /// The content is held by another event ([`OnRepeat::Flag`]).
        repeats_content: bool,
    },
    /// Somebody is running it.
    Running,
    /// It is done.
    Completed,
    /// The same content is held by another event id.
    Replay {
        /// Whether that other event is done (else it is running).
        completed: bool,
    },
}

/// Whether a store can keep what it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// Nothing is known against it.
    Sound,
    /// Writing failed in a way after which nothing it says of its files can be believed: it accepts nothing more. Look at
    /// the disk, then start the process again.
    Poisoned,
    /// There was no room for what it was given a moment ago: the disk is full. What it has is safe, and it accepts again once
    /// there is room.
    Full,
}

/// The token of one run: larger than the token of every earlier run of the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(u64);

impl Fence {
    /// A fence from its stored number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number to store.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// Why a store could not answer. The sender is told 503 and tries again.
#[derive(Debug)]
pub struct StoreError {
    full: bool,
    cause: Box<dyn StdError + Send + Sync>,
}

impl StoreError {
    /// The store cannot be reached or failed.
    pub fn unavailable(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            full: false,
            cause: cause.into(),
        }
    }

    /// The store holds as much as it may and nothing in it can be forgotten yet.
    pub fn full(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            full: true,
            cause: cause.into(),
        }
    }

    /// Whether the store is full rather than broken.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.full
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.full {
            "the store is full"
        } else {
            "the store is unavailable"
        })
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.cause.as_ref())
    }
}

/// The answer of a store: there already, or on its way.
#[must_use = "futures do nothing unless awaited"]
pub struct StoreFuture<'a, T>(State<'a, T>);

enum State<'a, T> {
    Ready(Option<Result<T, StoreError>>),
    Pending(Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>),
}

impl<'a, T> StoreFuture<'a, T> {
    /// An answer that is there already; costs no allocation.
    pub const fn ready(answer: Result<T, StoreError>) -> Self {
        Self(State::Ready(Some(answer)))
    }

    /// An answer that needs I/O.
    pub fn pending(answer: impl Future<Output = Result<T, StoreError>> + Send + 'a) -> Self {
        Self(State::Pending(Box::pin(answer)))
    }
}

impl<T: Unpin> Future for StoreFuture<'_, T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Ready(answer) => answer.take().map_or(Poll::Pending, Poll::Ready),
            State::Pending(future) => future.as_mut().poll(cx),
        }
    }
}

impl<T> fmt::Debug for StoreFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreFuture")
    }
}

// Stops compiling when the trait is no longer object safe.
#[expect(dead_code, reason = "a compile-time check")]
fn object_safe(_: &dyn Claims) {}

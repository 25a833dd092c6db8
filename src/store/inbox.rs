//! [`Inbox`]: deliveries that are still to be done, kept until they are.
//!
//! A delivery is written durably, then acknowledged; a worker runs it afterwards.
//!
//! ```text
//! absent ──accept──▶ pending ──lease──▶ running ──settle: done──▶ completed ──retention──▶ absent
//!                     ▲  ▲                │ │
//!                     │  └─ settle: retry─┘ │ (or its lease is over)
//!          accept,    │                     │
//!          retry    dead ◀──settle: dead────┘
//! ```
//!
//! Each lease has a fence of its own, as each claim has: a worker that slept through its lease changes nothing when it
//! wakes up.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use time::OffsetDateTime;
use tokio::sync::watch;

use super::{Claim, Claims, Fence, StoreFuture};
use crate::key::Key;

/// Deliveries that are acknowledged and still to be handled. A store of claims as well: an event that was claimed is not
/// accepted again, and the items of a batch are claimed where their delivery is kept.
pub trait Inbox: Claims {
    /// Writes a delivery, or tells that its event is there already. The answer comes once the store would still know it
    /// after a loss of power; of a copy, once the first is that safe.
    ///
    /// # Errors
    /// [`StoreError`](super::StoreError): the store is full or cannot be reached, or whether the delivery was written is
    /// unknown. The sender must be told to come again.
    fn accept<'a>(&'a self, entry: Entry) -> StoreFuture<'a, Accepted>;

    /// Takes deliveries of a receiver that are due, oldest first, at most `limit`, each for `lease`. Their attempts and
    /// fences are counted before this returns. One whose last run ended without an outcome, as by the end of its process, is
    /// taken by itself: it is to run alone, and no others must lose a run with it.
    ///
    /// # Errors
    /// [`StoreError`](super::StoreError): what was taken comes back after its lease.
    fn lease<'a>(
        &'a self,
        receiver: &'a str,
        limit: usize,
        lease: Duration,
    ) -> StoreFuture<'a, Vec<Leased>>;

    /// Ends the run of a delivery. `false`: the run has ended already or the fence is no longer current, and nothing changed.
    /// So it can be tried again after an error.
    ///
    /// # Errors
    /// [`StoreError`](super::StoreError): whether it was written is unknown; the delivery may run once more.
    fn settle<'a>(
        &'a self,
        event: Key,
        fence: Fence,
        settlement: Settlement,
    ) -> StoreFuture<'a, bool>;

    /// What of a receiver is still to be done.
    ///
    /// # Errors
    /// [`StoreError`](super::StoreError): the store cannot be reached.
    fn backlog<'a>(&'a self, receiver: &'a str) -> StoreFuture<'a, Backlog>;

    /// Changes whenever a delivery may have become due, so that a worker need not ask all the time. It may change without
    /// a reason, and other processes' deliveries may not change it: ask now and then as well.
    fn arrivals(&self) -> watch::Receiver<u64>;
}

/// A delivery to be written.
#[derive(Clone)]
#[non_exhaustive]
pub struct Entry {
    /// Its event, its content, and how long it is remembered. The lease does not count.
    pub claim: Claim,
    /// The receiver it came to.
    pub receiver: Arc<str>,
    /// The tenant whose key matched.
    pub tenant: Option<Box<str>>,
    /// The event id, where the sender gave one.
    pub id: Option<Box<str>>,
    /// The event type, where it could be read.
    pub event_type: Option<Box<str>>,
    /// When it arrived.
    pub received_at: OffsetDateTime,
    /// What else is known of it, in a form that only hooklatch reads.
    pub head: Bytes,
    /// Exactly the bytes the signature matched.
    pub body: Bytes,
    /// Why it can never be handled, where that is known: it is kept as dead.
    pub dead: Option<Box<str>>,
}

impl Entry {
    /// A delivery to a receiver, with an empty head, received at `received_at`.
    #[must_use]
    pub fn new(claim: Claim, receiver: &str, received_at: OffsetDateTime, body: Bytes) -> Self {
        Self {
            claim,
            receiver: receiver.into(),
            tenant: None,
            id: None,
            event_type: None,
            received_at,
            head: Bytes::new(),
            body,
            dead: None,
        }
    }
}

// A body is the sender's secret.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("event", &self.claim.event)
            .field("receiver", &self.receiver)
            .field("id", &self.id)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish_non_exhaustive()
    }
}

/// What became of a delivery that was to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Accepted {
    /// It is written.
    New {
        /// The content is held by another event ([`OnRepeat::Flag`](super::OnRepeat::Flag)).
        repeats_content: bool,
    },
    /// Its event is there already: pending, running or completed.
    Duplicate,
    /// Its event is being run by whoever claimed it, without a delivery that outlives that run.
    Running,
    /// Its event was dead, and is pending again.
    Revived,
    /// Its event is dead and was revived within the hour: it stays dead.
    Dead,
    /// The same content is held by another event.
    Replay {
        /// Whether that other event is done.
        completed: bool,
    },
}

/// A delivery to be run now.
#[derive(Clone)]
#[non_exhaustive]
pub struct Leased {
    /// Its event.
    pub event: Key,
    /// The token of this run.
    pub fence: Fence,
    /// Which run it is, from 1.
    pub attempt: u32,
    /// How long it is remembered once it is completed.
    pub retention: Duration,
    /// The tenant whose key matched.
    pub tenant: Option<Box<str>>,
    /// The event id, where the sender gave one.
    pub id: Option<Box<str>>,
    /// When it arrived.
    pub received_at: OffsetDateTime,
    /// The same signed bytes were accepted under another id, and the sender calls that ordinary.
    pub repeats_content: bool,
    /// How many runs before this one, in a row, ended without an outcome: their process was killed, or the store could not be
    /// reached.
    pub lost: u32,
    /// What else is known of it, as it was written.
    pub head: Bytes,
    /// The body, as it was written.
    pub body: Bytes,
}

impl Leased {
    /// A run of an event, with an empty head.
    #[must_use]
    pub fn new(event: Key, fence: Fence, received_at: OffsetDateTime, body: Bytes) -> Self {
        Self {
            event,
            fence,
            attempt: 1,
            retention: Duration::from_secs(30 * 24 * 3600),
            tenant: None,
            id: None,
            received_at,
            repeats_content: false,
            lost: 0,
            head: Bytes::new(),
            body,
        }
    }
}

impl fmt::Debug for Leased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leased")
            .field("event", &self.event)
            .field("fence", &self.fence)
            .field("attempt", &self.attempt)
            .field("id", &self.id)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish_non_exhaustive()
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Settlement {
    /// Done: remembered for this long.
    Done(Duration),
    /// To be run again.
    Retry {
        /// How long from now.
        after: Duration,
        /// What went wrong, for the operator.
        reason: Box<str>,
    },
    /// Never to be run again, unless somebody says so.
    Dead {
        /// What went wrong, for the operator.
        reason: Box<str>,
    },
}

/// What of a receiver is still to be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backlog {
    /// How many deliveries are pending or running.
    pub pending: u64,
    /// How many are dead.
    pub dead: u64,
    /// How long the one that is due and has waited longest has waited. `None`: nothing is due. A delivery is due from when it
    /// was accepted, retried or replayed; one that failed, from its next attempt; one that is running, from the end of its
    /// lease.
    pub oldest: Option<Duration>,
}

impl Backlog {
    /// So many pending, so many dead, and how long what is due has waited at most.
    #[must_use]
    pub const fn new(pending: u64, dead: u64, oldest: Option<Duration>) -> Self {
        Self {
            pending,
            dead,
            oldest,
        }
    }
}

// Stops compiling when the trait is no longer object safe.
#[expect(dead_code, reason = "a compile-time check")]
fn object_safe(_: &dyn Inbox) {}

//! [`Operate`]: what an operator does with the deliveries of an inbox: look, run again, forget.

use std::{fmt, time::Duration};

use bytes::Bytes;
use time::OffsetDateTime;

use super::{Claims, StoreFuture};
use crate::{
    delivery::{Coverage, SignedTime},
    key::Key,
    source::Source,
};

/// The operator's side of an [`Inbox`](super::Inbox). To [forget](Claims::forget) an event is a matter of its claims.
///
/// ```no_run
/// # async fn f(store: impl hooklatch::store::Operate) -> Result<(), hooklatch::store::StoreError> {
/// use hooklatch::store::{DeliveryQuery, DeliveryState};
///
/// for dead in store.list(&DeliveryQuery::new().state(DeliveryState::Dead)).await? {
///     println!("{} {:?}: {:?}", dead.event, dead.event_type, dead.error);
///     store.retry(dead.event).await?;
/// }
/// # Ok(()) }
/// ```
pub trait Operate: Claims {
    /// The deliveries that fit, newest first.
    ///
    /// # Errors
    /// [`StoreError`](super::StoreError): the store cannot be reached.
    fn list<'a>(&'a self, query: &'a DeliveryQuery) -> StoreFuture<'a, Vec<StoredDelivery>>;

    /// A delivery with its body.
    ///
    /// # Errors
    /// [`StoreError`](super::StoreError): the store cannot be reached.
    fn show(&self, event: Key) -> StoreFuture<'_, Option<DeliveryContent>>;

    /// Runs a delivery once more, whatever became of it: a copy of it is written under a key of its own, which is returned.
    /// `nonce` tells this replay from others: with the same one again nothing is written, and the answer is `None`, as it
    /// is where there is no such delivery.
    ///
    /// # Errors
    /// [`StoreError`](super::StoreError): whether the copy was written is unknown. Call again with the same nonce.
    fn replay<'a>(&'a self, event: Key, nonce: &'a str) -> StoreFuture<'a, Option<Key>>;

    /// Makes a dead delivery pending, with as many attempts as a new one has. `false`: there is no such dead delivery.
    ///
    /// # Errors
    /// [`StoreError`](super::StoreError): whether it is pending is unknown.
    fn retry(&self, event: Key) -> StoreFuture<'_, bool>;

    /// Removes the completed or the dead deliveries that arrived before a moment, and forgets their events: a copy that
    /// comes later runs. Tells how many. What is pending or running is never purged; it can be
    /// [forgotten](super::Claims::forget) one by one.
    ///
    /// # Errors
    /// [`StoreError`](super::StoreError): some may have been removed.
    fn purge(&self, finished: Finished, before: OffsetDateTime) -> StoreFuture<'_, u64>;

    /// What happened since a moment, in steps of this length, of a millisecond at least: for a chart. In order; a step and receiver of which nothing is
    /// known is left out. Arrivals are counted among the last 100,000 events.
    ///
    /// # Errors
    /// [`StoreError`](super::StoreError): the store cannot be reached.
    fn activity(&self, since: OffsetDateTime, step: Duration) -> StoreFuture<'_, Vec<Activity>>;
}

#[cfg(any(feature = "sqlite", feature = "postgres"))]
/// The key of a replay: the same event and nonce give the same.
pub(crate) fn replay_key(event: Key, nonce: &str) -> Key {
    Key::event(&format!("replay {event}"), None, nonce.as_bytes())
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a state machine has these states")]
pub enum DeliveryState {
    /// To be run, now or after a failed try.
    Pending,
    /// A worker has a lease on it.
    Running,
    /// Done.
    Completed,
    /// Not to be run unless somebody says so.
    Dead,
}

impl DeliveryState {
    /// The state's name: `pending`, `running`, `completed` or `dead`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Dead => "dead",
        }
    }
}

impl fmt::Display for DeliveryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A state in which nothing more happens to a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a state machine has these states")]
pub enum Finished {
    /// [`DeliveryState::Completed`].
    Completed,
    /// [`DeliveryState::Dead`].
    Dead,
}

/// Which deliveries to list. All of them, at most a hundred, unless more is said.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliveryQuery {
    /// In this state.
    pub state: Option<DeliveryState>,
    /// To this receiver.
    pub receiver: Option<String>,
    /// Of this tenant.
    pub tenant: Option<String>,
    /// With this event id.
    pub id: Option<String>,
    /// Of this event type, or of a type that begins with what stands before a `*` at its end.
    pub event_type: Option<String>,
    /// Arrived at this moment or later.
    pub since: Option<OffsetDateTime>,
    /// Arrived before this moment.
    pub until: Option<OffsetDateTime>,
    /// Only what was written before the one with this [position](StoredDelivery::position): the next page begins before
    /// the last one of this page.
    pub before: Option<i64>,
    /// At most as many.
    pub limit: u32,
}

impl DeliveryQuery {
    /// All deliveries, at most a hundred.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            state: None,
            receiver: None,
            tenant: None,
            id: None,
            event_type: None,
            since: None,
            until: None,
            before: None,
            limit: 100,
        }
    }

    /// Those in a state.
    #[must_use]
    pub const fn state(mut self, state: DeliveryState) -> Self {
        self.state = Some(state);
        self
    }

    /// Those to a receiver.
    #[must_use]
    pub fn receiver(mut self, receiver: &str) -> Self {
        self.receiver = Some(receiver.to_owned());
        self
    }

    /// Those with an event id.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// Those of an event type, or `prefix*`.
    #[must_use]
    pub fn event_type(mut self, event_type: &str) -> Self {
        self.event_type = Some(event_type.to_owned());
        self
    }

    /// At most as many.
    #[must_use]
    pub const fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }
}

impl Default for DeliveryQuery {
    fn default() -> Self {
        Self::new()
    }
}

/// What an operator sees of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredDelivery {
    /// Where it stands in the order of writing.
    pub position: i64,
    /// Its event.
    pub event: Key,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was run.
    pub attempt: u32,
    /// When it is run next, when its lease ends, or when it is forgotten, by its state.
    pub due: OffsetDateTime,
    /// The receiver it came to.
    pub receiver: String,
    /// The tenant whose key matched.
    pub tenant: Option<String>,
    /// The event id.
    pub id: Option<String>,
    /// The event type.
    pub event_type: Option<String>,
    /// When it arrived.
    pub received_at: OffsetDateTime,
    /// Why its last run failed.
    pub error: Option<String>,
}

/// A delivery and what is in it.
#[derive(Clone)]
#[non_exhaustive]
pub struct DeliveryContent {
    /// What is known of it.
    pub delivery: StoredDelivery,
    /// The request's method.
    pub method: String,
    /// The request's path.
    pub path: String,
    /// The headers that a handler may see.
    pub headers: Vec<(String, String)>,
    /// The name of the key that matched.
    pub key_name: String,
    /// How much of the body the signature covers.
    pub coverage: Coverage,
    /// The signed timestamp, where the scheme has one.
    pub timestamp: Option<SignedTime>,
    /// Exactly the bytes the signature matched. [`shown_body`](Self::shown_body) is for people to see.
    pub body: Bytes,
    /// Where tokens stand in it.
    pub(crate) tokens: Vec<Source>,
    /// The last 20 runs that failed, oldest first.
    pub attempts: Vec<Attempt>,
}

/// A run of a delivery that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// Which run it was, from 1; a [retry](Operate::retry) counts anew.
    pub number: u32,
    /// When it ended; of one that ended without an outcome, as by the end of its process, when the next began.
    pub ended_at: OffsetDateTime,
    /// What went wrong.
    pub error: String,
}

/// What happened at one receiver within a step of [`Operate::activity`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Activity {
    /// When the step began.
    pub at: OffsetDateTime,
    /// The receiver.
    pub receiver: String,
    /// How many deliveries arrived.
    pub arrived: u64,
    /// How many runs failed.
    pub failed: u64,
    /// How many deliveries became dead and still are.
    pub dead: u64,
}

/// What is told of a run that ended without an outcome.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) const LOST: &str =
    "it ended without an outcome: the process was killed, or the store could not be reached";

impl fmt::Debug for DeliveryContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeliveryContent")
            .field("delivery", &self.delivery)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish_non_exhaustive()
    }
}

// Stops compiling when the trait is no longer object safe.
#[expect(dead_code, reason = "a compile-time check")]
fn object_safe(_: &dyn Operate) {}

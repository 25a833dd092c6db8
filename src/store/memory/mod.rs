//! [`MemoryStore`]: bounded, of this process only.

mod content;
mod shard;
mod table;
mod terms;

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use self::{
    content::Contents,
    shard::{Dispensable, Promise, Shard, Standing, State},
    terms::Moment,
};
use super::{Claim, Claimed, Claims, Fence, OnRepeat, StoreError, StoreFuture};
use crate::{
    clock::{Clock, SystemClock},
    key::Key,
    metric,
};

/// The claims of this process, in memory and bounded. **Lost when the process ends**: a sender's retry after a restart
/// runs again.
///
/// 1. At most `capacity` keys in all; an event is one key, its content another. About 60 bytes an event, 100 with its
///    content, allocated as needed and reused.
/// 2. Whatever is in progress is never forgotten.
/// 3. A completed event is remembered for the claim's `retention`, if there is room.
/// 4. When there is no room, what holds no promise goes first: expired events, then failed ones (with their count of
///    attempts), then runs whose lease is over (kept for a day at most). Then the event that completed first goes, if that was longer ago than
///    an hour and the claim's `protect`. This is counted ([`MemoryStats::forgotten`],
///    [`metric::FORGOTTEN`]) and warned of once: the capacity is too small for the traffic. A large store forgets up to
///    64 at once, one for every 4,096 keys of its capacity.
/// 5. When nothing may go either, a claim of anything new fails with [`StoreError::is_full`], which answers the sender
///    503. Known events are still answered.
/// 6. An event and its content live and die together.
///
/// Times are kept in sixteenths of a second, and nothing ends early for it; after eight years of one process nothing ends
/// at all. The first 64 different durations are kept as they are, later ones are rounded up to powers of two.
///
/// Cheap to clone: clones are the same store.
///
/// ```
/// use hooklatch::{
///     Key,
///     store::{Claim, Claimed, Claims, MemoryStore},
/// };
///
/// # async fn example() -> Result<(), hooklatch::store::StoreError> {
/// let store = MemoryStore::new();
/// let claim = Claim::new(Key::event("orders", None, b"evt_1"));
///
/// let Claimed::New { fence, attempt: 1, .. } = store.claim(&claim).await? else {
///     unreachable!("nobody else has it");
/// };
/// assert_eq!(store.claim(&claim).await?, Claimed::Running);
///
/// assert!(store.complete(&claim, fence).await?);
/// assert_eq!(store.claim(&claim).await?, Claimed::Completed);
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct MemoryStore {
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
    /// What the clock said when the store was made.
    origin: Duration,
}

impl MemoryStore {
    /// A store of at most a million keys.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    /// A store of at most `keys` keys: events, and contents where an id is not under the signature. Nothing is allocated
    /// for them yet.
    #[must_use]
    pub fn with_capacity(keys: usize) -> Self {
        Self {
            shared: Arc::new(Shared::new(keys)),
            clock: SystemClock::shared(),
            origin: SystemClock.monotonic(),
        }
    }

    /// Tells the time by this clock instead of the system's. Starts an empty store of the same capacity.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self {
            shared: Arc::new(Shared::new(self.shared.capacity)),
            origin: clock.monotonic(),
            clock,
        }
    }

    /// What the store holds now. Visits every shard: for a page or a probe, not for every request.
    #[must_use]
    pub fn stats(&self) -> MemoryStats {
        self.shared.stats(self.now())
    }

    fn now(&self) -> Moment {
        Moment::new(self.clock.monotonic().saturating_sub(self.origin))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl Claims for MemoryStore {
    fn claim<'a>(&'a self, claim: &'a Claim) -> StoreFuture<'a, Claimed> {
        StoreFuture::ready(self.shared.claim(claim, self.now()))
    }

    fn renew<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool> {
        StoreFuture::ready(Ok(self.shared.settle(
            claim,
            fence,
            State::Running,
            self.now(),
        )))
    }

    fn complete<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool> {
        StoreFuture::ready(Ok(self.shared.settle(
            claim,
            fence,
            State::Completed,
            self.now(),
        )))
    }

    fn release<'a>(&'a self, claim: &'a Claim, fence: Fence) -> StoreFuture<'a, bool> {
        StoreFuture::ready(Ok(self.shared.settle(
            claim,
            fence,
            State::Failed,
            self.now(),
        )))
    }

    fn forget(&self, event: Key) -> StoreFuture<'_, bool> {
        StoreFuture::ready(Ok(self.shared.forget(event, self.now())))
    }
}

/// What a [`MemoryStore`] holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryStats {
    /// Event keys, in any state.
    pub events: usize,
    /// Content keys.
    pub contents: usize,
    /// Events that run, or whose lease is over and that nobody took over.
    pub in_progress: usize,
    /// Events that are done.
    pub completed: usize,
    /// Events whose last run was released.
    pub failed: usize,
    /// Completed events that were forgotten before their retention ended, to make room, since the store was made.
    pub forgotten: u64,
    /// Bytes of memory, allocated and perhaps not used yet.
    pub bytes: usize,
}

/// The store itself.
///
/// Keys are spread over shards by a hash with a seed of its own, so nobody can choose keys that meet. At most one event
/// shard is locked at a time, and under it at most one content shard at a time: there is no circle to wait in.
struct Shared {
    capacity: usize,
    seed: RandomState,
    spread: Spread,
    events: Box<[Mutex<Shard>; SHARDS]>,
    contents: Contents,
    /// How many keys there are, and room set aside for keys about to be added.
    keys: AtomicUsize,
    forgotten: AtomicU64,
    warned: AtomicBool,
}

impl Shared {
    fn new(capacity: usize) -> Self {
        let (seed, spread) = (RandomState::new(), Spread::new(capacity));
        let shard = |number| {
            let number = u8::try_from(number).unwrap_or_default();
            Mutex::new(Shard::new(number, seed.clone()))
        };
        Self {
            capacity,
            events: Box::new(std::array::from_fn(shard)),
            contents: Contents::new(&seed, spread),
            seed,
            spread,
            keys: AtomicUsize::new(0),
            forgotten: AtomicU64::new(0),
            warned: AtomicBool::new(false),
        }
    }

    fn claim(&self, claim: &Claim, now: Moment) -> Result<Claimed, StoreError> {
        let mut room = Room::new(self);
        loop {
            match self.try_claim(claim, now, &mut room) {
                Ok(claimed) => return Ok(claimed),
                Err(missing)
                    if missing <= self.capacity.min(KEYS_OF_A_CLAIM)
                        && self.make_room(missing, now, &mut room) => {}
                Err(_) => return Err(StoreError::full(Full(self.capacity))),
            }
        }
    }

    /// Claims if there is room, else tells for how many keys it needs some.
    fn try_claim(&self, claim: &Claim, now: Moment, room: &mut Room<'_>) -> Result<Claimed, usize> {
        let hash = self.seed.hash_one(claim.event);
        let mut shard = self.shard(hash);
        room.add(shard.sweep(now, SWEEP, &self.contents).0);
        let mut slot = shard.find(hash, &claim.event);
        match shard.standing(slot, now) {
            Standing::Running => return Ok(Claimed::Running),
            Standing::Completed => return Ok(Claimed::Completed),
            Standing::Gone => {
                room.add(
                    slot.take()
                        .map_or(0, |slot| shard.remove(slot, &self.contents)),
                );
            }
            Standing::Free => {}
        }
        let content = claim.content;
        let content = content.map(|key| self.contents.lock(self.seed.hash_one(key), key));
        let holder = content.as_ref().and_then(|place| place.holder(now.floor));
        if let Some(holder) = holder
            && !(holder.may_repeat && claim.on_repeat == OnRepeat::Flag)
        {
            return Ok(Claimed::Replay {
                completed: holder.completed,
            });
        }
        let content = content.filter(|_| holder.is_none());
        let new_content = content.as_ref().is_some_and(|place| !place.exists());
        let missing = usize::from(slot.is_none()) + usize::from(new_content);
        if !room.take(missing) {
            return Err(missing);
        }
        let Some(started) = shard.start(slot, hash, claim, now, content, &self.contents) else {
            room.add(missing);
            return Err(usize::MAX);
        };
        room.add(started.freed);
        Ok(Claimed::New {
            fence: started.fence,
            attempt: started.attempt,
            repeats_content: holder.is_some(),
        })
    }

    fn settle(&self, claim: &Claim, fence: Fence, state: State, now: Moment) -> bool {
        let hash = self.seed.hash_one(claim.event);
        let mut shard = self.shard(hash);
        let Some(slot) = shard.current(hash, &claim.event, fence, now) else {
            return false;
        };
        Room::new(self).add(shard.settle(slot, state, claim, now, &self.contents));
        true
    }

    fn forget(&self, event: Key, now: Moment) -> bool {
        let hash = self.seed.hash_one(event);
        let mut shard = self.shard(hash);
        let Some(slot) = shard.find(hash, &event) else {
            return false;
        };
        let known = shard.standing(Some(slot), now) != Standing::Gone;
        Room::new(self).add(shard.remove(slot, &self.contents));
        known
    }

    /// Sets room aside for this many keys, forgetting what may be forgotten. Holds one lock at a time.
    fn make_room(&self, missing: usize, now: Moment, room: &mut Room<'_>) -> bool {
        while !room.reserve(missing) {
            let mut first: Vec<(Dispensable, &Mutex<Shard>)> = self
                .events
                .iter()
                .filter_map(|shard| Some((lock(shard).dispensable(now)?, shard)))
                .collect();
            first.sort_unstable_by_key(|(dispensable, _)| *dispensable);
            let Some(promise) = first.first().map(|(first, _)| first.promise) else {
                return false;
            };
            let many = (self.capacity / FORGET_ONE_IN).clamp(1, FORGET_AT_ONCE);
            let freed: usize = first
                .iter()
                .map(|(_, shard)| self.dispense(shard, promise, now))
                .filter(|freed| *freed > 0)
                .take(many)
                .sum();
            room.add(freed);
        }
        true
    }

    /// Forgets what should go first in this shard, if it holds no more of a promise than this. Tells how many keys that
    /// freed.
    fn dispense(&self, shard: &Mutex<Shard>, promise: Promise, now: Moment) -> usize {
        let mut shard = lock(shard);
        let first = shard.dispensable(now);
        let Some(first) = first.filter(|first| first.promise <= promise) else {
            return 0;
        };
        let freed = shard.remove(first.slot, &self.contents);
        drop(shard);
        if first.promise == Promise::Completed {
            self.count_forgotten();
        }
        freed
    }

    fn count_forgotten(&self) {
        self.forgotten.fetch_add(1, Ordering::Relaxed);
        metric::forgotten();
        if !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                target: "hooklatch::store",
                capacity = self.capacity,
                "the memory store is full and forgets completed events before their retention ends"
            );
        }
    }

    fn stats(&self, now: Moment) -> MemoryStats {
        let mut stats = MemoryStats {
            forgotten: self.forgotten.load(Ordering::Relaxed),
            ..MemoryStats::default()
        };
        for shard in &*self.events {
            self.sweep_all(shard, now);
            let shard = lock(shard);
            let [in_progress, completed, failed] = shard.counts();
            stats.in_progress += in_progress;
            stats.completed += completed;
            stats.failed += failed;
            stats.bytes += shard.bytes();
        }
        stats.events = stats.in_progress + stats.completed + stats.failed;
        let (contents, bytes) = self.contents.size();
        stats.contents = contents;
        stats.bytes += bytes + size_of_val(&*self.events) + size_of::<Self>();
        stats
    }

    /// Removes all that has expired, letting go of the lock now and then.
    fn sweep_all(&self, shard: &Mutex<Shard>, now: Moment) {
        let mut more = true;
        while more {
            let (freed, left) = lock(shard).sweep(now, SWEEP_ALL, &self.contents);
            Room::new(self).add(freed);
            more = left;
        }
    }

    #[expect(clippy::indexing_slicing, reason = "an array of 256 holds every u8")]
    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard> {
        lock(&self.events[usize::from(self.spread.shard_of(hash))])
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("capacity", &self.capacity)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

/// Room for keys, set aside for one claim. What is left over goes back to the store.
struct Room<'a> {
    store: &'a Shared,
    keys: usize,
}

impl<'a> Room<'a> {
    const fn new(store: &'a Shared) -> Self {
        Self { store, keys: 0 }
    }

    const fn add(&mut self, keys: usize) {
        self.keys += keys;
    }

    /// Uses room for this many keys.
    fn take(&mut self, keys: usize) -> bool {
        let enough = self.reserve(keys);
        if enough {
            self.keys -= keys;
        }
        enough
    }

    /// Sets aside as much as is missing to this many keys, if the store has it.
    fn reserve(&mut self, keys: usize) -> bool {
        let missing = keys.saturating_sub(self.keys);
        let more = |used: usize| {
            used.checked_add(missing)
                .filter(|used| *used <= self.store.capacity)
        };
        let used = &self.store.keys;
        let enough = missing == 0
            || used
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
                .is_ok();
        if enough {
            self.keys += missing;
        }
        enough
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        if self.keys > 0 {
            self.store.keys.fetch_sub(self.keys, Ordering::Relaxed);
        }
    }
}

/// Why a claim was refused.
#[derive(Debug)]
struct Full(usize);

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(capacity) = self;
        write!(
            f,
            "all {capacity} keys are in progress or completed too recently to be forgotten"
        )
    }
}

impl std::error::Error for Full {}

/// Nothing under these locks can panic, and the clock, which is not ours, is asked before; a poisoned lock could only
/// guard a consistent shard.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Which shard a key is in.
#[derive(Clone, Copy, Debug)]
struct Spread(u8);

impl Spread {
    /// Few keys share one shard, which is also how tests make them meet.
    const fn new(capacity: usize) -> Self {
        Self(if capacity > FEW { u8::MAX } else { 0 })
    }

    /// Takes bits of the hash that the shard's own table does not use.
    const fn shard_of(self, hash: u64) -> u8 {
        let [_, _, _, _, shard, ..] = hash.to_le_bytes();
        shard & self.0
    }
}

/// As many as a `u8` has values. A shard of a store of four million is still rehashed in well under a millisecond.
const SHARDS: usize = 256;
/// Up to this capacity there is one shard.
const FEW: usize = 32;
const CAPACITY: usize = 1_000_000;
/// An event and its content.
const KEYS_OF_A_CLAIM: usize = 2;
/// How many expired events a claim removes on its way.
const SWEEP: usize = 4;
/// The same for one lock taken by [`MemoryStore::stats`].
const SWEEP_ALL: usize = 256;
/// A full store forgets one event for every so many keys of its capacity at once,
const FORGET_ONE_IN: usize = 4096;
/// and never more than this.
const FORGET_AT_ONCE: usize = 64;

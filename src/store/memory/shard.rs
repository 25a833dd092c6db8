//! [`Shard`]: the events of one shard, their states and the order in which they may be forgotten.

use std::hash::RandomState;

use super::{
    content::{Contents, Held, Place},
    table::{Entry, Table},
    terms::{self, Lease, Moment, NOBODY, Queue, TICKS_PER_SECOND, Terms},
};
use crate::{
    key::Key,
    store::{Claim, Fence},
};

/// The events whose keys fall into one shard.
#[derive(Debug)]
pub(super) struct Shard {
    events: Table<Event>,
    terms: Vec<Terms>,
    leases: Vec<Lease>,
    /// The last fence given. Every shard counts in steps of 256 from its own number, so no two claims of a store share
    /// a fence, and a forgotten key never gets an old one again.
    fence: u64,
    /// The latest time seen: queues stay in order although threads read the clock before they lock.
    latest: u32,
    /// Nothing expires before this.
    next_expiry: u32,
}

impl Shard {
    pub(super) fn new(number: u8, seed: RandomState) -> Self {
        Self {
            events: Table::new(seed),
            terms: Vec::new(),
            leases: Vec::new(),
            fence: number.into(),
            latest: 0,
            next_expiry: u32::MAX,
        }
    }

    pub(super) fn find(&self, hash: u64, key: &Key) -> Option<u32> {
        self.events.find(hash, key)
    }

    /// The running event whose claim has this fence, unless it has expired and only was not swept yet.
    pub(super) fn current(&self, hash: u64, key: &Key, fence: Fence, now: Moment) -> Option<u32> {
        let slot = self.find(hash, key)?;
        let event = self.events.get(slot)?;
        let runs = event.state == State::Running && now.floor < self.gone_at(event);
        (runs && event.fence == fence.get()).then_some(slot)
    }

    /// Whether an event may be claimed. Without one it may.
    pub(super) fn standing(&self, slot: Option<u32>, now: Moment) -> Standing {
        let Some(event) = slot.and_then(|slot| self.events.get(slot)) else {
            return Standing::Free;
        };
        match event.state {
            _ if now.floor >= self.gone_at(event) => Standing::Gone,
            State::Running if now.floor < self.over_at(event) => Standing::Running,
            State::Completed => Standing::Completed,
            State::Running | State::Failed => Standing::Free,
        }
    }

    /// Starts a run: of the event at this slot, else of a new one. `None`: no slot is left and nothing changed.
    pub(super) fn start(
        &mut self,
        slot: Option<u32>,
        hash: u64,
        claim: &Claim,
        now: Moment,
        content: Option<Place<'_>>,
        contents: &Contents,
    ) -> Option<Started> {
        let (at, fence) = (self.latest.max(now.ceil), self.fence + STEP);
        let lease = terms::lease_of(&mut self.leases, claim);
        let until = at.saturating_add(self.lease(lease));
        let held = match content {
            Some(place) => Some(place.take(fence, until, claim.on_repeat)?),
            None => None,
        };
        let fresh = || Event {
            key: claim.event,
            fence,
            ..Event::VACANT
        };
        let Some(slot) = slot.or_else(|| self.events.insert(hash, fresh())) else {
            if let Some(held) = held {
                contents.free(held, fence);
            }
            return None;
        };
        self.fence = fence;
        self.unlink(slot);
        let event = self.events.get_mut(slot)?;
        let old = Held::unpack(event.content).map(|held| (held, event.fence));
        event.fence = fence;
        event.content = Held::pack(held);
        event.attempt = event.attempt.saturating_add(1);
        let attempt = event.attempt;
        self.link(slot, State::Running, claim, now);
        Some(Started {
            fence: Fence::new(fence),
            attempt,
            freed: old.map_or(0, |(held, fence)| contents.free(held, fence)),
        })
    }

    /// Moves an event on: to the end of its lease from now, of its retention from now. Tells how many keys that freed.
    pub(super) fn settle(
        &mut self,
        slot: u32,
        state: State,
        claim: &Claim,
        now: Moment,
        contents: &Contents,
    ) -> usize {
        self.unlink(slot);
        self.link(slot, state, claim, now);
        let Some(event) = self.events.get(slot) else {
            return 0;
        };
        let (until, fence) = (self.over_at(event), event.fence);
        let Some(held) = Held::unpack(event.content) else {
            return 0;
        };
        if state == State::Failed {
            if let Some(event) = self.events.get_mut(slot) {
                event.content = Held::NONE;
            }
            return contents.free(held, fence);
        }
        contents.extend(held, fence, until, state == State::Completed);
        0
    }

    /// Removes an event and its content. Tells how many keys that freed.
    pub(super) fn remove(&mut self, slot: u32, contents: &Contents) -> usize {
        self.unlink(slot);
        let Some(event) = self.events.remove(slot) else {
            return 0;
        };
        let held = Held::unpack(event.content);
        1 + held.map_or(0, |held| contents.free(held, event.fence))
    }

    /// Removes what has expired, at most `limit` events. Tells how many keys that freed, and whether there may be more.
    pub(super) fn sweep(
        &mut self,
        now: Moment,
        limit: usize,
        contents: &Contents,
    ) -> (usize, bool) {
        let mut freed = 0;
        for _ in 0..limit {
            if now.floor < self.next_expiry {
                return (freed, false);
            }
            let first = self
                .heads()
                .map(|(slot, event)| (self.gone_at(event), slot))
                .min();
            match first {
                Some((gone_at, slot)) if now.floor >= gone_at => {
                    freed += self.remove(slot, contents);
                }
                Some((gone_at, _)) => self.next_expiry = gone_at,
                None => self.next_expiry = u32::MAX,
            }
        }
        (freed, now.floor >= self.next_expiry)
    }

    /// What should go first when the store is full, if anything may.
    pub(super) fn dispensable(&self, now: Moment) -> Option<Dispensable> {
        self.heads()
            .filter_map(|(slot, event)| {
                let promise = self.promise(event, now)?;
                let since = event.at;
                Some(Dispensable {
                    promise,
                    since,
                    slot,
                })
            })
            .min()
    }

    /// How many are in progress, completed, failed.
    pub(super) fn counts(&self) -> [usize; 3] {
        [
            self.leases.iter().map(|lease| lease.running.len).sum(),
            self.terms.iter().map(|terms| terms.completed.len).sum(),
            self.terms.iter().map(|terms| terms.failed.len).sum(),
        ]
    }

    /// Bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        self.events.bytes()
            + self.terms.capacity() * size_of::<Terms>()
            + self.leases.capacity() * size_of::<Lease>()
    }

    fn heads(&self) -> impl Iterator<Item = (u32, &Event)> {
        let ended = self
            .terms
            .iter()
            .flat_map(|terms| [&terms.completed, &terms.failed]);
        let running = self.leases.iter().map(|lease| &lease.running);
        let heads = ended.chain(running).map(|queue| queue.head);
        heads.filter_map(|slot| Some((slot, self.events.get(slot)?)))
    }

    fn promise(&self, event: &Event, now: Moment) -> Option<Promise> {
        match event.state {
            _ if now.floor >= self.gone_at(event) => Some(Promise::Expired),
            State::Failed => Some(Promise::Failed),
            State::Running => (now.floor >= self.over_at(event)).then_some(Promise::Lapsed),
            State::Completed => {
                let protect = self.terms(event).map_or(0, |terms| terms.protect);
                (now.floor >= event.at.saturating_add(protect)).then_some(Promise::Completed)
            }
        }
    }

    /// When the event's lease ends, or its retention.
    fn over_at(&self, event: &Event) -> u32 {
        let length = match event.state {
            State::Running => self.lease(event.lease.into()),
            State::Completed | State::Failed => {
                self.terms(event).map_or(0, |terms| terms.retention)
            }
        };
        event.at.saturating_add(length)
    }

    /// When nothing of the event counts any more. A run whose lease is over leaves its attempts for a while.
    fn gone_at(&self, event: &Event) -> u32 {
        let left = match event.state {
            State::Running => LAPSED,
            State::Completed | State::Failed => 0,
        };
        self.over_at(event).saturating_add(left)
    }

    fn terms(&self, event: &Event) -> Option<&Terms> {
        self.terms.get(usize::from(event.terms))
    }

    fn lease(&self, number: u16) -> u32 {
        let lease = self.leases.get(usize::from(number));
        lease.map_or(0, |lease| lease.length)
    }

    fn unlink(&mut self, slot: u32) {
        let Some(event) = self.events.get(slot).cloned() else {
            return;
        };
        let Some(queue) = queue(&mut self.terms, &mut self.leases, &event) else {
            return;
        };
        // An event that was never linked is in no queue.
        if event.prev == NOBODY && queue.head != slot {
            return;
        }
        queue.len = queue.len.saturating_sub(1);
        if queue.head == slot {
            queue.head = event.next;
        }
        if queue.tail == slot {
            queue.tail = event.prev;
        }
        if let Some(prev) = self.events.get_mut(event.prev) {
            prev.next = event.next;
        }
        if let Some(next) = self.events.get_mut(event.next) {
            next.prev = event.prev;
        }
    }

    /// Puts an unlinked event at the end of the queue of its new state.
    fn link(&mut self, slot: u32, state: State, claim: &Claim, now: Moment) {
        self.latest = self.latest.max(now.ceil);
        let terms = terms::terms_of(&mut self.terms, claim);
        let lease = terms::lease_of(&mut self.leases, claim);
        let Some(event) = self.events.get_mut(slot) else {
            return;
        };
        event.state = state;
        event.at = self.latest;
        event.terms = terms;
        event.lease = u8::try_from(lease).unwrap_or(u8::MAX);
        event.next = NOBODY;
        let Some(queue) = queue(&mut self.terms, &mut self.leases, event) else {
            return;
        };
        event.prev = queue.tail;
        let event = event.clone();
        queue.tail = slot;
        queue.len += 1;
        if queue.head == NOBODY {
            queue.head = slot;
        }
        if let Some(prev) = self.events.get_mut(event.prev) {
            prev.next = slot;
        }
        self.next_expiry = self.next_expiry.min(self.gone_at(&event));
    }
}

/// The queue an event is in.
fn queue<'a>(
    terms: &'a mut [Terms],
    leases: &'a mut [Lease],
    event: &Event,
) -> Option<&'a mut Queue> {
    let terms = terms.get_mut(usize::from(event.terms));
    match event.state {
        State::Running => Some(&mut leases.get_mut(usize::from(event.lease))?.running),
        State::Completed => Some(&mut terms?.completed),
        State::Failed => Some(&mut terms?.failed),
    }
}

/// Whether an event may be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Never seen, failed, or its lease is over.
    Free,
    Running,
    Completed,
    /// Expired, but not swept yet: as if never seen.
    Gone,
}

/// A run that began.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) fence: Fence,
    pub(super) attempt: u32,
    /// How many keys of an earlier run were freed.
    pub(super) freed: usize,
}

/// An event that may be forgotten to make room. The least comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Dispensable {
    pub(super) promise: Promise,
    pub(super) since: u32,
    pub(super) slot: u32,
}

/// What forgetting an event would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Promise {
    Expired,
    Failed,
    Lapsed,
    Completed,
}

/// 48 bytes an event.
#[derive(Clone, Debug)]
struct Event {
    key: Key,
    /// The fence of the last claim.
    fence: u64,
    /// The content that claim took, a packed [`Held`].
    content: u32,
    /// Since when it is in its state.
    at: u32,
    attempt: u32,
    /// The neighbours in the queue of its state.
    prev: u32,
    next: u32,
    terms: u16,
    lease: u8,
    state: State,
}

impl Entry for Event {
    const VACANT: Self = Self {
        key: Key::from_bytes([0; 16]),
        fence: 0,
        content: Held::NONE,
        at: 0,
        attempt: 0,
        prev: NOBODY,
        next: NOBODY,
        terms: 0,
        lease: 0,
        state: State::Failed,
    };

    fn key(&self) -> &Key {
        &self.key
    }

    /// Fences start from 256.
    fn is_vacant(&self) -> bool {
        self.fence == 0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Running,
    Completed,
    Failed,
}

/// How long after the end of its lease a run that nobody took over is kept: a day. The same for all, or the queues would
/// not be in order.
const LAPSED: u32 = 24 * 3600 * TICKS_PER_SECOND;
/// The number of shards.
const STEP: u64 = 256;
// The memory an event takes is a promise.
const _: () = assert!(size_of::<Event>() == 48);

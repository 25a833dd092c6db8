//! [`Contents`]: which event holds which signed content.

use std::{
    hash::RandomState,
    sync::{Mutex, MutexGuard},
};

use super::{
    SHARDS, Spread, lock,
    table::{Entry, Table},
};
use crate::{key::Key, store::OnRepeat};

/// The contents of a store, in shards of their own.
///
/// Locked only by whoever holds the lock of the event's shard (or none), one at a time: event first, then content.
#[derive(Debug)]
pub(super) struct Contents {
    shards: Box<[Mutex<Table<Content>>; SHARDS]>,
    spread: Spread,
}

impl Contents {
    pub(super) fn new(seed: &RandomState, spread: Spread) -> Self {
        let shard = |_| Mutex::new(Table::new(seed.clone()));
        Self {
            shards: Box::new(std::array::from_fn(shard)),
            spread,
        }
    }

    /// Locks the shard of a key with this hash.
    pub(super) fn lock(&self, hash: u64, key: Key) -> Place<'_> {
        let shard = self.spread.shard_of(hash);
        let table = self.shard(shard);
        let slot = table.find(hash, &key);
        Place {
            shard,
            hash,
            key,
            slot,
            table,
        }
    }

    /// Notes until when the claim with this fence holds the content, if it still does.
    pub(super) fn extend(&self, held: Held, fence: u64, until: u32, completed: bool) {
        let mut table = self.shard(held.shard);
        if let Some(content) = table.get_mut(held.slot)
            && content.fence == fence
        {
            content.until = until;
            content.completed = completed;
        }
    }

    /// Frees the content if the claim with this fence still holds it. Tells how many keys that freed.
    pub(super) fn free(&self, held: Held, fence: u64) -> usize {
        let mut table = self.shard(held.shard);
        let holds = table
            .get(held.slot)
            .is_some_and(|content| content.fence == fence);
        usize::from(holds && table.remove(held.slot).is_some())
    }

    /// How many there are, and their bytes on the heap.
    pub(super) fn size(&self) -> (usize, usize) {
        let size = |shard: &Mutex<Table<Content>>| {
            let table = lock(shard);
            (table.len(), table.bytes())
        };
        let sum = |a: (usize, usize), b: (usize, usize)| (a.0 + b.0, a.1 + b.1);
        self.shards
            .iter()
            .map(size)
            .fold((0, size_of_val(&*self.shards)), sum)
    }

    #[expect(clippy::indexing_slicing, reason = "an array of 256 holds every u8")]
    fn shard(&self, shard: u8) -> MutexGuard<'_, Table<Content>> {
        lock(&self.shards[usize::from(shard)])
    }
}

/// Where an event's content is kept. Means something only together with the fence of the claim that took it, since the
/// place may have been given to another claim.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    shard: u8,
    slot: u32,
}

impl Held {
    /// Both in 32 bits. `None` is [`Self::NONE`].
    pub(super) fn pack(held: Option<Self>) -> u32 {
        held.map_or(Self::NONE, |held| held.slot << 8 | u32::from(held.shard))
    }

    pub(super) fn unpack(packed: u32) -> Option<Self> {
        let [shard, ..] = packed.to_le_bytes();
        let slot = packed >> 8;
        (packed != Self::NONE).then_some(Self { shard, slot })
    }

    pub(super) const NONE: u32 = u32::MAX;
}

/// The locked place of one content key.
pub(super) struct Place<'a> {
    shard: u8,
    hash: u64,
    key: Key,
    slot: Option<u32>,
    table: MutexGuard<'a, Table<Content>>,
}

impl Place<'_> {
    /// The other claim that holds the content now.
    pub(super) fn holder(&self, now: u32) -> Option<Holder> {
        let content = self.table.get(self.slot?)?;
        (now < content.until).then_some(Holder {
            completed: content.completed,
            may_repeat: content.may_repeat,
        })
    }

    /// Whether taking the content needs no room: a claim that is over left its place.
    pub(super) const fn exists(&self) -> bool {
        self.slot.is_some()
    }

    /// Gives the content to the claim with this fence. `None`: no slot is left.
    pub(super) fn take(mut self, fence: u64, until: u32, on_repeat: OnRepeat) -> Option<Held> {
        let content = Content {
            key: self.key,
            fence,
            until,
            completed: false,
            may_repeat: on_repeat == OnRepeat::Flag,
        };
        let slot = match self.slot {
            Some(slot) => {
                *self.table.get_mut(slot)? = content;
                slot
            }
            None => self.table.insert(self.hash, content)?,
        };
        Some(Held {
            shard: self.shard,
            slot,
        })
    }
}

/// What is to be known of the claim that holds a content.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holder {
    /// Its event is done.
    pub(super) completed: bool,
    /// It was claimed as one whose content may repeat.
    pub(super) may_repeat: bool,
}

/// A content and the claim that holds it.
#[derive(Clone, Debug)]
pub(super) struct Content {
    key: Key,
    /// The holder: fences are unique in a store.
    fence: u64,
    /// The end of the holder's lease, or of its retention.
    until: u32,
    completed: bool,
    /// The holder was claimed with [`OnRepeat::Flag`].
    may_repeat: bool,
}

impl Entry for Content {
    const VACANT: Self = Self {
        key: Key::from_bytes([0; 16]),
        fence: 0,
        until: 0,
        completed: false,
        may_repeat: false,
    };

    fn key(&self) -> &Key {
        &self.key
    }

    fn is_vacant(&self) -> bool {
        self.fence == 0
    }
}

//! [`Table`]: entries that keep their place, found by key.
//!
//! Entries live in blocks that never move, so that a slot number stays valid and growth copies nothing. Only the index
//! (five bytes a bucket) is rehashed when it grows.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
};

use hashbrown::HashTable;

use crate::key::Key;

/// What a [`Table`] holds.
pub(super) trait Entry: Clone {
    /// An unused place.
    const VACANT: Self;

    fn key(&self) -> &Key;

    fn is_vacant(&self) -> bool;
}

/// One shard's entries.
pub(super) struct Table<T> {
    blocks: Vec<Box<[T]>>,
    /// How many slots were ever used: the next fresh one.
    fresh: u32,
    /// Slots used before and vacant now.
    vacant: Vec<u32>,
    index: HashTable<u32>,
    seed: RandomState,
}

impl<T: Entry> Table<T> {
    /// An empty table. The seed must be the one that hashes the keys it is asked for.
    pub(super) fn new(seed: RandomState) -> Self {
        Self {
            blocks: Vec::new(),
            fresh: 0,
            vacant: Vec::new(),
            index: HashTable::new(),
            seed,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    pub(super) fn find(&self, hash: u64, key: &Key) -> Option<u32> {
        let is_key = |slot: &u32| self.get(*slot).is_some_and(|entry| entry.key() == key);
        self.index.find(hash, is_key).copied()
    }

    pub(super) fn get(&self, slot: u32) -> Option<&T> {
        let (block, place) = address(slot);
        self.blocks.get(block)?.get(place)
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut T> {
        let (block, place) = address(slot);
        self.blocks.get_mut(block)?.get_mut(place)
    }

    /// Adds an entry whose key is not in the table. `None`: there are as many as slot numbers.
    pub(super) fn insert(&mut self, hash: u64, entry: T) -> Option<u32> {
        let slot = match self.vacant.pop() {
            Some(slot) => slot,
            None => self.grow()?,
        };
        if self.index.len() == self.index.capacity() {
            self.rebuild();
        }
        *self.get_mut(slot)? = entry;
        let Self {
            blocks,
            index,
            seed,
            ..
        } = self;
        index.insert_unique(hash, slot, |slot| {
            let (block, place) = address(*slot);
            let entry = blocks.get(block).and_then(|block| block.get(place));
            entry.map_or(0, |entry| seed.hash_one(entry.key()))
        });
        Some(slot)
    }

    pub(super) fn remove(&mut self, slot: u32) -> Option<T> {
        let entry = self.get(slot)?.clone();
        let hash = self.seed.hash_one(entry.key());
        let place = self.index.find_entry(hash, |other| *other == slot).ok()?;
        place.remove();
        *self.get_mut(slot)? = T::VACANT;
        self.vacant.push(slot);
        if self.index.is_empty() && self.blocks.len() > 1 {
            *self = Self::new(self.seed.clone());
        }
        Some(entry)
    }

    /// Bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        self.blocks.len() * BLOCK * size_of::<T>()
            + self.blocks.capacity() * size_of::<Box<[T]>>()
            + self.vacant.capacity() * size_of::<u32>()
            + self.index.allocation_size()
    }

    /// Makes the index larger, or rids it of what removals left. Walks the entries in the order they lie in memory:
    /// the index's own way, in the order of their hashes, takes three times as long.
    fn rebuild(&mut self) {
        let many = self.index.len();
        let mut index = HashTable::with_capacity(many + many / 2 + 1);
        for (slot, entry) in (0..self.fresh).zip(self.blocks.iter().flatten()) {
            if !entry.is_vacant() {
                index.insert_unique(self.seed.hash_one(entry.key()), slot, |_| 0);
            }
        }
        self.index = index;
    }

    fn grow(&mut self) -> Option<u32> {
        let slot = self.fresh;
        if slot >= SLOTS {
            return None;
        }
        let (block, _) = address(slot);
        if block >= self.blocks.len() {
            self.blocks.push(vec![T::VACANT; BLOCK].into_boxed_slice());
        }
        self.fresh += 1;
        Some(slot)
    }
}

impl<T: Entry> fmt::Debug for Table<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({})", self.len())
    }
}

/// The block of a slot and its place there.
fn address(slot: u32) -> (usize, usize) {
    let slot = usize::try_from(slot).unwrap_or(usize::MAX);
    (slot / BLOCK, slot % BLOCK)
}

/// Entries allocated at a time.
const BLOCK: usize = 64;
/// How many slots there are: a slot and the number of its shard share 32 bits, of which one value means none.
const SLOTS: u32 = (1 << 24) - 1;

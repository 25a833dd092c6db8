//! What a disk has after a loss of power.
//!
//! What was written before the last sync of its file began, and that sync ended, is there. Of what was written since, any part
//! may be, in any order, cut at the boundaries of 512 bytes. Files know nothing of each other. A new name is in its folder,
//! and an old one gone, once the folder was synced, or by chance. What a failed sync should have written is gone.

use std::collections::{BTreeMap, HashMap};

use crate::record::{Kind, MARKS, Record};

#[derive(Clone, Debug, Default)]
struct File {
    /// As it is for sure.
    synced: Vec<u8>,
    /// What was done to it since, by position in the record.
    since: Vec<usize>,
}

#[derive(Debug, Default)]
pub(crate) struct Disk {
    files: HashMap<u64, File>,
    /// The folder as it is for sure, and what was done to it since.
    names: BTreeMap<String, u64>,
    names_since: Vec<usize>,
    /// Syncs that are under way: the position at which they began.
    syncs: HashMap<u64, usize>,
    marks: Option<u64>,
}

/// The files of the folder.
pub(crate) type Image = BTreeMap<String, Vec<u8>>;

/// Which of what was not synced is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Luck {
    Nothing,
    Everything,
    /// All of one file, nothing of the others.
    Only(u64),
    /// Everything, but of the last write only so many sectors.
    Torn(u64),
    /// Everything but what came first in each file.
    NotTheFirst,
    /// Each write or not.
    SomeWrites(u64),
    /// Each sector of each write or not.
    SomeSectors(u64),
}

pub(crate) const SECTOR: u64 = 512;

impl Disk {
    /// Goes on by one record.
    pub(crate) fn step(&mut self, records: &[Record], at: usize) {
        let record = &records[at];
        match record.kind {
            Kind::Created => {
                if record.name == MARKS {
                    self.marks = Some(record.inode);
                }
                // An inode may have been another file's.
                self.files.insert(record.inode, File::default());
                self.names_since.push(at);
            }
            Kind::Unlinked | Kind::Renamed => self.names_since.push(at),
            Kind::Written | Kind::Truncated => {
                self.files.get_mut(&record.inode).unwrap().since.push(at);
            }
            Kind::SyncBegan | Kind::FolderSyncBegan => {
                self.syncs.insert(record.at, at);
            }
            Kind::SyncEnded | Kind::SyncFailed => {
                let began = self.syncs.remove(&record.at).unwrap();
                let file = self.files.get_mut(&record.inode).unwrap();
                for done in taken_before(&mut file.since, began) {
                    if record.kind == Kind::SyncEnded {
                        apply(&mut file.synced, &records[done], |_| true);
                    }
                }
            }
            Kind::FolderSyncEnded => {
                let began = self.syncs.remove(&record.at).unwrap();
                for done in taken_before(&mut self.names_since, began) {
                    rename(&mut self.names, &records[done]);
                }
            }
        }
    }

    /// Whether anything depends on luck.
    pub(crate) fn is_certain(&self) -> bool {
        self.names_since.is_empty() && self.uncertain().next().is_none()
    }

    fn uncertain(&self) -> impl Iterator<Item = (&u64, &File)> {
        self.files
            .iter()
            .filter(|(inode, file)| Some(**inode) != self.marks && !file.since.is_empty())
    }

    /// The kinds of luck that make a difference now.
    pub(crate) fn lucks(&self, records: &[Record], at: usize) -> Vec<Luck> {
        let mut lucks = vec![Luck::Nothing];
        if self.is_certain() {
            return lucks;
        }
        let seed = u64::try_from(at).unwrap();
        lucks.extend([Luck::Everything, Luck::NotTheFirst]);
        lucks.extend((0..2).map(|nth| Luck::SomeWrites(seed * 2 + nth)));
        lucks.extend((0..2).map(|nth| Luck::SomeSectors(seed * 2 + nth)));
        let mut inodes: Vec<u64> = self.uncertain().map(|(inode, _)| *inode).collect();
        inodes.sort_unstable();
        if inodes.len() > 1 {
            lucks.extend(inodes.into_iter().map(Luck::Only));
        }
        let last = &records[at];
        if last.kind == Kind::Written && Some(last.inode) != self.marks {
            let length = u64::try_from(last.data.len()).unwrap();
            let sectors = (last.at + length).div_ceil(SECTOR) - last.at / SECTOR;
            lucks.extend((1..sectors).map(Luck::Torn));
        }
        lucks
    }

    /// The folder after a loss of power now.
    pub(crate) fn after_a_cut(&self, records: &[Record], luck: Luck) -> Image {
        let mut names = self.names.clone();
        let keeps_names = match luck {
            Luck::Nothing => 0,
            Luck::Only(seed) | Luck::SomeWrites(seed) | Luck::SomeSectors(seed)
                if seed.is_multiple_of(2) =>
            {
                // The folder keeps its order.
                usize::try_from(mix(seed)).unwrap_or(0) % (self.names_since.len() + 1)
            }
            _ => self.names_since.len(),
        };
        for done in &self.names_since[..keeps_names] {
            rename(&mut names, &records[*done]);
        }
        let kept = names
            .into_iter()
            .filter(|(_, inode)| Some(*inode) != self.marks);
        kept.map(|(name, inode)| (name, self.content(records, inode, luck)))
            .collect()
    }

    fn content(&self, records: &[Record], inode: u64, luck: Luck) -> Vec<u8> {
        let file = &self.files[&inode];
        let mut bytes = file.synced.clone();
        for (nth, done) in file.since.iter().enumerate() {
            let record = &records[*done];
            let place = u64::try_from(*done).unwrap();
            let is_last = nth + 1 == file.since.len();
            apply(&mut bytes, record, |sector| match luck {
                Luck::Nothing => false,
                Luck::Everything => true,
                Luck::Only(only) => only == inode,
                Luck::Torn(sectors) => {
                    !is_last
                        || record.kind != Kind::Written
                        || sector < record.at / SECTOR + sectors
                }
                Luck::NotTheFirst => nth > 0,
                Luck::SomeWrites(seed) => mix(seed ^ (place << 20)).is_multiple_of(2),
                Luck::SomeSectors(seed) => {
                    mix(seed ^ (place << 20) ^ (sector << 40)).is_multiple_of(2)
                }
            });
        }
        bytes
    }
}

fn taken_before(since: &mut Vec<usize>, began: usize) -> Vec<usize> {
    let rest = since.split_off(since.partition_point(|done| *done < began));
    std::mem::replace(since, rest)
}

/// Does to a file what was done, in those sectors that were reached.
fn apply(bytes: &mut Vec<u8>, record: &Record, reached: impl Fn(u64) -> bool) {
    if record.kind == Kind::Truncated {
        if reached(record.at / SECTOR) {
            bytes.resize(usize::try_from(record.at).unwrap(), 0);
        }
        return;
    }
    let mut at = record.at;
    let mut data = &record.data[..];
    while !data.is_empty() {
        let until = usize::try_from((at / SECTOR + 1) * SECTOR - at).unwrap();
        let (piece, rest) = data.split_at(until.min(data.len()));
        if reached(at / SECTOR) {
            let from = usize::try_from(at).unwrap();
            if bytes.len() < from + piece.len() {
                bytes.resize(from + piece.len(), 0);
            }
            bytes[from..from + piece.len()].copy_from_slice(piece);
        }
        at += u64::try_from(piece.len()).unwrap();
        data = rest;
    }
}

fn rename(names: &mut BTreeMap<String, u64>, record: &Record) {
    match record.kind {
        Kind::Created => {
            names.insert(record.name.clone(), record.inode);
        }
        Kind::Unlinked => {
            names.remove(&record.name);
        }
        _ => {
            let inode = names.remove(&record.name).unwrap();
            names.insert(String::from_utf8(record.data.to_vec()).unwrap(), inode);
        }
    }
}

/// A number that looks like chance (SplitMix64).
pub(crate) const fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: Kind, at: u64, data: &[u8]) -> Record {
        let name = String::from("a");
        Record {
            kind,
            inode: 7,
            at,
            name,
            data: data.into(),
        }
    }

    #[test]
    fn only_what_was_synced_is_certain() {
        let records = [
            record(Kind::Created, 0, b""),
            record(Kind::FolderSyncBegan, 1, b""),
            record(Kind::FolderSyncEnded, 1, b""),
            record(Kind::Written, 0, b"one"),
            record(Kind::SyncBegan, 2, b""),
            record(Kind::Written, 3, &[b'x'; 1024]),
            record(Kind::SyncEnded, 2, b""),
        ];
        let mut disk = Disk::default();
        let mut after = |until: usize, luck| {
            disk = Disk::default();
            (0..=until).for_each(|at| disk.step(&records, at));
            disk.after_a_cut(&records, luck)
                .remove("a")
                .map(|bytes| bytes.len())
        };
        assert_eq!(
            after(0, Luck::Nothing),
            None,
            "its name is in no folder yet"
        );
        assert_eq!(after(0, Luck::Everything), Some(0));
        assert_eq!(after(3, Luck::Nothing), Some(0));
        assert_eq!(after(5, Luck::Nothing), Some(0), "the sync has not ended");
        assert_eq!(
            after(6, Luck::Nothing),
            Some(3),
            "what came while it ran waits for the next"
        );
        assert_eq!(after(6, Luck::Torn(1)), Some(512));
        assert_eq!(after(6, Luck::Everything), Some(1027));
    }
}

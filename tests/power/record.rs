//! The record that the shim wrote.

use std::{collections::HashMap, sync::Arc};

/// What was done. The letters are those of the shim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Created,
    Written,
    Truncated,
    Unlinked,
    Renamed,
    SyncBegan,
    SyncEnded,
    SyncFailed,
    FolderSyncBegan,
    FolderSyncEnded,
}

#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) kind: Kind,
    pub(crate) inode: u64,
    /// Of a write where it begins, of a truncation the new length, of a sync its token.
    pub(crate) at: u64,
    pub(crate) name: String,
    pub(crate) data: Arc<[u8]>,
}

/// What was acknowledged is written here, so that it stands among the records in its place.
pub(crate) const MARKS: &str = "marks";

pub(crate) fn parse(mut bytes: &[u8]) -> Vec<Record> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let (head, rest) = bytes.split_at(32);
        let word = |at: usize| u64::from_ne_bytes(head[at..at + 8].try_into().unwrap());
        let name_length = u32::from_ne_bytes(head[4..8].try_into().unwrap());
        let (name, rest) = rest.split_at(usize::try_from(name_length).unwrap());
        let (data, rest) = rest.split_at(usize::try_from(word(24)).unwrap());
        records.push(Record {
            kind: match head[0] {
                b'C' => Kind::Created,
                b'W' => Kind::Written,
                b'T' => Kind::Truncated,
                b'U' => Kind::Unlinked,
                b'R' => Kind::Renamed,
                b'B' => Kind::SyncBegan,
                b'E' => Kind::SyncEnded,
                b'F' => Kind::SyncFailed,
                b'b' => Kind::FolderSyncBegan,
                b'e' => Kind::FolderSyncEnded,
                other => panic!("a record of kind {other}"),
            },
            inode: word(8),
            at: word(16),
            name: String::from_utf8(name.to_vec()).unwrap(),
            data: data.into(),
        });
        bytes = rest;
    }
    records
}

/// The names files were created with, by inode.
pub(crate) fn names(records: &[Record]) -> HashMap<u64, &str> {
    let created = records.iter().filter(|record| record.kind == Kind::Created);
    created
        .map(|record| (record.inode, &*record.name))
        .collect()
}

/// What the process said, and among which records.
pub(crate) fn marks(records: &[Record]) -> impl Iterator<Item = (usize, String)> {
    let names = names(records);
    let marks = names
        .into_iter()
        .find(|(_, name)| *name == MARKS)
        .unwrap()
        .0;
    let lines = records
        .iter()
        .enumerate()
        .filter(move |(_, record)| record.inode == marks && record.kind == Kind::Written);
    lines.map(|(at, record)| {
        (
            at,
            String::from_utf8(record.data.to_vec())
                .unwrap()
                .trim_end()
                .to_owned(),
        )
    })
}

//! Nothing lost at a loss of power, which no `kill -9` can show: the kernel keeps what a killed process wrote.
//!
//! 1. A process accepts and handles deliveries in a real store, under a shim (`shim.c`, built with `cc`, preloaded) that
//!    records every write, sync, creation and removal of the store's files, and every id that was acknowledged.
//! 2. The record is replayed to each of its moments. What was synced is there; of what was written since, nothing, all,
//!    some, or half a write (see `disk.rs`).
//! 3. The store is opened on what the disk would have. Each id that was acknowledged before the cut has to be there, each
//!    that was seen completed has to be so, a handler's effects have to be those of the completed events, the file sound.
//!
//! `HOOKLATCH_POWER_CUTS`: about how many cuts each test tries, besides those that tell most; 400 unless said.
//! `HOOKLATCH_POWER_EVENTS`: how many events are sent, 40 unless said.
#![allow(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, and says how much it did"
)]
#![cfg(target_os = "linux")]

mod check;
mod child;
mod disk;
mod record;
mod stage;

use std::collections::HashSet;

use crate::{
    check::Found,
    record::{Kind, Record},
    stage::Stage,
};

#[test]
fn every_acknowledged_event_survives_a_loss_of_power() {
    let stage = Stage::new();
    stage.run(&[]);
    let records = stage.records();
    // Without these the record would not say much.
    let names = record::names(&records);
    let wal = names
        .iter()
        .find(|(_, name)| name.ends_with("-wal"))
        .unwrap()
        .0;
    let file = names
        .iter()
        .find(|(_, name)| **name == "hooks.db")
        .unwrap()
        .0;
    let count = |kind, inode: &u64, at: Option<u64>| {
        let fits =
            |r: &&Record| r.kind == kind && r.inode == *inode && at.is_none_or(|at| r.at == at);
        records.iter().filter(fits).count()
    };
    let copies = count(Kind::SyncEnded, file, None);
    let restarts = count(Kind::Written, wal, Some(0));
    assert!(
        copies > 3,
        "the log was copied into the file {copies} times"
    );
    assert!(restarts > 2, "the log began anew {restarts} times");
    let found = check::every_cut(&records, 1);
    println!(
        "{found}; {} records, {copies} copies of the log, which began {restarts} times",
        records.len()
    );
    found.assert_sound();
    assert!(found.acknowledged >= usize::try_from(child::events()).unwrap());
}

/// The check would see it if nothing were synced.
#[test]
fn a_disk_that_does_not_sync_is_caught() {
    let stage = Stage::new();
    stage.run(&[("SHIM_LOSE", "1")]);
    let found = check::every_cut(&stage.records(), 2);
    println!("{found}");
    assert!(found.lost > 0, "no event was lost without a sync");
    // Where everything was written by chance nothing is lost; that is so in some of the cuts.
    assert!(
        found.lost * 5 > found.cuts,
        "many cuts should lose something: {found}"
    );
}

/// What a killed process had written, but not synced, is in the kernel's memory and seen by the next process. A copy of it
/// may be acknowledged only once it is on the disk.
#[test]
fn what_is_found_after_a_kill_is_synced_before_a_copy_is_acknowledged() {
    let mut all = Found::default();
    for sync in [4, 9] {
        let stage = Stage::new();
        stage.run_until_killed(sync);
        stage.run(&[]);
        all.add(check::every_cut(&stage.records(), 2));
    }
    println!("{all}");
    all.assert_sound();
    assert!(all.acknowledged >= 2 * usize::try_from(child::events()).unwrap());
}

/// The sync that failed may have dropped what it should have written, and the next one will not say so.
#[test]
fn nothing_is_acknowledged_after_a_sync_failed_and_nothing_lost_after_a_restart() {
    let mut all = Found::default();
    for (file, sync) in [
        ("-wal", "6"),
        ("-wal", "11"),
        ("-wal", "31"),
        ("hooks.db", "4"),
    ] {
        let stage = Stage::new();
        stage.run(&[("SHIM_SUFFIX", file), ("SHIM_EIO_AT", sync)]);
        let records = stage.records();
        let failed = records.iter().position(|r| r.kind == Kind::SyncFailed);
        let failed = failed.unwrap_or_else(|| panic!("there was no sync {sync} of {file}"));
        let told: HashSet<String> = record::marks(&records).map(|(_, mark)| mark).collect();
        assert!(
            told.contains("poisoned"),
            "{file} {sync}: the store is not poisoned"
        );
        assert!(
            told.contains("not ready"),
            "{file} {sync}: the health is good"
        );
        // What was sent when the failure was known to the process, by the store's own word.
        let mut sent = HashSet::new();
        for (at, mark) in record::marks(&records) {
            if let Some(id) = mark.strip_prefix("sent after ") {
                assert!(at > failed);
                sent.insert(id.to_owned());
            }
            let acknowledged = mark
                .strip_prefix("acknowledged ")
                .is_some_and(|id| sent.contains(id));
            assert!(!acknowledged, "{file} {sync}: {mark}, after the failure");
        }
        assert!(!sent.is_empty());
        stage.run(&[]);
        all.add(check::every_cut(&stage.records(), 4));
    }
    println!("{all}");
    all.assert_sound();
}

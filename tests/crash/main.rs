//! Nothing lost, nothing doubled, though the process is killed at any moment.
//!
//! This binary runs itself again as the receiver: the real server on a loopback port, an inbox and claims in a SQLite file.
//! It sends signed events, some of them several times, kills the receiver at random moments and at each named place of the
//! state machine (`src/failpoint.rs`), starts it again, and compares what was acknowledged with what took effect.
//!
//! - `HOOKLATCH_CRASH_ROUNDS`: how many rounds, 50 unless said.
//! - `HOOKLATCH_CRASH_SEED`: the seed of a run that is to be repeated. Moments differ all the same.
//! - `HOOKLATCH_SOAK_SECONDS`: how long the soak takes, 10 unless said.
#![allow(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, and says how much it did"
)]
#![cfg(unix)]

mod chance;
mod child;
mod load;
mod poison;
mod process;
mod round;
mod soak;
mod verdict;

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use crate::{
    chance::Chance,
    child::Mode,
    round::{Kill, Round},
};

/// Where the process is killed: before and after each step of a delivery or a claim.
const PLACES: &[&str] = &[
    // Before it is written; the rows are there, but not committed; committed, but not answered.
    "accept/begun",
    "accept/written",
    "accept/committed",
    // The same of a lease; then before its handler.
    "lease/written",
    "lease/committed",
    "work/leased",
    // After the handler, before anything is written of it.
    "work/handled",
    // A handler's transaction: the event is completed in it, but not committed; committed, but nobody knows.
    "tx/completed",
    "tx/committed",
    // What became of a run.
    "settle/written",
    "settle/committed",
    "work/settled",
    // A claim without an inbox: taken; its handler has ended; completed, but not answered.
    "claim/claimed",
    "claim/handled",
    "claim/settled",
];

/// Rounds at the same time: they mostly wait.
const SIDE_BY_SIDE: usize = 8;

#[test]
fn what_was_acknowledged_takes_effect_whenever_the_process_is_killed() {
    let rounds = setting("HOOKLATCH_CRASH_ROUNDS").unwrap_or(50);
    let seed = setting("HOOKLATCH_CRASH_SEED").unwrap_or_else(Chance::any_seed);
    let began = Instant::now();
    let next = AtomicUsize::new(0);
    let kills = Mutex::new(BTreeMap::<String, usize>::new());
    let faults = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= usize::try_from(rounds).unwrap()
                        || !faults.lock().unwrap().is_empty()
                    {
                        return;
                    }
                    let chance = Chance::new(seed.wrapping_add(u64::try_from(number).unwrap()));
                    let ended = Round::new(kill_of(number), Mode::Sound, chance).run();
                    for kill in ended.kills {
                        *kills.lock().unwrap().entry(kill).or_default() += 1;
                    }
                    let mut faults = faults.lock().unwrap();
                    faults.extend(
                        ended
                            .faults
                            .into_iter()
                            .map(|fault| format!("round {number}: {fault}")),
                    );
                }
            });
        }
    });
    let kills = kills.into_inner().unwrap();
    println!(
        "{rounds} rounds with seed {seed} in {:?}, kills: {kills:#?}",
        began.elapsed()
    );
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "seed {seed}:\n{}", faults.join("\n"));
    let few = PLACES.iter().filter(|place| !kills.contains_key(**place));
    assert!(
        rounds < 50 || few.clone().count() == 0,
        "nothing was killed at {:?}",
        few.collect::<Vec<_>>()
    );
}

/// Every second round dies at a place, the places in turn.
fn kill_of(number: usize) -> Kill {
    if number.is_multiple_of(2) {
        Kill::At(PLACES[number / 2 % PLACES.len()])
    } else {
        Kill::Sometime
    }
}

/// A receiver that acknowledges before it writes loses events, and the rounds must see it.
#[test]
fn a_receiver_that_answers_too_early_is_caught() {
    assert_caught(Mode::AnswersEarly, "accept/begun", "is lost");
}

/// A handler that writes outside of its transaction doubles its effects, and the rounds must see it.
#[test]
fn a_handler_that_writes_outside_of_its_transaction_is_caught() {
    assert_caught(Mode::WritesOutside, "tx/completed", "took effect 2 times");
}

fn assert_caught(mode: Mode, place: &'static str, as_what: &str) {
    for number in 0..20 {
        let ended = Round::new(Kill::At(place), mode, Chance::new(number)).run();
        if ended.faults.iter().any(|fault| fault.contains(as_what)) {
            println!("{mode:?} was caught in round {number}: {}", ended.faults[0]);
            return;
        }
    }
    panic!("{mode:?} was not caught in 20 rounds");
}

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text} is no number")),
    )
}

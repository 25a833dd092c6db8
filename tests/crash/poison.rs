//! An event that kills the process each time its handler runs.

use std::{fs, path::Path, time::Duration};

use tokio::time::{Instant, sleep};

use crate::{
    child::{self, Mode, POISON_ATTEMPTS},
    load::{Load, Prepared},
    process::Process,
};

#[tokio::test]
async fn a_handler_that_kills_the_process_is_given_up_and_can_be_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let poison = Prepared::new("poison", "evt_poison", "poison", 0);
    let load = Load::new();

    let mut process = Process::start(folder, Mode::Sound, None).unwrap();
    load.at(process.port);
    // Sent once: a copy would bring it back from the dead.
    assert_eq!(load.send(&poison).await, Some(200));
    let mut deaths = 0;
    while process.dies_within(PATIENCE).await {
        deaths += 1;
        assert!(deaths <= POISON_ATTEMPTS, "it runs again and again");
        process = match Process::start(folder, Mode::Sound, None) {
            Some(process) => process,
            None => continue,
        };
    }
    assert_eq!(deaths, POISON_ATTEMPTS);
    assert_eq!(runs(folder), POISON_ATTEMPTS);
    assert_eq!(state(&process).await, "dead");

    // The process goes on with what else there is.
    load.at(process.port);
    load.deliver(&Prepared::new("poison", "evt_other", "load", 0))
        .await;
    until_written(folder, "evt_other").await;

    fs::write(folder.join("mended"), "").unwrap();
    assert_eq!(load.send(&poison).await, Some(200));
    until_written(folder, "evt_poison").await;
    assert_eq!(runs(folder), POISON_ATTEMPTS + 1);
    let began = Instant::now();
    while state(&process).await != "completed" {
        assert!(began.elapsed() < PATIENCE, "{}", state(&process).await);
        sleep(Duration::from_millis(20)).await;
    }
    assert!(!process.is_dead());
}

/// Each kill costs whatever runs beside it an attempt as well. Were all begun at once, all would be dead with the one.
#[tokio::test]
async fn a_handler_that_kills_the_process_takes_no_others_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let load = Load::new();
    let mut process = Process::start(folder, Mode::Sound, None).unwrap();
    load.at(process.port);
    for number in 0..6 {
        let slow = Prepared::new("poison", &format!("slow_{number}"), "slow", 0);
        assert_eq!(load.send(&slow).await, Some(200));
    }
    let poison = Prepared::new("poison", "evt_poison", "poison", 0);
    assert_eq!(load.send(&poison).await, Some(200));
    while process.dies_within(PATIENCE).await {
        if let Some(again) = Process::start(folder, Mode::Sound, None) {
            process = again;
        }
    }
    let known: Vec<[String; 3]> = process.ask("list").await.unwrap();
    let dead = known.iter().filter(|row| row[2] == "dead");
    let dead: Vec<&str> = dead.map(|row| &*row[1]).collect();
    assert_eq!(dead, ["evt_poison"], "{known:?}");
}

/// With all places taken, among many that are still to be run. What ran beside it when it first killed the process loses that
/// one run, and completes by itself.
#[tokio::test]
async fn a_handler_that_kills_the_process_buries_none_of_two_hundred() {
    const OTHERS: usize = 200;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let load = Load::new();
    let mut process = Process::start(folder, Mode::Sound, None).unwrap();
    load.at(process.port);
    let sending = async {
        let mut slow = (0..OTHERS).map(|number| format!("slow_{number}"));
        for id in slow.by_ref().take(OTHERS / 2) {
            load.deliver(&Prepared::new("poison", &id, "slow", 0)).await;
        }
        load.deliver(&Prepared::new("poison", "evt_poison", "poison", 0))
            .await;
        for id in slow {
            load.deliver(&Prepared::new("poison", &id, "slow", 0)).await;
        }
    };
    let settling = async {
        let began = Instant::now();
        let mut deaths = 0;
        loop {
            if process.is_dead() {
                deaths += 1;
                if let Some(again) = Process::start(folder, Mode::Sound, None) {
                    process = again;
                    load.at(process.port);
                }
            }
            let known: Option<Vec<[String; 3]>> = process.ask("list").await;
            let known = known.unwrap_or_default();
            let is_open = |row: &[String; 3]| matches!(&*row[2], "pending" | "running");
            if known.len() == OTHERS + 1 && !known.iter().any(is_open) {
                return (deaths, known);
            }
            assert!(
                began.elapsed() < Duration::from_secs(120),
                "not settled: {known:?}"
            );
            sleep(Duration::from_millis(50)).await;
        }
    };
    let ((), (deaths, known)) = tokio::join!(sending, settling);
    assert_eq!(deaths, POISON_ATTEMPTS);
    let dead = known.iter().filter(|row| row[2] == "dead");
    let dead: Vec<&str> = dead.map(|row| &*row[1]).collect();
    assert_eq!(dead, ["evt_poison"]);
    let written = child::written(folder).await;
    for number in 0..OTHERS {
        let id = format!("slow_{number}");
        assert!(
            written.iter().any(|(_, written)| *written == id),
            "{id} had no effect"
        );
    }
}

async fn state(process: &Process) -> String {
    let known: Vec<[String; 3]> = process.ask("list").await.unwrap();
    let row = known.iter().find(|row| row[1] == "evt_poison");
    row.unwrap()[2].clone()
}

fn runs(folder: &Path) -> u32 {
    let lines = fs::read_to_string(folder.join("poisoned")).unwrap_or_default();
    u32::try_from(lines.lines().count()).unwrap()
}

async fn until_written(folder: &Path, id: &str) {
    let began = Instant::now();
    while !child::written(folder)
        .await
        .iter()
        .any(|(_, written)| written == id)
    {
        assert!(began.elapsed() < PATIENCE, "{id} had no effect");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Several leases.
const PATIENCE: Duration = Duration::from_secs(4);

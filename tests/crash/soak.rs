//! A long load at seven tenths of what the machine can do, with failing handlers, panics, copies and kills: nothing is lost or
//! doubled, and neither memory nor files grow.
//!
//! Events are remembered for 20 s, and what expired is swept once a minute. So a short run says little of the file; ten
//! minutes, as `.ci/long` runs it, say whether it stays.

use std::{
    collections::HashSet,
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::Semaphore, task::JoinSet, time::sleep};

use crate::{
    chance::Chance,
    child::{self, Mode, RECEIVERS},
    load::{Event, Load, Prepared},
    process::Process,
    setting,
};

const MIB: u64 = 1024 * 1024;

/// What is taken of the process.
#[derive(Clone, Copy, Debug)]
struct Sample {
    /// From 0 to 1.
    at: f64,
    memory: u64,
    files: u64,
}

#[test]
fn a_long_load_grows_nothing_and_loses_nothing() {
    let seconds = setting("HOOKLATCH_SOAK_SECONDS").unwrap_or(10);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    runtime
        .unwrap()
        .block_on(soak(Duration::from_secs(seconds)));
}

#[test]
fn growth_is_seen() {
    let samples = |growth: u64| -> Vec<Sample> {
        let sample = |step: u32| Sample {
            at: f64::from(step) / 100.0,
            memory: 50 * MIB,
            files: 20 * MIB + growth * MIB * u64::from(step) / 100,
        };
        (0..100).map(sample).collect()
    };
    assert_eq!(grown(&samples(2)), Vec::<String>::new());
    assert_eq!(grown(&samples(60)).len(), 1);
}

async fn soak(time: Duration) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut soak = Soak {
        load: Load::new(),
        chance: Chance::new(Chance::any_seed()),
        sent: HashSet::new(),
        sending: JoinSet::new(),
        places: Arc::new(Semaphore::new(256)),
    };
    let mut process = Process::start(folder, Mode::Soak, None).unwrap();
    soak.load.at(process.port);
    let capacity = soak.capacity(&process, time / 10).await;
    let pause = Duration::from_secs_f64(1.0 / (0.7 * capacity));

    let began = Instant::now();
    let mut samples = Vec::new();
    let (mut due, mut behind, mut kills) = (began, 0_u64, 0_u32);
    while began.elapsed() < time {
        while due <= Instant::now() {
            behind += u64::from(!soak.send());
            due += pause;
        }
        let at = began.elapsed().as_secs_f64() / time.as_secs_f64();
        // Later on one process has to live long enough to show what it holds on to.
        if at < 0.35 && at > 0.1 * f64::from(kills + 1) {
            process.kill();
            soak.load.at(0);
            kills += 1;
            process = Process::start(folder, Mode::Soak, None).unwrap();
            soak.load.at(process.port);
        }
        samples.push(Sample {
            at,
            memory: memory(process.id()),
            files: files(folder),
        });
        while soak.sending.try_join_next().is_some() {}
        sleep(Duration::from_millis(20)).await;
    }
    while soak.sending.join_next().await.is_some() {}
    soak.settled(&process).await;
    process.kill();
    println!(
        "{time:?} at 70 % of {capacity:.0} events/s: {} events, {behind} put off, {kills} kills; memory {} to {} KiB, files {} to {} KiB",
        soak.sent.len(),
        most(&samples, BEFORE, |sample| sample.memory) / 1024,
        most(&samples, AFTER, |sample| sample.memory) / 1024,
        most(&samples, BEFORE, |sample| sample.files) / 1024,
        most(&samples, AFTER, |sample| sample.files) / 1024,
    );
    let mut faults = grown(&samples);
    faults.extend(soak.lost(folder).await);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

struct Soak {
    load: Load,
    chance: Chance,
    sent: HashSet<Event>,
    sending: JoinSet<()>,
    /// What is in flight stays bounded where the machine cannot keep up.
    places: Arc<Semaphore>,
}

impl Soak {
    /// How many events a second are handled when as many come as can.
    async fn capacity(&mut self, process: &Process, time: Duration) -> f64 {
        let began = Instant::now();
        let mut count = 0_u32;
        while began.elapsed() < time {
            while self.places.available_permits() > 256 - 32 {
                count += u32::from(self.send());
            }
            sleep(Duration::from_millis(2)).await;
        }
        while self.sending.join_next().await.is_some() {}
        self.settled(process).await;
        f64::from(count) / began.elapsed().as_secs_f64()
    }

    /// Begins to send one more event, now and then with a copy. `false`: too many are in flight.
    fn send(&mut self) -> bool {
        let receiver = RECEIVERS[usize::try_from(self.chance.below(4)).unwrap()];
        let faults = if self.chance.percent(5) {
            1 + self.chance.below(2)
        } else {
            0
        };
        let copies = if self.chance.percent(5) { 2 } else { 1 };
        let Ok(place) = Arc::clone(&self.places).try_acquire_many_owned(copies) else {
            return false;
        };
        let place = Arc::new(place);
        let event = Prepared::new(
            receiver,
            &format!("evt_{}", self.sent.len()),
            "load",
            faults,
        );
        self.sent.insert(event.name.clone());
        for _ in 0..copies {
            let (load, event, place) = (self.load.clone(), event.clone(), Arc::clone(&place));
            self.sending.spawn(async move {
                load.deliver(&event).await;
                drop(place);
            });
        }
        true
    }

    async fn settled(&self, process: &Process) {
        let began = Instant::now();
        loop {
            let known: Vec<[String; 3]> = process.ask("list").await.unwrap();
            if known.iter().all(|row| row[2] == "completed") {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "not settled");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Every event was acknowledged in the end, so each has to have had its effect.
    async fn lost(&self, folder: &Path) -> Vec<String> {
        let mut faults = Vec::new();
        let written: HashSet<Event> = child::written(folder).await.into_iter().collect();
        let in_files = self
            .sent
            .iter()
            .filter(|(receiver, _)| receiver.ends_with("file"));
        faults.extend(
            in_files
                .filter(|event| !written.contains(event))
                .map(|event| format!("{event:?} is lost")),
        );
        let mut connection = child::open(folder).await;
        let effects: i64 = sqlx::query_scalar("SELECT effects FROM tally")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        let expected = self
            .sent
            .iter()
            .filter(|(receiver, _)| receiver.ends_with("tx"))
            .count();
        if usize::try_from(effects).unwrap() != expected {
            faults.push(format!(
                "{expected} events in transactions had {effects} effects"
            ));
        }
        faults
    }
}

/// The parts of the run that are compared: both hold a sweep where the run is long.
const BEFORE: (f64, f64) = (0.4, 0.6);
const AFTER: (f64, f64) = (0.8, 1.0);

/// What grew by more than a quarter and 8 MiB between the two.
fn grown(samples: &[Sample]) -> Vec<String> {
    type Of = fn(&Sample) -> u64;
    let kinds: [(&str, Of); 2] = [
        ("memory", |sample| sample.memory),
        ("files", |sample| sample.files),
    ];
    let mut faults = Vec::new();
    for (what, of) in kinds {
        let (before, after) = (most(samples, BEFORE, of), most(samples, AFTER, of));
        if after > before + before / 4 + 8 * MIB {
            faults.push(format!("{what} grew from {before} to {after} bytes"));
        }
    }
    faults
}

fn most(samples: &[Sample], (from, to): (f64, f64), of: fn(&Sample) -> u64) -> u64 {
    let within = samples
        .iter()
        .filter(|sample| (from..=to).contains(&sample.at));
    within.map(of).max().unwrap()
}

/// What the process has in memory, in bytes; nothing where the system does not say.
fn memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

/// The store's files, in bytes.
fn files(folder: &Path) -> u64 {
    let sizes = ["hooks.db", "hooks.db-wal"].map(|name| fs::metadata(folder.join(name)));
    sizes.into_iter().flatten().map(|file| file.len()).sum()
}

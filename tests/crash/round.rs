//! One round: load, a kill, a restart, perhaps another kill, and the account at the end.

use std::time::{Duration, Instant};

use tokio::{task::JoinSet, time::sleep};

use crate::{
    chance::Chance,
    child::{self, Mode},
    load::Load,
    process::Process,
    verdict,
};

/// When the first process is killed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kill {
    /// At a place of the state machine, one of its first passes.
    At(&'static str),
    /// At any moment.
    Sometime,
}

pub(crate) struct Round {
    kill: Kill,
    mode: Mode,
    chance: Chance,
    folder: tempfile::TempDir,
    load: Load,
    ended: Ended,
}

/// What a round was, and what is wrong with it.
#[derive(Default)]
pub(crate) struct Ended {
    pub(crate) kills: Vec<String>,
    pub(crate) faults: Vec<String>,
}

/// Events for each receiver.
const EVENTS: usize = 12;

impl Round {
    pub(crate) fn new(kill: Kill, mode: Mode, chance: Chance) -> Self {
        Self {
            kill,
            mode,
            chance,
            folder: tempfile::tempdir().unwrap(),
            load: Load::new(),
            ended: Ended::default(),
        }
    }

    pub(crate) fn run(mut self) -> Ended {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(self.go());
        self.ended
    }

    async fn go(&mut self) {
        let mut sending = JoinSet::new();
        self.load.begin(0, EVENTS, &mut self.chance, &mut sending);
        self.first_process(&mut sending).await;
        // What is restarted may be killed again, also while it starts.
        while self.chance.percent(40) {
            if let Some(mut process) = self.restart(None).await {
                sleep(self.chance.millis(0, 120)).await;
                self.kill_now(&mut process);
            }
        }
        let Some(mut process) = self.restart(None).await else {
            self.ended
                .faults
                .push("it does not start any more".to_owned());
            return;
        };
        let everything = async { while sending.join_next().await.is_some() {} };
        if tokio::time::timeout(LIMIT, everything).await.is_err() {
            self.ended
                .faults
                .push("not everything was acknowledged in time".to_owned());
        }
        self.settle(&process).await;
        // A clean end would hide what only a clean end writes.
        process.kill();
        let written = child::written(self.folder.path()).await;
        self.ended.faults.extend(verdict::doubled(&written));
        self.ended
            .faults
            .extend(verdict::broken(self.folder.path()).await);
    }

    async fn first_process(&mut self, sending: &mut JoinSet<()>) {
        let failpoint = match self.kill {
            Kill::At(place) => Some(format!("{place}:{}", 1 + self.chance.below(3))),
            Kill::Sometime => None,
        };
        let Some(mut process) = self.restart(failpoint.as_deref()).await else {
            return;
        };
        match self.kill {
            Kill::At(place) => {
                if self.dies(&mut process, sending).await {
                    self.ended.kills.push(place.to_owned());
                } else {
                    self.ended.faults.push(format!("{place} was not passed"));
                }
                self.load.at(0);
            }
            Kill::Sometime => {
                sleep(self.chance.millis(5, 250)).await;
                self.kill_now(&mut process);
            }
        }
    }

    /// Waits for the kill at a place. Where many events were written together, it takes more of them to pass it often enough.
    async fn dies(&mut self, process: &mut Process, sending: &mut JoinSet<()>) -> bool {
        for number in 1..20 {
            if process.dies_within(LIMIT / 20).await {
                return true;
            }
            self.load
                .begin(number * EVENTS, 2, &mut self.chance, sending);
        }
        false
    }

    fn kill_now(&mut self, process: &mut Process) {
        process.kill();
        self.load.at(0);
        self.ended.kills.push("any moment".to_owned());
    }

    /// Starts a process, and looks at what it knows before the sender may come again: that would hide a loss.
    async fn restart(&mut self, failpoint: Option<&str>) -> Option<Process> {
        let acknowledged = self.load.acknowledged();
        let process = Process::start(self.folder.path(), self.mode, failpoint)?;
        let known: Vec<[String; 3]> = process.ask("list").await?;
        let written: Vec<(String, String)> = process.ask("effects").await?;
        self.ended
            .faults
            .extend(verdict::lost(&acknowledged, &known, &written));
        self.load.at(process.port);
        Some(process)
    }

    /// Waits until nothing is pending, and looks at what became of everything.
    async fn settle(&mut self, process: &Process) {
        let began = Instant::now();
        loop {
            let known: Vec<[String; 3]> = process.ask("list").await.unwrap();
            let is_open = |row: &[String; 3]| row[2] == "pending" || row[2] == "running";
            if !known.iter().any(is_open) {
                let written: Vec<(String, String)> = process.ask("effects").await.unwrap();
                let acknowledged = self.load.acknowledged();
                self.ended
                    .faults
                    .extend(verdict::lost(&acknowledged, &known, &written));
                self.ended
                    .faults
                    .extend(verdict::unfinished(&known, &written));
                return;
            }
            if began.elapsed() > LIMIT {
                self.ended.faults.push(format!("not settled: {known:?}"));
                return;
            }
            sleep(Duration::from_millis(30)).await;
        }
    }
}

/// Far more than anything takes.
const LIMIT: Duration = Duration::from_secs(40);

//! Notices that the configuration, or a file it names, has changed.
//!
//! By asking once a second, not by the system's notices: those miss changes on network file systems and of files that are
//! replaced by renaming or through links, as editors, certificate tools and Kubernetes do, unless every folder on the way
//! is watched. To ask about a handful of files costs nothing, and a second matters to nobody.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tokio::{
    task::spawn_blocking,
    time::{Interval, MissedTickBehavior, interval},
};

/// What tells that a file is not what it was. `None`: it cannot be looked at.
type Mark = Option<(SystemTime, u64, u64)>;

/// Watches files, links followed.
pub(super) struct Watch {
    files: Vec<PathBuf>,
    seen: Vec<Mark>,
    /// A change that may not be complete.
    fresh: Option<Vec<Mark>>,
    interval: Interval,
}

impl Watch {
    pub(super) fn new(files: Vec<PathBuf>) -> Self {
        let mut interval = interval(EVERY);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            seen: marks(&files),
            files,
            fresh: None,
            interval,
        }
    }

    /// Ends once something has changed, and has stayed so from one look to the next: it was written to its end.
    pub(super) async fn changed(&mut self) {
        loop {
            self.interval.tick().await;
            let files = self.files.clone();
            let Ok(now) = spawn_blocking(move || marks(&files)).await else {
                continue;
            };
            if now == self.seen {
                self.fresh = None;
            } else if self.fresh.as_ref() == Some(&now) {
                self.seen = now;
                self.fresh = None;
                return;
            } else {
                self.fresh = Some(now);
            }
        }
    }

    /// Watches these from now on. One that was watched before is what it was when it was seen last: it may have changed
    /// since.
    pub(super) fn turn_to(&mut self, files: Vec<PathBuf>) {
        let known: HashMap<_, _> = self.files.drain(..).zip(self.seen.drain(..)).collect();
        let seen = |file: &PathBuf| known.get(file).copied().unwrap_or_else(|| mark(file));
        self.seen = files.iter().map(seen).collect();
        self.files = files;
        self.fresh = None;
    }
}

fn marks(files: &[PathBuf]) -> Vec<Mark> {
    files.iter().map(|file| mark(file)).collect()
}

fn mark(file: &Path) -> Mark {
    let about = fs::metadata(file).ok()?;
    Some((about.modified().ok()?, about.len(), node(&about)))
}

/// Which file it is: another one under the same name may be as long and as old.
#[cfg(unix)]
fn node(about: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(about)
}

#[cfg(not(unix))]
const fn node(_: &fs::Metadata) -> u64 {
    0
}

const EVERY: Duration = Duration::from_secs(1);

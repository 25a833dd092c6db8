//! Opens the store on what a disk would have, and compares it with what was said.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver},
    },
    thread,
};

use hooklatch::store::SqliteStore;
use sqlx::{Connection as _, SqliteConnection};

use crate::{
    disk::{Disk, Image, Luck, mix},
    record::{self, Kind, Record},
    stage::{fast_folder, setting},
};

/// What all cuts of a record came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub(crate) cuts: usize,
    pub(crate) moments: usize,
    /// Cuts that lost something.
    pub(crate) lost: usize,
    /// Ids acknowledged by the end.
    pub(crate) acknowledged: usize,
    pub(crate) faults: Vec<String>,
}

impl Found {
    pub(crate) fn add(&mut self, other: Self) {
        self.cuts += other.cuts;
        self.moments += other.moments;
        self.lost += other.lost;
        self.acknowledged += other.acknowledged;
        self.faults.extend(other.faults);
    }

    pub(crate) fn assert_sound(&self) {
        let some = self.faults.iter().take(10).cloned().collect::<Vec<_>>();
        assert!(self.faults.is_empty(), "{self}:\n{}", some.join("\n"));
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            cuts,
            moments,
            lost,
            acknowledged,
            faults,
        } = self;
        write!(
            f,
            "{cuts} cuts at {moments} moments, {acknowledged} ids acknowledged: {lost} cuts lost something, {} were wrong",
            faults.len()
        )
    }
}

/// What was said before a cut.
#[derive(Clone, Debug, Default)]
struct Said {
    acknowledged: HashSet<String>,
    completed: HashSet<String>,
}

/// A disk to be looked at.
struct Cut {
    at: usize,
    luck: Luck,
    image: Image,
    said: Arc<Said>,
}

/// Cuts the power at the moments of a record: always where a sync has ended or something was said, of all the others as many
/// as their share of the budget, evenly by chance.
pub(crate) fn every_cut(records: &[Record], share: u64) -> Found {
    let budget = setting("HOOKLATCH_POWER_CUTS").unwrap_or(400) / share;
    let total = count(records);
    let marks: HashMap<usize, String> = record::marks(records).collect();
    let (sender, receiver) = mpsc::sync_channel(16);
    let receiver = Arc::new(Mutex::new(receiver));
    thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(|| look(&receiver))).collect();
        let (mut disk, mut said, mut seen) =
            (Disk::default(), Arc::new(Said::default()), HashSet::new());
        let mut found = Found::default();
        let mut nth = 0;
        for at in 0..records.len() {
            disk.step(records, at);
            if let Some(mark) = marks.get(&at) {
                Arc::make_mut(&mut said).hear(mark);
            }
            let before = found.cuts;
            for luck in disk.lucks(records, at) {
                nth += 1;
                if mix(nth) % total >= budget
                    && !is_telling(records, at, marks.contains_key(&at), luck)
                {
                    continue;
                }
                let image = disk.after_a_cut(records, luck);
                let mut hasher = DefaultHasher::new();
                (&image, said.acknowledged.len(), said.completed.len()).hash(&mut hasher);
                if seen.insert(hasher.finish()) {
                    found.cuts += 1;
                    sender
                        .send(Cut {
                            at,
                            luck,
                            image,
                            said: Arc::clone(&said),
                        })
                        .unwrap();
                }
            }
            found.moments += usize::from(found.cuts > before);
        }
        drop(sender);
        found.acknowledged = said.acknowledged.len();
        for worker in workers {
            found.add(worker.join().unwrap());
        }
        found
    })
}

/// Where a sync has just ended, or something was just said, and luck helps with nothing.
fn is_telling(records: &[Record], at: usize, is_mark: bool, luck: Luck) -> bool {
    let ended = matches!(records[at].kind, Kind::SyncEnded | Kind::FolderSyncEnded);
    (ended || is_mark) && luck == Luck::Nothing
}

fn count(records: &[Record]) -> u64 {
    let mut disk = Disk::default();
    let mut count = 0;
    for at in 0..records.len() {
        disk.step(records, at);
        count += disk.lucks(records, at).len();
    }
    u64::try_from(count).unwrap().max(1)
}

impl Said {
    fn hear(&mut self, mark: &str) {
        if let Some(id) = mark.strip_prefix("acknowledged ") {
            self.acknowledged.insert(id.to_owned());
        } else if let Some(id) = mark.strip_prefix("completed ") {
            self.completed.insert(id.to_owned());
        }
    }
}

fn look(cuts: &Mutex<Receiver<Cut>>) -> Found {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let folder = fast_folder();
    let mut found = Found::default();
    loop {
        let Ok(cut) = cuts.lock().unwrap().recv() else {
            return found;
        };
        let path = lay_out(folder.path(), &cut.image);
        let faults = runtime.block_on(faults(&path, &cut.said));
        found.lost += usize::from(faults.iter().any(|fault| fault.contains("lost")));
        let whence = |fault| format!("cut at record {} with {:?}: {fault}", cut.at, cut.luck);
        found.faults.extend(faults.into_iter().map(whence));
        std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }
}

/// Writes the files that a disk would have.
fn lay_out(folder: &Path, image: &Image) -> PathBuf {
    let folder = folder.join("cut");
    std::fs::create_dir(&folder).unwrap();
    for (name, bytes) in image {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    folder.join("hooks.db")
}

async fn faults(path: &Path, said: &Said) -> Vec<String> {
    let store = match SqliteStore::open(path).await {
        Ok(store) => store,
        Err(error) => return vec![format!("everything is lost: {error}")],
    };
    let url = format!("sqlite://{}", path.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let faults = compare(&mut connection, said).await;
    connection.close().await.unwrap();
    drop(store);
    faults.unwrap_or_else(|error| vec![format!("the file cannot be read: {error}")])
}

async fn compare(
    connection: &mut SqliteConnection,
    said: &Said,
) -> Result<Vec<String>, sqlx::Error> {
    let told: String = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_one(&mut *connection)
        .await?;
    let mut faults = Vec::new();
    if told != "ok" {
        faults.push(format!("the file is broken: {told}"));
    }
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT e.id, e.state, d.seq IS NOT NULL FROM hooklatch_event e LEFT JOIN hooklatch_delivery d ON d.seq = e.seq",
    )
    .fetch_all(&mut *connection)
    .await?;
    let kept: HashSet<&str> = rows
        .iter()
        .filter(|row| row.2 == 1)
        .map(|row| &*row.0)
        .collect();
    let completed: BTreeSet<&str> = rows
        .iter()
        .filter(|row| row.1 == 2)
        .map(|row| &*row.0)
        .collect();
    let lost = said.acknowledged.iter().filter(|id| !kept.contains(&***id));
    faults.extend(lost.map(|id| format!("{id} was acknowledged and is lost")));
    let undone = said
        .completed
        .iter()
        .filter(|id| !completed.contains(&***id));
    faults.extend(undone.map(|id| format!("{id} was completed and that is lost")));
    faults.extend(differing(connection, &completed).await?);
    Ok(faults)
}

/// A handler's effects are those of the completed events, once each.
async fn differing(
    connection: &mut SqliteConnection,
    completed: &BTreeSet<&str>,
) -> Result<Option<String>, sqlx::Error> {
    let made: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master WHERE name = 'effect'")
        .fetch_one(&mut *connection)
        .await?;
    let mut effects: Vec<String> = Vec::new();
    if made == 1 {
        effects = sqlx::query_scalar("SELECT id FROM effect")
            .fetch_all(&mut *connection)
            .await?;
    }
    effects.sort_unstable();
    let as_they_should_be = completed.iter().eq(effects.iter());
    Ok((!as_they_should_be)
        .then(|| format!("completed are {completed:?}, effects have {effects:?}")))
}

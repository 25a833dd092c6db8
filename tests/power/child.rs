//! The process under the shim: a receiver with an inbox, whose handler writes in a transaction of the store.

use std::{
    borrow::Cow,
    collections::HashSet,
    env,
    fs::{self, File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use hooklatch::{
    Ack, EventRouter, Hooks, Keyring, Profile, RawEvent, Receive, Retries, Scheme, Source,
    store::{Claims, Condition, DeliveryQuery, DeliveryState, Operate, SqliteStore, SqliteTx},
    testing::Sender,
};
use sqlx::Connection as _;
use tokio::time::sleep;
use tower::ServiceExt;

use crate::{disk::mix, record::MARKS, stage::setting};

pub(crate) const FOLDER: &str = "HOOKLATCH_POWER_CHILD";
const SECRET: &str = "a-secret-of-sixteen-bytes-or-more";

/// How many events are sent.
pub(crate) fn events() -> u64 {
    setting("HOOKLATCH_POWER_EVENTS").unwrap_or(40)
}

/// How many are sent and handled between two copies of the whole log.
const ROUND: u64 = 6;

/// No check: the other tests run this binary with this one alone, under the shim.
#[test]
fn the_process_under_the_shim() {
    let Some(folder) = env::var_os(FOLDER) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime
        .unwrap()
        .block_on(Process::begin(PathBuf::from(folder)));
}

struct Process {
    store: SqliteStore,
    hooks: Hooks,
    receive: Receive,
    marks: Marks,
    next: AtomicU64,
    folder: PathBuf,
}

impl Process {
    async fn begin(folder: PathBuf) {
        let marks = Marks::open(&folder);
        let path = folder.join("hooks.db");
        let store = SqliteStore::open(&path).await.unwrap();
        let url = format!("sqlite://{}", path.display());
        let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
        let made = sqlx::query("CREATE TABLE IF NOT EXISTS effect (id TEXT NOT NULL)");
        made.execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        let hooks = Hooks::new();
        let receive = hooks
            .receiver("acme", acme(), Keyring::new(SECRET))
            .unwrap()
            .inbox(store.clone())
            .lease(Duration::from_millis(500))
            .retries(Retries {
                attempts: 50,
                first: Duration::from_millis(5),
                longest: Duration::from_millis(20),
            })
            .receive(EventRouter::new().fallback(handle));
        let this = Arc::new(Self {
            store,
            hooks,
            receive,
            marks,
            next: AtomicU64::new(0),
            folder,
        });
        let mut said = HashSet::new();
        for round in 1..=events().div_ceil(ROUND) {
            let [before, _] = this.written();
            let end = events().min(round * ROUND);
            let senders: Vec<_> = (0..6)
                .map(|_| tokio::spawn(Arc::clone(&this).send_until(end)))
                .collect();
            for sender in senders {
                sender.await.unwrap();
            }
            if !this.settled(end, &mut said).await {
                this.look_poisoned().await;
                break;
            }
            this.until_copied(before).await;
        }
        // With the store still open: a clean end would copy the log and remove it.
        std::process::exit(0);
    }

    /// Sends events until this number, unless the disk has failed.
    async fn send_until(self: Arc<Self>, end: u64) {
        let next = |number| (number < end).then_some(number + 1);
        while let Ok(number) = self
            .next
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, next)
        {
            if self.is_poisoned() {
                return;
            }
            self.send(&format!("evt_{number}")).await;
        }
    }

    /// When the log and the file were written last.
    fn written(&self) -> [Option<SystemTime>; 2] {
        ["hooks.db-wal", "hooks.db"]
            .map(|name| fs::metadata(self.folder.join(name)).ok()?.modified().ok())
    }

    /// Waits for the whole log to be copied into the file if it was written since then, so that the next to write begins it
    /// anew: a record without copies would say little. Nothing is left to be written meanwhile.
    async fn until_copied(&self, since: Option<SystemTime>) {
        let began = Instant::now();
        let waits = || {
            let [log, file] = self.written();
            log != since && file < log && !self.is_poisoned()
        };
        while waits() {
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "the log is not copied"
            );
            sleep(Duration::from_millis(2)).await;
        }
        // Of the same tick of the system's clock is not after; the keeper looks again.
        sleep(Duration::from_millis(100)).await;
    }

    async fn send(&self, id: &str) {
        // Of many lengths, so that pages and sectors are cut in many ways.
        let seed = id.bytes().fold(0, |seed, byte| seed * 31 + u64::from(byte));
        let length = usize::try_from(mix(seed) % 9000).unwrap();
        let body = format!(r#"{{"id":"{id}","pad":"{}"}}"#, "x".repeat(length));
        loop {
            let after = if self.is_poisoned() {
                "sent after"
            } else {
                "sent"
            };
            self.marks.say(&format!("{after} {id}"));
            let request = Sender::with_secret(acme(), SECRET)
                .raw(body.clone())
                .request();
            let Ok(response) = self.receive.clone().oneshot(request).await;
            if response.status() == 200 {
                self.marks.say(&format!("acknowledged {id}"));
                return;
            }
            if after == "sent after" {
                return;
            }
            sleep(Duration::from_millis(5)).await;
        }
    }

    fn is_poisoned(&self) -> bool {
        self.store.condition() == Condition::Poisoned
    }

    /// Says what is completed, until all events up to this number are. `false`: the disk has failed.
    async fn settled(&self, end: u64, said: &mut HashSet<String>) -> bool {
        let began = Instant::now();
        while !(0..end).all(|number| said.contains(&format!("evt_{number}"))) {
            if self.is_poisoned() {
                return false;
            }
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "only {} are completed",
                said.len()
            );
            let query = DeliveryQuery::new()
                .state(DeliveryState::Completed)
                .limit(u32::MAX);
            for delivery in self.store.list(&query).await.unwrap() {
                let id = delivery.id.unwrap();
                if said.insert(id.clone()) {
                    self.marks.say(&format!("completed {id}"));
                }
            }
            sleep(Duration::from_millis(10)).await;
        }
        true
    }

    async fn look_poisoned(&self) {
        self.marks.say("poisoned");
        self.send("evt_late").await;
        let began = Instant::now();
        while self.hooks.health().is_ready() {
            if began.elapsed() > Duration::from_secs(15) {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        self.marks.say("not ready");
    }
}

async fn handle(mut tx: SqliteTx, event: RawEvent) -> Result<(), Ack> {
    sqlx::query("INSERT INTO effect (id) VALUES ($1)")
        .bind(&event.id)
        .execute(tx.connection().await?)
        .await?;
    Ok(())
}

fn acme() -> Scheme {
    Scheme {
        name: Cow::Borrowed("acme"),
        id: Some(Source::json("/id")),
        profile: Profile::DEFAULT,
        ..Scheme::HMAC_SHA256
    }
}

/// What the process says, in a file that the shim records among the others.
struct Marks(File);

impl Marks {
    fn open(folder: &Path) -> Self {
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(folder.join(MARKS));
        Self(file.unwrap())
    }

    fn say(&self, what: &str) {
        // One write is one record.
        (&self.0).write_all(format!("{what}\n").as_bytes()).unwrap();
    }
}

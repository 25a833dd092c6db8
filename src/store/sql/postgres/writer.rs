//! The tasks that write deliveries: each takes what has come up and writes it by one statement, over a connection of its
//! own.

use std::{sync::Arc, time::Duration};

use sqlx::{Connection as _, PgConnection};
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    time::{Instant, sleep, timeout},
};

use super::{
    PATIENCE, State, batch,
    connect::Connector,
    failure::{AFTER_COLLISION, COLLISIONS, failed, is_collision, is_of_data},
    queries,
};
use crate::store::{Accepted, Entry, StoreError};

/// A delivery to be written, and where the answer goes.
pub(super) struct Job {
    pub(super) entry: Entry,
    pub(super) reply: oneshot::Sender<Result<Accepted, StoreError>>,
}

/// Where the writers get their jobs from: whoever is free takes all that is there.
pub(super) type Queue = Arc<Mutex<mpsc::Receiver<Job>>>;

/// Writes until nobody can ask for more.
pub(super) async fn run(queue: Queue, connector: Connector, state: Arc<State>) {
    let mut writer = Writer {
        connector,
        connection: None,
        used: Instant::now(),
    };
    loop {
        let jobs = collect(&queue).await;
        if jobs.is_empty() {
            break;
        }
        writer.write_all(jobs, &state).await;
    }
    if let Some(connection) = writer.connection {
        // What was written is safe, whatever comes of this.
        let _ = timeout(PATIENCE, connection.close()).await;
    }
}

/// What has come up. Nothing: nobody can ask for more.
async fn collect(queue: &Queue) -> Vec<Job> {
    let mut queue = queue.lock().await;
    let mut jobs = Vec::new();
    let mut bytes = 0;
    while let Some(job) = match jobs.is_empty() {
        true => queue.recv().await,
        false => queue.try_recv().ok(),
    } {
        // Whoever gave up was told to come again, and may have.
        if job.reply.is_closed() {
            continue;
        }
        bytes += job.entry.body.len() + job.entry.head.len();
        jobs.push(job);
        if jobs.len() >= BATCH || bytes >= BATCH_BYTES {
            break;
        }
    }
    jobs
}

struct Writer {
    connector: Connector,
    connection: Option<PgConnection>,
    /// When the connection was last known to work.
    used: Instant,
}

impl Writer {
    /// Writes the jobs together. Where one of them cannot be written, each has to stand alone: it must not take the others
    /// with it.
    async fn write_all(&mut self, jobs: Vec<Job>, state: &State) {
        let entries: Vec<&Entry> = jobs.iter().map(|job| &job.entry).collect();
        match self.write(&entries).await {
            Ok(accepted) => answer_all(jobs, accepted, state),
            Err(error) if jobs.len() > 1 && is_of_data(&error) => {
                for job in jobs {
                    match self.write(&[&job.entry]).await {
                        Ok(accepted) => answer_all(vec![job], accepted, state),
                        Err(error) => answer(job, Err(failed(error))),
                    }
                }
            }
            Err(error) => refuse_all(jobs, error),
        }
    }

    /// Writes deliveries. When this returns `Ok` they are durable; when it does not, some may be.
    async fn write(&mut self, entries: &[&Entry]) -> Result<Vec<Accepted>, sqlx::Error> {
        let mut connection = self.connection().await?;
        let written = match timeout(PATIENCE, write(&mut connection, entries)).await {
            Ok(written) => written,
            Err(_) => Err(in_vain("Postgres did not answer in time")),
        };
        // What is known of the connection after any other error is little: the next batch gets a new one.
        if written.as_ref().err().is_none_or(is_of_data) {
            self.connection = Some(connection);
            self.used = Instant::now();
        }
        written
    }

    async fn connection(&mut self) -> Result<PgConnection, sqlx::Error> {
        if let Some(mut connection) = self.connection.take() {
            // A statement that was sent may have been carried out, so that an error would have to be told. One that was
            // not sent is none: what has been idle is tried before.
            let fresh = self.used.elapsed() < IDLE;
            if fresh || matches!(timeout(IDLE, connection.ping()).await, Ok(Ok(()))) {
                return Ok(connection);
            }
        }
        self.connector.connect().await
    }
}

async fn write(
    connection: &mut PgConnection,
    entries: &[&Entry],
) -> Result<Vec<Accepted>, sqlx::Error> {
    let mut collisions = 0;
    let new = loop {
        match batch::accept_new(connection, entries).await {
            Err(error) if is_collision(&error) && collisions < COLLISIONS => {
                collisions += 1;
                sleep(AFTER_COLLISION * collisions).await;
            }
            new => break new?,
        }
    };
    let old = |index: &usize| !new.contains(index);
    let known: Vec<usize> = (0..entries.len()).filter(old).collect();
    let mut accepted = vec![
        Accepted::New {
            repeats_content: false
        };
        entries.len()
    ];
    if known.is_empty() {
        return Ok(accepted);
    }
    let copies: Vec<&Entry> = known
        .iter()
        .filter_map(|index| entries.get(*index).copied())
        .collect();
    let looked = batch::look(connection, &copies).await?;
    for ((index, entry), told) in known.into_iter().zip(copies).zip(looked) {
        let told = match told {
            Some(told) => told,
            None => accept(connection, entry).await?,
        };
        if let Some(place) = accepted.get_mut(index) {
            *place = told;
        }
    }
    Ok(accepted)
}

/// Writes a delivery over what is there.
async fn accept(connection: &mut PgConnection, entry: &Entry) -> Result<Accepted, sqlx::Error> {
    let mut collisions = 0;
    loop {
        let written = async {
            let mut transaction = connection.begin().await?;
            let accepted = queries::accept(&mut transaction, 0, entry).await?;
            transaction.commit().await?;
            Ok(accepted)
        };
        match written.await {
            Err(error) if is_collision(&error) && collisions < COLLISIONS => {
                collisions += 1;
                sleep(AFTER_COLLISION * collisions).await;
            }
            written => return written,
        }
    }
}

fn answer_all(jobs: Vec<Job>, accepted: Vec<Accepted>, state: &State) {
    let is_new =
        |accepted: &&Accepted| matches!(accepted, Accepted::New { .. } | Accepted::Revived);
    let arrived = accepted.iter().filter(is_new).count();
    // Before the answers: whoever has one, and accepts the next, finds it counted.
    state.pending.fetch_add(
        i64::try_from(arrived).unwrap_or(i64::MAX),
        std::sync::atomic::Ordering::Relaxed,
    );
    for (job, accepted) in jobs.into_iter().zip(accepted) {
        answer(job, Ok(accepted));
    }
    if arrived > 0 {
        state.tell_all();
    }
}

fn refuse_all(jobs: Vec<Job>, error: sqlx::Error) {
    let text = error.to_string();
    let mut first = Some(error);
    for job in jobs {
        let error = first
            .take()
            .map_or_else(|| StoreError::unavailable(text.clone()), failed);
        answer(job, Err(error));
    }
}

fn answer(job: Job, accepted: Result<Accepted, StoreError>) {
    // Nobody listens where the caller gave up; what was written counts all the same.
    let _ = job.reply.send(accepted);
}

pub(super) fn in_vain(what: &'static str) -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, what))
}

/// How many may wait for the writers. Whoever comes then waits for a place.
pub(super) const QUEUE: usize = 4096;

/// How many write: while one waits for the disk, another fills the next batch.
pub(super) const WRITERS: usize = 3;

/// How many are written together, and from how many bytes on no more are added.
const BATCH: usize = 512;
const BATCH_BYTES: usize = 4 << 20;

/// How long a connection may have been idle and still be taken for alive; how long it may take to say so.
const IDLE: Duration = Duration::from_secs(1);

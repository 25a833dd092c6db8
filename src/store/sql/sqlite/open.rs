//! Opening a file: its settings, its schema, and the tasks that go with it.

use std::{
    error::Error as StdError,
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64},
    },
    time::Duration,
};

use sqlx::{
    Connection as _, Row as _,
    pool::PoolOptions,
    query,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::{Mutex, Notify, mpsc, watch};

use super::{
    Connection, Db, Shared, SqliteStore, State, arrivals, keeper, queries,
    writer::{self, Job},
};
use crate::{
    clock::{Clock, SystemClock},
    store::sql::schema,
};

impl SqliteStore {
    /// Opens a file, or makes one, for at most a million pending deliveries.
    ///
    /// # Errors
    /// [`SqliteError`]: the file cannot be opened or written, or a newer hooklatch wrote it.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, SqliteError> {
        Self::open_with(path, SystemClock::shared(), 1_000_000).await
    }

    /// Opens a file with another clock, and another limit of pending deliveries: where there are more, a new one is
    /// answered 503.
    ///
    /// # Errors
    /// [`SqliteError`], as [`open`](Self::open).
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn open_with(
        path: impl AsRef<Path>,
        clock: Arc<dyn Clock>,
        most_pending: u32,
    ) -> Result<Self, SqliteError> {
        let path = path.as_ref();
        open(path, clock, most_pending)
            .await
            .map_err(|cause| SqliteError::new(path, cause))
    }

    /// Opens a file that is there, to [operate](crate::store::Operate) on it while a receiver of another process may own it:
    /// to look, replay, retry, forget and purge. What is written is as durable, and that process finds it within a second.
    ///
    /// Nothing is prepared for a receiver: no file or table is made, no schema changed, nothing that expired removed, and the
    /// log of a process that crashed is not made sure of. So do not receive with it.
    ///
    /// # Errors
    /// [`SqliteError`]: the file is not there, cannot be opened or written, or is not one of this version of the schema.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn open_beside(path: impl AsRef<Path>) -> Result<Self, SqliteError> {
        let path = path.as_ref();
        open_beside(path)
            .await
            .map_err(|cause| SqliteError::new(path, cause))
    }
}

async fn open(path: &Path, clock: Arc<dyn Clock>, most_pending: u32) -> Result<SqliteStore, Cause> {
    let options = options(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal);
    let mut connection = Connection::connect_with(&options).await?;
    migrate(&mut connection, path).await?;
    sync_folder(path).await?;
    let (store, jobs) = start(connection, options, clock, most_pending).await?;
    tokio::spawn(keeper::count(
        store.shared.readers.clone(),
        jobs.clone(),
        Arc::clone(&store.shared.state),
    ));
    tokio::spawn(keeper::sweep(jobs));
    Ok(store)
}

async fn open_beside(path: &Path) -> Result<SqliteStore, Cause> {
    let options = options(path).create_if_missing(false);
    let mut connection = Connection::connect_with(&options).await?;
    let found = version(&mut connection).await?;
    if found != schema::VERSION {
        return Err(match found {
            0 => "it is no store of hooklatch".to_owned(),
            _ => format!(
                "it has version {found} of the schema, and this is a hooklatch for version {}: a receiver of this version \
                 brings it up to date",
                schema::VERSION
            ),
        }
        .into());
    }
    let clock = SystemClock::shared();
    Ok(start(connection, options, clock, u32::MAX).await?.0)
}

/// Begins to write, and to copy the log into the file.
async fn start(
    mut connection: Connection,
    options: SqliteConnectOptions,
    clock: Arc<dyn Clock>,
    most_pending: u32,
) -> Result<(SqliteStore, mpsc::WeakSender<Job>), Cause> {
    arrivals::prepare(&mut connection).await?;
    let pending = queries::pending(&mut connection).await?;
    let state = Arc::new(State {
        turn: Arc::new(Mutex::new(())),
        poisoned: AtomicBool::new(false),
        full: std::sync::Mutex::new(None),
        arrivals: watch::Sender::new(0),
        pending: AtomicI64::new(pending),
        written: Notify::new(),
    });
    let (jobs, queue) = mpsc::channel(writer::QUEUE);
    let shared = Shared {
        readers: pool(4).connect_lazy_with(options.clone().pragma("query_only", "ON")),
        transactions: pool(1).connect_lazy_with(options.clone()),
        jobs: jobs.clone(),
        clock: Arc::clone(&clock),
        state: Arc::clone(&state),
        most_pending: most_pending.into(),
        counted: Mutex::new(None),
    };
    let mut keeper = Connection::connect_with(&options).await?;
    // The writers wait for it at times: it must not wait for somebody who reads.
    query::<Db>("PRAGMA busy_timeout = 0")
        .execute(&mut keeper)
        .await?;
    tokio::spawn(writer::run(
        connection,
        queue,
        Arc::clone(&clock),
        Arc::clone(&state),
    ));
    let jobs = jobs.downgrade();
    tokio::spawn(keeper::copy(keeper, jobs.clone(), state));
    let shared = Arc::new(shared);
    Ok((SqliteStore { shared }, jobs))
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(false)
        // The keeper copies it, off the writer's way.
        .pragma("wal_autocheckpoint", "0")
        // After it was copied, the log's file shrinks to this.
        .pragma("journal_size_limit", "16777216")
        .pragma("cache_size", "-16384")
        // Many rows through a trigger are put together first: not in files that lie who knows where, and may not be writable.
        .pragma("temp_store", "MEMORY")
}

fn pool(connections: u32) -> PoolOptions<Db> {
    PoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
}

/// Makes sure of what is there, and brings the schema to this code's version, in one transaction.
async fn migrate(connection: &mut Connection, path: &Path) -> Result<(), Cause> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    // Nobody else writes to the log while this transaction is open.
    rewrite_log(path).await?;
    let found = version(&mut transaction).await?;
    let done = usize::try_from(found)
        .ok()
        .filter(|_| found <= schema::VERSION)
        .ok_or_else(|| {
            format!(
                "it has version {found} of the schema, and this is a hooklatch for version {}",
                schema::VERSION
            )
        })?;
    for statement in schema::SQLITE.iter().skip(done).copied().flatten() {
        query::<Db>(*statement).execute(&mut *transaction).await?;
    }
    // A pragma takes no parameter; this is `schema::VERSION`.
    query::<Db>("PRAGMA user_version = 3")
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// The version of the schema that is there; 0 for none.
async fn version(connection: &mut Connection) -> Result<i64, sqlx::Error> {
    query::<Db>("PRAGMA user_version")
        .fetch_one(connection)
        .await?
        .try_get(0)
}

/// Writes the log over itself and syncs it. An earlier process may have been killed before a sync, or have died of one that
/// failed: then the kernel has in memory what the disk has not, and after a failed sync believes it written. SQLite would read
/// it as committed, we would acknowledge copies of it and write behind it, and after a loss of power all of that were gone.
async fn rewrite_log(path: &Path) -> io::Result<()> {
    let mut log = fs::canonicalize(path)?.into_os_string();
    log.push("-wal");
    let rewrite = move || {
        let mut log = match OpenOptions::new().read(true).write(true).open(log) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            opened => opened?,
        };
        let mut piece = vec![0; 1 << 20];
        let mut at = 0;
        loop {
            log.seek(SeekFrom::Start(at))?;
            let length = log.read(&mut piece)?;
            let Some(read) = piece.get(..length).filter(|read| !read.is_empty()) else {
                return log.sync_all();
            };
            log.seek(SeekFrom::Start(at))?;
            log.write_all(read)?;
            at = log.stream_position()?;
        }
    };
    tokio::task::spawn_blocking(rewrite).await?
}

/// A new file is found after a loss of power only once its folder was synced.
async fn sync_folder(path: &Path) -> io::Result<()> {
    let path = path.to_owned();
    let sync = move || {
        // Where the path is a link, the file is in another folder than the link.
        let file = fs::canonicalize(path)?;
        let folder = file.parent().unwrap_or(&file);
        // Elsewhere a folder cannot be opened, and needs no sync.
        if cfg!(unix) {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    };
    tokio::task::spawn_blocking(sync).await?
}

/// A file cannot be used as a store.
#[derive(Debug)]
pub struct SqliteError {
    path: PathBuf,
    cause: Cause,
}

type Cause = Box<dyn StdError + Send + Sync>;

impl SqliteError {
    fn new(path: &Path, cause: Cause) -> Self {
        let path = path.to_owned();
        Self { path, cause }
    }
}

impl fmt::Display for SqliteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the store {} cannot be opened: {}",
            self.path.display(),
            self.cause
        )
    }
}

impl StdError for SqliteError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.cause.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A burst of large bodies must not need room for temporary files.
    #[tokio::test]
    async fn nothing_is_put_into_temporary_files() {
        let folder = tempfile::tempdir().unwrap();
        let options = options(&folder.path().join("hooks.db")).create_if_missing(true);
        let mut connection = Connection::connect_with(&options).await.unwrap();
        let row = query::<Db>("PRAGMA temp_store").fetch_one(&mut connection);
        let memory = 2;
        assert_eq!(row.await.unwrap().try_get::<i64, _>(0).unwrap(), memory);
    }
}

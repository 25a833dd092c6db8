//! Connecting: the settings of every connection, the schema, and the tasks that go with a store.

use std::{
    error::Error as StdError,
    fmt,
    str::FromStr,
    sync::{Arc, atomic::AtomicI64},
    time::Duration,
};

use sqlx::{
    Connection as _, PgConnection, PgPool, Row as _, pool::PoolOptions, postgres::PgConnectOptions,
    query,
};
use tokio::{
    sync::{Mutex, Notify, mpsc, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{Db, PostgresStore, Shared, State, keeper, queries, wake, writer};
use crate::store::sql::schema;

type Cause = Box<dyn StdError + Send + Sync>;

impl PostgresStore {
    /// Connects to `postgres://user:password@host:port/database`, for at most a million pending deliveries, with the
    /// [options](Self::options) that are there if nothing is said.
    ///
    /// # Errors
    /// [`PostgresError`]: the server cannot be reached or is a standby, the tables cannot be made, or a newer hooklatch
    /// made them.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn connect(url: &str) -> Result<Self, PostgresError> {
        Self::options().connect(url).await
    }

    /// Options to connect with.
    pub const fn options() -> PostgresOptions {
        PostgresOptions {
            connections: 10,
            transactions: 10,
            most_pending: 1_000_000,
            only_existing: false,
        }
    }
}

/// How a [`PostgresStore`] connects.
///
/// ```no_run
/// # async fn f() -> Result<(), hooklatch::store::PostgresError> {
/// use hooklatch::store::PostgresStore;
///
/// let url = "postgres://hooks@db.internal/hooks?sslmode=verify-full";
/// let store = PostgresStore::options().transactions(32).connect(url).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "options do nothing until `connect`"]
pub struct PostgresOptions {
    connections: u32,
    transactions: u32,
    most_pending: u32,
    only_existing: bool,
}

impl PostgresOptions {
    /// At most as many connections for claims, leases and completions, 10 unless said otherwise. Besides these a store has
    /// one that listens, and three that write deliveries once there are any.
    pub const fn connections(mut self, most: u32) -> Self {
        self.connections = most;
        self
    }

    /// At most as many connections for the transactions of handlers ([`PostgresTx`](super::PostgresTx)), 10 unless said
    /// otherwise. There is none before a handler asks for one; who asks for one too many waits.
    pub const fn transactions(mut self, most: u32) -> Self {
        self.transactions = most;
        self
    }

    /// How many deliveries may be pending, a million unless said otherwise: where there are more, a new one is answered
    /// 503. It is counted every five seconds, so it is no sharp bound.
    pub const fn most_pending(mut self, most: u32) -> Self {
        self.most_pending = most;
        self
    }

    /// Refuses a database that has not the tables of this version, instead of making them: for a tool that only
    /// [operates](crate::store::Operate) on what receivers wrote.
    pub const fn only_existing(mut self) -> Self {
        self.only_existing = true;
        self
    }

    /// Connects to `postgres://user:password@host:port/database`. Parameters such as `sslmode` and `sslrootcert` may
    /// follow; TLS is used where the server has it, and verified with `sslmode=verify-full`.
    ///
    /// # Errors
    /// [`PostgresError`], as [`PostgresStore::connect`].
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn connect(self, url: &str) -> Result<PostgresStore, PostgresError> {
        let options = PgConnectOptions::from_str(url).map_err(|cause| PostgresError {
            place: None,
            cause: cause.into(),
        })?;
        self.connect_with(options).await
    }

    /// Connects as sqlx describes it, where a URL cannot say it all.
    ///
    /// # Errors
    /// [`PostgresError`], as [`PostgresStore::connect`].
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn connect_with(
        self,
        options: PgConnectOptions,
    ) -> Result<PostgresStore, PostgresError> {
        let place = (options.get_host().to_owned(), options.get_port());
        let options = match options.get_application_name() {
            Some(_) => options,
            None => options.application_name("hooklatch"),
        };
        open(self, options).await.map_err(|cause| PostgresError {
            place: Some(place),
            cause,
        })
    }
}

async fn open(options: PostgresOptions, to: PgConnectOptions) -> Result<PostgresStore, Cause> {
    let connector = Connector { to: to.clone() };
    let mut first = connector.connect().await?;
    warn(&mut first).await?;
    if options.only_existing {
        expect_tables(&mut first).await?;
    } else {
        timeout(MIGRATION, migrate(&mut first))
            .await
            .map_err(|_| "another process has been changing the tables for a minute")??;
    }
    let pending = queries::pending(&mut first).await?;
    first.close().await?;

    let state = Arc::new(State {
        arrivals: watch::Sender::new(0),
        news: Notify::new(),
        pending: AtomicI64::new(pending),
    });
    let pool = pool(Session::OURS, options.connections, PATIENCE, &to);
    let transactions = self::pool(Session::HANDLERS, options.transactions, MIGRATION / 2, &to);
    let (jobs, queue) = mpsc::channel(writer::QUEUE);
    let queue = Arc::new(Mutex::new(queue));
    for _ in 0..writer::WRITERS {
        // These end when nobody can send any more, so that what was sent is answered.
        let writer = writer::run(Arc::clone(&queue), connector.clone(), Arc::clone(&state));
        tokio::spawn(writer);
    }
    let end = CancellationToken::new();
    let name = wake::name();
    let beside = [
        tokio::spawn(until(&end, keeper::count(pool.clone(), Arc::clone(&state)))),
        tokio::spawn(until(&end, keeper::sweep(pool.clone()))),
        tokio::spawn(until(
            &end,
            wake::tell(pool.clone(), Arc::clone(&state), name.clone()),
        )),
        tokio::spawn(until(&end, wake::listen(to, Arc::clone(&state), name))),
    ];
    drop(beside);
    let pools = [pool.clone(), transactions.clone()];
    let ended = end.clone();
    tokio::spawn(async move {
        ended.cancelled().await;
        keeper::close(pools).await;
    });
    Ok(PostgresStore {
        shared: Arc::new(Shared {
            jobs,
            pool,
            transactions,
            state,
            most_pending: options.most_pending.into(),
            _tasks: end.drop_guard(),
        }),
    })
}

/// A task that ends with the store.
fn until(
    end: &CancellationToken,
    task: impl Future<Output = ()> + Send + 'static,
) -> impl Future<Output = ()> + Send + 'static {
    let end = end.clone();
    async move {
        end.run_until_cancelled_owned(task).await;
    }
}

/// Makes connections of its own to the server.
#[derive(Clone)]
pub(super) struct Connector {
    to: PgConnectOptions,
}

impl Connector {
    pub(super) async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        let connect = async {
            let mut connection = PgConnection::connect_with(&self.to).await?;
            Session::OURS.set(&mut connection).await?;
            Ok(connection)
        };
        timeout(PATIENCE, connect)
            .await
            .unwrap_or_else(|_| Err(writer::in_vain("Postgres did not answer in time")))
    }
}

fn pool(session: Session, most: u32, patience: Duration, to: &PgConnectOptions) -> PgPool {
    PoolOptions::<Db>::new()
        .max_connections(most)
        .acquire_timeout(patience)
        // One that was used a moment ago is not tried before: that would double the round trips.
        .test_before_acquire(false)
        .before_acquire(|connection, idle| {
            Box::pin(async move { Ok(idle.idle_for < RECENT || is_alive(connection).await) })
        })
        .after_connect(move |connection, _| Box::pin(session.set(connection)))
        // The driver tries it as well, but without an end: a server that is gone without a word would keep the place.
        .after_release(move |connection, _| {
            Box::pin(async move {
                if !session.is_left_to_handlers {
                    return Ok(is_alive(connection).await);
                }
                Ok(matches!(
                    timeout(PATIENCE, session.reset(connection)).await,
                    Ok(Ok(()))
                ))
            })
        })
        .connect_lazy_with(to.clone())
}

async fn is_alive(connection: &mut PgConnection) -> bool {
    matches!(timeout(PATIENCE, connection.ping()).await, Ok(Ok(())))
}

/// The settings of a connection. Times in milliseconds.
#[derive(Clone, Copy)]
struct Session {
    statement: &'static str,
    lock: &'static str,
    /// A process that was stopped must not keep for ever what its transaction has locked.
    idle: &'static str,
    is_left_to_handlers: bool,
}

impl Session {
    const OURS: Self = Self {
        statement: "10000",
        lock: "5000",
        idle: "10000",
        is_left_to_handlers: false,
    };
    const HANDLERS: Self = Self {
        statement: "60000",
        lock: "60000",
        idle: "60000",
        is_left_to_handlers: true,
    };

    async fn set(self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let set = query::<Db>(SET)
            .bind(self.statement)
            .bind(self.lock)
            .bind(self.idle)
            .fetch_one(connection)
            .await?;
        if set.try_get::<bool, _>(0)? {
            return Err(refusal("it is a standby, which takes no writes"));
        }
        if set.try_get::<&str, _>(1)? == "off" {
            return Err(refusal("synchronous_commit is off and cannot be set"));
        }
        Ok(())
    }

    /// Undoes what a handler set for the session and not for its transaction.
    async fn reset(self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        query::<Db>("RESET ALL").execute(&mut *connection).await?;
        self.set(connection).await
    }
}

/// With another isolation two who wait for the same row would be told an error instead of what the other wrote. What is
/// answered must be on the disk.
const SET: &str = "SELECT pg_is_in_recovery(), \
    set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false), \
    set_config('default_transaction_isolation', 'read committed', false), \
    set_config('statement_timeout', $1, false), \
    set_config('lock_timeout', $2, false), \
    set_config('idle_in_transaction_session_timeout', $3, false)";

fn refusal(what: &'static str) -> sqlx::Error {
    sqlx::Error::Configuration(what.into())
}

/// Says what of the server's settings loses acknowledged deliveries.
async fn warn(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    // What it is without us.
    let found = query::<Db>(
        "SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit' \
         UNION ALL SELECT current_setting('fsync') UNION ALL SELECT current_setting('full_page_writes')",
    )
    .fetch_all(connection)
    .await?;
    let is_off = |index: usize| {
        found
            .get(index)
            .is_some_and(|row| row.try_get::<&str, _>(0).is_ok_and(|value| value == "off"))
    };
    if is_off(0) {
        tracing::warn!(target: "hooklatch::store", "synchronous_commit is off in Postgres; it is on for what hooklatch and its handlers' transactions write");
    }
    if is_off(1) {
        tracing::warn!(target: "hooklatch::store", "fsync is off in Postgres: a crash of its machine may lose what was acknowledged, and all else");
    }
    if is_off(2) {
        tracing::warn!(target: "hooklatch::store", "full_page_writes is off in Postgres: a crash of its machine may lose what was acknowledged");
    }
    Ok(())
}

/// Brings the schema to this code's version. Any number of processes may do so at once.
async fn migrate(connection: &mut PgConnection) -> Result<(), Cause> {
    // Who may not make tables need not, where they are.
    if version(connection).await? == Some(schema::VERSION) {
        return Ok(());
    }
    let mut transaction = connection.begin().await?;
    for statement in [
        "SET LOCAL lock_timeout = '60s'",
        "SET LOCAL statement_timeout = '60s'",
        // A number of our own: "hooklatc" in ASCII.
        "SELECT pg_advisory_xact_lock(7525356009529898083)",
        "CREATE TABLE IF NOT EXISTS hooklatch_schema (version BIGINT NOT NULL)",
    ] {
        query::<Db>(statement).execute(&mut *transaction).await?;
    }
    let found = version(&mut transaction).await?.unwrap_or(0);
    let done = usize::try_from(found)
        .ok()
        .filter(|_| found <= schema::VERSION)
        .ok_or_else(|| {
            format!(
                "it has version {found} of the schema, and this is a hooklatch for version {}",
                schema::VERSION
            )
        })?;
    for statement in schema::POSTGRES.iter().skip(done).copied().flatten() {
        query::<Db>(*statement).execute(&mut *transaction).await?;
    }
    query::<Db>("DELETE FROM hooklatch_schema")
        .execute(&mut *transaction)
        .await?;
    query::<Db>("INSERT INTO hooklatch_schema (version) VALUES ($1)")
        .bind(schema::VERSION)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

async fn expect_tables(connection: &mut PgConnection) -> Result<(), Cause> {
    match version(connection).await? {
        Some(schema::VERSION) => Ok(()),
        None => Err("it has no tables of hooklatch".into()),
        Some(found) => Err(format!(
            "it has version {found} of the schema, and this is a hooklatch for version {}: a receiver of this version brings \
             it up to date",
            schema::VERSION
        )
        .into()),
    }
}

/// The version of the schema that is there.
async fn version(connection: &mut PgConnection) -> Result<Option<i64>, sqlx::Error> {
    let table = query::<Db>("SELECT to_regclass('hooklatch_schema') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await?;
    if !table.try_get::<bool, _>(0)? {
        return Ok(None);
    }
    let version = query::<Db>("SELECT MAX(version) FROM hooklatch_schema")
        .fetch_one(connection)
        .await?;
    version.try_get(0)
}

/// A database cannot be used as a store. Says where it was looked for, and never a password.
#[derive(Debug)]
pub struct PostgresError {
    place: Option<(String, u16)>,
    cause: Cause,
}

impl fmt::Display for PostgresError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some((host, port)) => write!(
                f,
                "Postgres at {host}, port {port}, cannot be used: {}",
                self.cause
            ),
            None => write!(f, "the URL of Postgres cannot be read: {}", self.cause),
        }
    }
}

impl StdError for PostgresError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.cause.as_ref())
    }
}

/// How long it may take to get a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the tables may be changed by this and other processes.
const MIGRATION: Duration = Duration::from_secs(60);

/// How long ago a connection may have been used and still be taken for alive.
const RECENT: Duration = Duration::from_secs(1);

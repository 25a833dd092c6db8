//! The receiver, in a process of its own that may be killed.

use std::{
    borrow::Cow,
    env,
    fs::OpenOptions,
    future::Future,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::{
    Extension, Json, Router,
    body::Body,
    extract::{Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use hooklatch::{
    Ack, Event, EventRouter, Hooks, Keyring, Profile, Retries, Scheme, Server, Source, TypePart,
    store::{DeliveryQuery, Operate, SqliteStore, SqliteTx},
};
use serde::Deserialize;
use sqlx::{Connection as _, SqliteConnection};
use tokio::net::TcpListener;

pub(crate) const FOLDER: &str = "HOOKLATCH_CRASH_CHILD";
pub(crate) const MODE: &str = "HOOKLATCH_CRASH_MODE";
pub(crate) const SECRET: &str = "a-secret-of-sixteen-bytes-or-more";

/// The receivers: with an inbox and without, with handlers that write in a transaction of the store and without.
pub(crate) const RECEIVERS: [&str; 4] = ["inbox-tx", "inbox-file", "inline-tx", "inline-file"];

/// How the receiver behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// As it should.
    Sound,
    /// Sabotage: it acknowledges what it has not written yet.
    AnswersEarly,
    /// Sabotage: what a handler writes in a transaction it writes in one of its own.
    WritesOutside,
    /// As it should, with events remembered only briefly and effects that are only counted.
    Soak,
}

impl Mode {
    const ALL: [Self; 4] = [
        Self::Sound,
        Self::AnswersEarly,
        Self::WritesOutside,
        Self::Soak,
    ];
}

/// After so many attempts a delivery is dead.
pub(crate) const ATTEMPTS: u32 = 20;
/// Those of an event that kills the process.
pub(crate) const POISON_ATTEMPTS: u32 = 3;

/// No check: the other tests run this binary with this one alone, as the receiver.
#[test]
fn the_process_of_the_receiver() {
    let Some(folder) = env::var_os(FOLDER) else {
        return;
    };
    let mode = env::var(MODE).unwrap();
    let mode = Mode::ALL
        .into_iter()
        .find(|known| format!("{known:?}") == mode);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(serve(PathBuf::from(folder), mode.unwrap()));
}

pub(crate) fn acme(mode: Mode) -> Scheme {
    let retention = if mode == Mode::Soak {
        Duration::from_secs(20)
    } else {
        Profile::DEFAULT.retention
    };
    Scheme {
        name: Cow::Borrowed("acme"),
        id: Some(Source::json("/id")),
        event_type: vec![TypePart::new(Source::json("/type"))].into(),
        profile: Profile {
            retention,
            ..Profile::DEFAULT
        },
        ..Scheme::HMAC_SHA256
    }
}

async fn serve(folder: PathBuf, mode: Mode) {
    let store = SqliteStore::open(database(&folder)).await.unwrap();
    let mut connection = open(&folder).await;
    for table in [
        "CREATE TABLE IF NOT EXISTS effect (receiver TEXT NOT NULL, id TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS tally (effects INTEGER NOT NULL)",
        "INSERT INTO tally SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM tally)",
    ] {
        sqlx::query(table).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    let hooks = Hooks::new().with_claims(Arc::new(store.clone()));
    let place = Place {
        folder: folder.into(),
        mode,
    };
    let mut app = Router::new()
        .route("/list", get(list))
        .route("/effects", get(effects))
        .with_state((store.clone(), place.clone()));
    for name in RECEIVERS {
        let keys = Keyring::new(SECRET);
        let mut receiver = hooks
            .receiver(name, acme(mode), keys)
            .unwrap()
            .lease(Duration::from_millis(500))
            .concurrency(8)
            .retries(Retries {
                attempts: ATTEMPTS,
                first: Duration::from_millis(10),
                longest: Duration::from_millis(40),
            });
        if name.starts_with("inbox") {
            receiver = receiver.inbox(store.clone());
        }
        let events = if name.ends_with("tx") {
            EventRouter::new().fallback(write_in_transaction)
        } else {
            EventRouter::new().fallback(write_in_file)
        };
        let events = events
            .on("poison", kill_itself)
            .layer(Extension(place.clone()));
        let mut route = Router::new().route_service(&format!("/{name}"), receiver.receive(events));
        if mode == Mode::AnswersEarly {
            route = route.layer(middleware::from_fn(answer_early));
        }
        app = app.merge(route);
    }
    app = app.merge(poisoned(&hooks, &store, &place));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    // The test runner's own line is not at its end yet.
    println!("\nport {port}");
    Server::new()
        .hooks(&hooks)
        .serve_on(listener, app)
        .await
        .unwrap();
}

/// A receiver that soon gives up.
fn poisoned(hooks: &Hooks, store: &SqliteStore, place: &Place) -> Router {
    let receiver = hooks
        .receiver("poison", acme(Mode::Sound), Keyring::new(SECRET))
        .unwrap()
        .inbox(store.clone())
        .lease(Duration::from_millis(300))
        .retries(Retries {
            attempts: POISON_ATTEMPTS,
            first: Duration::from_millis(10),
            longest: Duration::from_millis(40),
        });
    let events = EventRouter::new()
        .on("poison", kill_itself)
        .on("slow", write_slowly)
        .fallback(write_in_file)
        .layer(Extension(place.clone()));
    Router::new().route_service("/poison", receiver.receive(events))
}

/// Where a handler writes to.
#[derive(Clone, Debug)]
struct Place {
    folder: Arc<Path>,
    mode: Mode,
}

/// An event of the load. Its first runs fail, as often as it says.
#[derive(Deserialize)]
struct Load {
    #[serde(default)]
    faults: u32,
}

async fn write_in_transaction(
    mut tx: SqliteTx,
    delivery: hooklatch::Delivery,
    Extension(place): Extension<Place>,
    event: Event<Load>,
) -> Result<(), Ack> {
    const INSERT: &str = "INSERT INTO effect (receiver, id) VALUES ($1, $2)";
    if place.mode == Mode::Soak {
        sqlx::query("UPDATE tally SET effects = effects + 1")
            .execute(tx.connection().await?)
            .await?;
        return fail(&event);
    }
    let insert = sqlx::query(INSERT)
        .bind(delivery.receiver())
        .bind(&event.id);
    if place.mode == Mode::WritesOutside {
        let mut own = open(&place.folder).await;
        insert.execute(&mut own).await?;
        own.close().await?;
        tx.connection().await?;
        return Ok(());
    }
    insert.execute(tx.connection().await?).await?;
    fail(&event)
}

async fn write_in_file(
    delivery: hooklatch::Delivery,
    Extension(place): Extension<Place>,
    event: Event<Load>,
) -> Result<(), Ack> {
    fail(&event)?;
    append(
        &place.folder.join("effects"),
        delivery.receiver(),
        &event.id,
    );
    Ok(())
}

async fn write_slowly(
    delivery: hooklatch::Delivery,
    place: Extension<Place>,
    event: Event<Load>,
) -> Result<(), Ack> {
    tokio::time::sleep(Duration::from_millis(200)).await;
    write_in_file(delivery, place, event).await
}

/// Fails or panics where the event wants it.
fn fail(event: &Event<Load>) -> Result<(), Ack> {
    if event.attempt <= event.data.faults {
        assert!(event.attempt % 2 == 1, "the event wants a panic");
        return Err(Ack::Retry);
    }
    Ok(())
}

/// Until it is mended, this handler takes the process with it.
async fn kill_itself(
    delivery: hooklatch::Delivery,
    Extension(place): Extension<Place>,
    event: Event<Load>,
) {
    append(
        &place.folder.join("poisoned"),
        delivery.receiver(),
        &event.id,
    );
    if place.folder.join("mended").exists() {
        append(
            &place.folder.join("effects"),
            delivery.receiver(),
            &event.id,
        );
        return;
    }
    let status = std::process::Command::new("sh")
        .args(["-c", "kill -9 $PPID"])
        .status();
    panic!("still alive: {status:?}");
}

fn append(file: &Path, receiver: &str, id: &str) {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(file)
        .unwrap();
    // One write, so that a kill leaves all of a line or nothing.
    file.write_all(format!("{receiver} {id}\n").as_bytes())
        .unwrap();
}

async fn answer_early(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let request = Request::from_parts(parts, Body::from(body));
    tokio::spawn(next.run(request));
    StatusCode::OK.into_response()
}

type Shared = State<(SqliteStore, Place)>;

/// Receiver, id and state of every delivery.
async fn list(State((store, _)): Shared) -> Json<Vec<[String; 3]>> {
    let all = store
        .list(&DeliveryQuery::new().limit(u32::MAX))
        .await
        .unwrap();
    let row = |delivery: hooklatch::store::StoredDelivery| {
        [
            delivery.receiver,
            delivery.id.unwrap_or_default(),
            delivery.state.to_string(),
        ]
    };
    Json(all.into_iter().map(row).collect())
}

async fn effects(State((_, place)): Shared) -> Json<Vec<(String, String)>> {
    Json(written(&place.folder).await)
}

/// Receiver and id of everything that took effect.
pub(crate) async fn written(folder: &Path) -> Vec<(String, String)> {
    let mut connection = open(folder).await;
    let mut all: Vec<(String, String)> = sqlx::query_as("SELECT receiver, id FROM effect")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let lines = std::fs::read_to_string(folder.join("effects")).unwrap_or_default();
    let lines = lines.lines().filter_map(|line| line.split_once(' '));
    all.extend(lines.map(|(receiver, id)| (receiver.to_owned(), id.to_owned())));
    all
}

pub(crate) fn database(folder: &Path) -> PathBuf {
    folder.join("hooks.db")
}

/// A connection that hooklatch knows nothing of.
pub(crate) fn open(folder: &Path) -> impl Future<Output = SqliteConnection> + use<> {
    let url = format!("sqlite://{}", database(folder).display());
    async move { SqliteConnection::connect(&url).await.unwrap() }
}

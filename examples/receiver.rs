//! The main job: receives the webhooks of five senders, keeps each in a file before it is acknowledged, and prints it once.
//!
//! Run with
//!
//! ```text
//! cargo run --release --example receiver --features sqlite
//! ```
//!
//! It listens on 127.0.0.1:3000; `HOOKLATCH_LISTEN` says otherwise. The keys come from the environment, one variable
//! for each sender (see [`ENDPOINTS`]); a sender without a key is not mounted. With no key at all it makes up keys and
//! prints requests to try it with.
//!
//! What comes in is written to `hooklatch.db`, and acknowledged once it would survive a loss of power; a worker prints it
//! afterwards. What a run that was killed had not printed yet, the next one prints. `HOOKLATCH_DB` names another file;
//! `memory` keeps nothing: then an event is printed while its sender waits, and known until the end of the process.
//!
//! Stdout holds one line of JSON for each handled event and nothing else. Logs, and the requests to try, go to stderr;
//! `RUST_LOG` says how much is logged. SIGTERM and Ctrl-C drain it.

use std::{
    env::{self, VarError},
    error::Error,
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

use axum::{Router, routing::get};
use hooklatch::{
    Ack, ConfigError, Delivery, EventRouter, Hooks, Keyring, RawEvent, Scheme, Server, provider,
    store::SqliteStore,
    testing::{Draft, Sender},
};
use serde::Serialize;
use serde_json::json;
use tokio::{net::TcpListener, runtime::Runtime, task::spawn_blocking};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

/// One sender's endpoint.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// What it is called: the last part of its path, the name of its receiver, and the `source` of its events.
    pub(crate) source: &'static str,
    /// How the sender signs and delivers.
    pub(crate) scheme: Scheme,
    /// The environment variable with its key.
    pub(crate) variable: &'static str,
    /// An event to try it with, whose id holds this text: an id from an earlier run would be a copy.
    demo: fn(&Sender, &str) -> Draft,
}

/// All endpoints. SendGrid's key is a public one: the sender alone can sign.
pub(crate) static ENDPOINTS: [Endpoint; 5] = [
    Endpoint {
        source: "stripe",
        scheme: provider::STRIPE,
        variable: "STRIPE_WEBHOOK_SECRET",
        demo: |sender, run| {
            let invoice = json!({"id": "in_1", "amount_paid": 1999});
            sender
                .event("invoice.paid", invoice)
                .id(&format!("evt_{run}"))
        },
    },
    Endpoint {
        source: "github",
        scheme: provider::GITHUB,
        variable: "GITHUB_WEBHOOK_SECRET",
        demo: |sender, run| {
            let opened = json!({"issue": {"number": 7, "title": "It's broken"}});
            let delivery = format!("{run}-cc78-11e3-81ab-4c9367dc0958");
            sender.event("issues.opened", opened).id(&delivery)
        },
    },
    Endpoint {
        source: "standard",
        scheme: provider::STANDARD_WEBHOOKS,
        variable: "STANDARD_WEBHOOK_SECRET",
        demo: |sender, run| {
            let user = json!({"id": "user_1"});
            sender.event("user.created", user).id(&format!("msg_{run}"))
        },
    },
    Endpoint {
        source: "slack",
        scheme: provider::SLACK,
        variable: "SLACK_SIGNING_SECRET",
        demo: |sender, run| {
            let mention = json!({"user": "U1", "text": "It's paid"});
            sender.event("app_mention", mention).id(&format!("Ev{run}"))
        },
    },
    Endpoint {
        source: "sendgrid",
        scheme: provider::SENDGRID,
        variable: "SENDGRID_PUBLIC_KEY",
        demo: |sender, run| {
            let email = || json!({"email": "ada@example.com"});
            let batch = sender.batch([("delivered", email()), ("open", email())]);
            batch.id(&format!("sg_{run}"))
        },
    },
];

/// The application, apart from the socket it is served on, so that a test can call it directly.
///
/// Each endpoint given here is mounted with its keys; there is nothing at the paths of the others. With a store its events
/// are written there first, and printed by a worker.
///
/// # Errors
///
/// A key that cannot be the sender's: empty, too short, or of another kind.
pub(crate) fn app<'a>(
    hooks: &Hooks,
    endpoints: impl IntoIterator<Item = (&'a Endpoint, Keyring)>,
    store: Option<&SqliteStore>,
) -> Result<Router, ConfigError> {
    let mut router = Router::new().route("/health", get(|| async {}));
    for (endpoint, keys) in endpoints {
        let mut receiver = hooks.receiver(endpoint.source, endpoint.scheme.clone(), keys)?;
        if let Some(store) = store {
            receiver = receiver.inbox(store.clone());
        }
        // Whatever the type of the event: `on("invoice.paid", …)` would name one.
        let events = EventRouter::new().fallback(print);
        router = router.route_service(&path_of(endpoint), receiver.receive(events));
    }
    Ok(router)
}

fn main() -> ExitCode {
    log_to_stderr();
    let outcome = Runtime::new().map_err(Into::into).and_then(|runtime| {
        let outcome = runtime.block_on(receive());
        // Waits for no line that nobody reads: stdout may be a pipe that is full.
        runtime.shutdown_background();
        outcome
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&format!("receiver: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn receive() -> Result<(), Box<dyn Error>> {
    let hooks = Hooks::new();
    let keyrings = keyrings_from_env()?;
    let senders = if keyrings.is_empty() {
        demo_senders()?
    } else {
        Vec::new()
    };
    let demo_keyrings = senders.iter().map(|(to, sender)| (*to, sender.keyring()));
    // Bound before anything is printed: what is printed then holds, also of a port the system chose.
    let listener = listen().await?;
    let store = store().await?;
    let keyrings = keyrings.into_iter().chain(demo_keyrings);
    let app = app(&hooks, keyrings, store.as_ref())?;
    if !senders.is_empty() {
        introduce(&senders, &listener.local_addr()?.to_string())?;
    }
    Server::new().hooks(&hooks).serve_on(listener, app).await?;
    Ok(())
}

/// The file that `HOOKLATCH_DB` names, opened or made. `None`: nothing is to be kept.
async fn store() -> Result<Option<SqliteStore>, Box<dyn Error>> {
    let path = match env::var_os("HOOKLATCH_DB") {
        Some(memory) if memory == "memory" => return Ok(None),
        Some(path) if path.is_empty() => {
            return Err("HOOKLATCH_DB is empty: name a file, or `memory`".into());
        }
        Some(path) => PathBuf::from(path),
        None => PathBuf::from("hooklatch.db"),
    };
    let store = SqliteStore::open(&path).await.map_err(|error| {
        format!("{error} (HOOKLATCH_DB names another file, or `memory` for none)")
    })?;
    tracing::info!(path = %path.display(), "deliveries are kept");
    Ok(Some(store))
}

async fn listen() -> Result<TcpListener, Box<dyn Error>> {
    let address = listen_address()?;
    TcpListener::bind(&address).await.map_err(|error| {
        format!("cannot listen on {address}: {error} (set HOOKLATCH_LISTEN to an address and port that are free)").into()
    })
}

/// Prints one event. What goes wrong is logged by `?`, which also asks the sender to try again: a line that could not
/// be written is an event that was not handled.
async fn print(delivery: Delivery, event: RawEvent) -> Result<(), Ack> {
    let line = Line {
        source: delivery.receiver(),
        id: &event.id,
        event_type: &event.event_type,
        attempt: event.attempt,
    };
    let line = serde_json::to_string(&line)? + "\n";
    // Stdout may be slow or stuck. Here that holds up this event only, and not the server.
    spawn_blocking(move || write_whole(&line)).await??;
    Ok(())
}

/// What is printed of an event, in this order.
#[derive(Serialize)]
struct Line<'a> {
    /// The name of the receiver.
    source: &'a str,
    /// The sender's id of the event; of its content where the sender gives none, as for a Slack command.
    id: &'a str,
    #[serde(rename = "type")]
    event_type: &'a str,
    /// 1, and more where an earlier run failed.
    attempt: u32,
}

/// Not `println!`, which panics when stdout is closed; and in one piece, or the beginning of a line that failed would
/// stay in the buffer and come out before the next.
fn write_whole(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(line.as_bytes())?;
    stdout.flush()
}

fn path_of(endpoint: &Endpoint) -> String {
    format!("/webhooks/{}", endpoint.source)
}

fn listen_address() -> Result<String, Box<dyn Error>> {
    match env::var("HOOKLATCH_LISTEN") {
        Ok(address) => Ok(address),
        Err(VarError::NotPresent) => Ok("127.0.0.1:3000".to_owned()),
        Err(error) => Err(format!("environment variable HOOKLATCH_LISTEN: {error}").into()),
    }
}

/// The endpoints whose variable is set, each with its keys. A variable that is set but empty is a mistake and an error;
/// it never means that anything is accepted.
fn keyrings_from_env() -> Result<Vec<(&'static Endpoint, Keyring)>, ConfigError> {
    let is_set = |endpoint: &&Endpoint| env::var_os(endpoint.variable).is_some();
    let (set, unset): (Vec<_>, Vec<_>) = ENDPOINTS.iter().partition(is_set);
    if !set.is_empty() {
        for endpoint in unset {
            let path = path_of(endpoint);
            let variable = endpoint.variable;
            tell(&format!("{variable} is not set: nothing is at {path}"));
        }
    }
    let keyring = |endpoint: &'static Endpoint| {
        Keyring::from_env(endpoint.variable).map(|keys| (endpoint, keys))
    };
    set.into_iter().map(keyring).collect()
}

/// A sender for each endpoint, with a key made up just now: a key in the source code would be a key that everybody has.
fn demo_senders() -> Result<Vec<(&'static Endpoint, Sender)>, getrandom::Error> {
    let sender = |endpoint: &'static Endpoint| {
        let scheme = endpoint.scheme.clone();
        let sender = if endpoint.source == "sendgrid" {
            Sender::new(scheme) // a new key pair
        } else {
            Sender::with_secret(scheme, &random::<32>()?)
        };
        Ok((endpoint, sender))
    };
    ENDPOINTS.iter().map(sender).collect()
}

/// Random bytes in hexadecimal: as a secret that is text to most senders, and base64 to Standard Webhooks.
fn random<const BYTES: usize>() -> Result<String, getrandom::Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Says which keys count, and how to try them.
fn introduce(senders: &[(&Endpoint, Sender)], address: &str) -> Result<(), getrandom::Error> {
    let run = random::<4>()?;
    tell("No key is set. These were made up for this run:\n");
    for (endpoint, sender) in senders {
        tell(&format!("{}={}", endpoint.variable, sender.key_text()));
    }
    tell(
        "\nTry it from another terminal. Signatures with a timestamp are good for 5 minutes from now (SendGrid's for a \
         day). Sent again, an event is acknowledged and not printed; with its body changed, it is answered 401.\n",
    );
    for (endpoint, sender) in senders {
        let draft = (endpoint.demo)(sender, &run).to(&path_of(endpoint));
        tell(&format!("{}\n", curl(address, draft)));
    }
    Ok(())
}

/// Writes to stderr. Not `eprintln!`, which panics when nobody reads it any more.
fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// The request as one line for a POSIX shell.
fn curl(address: &str, draft: Draft) -> String {
    let (request, body) = draft.parts();
    let url = format!("http://{address}{}", request.uri());
    let mut line = format!("curl -i {}", quoted(&url));
    for (name, value) in request.headers() {
        let header = format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()));
        line = line + " -H " + &quoted(&header);
    }
    // `--data-binary` sends the body as it is, which is what was signed; `-d` would drop line ends.
    line + " --data-binary " + &quoted(&String::from_utf8_lossy(&body))
}

/// Between single quotes nothing is special but the single quote itself.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn log_to_stderr() {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        // A closed stderr is no reason to panic.
        .log_internal_errors(false)
        .init();
}

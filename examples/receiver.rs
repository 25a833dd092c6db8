//! The main job: receives the webhooks of five senders and prints each event once.
//!
//! Run with
//!
//! ```text
//! cargo run --release --example receiver
//! ```
//!
//! It listens on 127.0.0.1:3000; `HOOKLATCH_LISTEN` says otherwise. The keys come from the environment, one variable
//! for each sender (see [`ENDPOINTS`]); a sender without a key is not mounted. With no key at all it makes up keys and
//! prints requests to try it with.
//!
//! Stdout holds one line of JSON for each handled event and nothing else. Logs, and the requests to try, go to stderr;
//! `RUST_LOG` says how much is logged. SIGTERM and Ctrl-C drain it.

use std::{
    env::{self, VarError},
    error::Error,
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use axum::{Router, routing::get};
use hooklatch::{
    Ack, ConfigError, Delivery, EventRouter, Hooks, Keyring, RawEvent, Scheme, Server, provider,
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
    /// An event to try it with.
    demo: fn(&Sender) -> Draft,
}

/// All endpoints. SendGrid's key is a public one: the sender alone can sign.
pub(crate) static ENDPOINTS: [Endpoint; 5] = [
    Endpoint {
        source: "stripe",
        scheme: provider::STRIPE,
        variable: "STRIPE_WEBHOOK_SECRET",
        demo: |sender| {
            let invoice = json!({"id": "in_1", "amount_paid": 1999});
            sender.event("invoice.paid", invoice).id("evt_1")
        },
    },
    Endpoint {
        source: "github",
        scheme: provider::GITHUB,
        variable: "GITHUB_WEBHOOK_SECRET",
        demo: |sender| {
            let opened = json!({"issue": {"number": 7, "title": "It's broken"}});
            let delivery = "72d3162e-cc78-11e3-81ab-4c9367dc0958";
            sender.event("issues.opened", opened).id(delivery)
        },
    },
    Endpoint {
        source: "standard",
        scheme: provider::STANDARD_WEBHOOKS,
        variable: "STANDARD_WEBHOOK_SECRET",
        demo: |sender| {
            let user = json!({"id": "user_1"});
            sender.event("user.created", user).id("msg_1")
        },
    },
    Endpoint {
        source: "slack",
        scheme: provider::SLACK,
        variable: "SLACK_SIGNING_SECRET",
        demo: |sender| {
            let mention = json!({"user": "U1", "text": "It's paid"});
            sender.event("app_mention", mention).id("Ev1")
        },
    },
    Endpoint {
        source: "sendgrid",
        scheme: provider::SENDGRID,
        variable: "SENDGRID_PUBLIC_KEY",
        demo: |sender| {
            let email = || json!({"email": "ada@example.com"});
            sender.batch([("delivered", email()), ("open", email())])
        },
    },
];

/// The application, apart from the socket it is served on, so that a test can call it directly.
///
/// Each endpoint given here is mounted with its keys; there is nothing at the paths of the others.
///
/// # Errors
///
/// A key that cannot be the sender's: empty, too short, or of another kind.
pub(crate) fn app<'a>(
    hooks: &Hooks,
    endpoints: impl IntoIterator<Item = (&'a Endpoint, Keyring)>,
) -> Result<Router, ConfigError> {
    let mut router = Router::new().route("/health", get(|| async {}));
    for (endpoint, keys) in endpoints {
        let receiver = hooks.receiver(endpoint.source, endpoint.scheme.clone(), keys)?;
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
    let app = app(&hooks, keyrings.into_iter().chain(demo_keyrings))?;
    // Bound before anything is printed: what is printed then holds, also of a port the system chose.
    let listener = listen().await?;
    if !senders.is_empty() {
        introduce(&senders, &listener.local_addr()?.to_string());
    }
    Server::new().hooks(&hooks).serve_on(listener, app).await?;
    Ok(())
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
            Sender::with_secret(scheme, &random_secret()?)
        };
        Ok((endpoint, sender))
    };
    ENDPOINTS.iter().map(sender).collect()
}

/// 32 random bytes in hexadecimal, which is text to most senders and base64 to Standard Webhooks.
fn random_secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Says which keys count, and how to try them.
fn introduce(senders: &[(&Endpoint, Sender)], address: &str) {
    tell("No key is set. These were made up for this run:\n");
    for (endpoint, sender) in senders {
        tell(&format!("{}={}", endpoint.variable, sender.key_text()));
    }
    tell(
        "\nTry it from another terminal. Signatures with a timestamp are good for 5 minutes from now (SendGrid's for a \
         day). Sent again, an event is acknowledged and not printed; with its body changed, it is answered 401.\n",
    );
    for (endpoint, sender) in senders {
        let draft = (endpoint.demo)(sender).to(&path_of(endpoint));
        tell(&format!("{}\n", curl(address, draft)));
    }
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

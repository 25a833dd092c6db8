//! Over loopback, the server on one core and its load on another: requests per second and how long each takes, beside
//! receivers for Node that are built on the senders' own packages. See `../../README.md`.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use hooklatch::testing::Sender;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    endpoints::{From, signed},
    http::{bytes, current_thread},
};

/// Each is an endpoint that `serve` knows, or what the server for Node is told.
const CONTESTANTS: &[(&str, From)] = &[
    ("http/stripe/1k/bare-axum", From::Stripe),
    ("http/stripe/1k/hooklatch-typed", From::Stripe),
    ("http/stripe/1k/hooklatch-inbox", From::Stripe),
    ("node/stripe/1k", From::Stripe),
    ("http/github/20k/bare-axum", From::Github),
    ("http/github/20k/hooklatch-typed", From::Github),
    ("http/github/20k/hooklatch-inbox", From::Github),
    ("node/github/20k", From::Github),
];

/// Rounds in turns over all; of each the one with the median rate counts.
pub fn all(filter: &str) {
    let chosen: Vec<_> = CONTESTANTS
        .iter()
        .filter(|(name, _)| name.contains(filter))
        .collect();
    let mut rounds: Vec<Vec<Measured>> = chosen.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (measured, (name, from)) in rounds.iter_mut().zip(&chosen) {
            measured.push(measure(name, *from));
        }
    }
    println!("| endpoint | requests/s | p50 | p99 |\n|---|---|---|---|");
    for ((name, _), mut measured) in chosen.iter().zip(rounds) {
        measured.sort_by(|a, b| a.rate.total_cmp(&b.rate));
        let Measured { rate, p50, p99 } = measured[measured.len() / 2];
        println!("| {name} | {rate:.0} | {p50:.2?} | {p99:.2?} |");
    }
}

struct Measured {
    rate: f64,
    p50: Duration,
    p99: Duration,
}

fn measure(name: &str, from: From) -> Measured {
    let (mut server, address) = start(name, from);
    let all = signed(from, COUNT + WARM_UP);
    let mut requests: Vec<Vec<u8>> = all.iter().map(bytes).collect();
    let measured = requests.split_off(WARM_UP);
    let runtime = current_thread();
    runtime.block_on(load(&address, requests));
    let begun = Instant::now();
    let mut times = runtime.block_on(load(&address, measured));
    let took = begun.elapsed();
    server
        .kill()
        .and_then(|()| server.wait())
        .expect("the server ends");
    times.sort_unstable();
    Measured {
        rate: times.len() as f64 / took.as_secs_f64(),
        p50: times[times.len() / 2],
        p99: times[times.len() * 99 / 100],
    }
}

/// The server, on the first core. Run this program on another: `taskset -c 1`.
fn start(name: &str, from: From) -> (Child, String) {
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]);
    match name.strip_prefix("node/") {
        Some(rest) => command
            .arg("node")
            .arg(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("node/server.mjs"))
            .arg(rest.split('/').next().unwrap_or_default())
            .env("HOOK_SECRET", Sender::new(from.scheme()).key_text()),
        None => command
            .arg(env::current_exe().expect("this program"))
            .args(["serve", name]),
    };
    let mut server = command.stdout(Stdio::piped()).spawn().expect("a server");
    let mut address = String::new();
    BufReader::new(server.stdout.take().expect("its output"))
        .read_line(&mut address)
        .expect("its address");
    assert!(
        !address.is_empty(),
        "{name} does not start: is `npm ci` done?"
    );
    (server, address.trim().to_owned())
}

/// One task for each connection, one request at a time on each. How long each took.
async fn load(address: &str, requests: Vec<Vec<u8>>) -> Vec<Duration> {
    let mut tasks = Vec::new();
    let mut requests = requests.into_iter();
    let share = requests.len() / CONNECTIONS;
    for _ in 0..CONNECTIONS {
        let (address, requests): (_, Vec<_>) =
            (address.to_owned(), requests.by_ref().take(share).collect());
        tasks.push(tokio::spawn(async move {
            let mut connection = TcpStream::connect(address).await.expect("a connection");
            connection.set_nodelay(true).expect("an option");
            let (mut answer, mut times) = ([0; 4096], Vec::with_capacity(requests.len()));
            for request in requests {
                let sent = Instant::now();
                connection.write_all(&request).await.expect("written");
                let mut length = 0;
                // An answer may come in pieces. Its body, if any, is a few bytes that come with the end of the head.
                while !answer[..length].windows(4).any(|end| end == b"\r\n\r\n") {
                    let read = connection.read(&mut answer[length..]).await.expect("read");
                    assert!(read > 0, "closed after {:?}", &answer[..length]);
                    length += read;
                }
                times.push(sent.elapsed());
                assert!(
                    answer.starts_with(b"HTTP/1.1 200 OK"),
                    "{}",
                    String::from_utf8_lossy(&answer[..length])
                );
            }
            times
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.expect("no panic"));
    }
    times
}

/// A folder for the file of an inbox, removed when the next one is asked for.
pub fn folder() -> PathBuf {
    let folder = env::temp_dir().join("hooklatch-bench-inbox");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

const ROUNDS: usize = 3;
const CONNECTIONS: usize = 32;
const WARM_UP: usize = 1_600;
const COUNT: usize = 8_000;

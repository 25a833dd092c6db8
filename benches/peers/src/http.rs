//! Over loopback, on one core: CPU time of the server per request, with keep-alive connections.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use hooklatch::Server;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::endpoints::{From, Kind, Signed, endpoint, signed};

const ENDPOINTS: &[(&str, From, Kind)] = &[
    ("http/standard/1k/bare-axum", From::Standard, Kind::Bare),
    ("http/standard/1k/hooklatch-raw", From::Standard, Kind::Raw),
    (
        "http/standard/1k/hooklatch-typed",
        From::Standard,
        Kind::Typed,
    ),
    (
        "http/standard/1k/by-hand-with-care",
        From::Standard,
        Kind::Hand,
    ),
    ("http/stripe/1k/bare-axum", From::Stripe, Kind::Bare),
    ("http/stripe/1k/hooklatch-raw", From::Stripe, Kind::Raw),
    ("http/stripe/1k/hooklatch-typed", From::Stripe, Kind::Typed),
    ("http/stripe/1k/hooklatch-inbox", From::Stripe, Kind::Inbox),
    ("http/stripe/1k/by-hand-with-care", From::Stripe, Kind::Hand),
    (
        "http/stripe/1k/webhook-verify",
        From::Stripe,
        Kind::WebhookVerify,
    ),
    ("http/github/20k/bare-axum", From::Github, Kind::Bare),
    ("http/github/20k/hooklatch-raw", From::Github, Kind::Raw),
    ("http/github/20k/hooklatch-typed", From::Github, Kind::Typed),
    ("http/github/20k/hooklatch-inbox", From::Github, Kind::Inbox),
    (
        "http/github/20k/by-hand-with-care",
        From::Github,
        Kind::Hand,
    ),
    (
        "http/github/20k/webhook-verify",
        From::Github,
        Kind::WebhookVerify,
    ),
];

/// Three rounds over all, so that a busy moment of the machine does not fall on one alone; the least counts.
pub fn all(filter: &str) {
    let chosen: Vec<_> = ENDPOINTS
        .iter()
        .filter(|(name, _, _)| name.contains(filter))
        .collect();
    let mut least = vec![f64::INFINITY; chosen.len()];
    for _ in 0..ROUNDS {
        for (least, (name, from, _)) in least.iter_mut().zip(&chosen) {
            *least = least.min(microseconds(name, *from));
        }
    }
    println!("{:<44} {:>16}", "endpoint", "server CPU, µs");
    for ((name, _, _), least) in chosen.iter().zip(least) {
        println!("{name:<44} {least:>16.2}");
    }
}

/// Serves one endpoint until the process is ended; prints where. Without hooklatch's layers it is axum's own server.
pub fn serve(name: &str) {
    let (_, from, kind) = ENDPOINTS
        .iter()
        .find(|(known, _, _)| *known == name)
        .expect("an endpoint");
    current_thread().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("{}", listener.local_addr().expect("an address"));
        let (router, hooks) = endpoint(*from, *kind).await;
        match kind {
            Kind::Raw | Kind::Typed | Kind::Inbox => Server::new()
                .hooks(&hooks)
                .run(listener, router, std::future::pending())
                .await
                .expect("served"),
            _ => axum::serve(listener, router).await.expect("served"),
        }
    });
}

fn microseconds(name: &str, from: From) -> f64 {
    let (mut server, address) = start(name);
    let warm_up = signed(from, COUNT + WARM_UP);
    let mut requests: Vec<Vec<u8>> = warm_up.iter().map(bytes).collect();
    let measured = requests.split_off(WARM_UP);
    current_thread().block_on(load(&address, requests));
    let before = cpu_nanoseconds(&server);
    current_thread().block_on(load(&address, measured));
    let spent = cpu_nanoseconds(&server) - before;
    server
        .kill()
        .and_then(|()| server.wait())
        .expect("the server ends");
    spent as f64 / COUNT as f64 / 1000.0
}

fn start(name: &str) -> (Child, String) {
    let mut server = Command::new(env::current_exe().expect("this program"))
        .args(["serve", name])
        .stdout(Stdio::piped())
        .spawn()
        .expect("a server");
    let mut address = String::new();
    let output = server.stdout.take().expect("its output");
    BufReader::new(output)
        .read_line(&mut address)
        .expect("its address");
    (server, address.trim().to_owned())
}

/// One task for each connection, one request at a time on each.
async fn load(address: &str, requests: Vec<Vec<u8>>) {
    let mut tasks = Vec::new();
    let mut requests = requests.into_iter();
    let share = requests.len() / CONNECTIONS;
    for _ in 0..CONNECTIONS {
        let (address, requests): (_, Vec<_>) =
            (address.to_owned(), requests.by_ref().take(share).collect());
        tasks.push(tokio::spawn(async move {
            let mut connection = TcpStream::connect(address).await.expect("a connection");
            connection.set_nodelay(true).expect("an option");
            let mut answer = [0; 4096];
            for request in requests {
                connection.write_all(&request).await.expect("written");
                let length = connection.read(&mut answer).await.expect("read");
                assert!(
                    answer[..length].starts_with(b"HTTP/1.1 200 OK"),
                    "{:?}",
                    &answer[..length]
                );
            }
        }));
    }
    for task in tasks {
        task.await.expect("no panic");
    }
}

pub fn bytes(signed: &Signed) -> Vec<u8> {
    let mut bytes = b"POST /hook HTTP/1.1\r\n".to_vec();
    for (name, value) in &signed.headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            bytes.extend_from_slice(part);
        }
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&signed.body);
    bytes
}

/// Of the server's one thread, from the scheduler.
fn cpu_nanoseconds(server: &Child) -> u64 {
    let text = fs::read_to_string(format!("/proc/{}/schedstat", server.id())).expect("Linux");
    text.split(' ')
        .next()
        .and_then(|spent| spent.parse().ok())
        .expect("a number")
}

pub fn current_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

const ROUNDS: usize = 3;
const CONNECTIONS: usize = 16;
const WARM_UP: usize = 1_600;
const COUNT: usize = 8_000;

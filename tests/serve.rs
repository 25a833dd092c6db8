//! The server over real sockets, with limits short enough to wait for.
#![allow(clippy::panic, clippy::unwrap_used)]

#[path = "serve/tls.rs"]
mod tls;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, body::Body, http::StatusCode, routing::post};
use bytes::Bytes;
use hooklatch::{ServeError, ServeErrorKind, Server};
use http::Request;
use http_body_util::BodyExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, oneshot},
    task::JoinHandle,
    time::{sleep, timeout},
};

const MS: Duration = Duration::from_millis(1);

// --- heads

#[tokio::test]
async fn half_a_head_is_closed_after_the_header_timeout() {
    let server = start(brief()).await;
    let mut client = server.connect().await;
    let began = Instant::now();
    client.send("POST /echo HTTP/1.1\r\nHost:").await;
    assert_eq!(client.rest().await, "");
    assert!(
        (250 * MS..900 * MS).contains(&began.elapsed()),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn dripping_a_head_does_not_prolong_it() {
    let server = start(brief()).await;
    let mut client = server.connect().await;
    let began = Instant::now();
    for byte in [
        "P", "O", "S", "T", " ", "/", "e", "c", "h", "o", " ", "H", "T", "T", "P",
    ] {
        if client.stream.write_all(byte.as_bytes()).await.is_err() {
            break;
        }
        sleep(50 * MS).await;
    }
    assert_eq!(client.rest().await, "");
    assert!(began.elapsed() < 1_200 * MS, "{:?}", began.elapsed());
    server.answers().await;
}

#[tokio::test]
async fn silence_is_closed_after_the_header_timeout() {
    let server = start(brief()).await;
    let began = Instant::now();
    assert_eq!(server.connect().await.rest().await, "");
    assert!(
        (250 * MS..900 * MS).contains(&began.elapsed()),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn headers_are_counted() {
    let server = start(Server::new()).await;
    for (headers, status) in [(64, 200), (65, 431)] {
        let mut client = server.connect().await;
        let more: String = (0..headers - 2).map(|n| format!("x-{n}: 1\r\n")).collect();
        client
            .send(&format!(
                "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n{more}\r\n"
            ))
            .await;
        assert_eq!(client.status().await, status, "{headers} headers");
    }
}

#[tokio::test]
async fn a_large_head_is_refused_and_the_answer_arrives() {
    let server = start(Server::new()).await;
    for (kib, status) in [(31, 200), (33, 431), (200, 431)] {
        let mut client = server.connect().await;
        let long = "a".repeat(kib * 1024);
        client
            .send(&format!(
                "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\nx: {long}\r\n\r\n"
            ))
            .await;
        assert_eq!(client.status().await, status, "{kib} KiB");
    }
    let mut client = server.connect().await;
    client
        .send(&format!(
            "POST /echo?{} HTTP/1.1\r\nhost: a\r\n\r\n",
            "a".repeat(33 * 1024)
        ))
        .await;
    assert_eq!(client.status().await, 431, "a long query");
}

// --- bodies

#[tokio::test]
async fn a_body_that_pauses_fails() {
    let server = start(brief()).await;
    let mut client = server.connect().await;
    client
        .send("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhal")
        .await;
    let answer = client.rest().await;
    assert!(
        answer.starts_with("HTTP/1.1 400") && answer.contains("too long"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_body_that_drips_fails_after_the_total() {
    let server = start(brief()).await;
    let mut client = server.connect().await;
    let began = Instant::now();
    client
        .send("POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
        .await;
    let (mut reader, mut writer) = client.stream.into_split();
    let drip = tokio::spawn(async move {
        while writer.write_all(b"1\r\na\r\n").await.is_ok() {
            sleep(50 * MS).await;
        }
    });
    let mut answer = vec![0; 1_024];
    let n = reader.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..n]);
    assert!(
        answer.starts_with("HTTP/1.1 400") && answer.contains("as a whole"),
        "{answer}"
    );
    assert!(
        (600 * MS..1_500 * MS).contains(&began.elapsed()),
        "{:?}",
        began.elapsed()
    );
    drip.abort();
}

#[tokio::test]
async fn a_chunked_body_without_an_end_fails() {
    let server = start(brief()).await;
    let mut client = server.connect().await;
    client
        .send("POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
        .await;
    assert_eq!(client.status().await, 400);
    let mut client = server.connect().await;
    client
        .send("POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n")
        .await;
    assert_eq!(client.status().await, 400, "not a chunk size");
}

#[tokio::test]
async fn a_content_length_that_lies_harms_nobody() {
    let server = start(brief()).await;
    // Longer than what comes, then a hang-up.
    let mut client = server.connect().await;
    client
        .send("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nshort")
        .await;
    client.stream.shutdown().await.unwrap();
    assert!(!client.rest().await.starts_with("HTTP/1.1 200"));
    // Shorter: the rest is taken for the next request, and is none.
    let mut client = server.connect().await;
    client
        .send("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nokGARBAGE\r\n\r\n")
        .await;
    let answer = client.rest().await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("ok"),
        "{answer}"
    );
    assert_eq!(answer.matches("HTTP/1.1").count(), 2, "{answer}");
    assert!(answer.contains("HTTP/1.1 400"), "{answer}");
    // Two lengths, and a length beside chunks.
    for lengths in [
        "content-length: 2\r\ncontent-length: 3",
        "content-length: -1",
        "content-length: 99999999999999999999",
        "transfer-encoding: chunked, identity",
    ] {
        let mut client = server.connect().await;
        client
            .send(&format!(
                "POST /echo HTTP/1.1\r\nhost: a\r\n{lengths}\r\n\r\n"
            ))
            .await;
        assert_eq!(client.status().await, 400, "{lengths}");
    }
    server.answers().await;
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_body_arrives() {
    let server = start(brief()).await;
    let mut client = server.connect().await;
    client
        .send("POST /early HTTP/1.1\r\nhost: a\r\ncontent-length: 4000000\r\n\r\n")
        .await;
    let block = vec![b'a'; 4_000_000];
    let sent = timeout(5_000 * MS, client.stream.write_all(&block))
        .await
        .expect("the body is taken");
    sent.expect("the connection is not reset while the body is sent");
    assert_eq!(client.status().await, 413);
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_left() {
    let server = start(brief()).await;
    let mut client = server.connect().await;
    client
        .send("POST /flood HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n")
        .await;
    timeout(3_000 * MS, server.events.flood_dropped.notified())
        .await
        .expect("the response is dropped");
    assert_eq!(server.stop().await.1.map_err(|error| error.kind()), Ok(()));
}

// --- keep-alive

#[tokio::test]
async fn a_connection_is_used_again_and_closed_when_idle() {
    let server = start(brief().header_timeout(150 * MS).keep_alive_idle(500 * MS)).await;
    let mut client = server.connect().await;
    for _ in 0..2 {
        client.send(&echo("again")).await;
        assert!(client.read_until("again").await.starts_with("HTTP/1.1 200"));
        // Idle for longer than a head may take.
        sleep(250 * MS).await;
    }
    let began = Instant::now();
    assert_eq!(client.rest().await, "");
    assert!(
        (100 * MS..600 * MS).contains(&began.elapsed()),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn a_slow_second_head_has_the_time_of_a_head() {
    let server = start(brief().header_timeout(200 * MS).keep_alive_idle(5_000 * MS)).await;
    let mut client = server.connect().await;
    client.send(&echo("first")).await;
    client.read_until("first").await;
    let began = Instant::now();
    client.send("POST /echo").await;
    assert_eq!(client.rest().await, "");
    assert!(
        (150 * MS..900 * MS).contains(&began.elapsed()),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn a_slow_handler_is_not_hurried() {
    let server = start(
        brief()
            .header_timeout(50 * MS)
            .keep_alive_idle(50 * MS)
            .write_idle(50 * MS),
    )
    .await;
    let mut client = server.connect().await;
    client
        .send("POST /slow HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n")
        .await;
    assert_eq!(client.status().await, 200);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = start(brief()).await;
    let mut client = server.connect().await;
    client
        .send(&format!("{}{}", echo("one"), echo("two")))
        .await;
    let answers = client.read_until("two").await;
    assert!(answers.find("one").unwrap() < answers.find("two").unwrap());
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 2);
}

#[tokio::test]
async fn http_1_0_is_closed_and_http_2_refused() {
    let server = start(brief()).await;
    let mut client = server.connect().await;
    client
        .send("POST /echo HTTP/1.0\r\ncontent-length: 2\r\n\r\nok")
        .await;
    assert!(client.rest().await.starts_with("HTTP/1.0 200"));
    let mut client = server.connect().await;
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert!(!client.rest().await.contains(" 200"));
}

// --- many, rude and unlucky clients

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_silent_connections_cost_little() {
    let server = start(Server::new()).await;
    server.answers().await;
    let before = resident_kib();
    let mut silent = Vec::new();
    for _ in 0..2_000 {
        silent.push(server.connect().await);
    }
    let began = Instant::now();
    server.answers().await;
    assert!(began.elapsed() < 1_000 * MS, "{:?}", began.elapsed());
    if let (Some(before), Some(after)) = (before, resident_kib()) {
        assert!(
            after.saturating_sub(before) < 64 * 1024,
            "{before} to {after} KiB"
        );
    }
    let began = Instant::now();
    assert!(server.stop().await.1.is_ok());
    assert!(began.elapsed() < 2_000 * MS, "{:?}", began.elapsed());
}

#[tokio::test]
async fn at_the_limit_new_connections_wait() {
    let server = start(brief().header_timeout(5_000 * MS).max_connections(2)).await;
    let (first, _second) = (server.connect().await, server.connect().await);
    let mut third = server.connect().await;
    third.send(&echo("late")).await;
    assert!(timeout(200 * MS, third.stream.readable()).await.is_err());
    drop(first);
    assert!(third.read_until("late").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_full_server_lets_go_of_idle_connections_sooner() {
    let server = start(
        brief()
            .header_timeout(200 * MS)
            .keep_alive_idle(60_000 * MS)
            .max_connections(1),
    )
    .await;
    let mut idle = server.connect().await;
    idle.send(&echo("first")).await;
    idle.read_until("first").await;
    server.answers().await;
}

#[tokio::test]
async fn clients_that_hang_up_do_not_end_the_server() {
    let server = start(brief()).await;
    for part in [
        "",
        "P",
        "POST /slow HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n",
        "POST /echo HTTP/1.1\r\n",
    ] {
        let mut client = server.connect().await;
        client.send(part).await;
        drop(client);
    }
    let mut reset = server.connect().await;
    reset
        .send("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nabc")
        .await;
    #[allow(deprecated)]
    reset.stream.set_linger(Some(Duration::ZERO)).unwrap();
    drop(reset);
    let mut client = server.connect().await;
    client
        .send("POST /panic HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n")
        .await;
    assert_eq!(client.rest().await, "");
    server.answers().await;
    assert!(server.stop().await.1.is_ok());
}

/// Runs itself again, with few file descriptors.
#[cfg(unix)]
#[test]
fn running_out_of_file_descriptors_is_survived() {
    let me = std::env::current_exe().unwrap();
    let run = "ulimit -n 64 && exec \"$0\" --ignored --exact out_of_file_descriptors";
    let output = std::process::Command::new("sh")
        .arg("-c")
        .arg(run)
        .arg(me)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

#[tokio::test]
#[ignore = "run by the test above, with few file descriptors"]
async fn out_of_file_descriptors() {
    let server = start(Server::new()).await;
    let mut clients = Vec::new();
    while let Ok(client) = TcpStream::connect(server.addr).await {
        assert!(
            clients.len() < 64,
            "there are too many file descriptors for this test"
        );
        clients.push(client);
    }
    sleep(50 * MS).await;
    drop(clients);
    server.answers().await;
}

// --- the drain

#[tokio::test]
async fn a_drain_answers_what_is_in_flight() {
    let server = start(brief().header_timeout(5_000 * MS)).await;
    let addr = server.addr;
    let (mut idle, mut silent, mut busy) = (
        server.connect().await,
        server.connect().await,
        server.connect().await,
    );
    idle.send(&echo("first")).await;
    idle.read_until("first").await;
    busy.send("POST /slow HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n")
        .await;
    server.events.slow_began.notified().await;

    let began = Instant::now();
    let stopped = tokio::spawn(server.stop());
    assert_eq!(
        (idle.rest().await, silent.rest().await),
        (String::new(), String::new())
    );
    assert!(
        began.elapsed() < 200 * MS,
        "idle connections close at once: {:?}",
        began.elapsed()
    );
    assert!(
        TcpStream::connect(addr).await.is_err(),
        "new connections are refused"
    );
    let answer = busy.rest().await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"),
        "{answer}"
    );
    let (took, result) = stopped.await.unwrap();
    assert!(result.is_ok());
    assert!(took < 1_000 * MS, "{took:?}");
}

#[tokio::test]
async fn a_drain_ends_at_its_deadline() {
    let server = start(brief().drain_deadline(300 * MS)).await;
    let mut client = server.connect().await;
    client
        .send("POST /never HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n")
        .await;
    server.events.slow_began.notified().await;
    let (took, result) = server.stop().await;
    assert!(result.is_ok());
    assert!(
        (1_000 * MS..2_500 * MS).contains(&took),
        "half the deadline and a second for last answers: {took:?}"
    );
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn dropping_the_server_cuts_its_connections() {
    let server = start(brief()).await;
    let mut client = server.connect().await;
    client
        .send("POST /never HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n")
        .await;
    server.events.slow_began.notified().await;
    server.running.abort();
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let error = Server::new().serve(addr, Router::new()).await.unwrap_err();
    assert_eq!(error.kind(), ServeErrorKind::Bind);
    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot listen on {addr}: ")),
        "{error}"
    );
    let error = Server::new()
        .serve("not an address", Router::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ServeErrorKind::Bind);
}

/// Runs itself again, since signals go to a whole process.
#[cfg(unix)]
#[test]
fn signals_end_it() {
    for (path, signals, least, most) in [("slow", 1, 300, 1_500), ("never", 2, 0, 1_500)] {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--ignored",
                "--exact",
                "serves_until_a_signal",
                "--nocapture",
            ])
            .env("SERVE_TEST_PATH", path)
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines =
            std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
        assert!(
            lines
                .by_ref()
                .any(|line| line.unwrap().contains("in flight"))
        );
        let began = Instant::now();
        for _ in 0..signals {
            let kill = format!("kill -TERM {}", child.id());
            assert!(
                std::process::Command::new("sh")
                    .args(["-c", &kill])
                    .status()
                    .unwrap()
                    .success()
            );
            std::thread::sleep(100 * MS);
        }
        let rest: Vec<_> = lines.map(Result::unwrap).collect();
        assert!(child.wait().unwrap().success(), "{rest:?}");
        assert!(
            rest.iter()
                .any(|line| line.contains("serve returned Ok(())")),
            "{rest:?}"
        );
        assert!(
            (least * MS..most * MS).contains(&began.elapsed()),
            "{path}: {:?}",
            began.elapsed()
        );
    }
}

#[tokio::test]
#[ignore = "run by the test above, which sends the signals"]
async fn serves_until_a_signal() {
    let path = std::env::var("SERVE_TEST_PATH").unwrap();
    let addr = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let events = Arc::new(Events::default());
    let running = tokio::spawn(Server::new().serve(addr, app(&events)));
    let mut stream = loop {
        match TcpStream::connect(addr).await {
            Ok(stream) => break stream,
            Err(_) => sleep(10 * MS).await,
        }
    };
    stream
        .write_all(
            format!("POST /{path} HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n").as_bytes(),
        )
        .await
        .unwrap();
    events.slow_began.notified().await;
    println!("\nin flight");
    println!("\nserve returned {:?}", running.await.unwrap());
}

// --- the application and its clients

#[derive(Default)]
struct Events {
    slow_began: Notify,
    flood_dropped: Arc<Notify>,
    answered: AtomicUsize,
}

struct Running {
    addr: SocketAddr,
    events: Arc<Events>,
    shutdown: oneshot::Sender<()>,
    running: JoinHandle<Result<(), ServeError>>,
}

fn brief() -> Server {
    Server::new()
        .header_timeout(300 * MS)
        .keep_alive_idle(2_000 * MS)
        .body_idle(300 * MS)
        .body_total(700 * MS)
        .write_idle(300 * MS)
        .drain_deadline(2_000 * MS)
}

async fn start(server: Server) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let events = Arc::new(Events::default());
    let (shutdown, told) = oneshot::channel();
    let app = app(&events);
    let running = tokio::spawn(server.run(listener, app, async { told.await.unwrap_or_default() }));
    Running {
        addr,
        events,
        shutdown,
        running,
    }
}

fn app(events: &Arc<Events>) -> Router {
    let slow = |delay: Duration| {
        let events = Arc::clone(events);
        post(move || async move {
            events.slow_began.notify_one();
            sleep(delay).await;
            "slow"
        })
    };
    let dropped = Arc::clone(&events.flood_dropped);
    let counted = Arc::clone(events);
    Router::new()
        .route(
            "/echo",
            post(move |request: Request<Body>| async move {
                counted.answered.fetch_add(1, Ordering::Relaxed);
                match request.into_body().collect().await {
                    Ok(body) => (StatusCode::OK, body.to_bytes()),
                    Err(error) => (StatusCode::BAD_REQUEST, Bytes::from(error.to_string())),
                }
            }),
        )
        .route("/early", post(|| async { StatusCode::PAYLOAD_TOO_LARGE }))
        .route(
            "/flood",
            post(move || async move { Body::new(Flood(dropped)) }),
        )
        .route("/slow", post(slow(400 * MS)))
        .route("/never", post(slow(3_600_000 * MS)))
        .route("/panic", post(panics))
}

async fn panics() -> StatusCode {
    panic!("as the test wants")
}

/// A response without an end.
struct Flood(Arc<Notify>);

impl http_body::Body for Flood {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(Some(Ok(http_body::Frame::data(Bytes::from_static(
            &[0; 16 * 1024],
        )))))
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Running {
    async fn connect(&self) -> Client {
        Client {
            stream: TcpStream::connect(self.addr).await.unwrap(),
        }
    }

    /// A good request on a new connection is answered.
    async fn answers(&self) {
        let mut client = self.connect().await;
        client.send(&echo("good")).await;
        assert!(client.read_until("good").await.starts_with("HTTP/1.1 200"));
    }

    async fn stop(self) -> (Duration, Result<(), ServeError>) {
        let began = Instant::now();
        drop(self.shutdown);
        let result = timeout(10_000 * MS, self.running)
            .await
            .expect("it ends")
            .unwrap();
        (began.elapsed(), result)
    }
}

struct Client {
    stream: TcpStream,
}

impl Client {
    async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// All that comes until the server closes.
    async fn rest(&mut self) -> String {
        let mut all = Vec::new();
        let read = timeout(5_000 * MS, self.stream.read_to_end(&mut all))
            .await
            .expect("the server closes");
        if let Err(error) = read {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        }
        String::from_utf8_lossy(&all).into_owned()
    }

    async fn read_until(&mut self, end: &str) -> String {
        let mut all = Vec::new();
        while !String::from_utf8_lossy(&all).ends_with(end) {
            let n = timeout(5_000 * MS, self.stream.read_buf(&mut all))
                .await
                .expect("an answer")
                .unwrap();
            assert!(n > 0, "closed after {:?}", String::from_utf8_lossy(&all));
        }
        String::from_utf8_lossy(&all).into_owned()
    }

    async fn status(&mut self) -> u16 {
        let mut line = [0; 12];
        timeout(5_000 * MS, self.stream.read_exact(&mut line))
            .await
            .expect("an answer")
            .expect("a whole answer");
        String::from_utf8_lossy(&line[9..]).parse().unwrap()
    }
}

fn echo(body: &str) -> String {
    format!(
        "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// What of the process is in memory, where the system says so.
fn resident_kib() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

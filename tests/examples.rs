//! The examples, run as a new user runs them.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{
    env,
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    path::PathBuf,
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use hooklatch::{
    Hooks, Keyring, Scheme, provider,
    store::{DeliveryQuery, DeliveryState, Operate, SqliteStore},
    testing::{Draft, Sender},
};
use serde_json::{Value, json};
use tower::ServiceExt;

/// The main job's own code, to be called without a socket.
#[allow(dead_code, reason = "its `main` runs in the tests of the process")]
#[path = "../examples/receiver.rs"]
mod receiver;

const VARIABLES: [&str; 5] = [
    "STRIPE_WEBHOOK_SECRET",
    "GITHUB_WEBHOOK_SECRET",
    "STANDARD_WEBHOOK_SECRET",
    "SLACK_SIGNING_SECRET",
    "SENDGRID_PUBLIC_KEY",
];

#[tokio::test]
async fn every_printed_request_is_one_event_and_a_forged_one_is_none() {
    let mut running = Running::start(&[]);
    let commands = running.commands();
    assert_eq!(commands.len(), 5);

    for command in &commands {
        assert_eq!(command.run().await, 200, "{}", command.line);
    }
    let mut lines: Vec<String> = (0..6).map(|_| running.line()).collect();
    lines.sort();
    let events = [
        ("github", "-cc78-11e3-81ab-4c9367dc0958", "issues.opened"),
        ("sendgrid", "_0", "delivered"),
        ("sendgrid", "_1", "open"),
        ("slack", "", "app_mention"),
        ("standard", "", "user.created"),
        ("stripe", "", "invoice.paid"),
    ];
    for (line, (source, end_of_id, event_type)) in lines.iter().zip(events) {
        let event: Value = serde_json::from_str(line).unwrap();
        let id = event["id"].as_str().unwrap();
        assert!(id.ends_with(end_of_id), "{line}");
        assert_eq!(*line, line_of(source, id, event_type));
    }

    for command in &commands {
        assert_eq!(command.run().await, 200, "a duplicate: {}", command.line);
        let mut forged = command.clone();
        forged.body.insert(1, ' ');
        assert_eq!(forged.post().await, 401, "{}", forged.line);
        forged.body = command.body.clone();
        forged
            .headers
            .retain(|(name, _)| !name.ends_with("signature") && name != "x-hub-signature-256");
        assert_eq!(forged.post().await, 401, "unsigned: {}", forged.line);
    }
    let (status, rest, log) = running.stop();
    assert!(status.success());
    assert_eq!(rest, "", "one line for each event, and nothing else");
    assert!(log.contains("signature_mismatch") && log.contains("drained"));
}

#[tokio::test]
async fn a_request_made_elsewhere_with_the_printed_keys_is_accepted() {
    let mut running = Running::start(&[]);
    let cases = [
        ("stripe", provider::STRIPE, VARIABLES[0]),
        ("github", provider::GITHUB, VARIABLES[1]),
        ("standard", provider::STANDARD_WEBHOOKS, VARIABLES[2]),
        ("slack", provider::SLACK, VARIABLES[3]),
    ];
    for (source, scheme, variable) in cases {
        let sender = Sender::with_secret(scheme, &running.key(variable));
        let draft = || {
            sender
                .event("a.b", json!({"text": "it's \"new\""}))
                .id("x1")
        };
        assert_eq!(running.post(source, draft()).await, 200);
        assert_eq!(running.line(), line_of(source, "x1", "a.b"));
        let wrong = draft().id("x2").with_wrong_key();
        assert_eq!(running.post(source, wrong).await, 401);
        if source != "github" {
            assert_eq!(running.post(source, draft().id("x3").stale()).await, 401);
        }
    }
    let (status, rest, _) = running.stop();
    assert!(status.success());
    assert_eq!(rest, "");
}

#[test]
fn demo_keys_differ_from_start_to_start() {
    let keys = || {
        let running = Running::start(&[]);
        let keys = VARIABLES.map(|variable| running.key(variable));
        running.stop();
        keys
    };
    for (one, other) in keys().iter().zip(&keys()) {
        assert_ne!(one, other);
    }
}

#[tokio::test]
async fn a_sender_without_a_key_is_not_mounted() {
    let secret = "0123456789abcdef0123456789abcdef";
    let mut running = Running::start(&[("GITHUB_WEBHOOK_SECRET", secret)]);
    let sender = |scheme: Scheme| Sender::with_secret(scheme, secret);
    let ping = sender(provider::GITHUB).event("ping", json!({}));
    assert_eq!(running.post("github", ping.id("1")).await, 200);
    assert_eq!(running.line(), line_of("github", "1", "ping"));
    for (source, variable) in [
        ("stripe", VARIABLES[0]),
        ("standard", VARIABLES[2]),
        ("slack", VARIABLES[3]),
        ("sendgrid", VARIABLES[4]),
    ] {
        let request = sender(provider::STRIPE).event("a", json!({}));
        assert_eq!(running.post(source, request).await, 404);
        let notice = format!("{variable} is not set: nothing is at /webhooks/{source}");
        assert!(running.seen.contains(&notice), "{notice}");
    }
    let (status, rest, log) = running.stop();
    assert!(status.success());
    assert_eq!(rest, "");
    assert!(
        !log.contains(secret) && !log.contains("curl"),
        "a key of the user's is not printed"
    );
}

#[tokio::test]
async fn what_was_acknowledged_is_printed_after_a_kill_and_copies_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hooks.db");
    let secret = "0123456789abcdef0123456789abcdef";
    let variables = [
        ("GITHUB_WEBHOOK_SECRET", secret),
        ("HOOKLATCH_DB", path.to_str().unwrap()),
    ];
    let sender = Sender::with_secret(provider::GITHUB, secret);
    let push = |id: u32| sender.event("push", json!({"id": id})).id(&id.to_string());
    let mut printed = String::new();
    for round in 0..3 {
        let mut running = Running::start_with(&variables);
        for id in 0..20 {
            // In later rounds the first ones are copies.
            assert_eq!(running.post("github", push(id + round * 10)).await, 200);
        }
        if round < 2 {
            running.child.kill().unwrap();
            running.child.wait().unwrap();
        } else {
            // What is pending is due at once, and what was running when its lease is over.
            let last = line_of("github", "39", "push");
            while !printed.contains(&last) {
                printed += &running.line();
            }
            running.terminate();
            let status = wait(&mut running.child, Duration::from_secs(10));
            assert!(status.success());
        }
        let mut stdout = running.stdout.take().unwrap();
        stdout.read_to_string(&mut printed).unwrap();
    }
    for id in 0..40 {
        let event = format!(r#"{{"source":"github","id":"{id}","type":"push","#);
        let lines = printed.matches(&event).count();
        // What was running when it was killed is printed once its lease is over: after this test.
        assert!(lines <= 2, "{id} was printed {lines} times");
    }
    let twice = (0..40)
        .filter(|id| printed.matches(&format!(r#""id":"{id}","type""#)).count() > 1)
        .count();
    assert!(
        twice <= 32,
        "only what was running when it was killed is run again"
    );
    let store = SqliteStore::open(&path).await.unwrap();
    let all = store.list(&DeliveryQuery::new()).await.unwrap();
    assert_eq!(all.len(), 40, "each event is kept once");
    for delivery in all {
        let id = delivery.id.unwrap();
        let event = format!(r#"{{"source":"github","id":"{id}","type":"push","#);
        let done = delivery.state == DeliveryState::Completed;
        assert!(
            !done || printed.contains(&event),
            "{id} is done and was not printed"
        );
    }
}

#[test]
fn a_key_that_cannot_be_the_senders_ends_it_before_it_listens() {
    let ec_of_nothing = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE";
    for (variable, key) in [
        ("STRIPE_WEBHOOK_SECRET", ""),
        ("STRIPE_WEBHOOK_SECRET", "   "),
        ("STRIPE_WEBHOOK_SECRET", "sk_live_5HkzNq7hLJ3xUPVZ"),
        ("GITHUB_WEBHOOK_SECRET", "tooshort"),
        ("GITHUB_WEBHOOK_SECRET", "0123456789abcdef\n"),
        ("STANDARD_WEBHOOK_SECRET", "whsec_!!!!!!!!!!!!!!!!!!!!!!!"),
        ("SLACK_SIGNING_SECRET", "\t"),
        ("SENDGRID_PUBLIC_KEY", ec_of_nothing),
    ] {
        let output = run(Command::new(binary("receiver")).env(variable, key));
        let log = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{key:?}: {log}");
        assert!(output.stdout.is_empty());
        let message = log.lines().last().unwrap();
        assert!(
            message.starts_with("receiver: ") && message.contains(variable),
            "{log}"
        );
        assert!(!log.contains("listening"));
        let told = key.trim();
        assert!(told.is_empty() || !log.contains(told), "{log}");
    }
}

#[test]
fn an_address_that_cannot_be_used_ends_it_and_is_named() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = other.local_addr().unwrap().to_string();
    for address in [&*taken, "nonsense", "two words:1", ""] {
        let output = run(Command::new(binary("receiver")).env("HOOKLATCH_LISTEN", address));
        let log = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{address}: {log}");
        let message = log.lines().last().unwrap();
        assert!(
            message.contains("HOOKLATCH_LISTEN") && message.contains(address),
            "{log}"
        );
    }
}

#[tokio::test]
async fn a_closed_stdout_asks_the_sender_to_try_again_and_kills_nothing() {
    let mut running = Running::start(&[MEMORY]);
    let sender = Sender::with_secret(provider::GITHUB, &running.key(VARIABLES[1]));
    running.stdout = None;
    // A process that another test starts may hold a copy of our end until it runs its own program.
    let (started, mut first) = (Instant::now(), 0);
    let push = |id: u32| sender.event("push", json!({"id": id})).id(&id.to_string());
    while running.post("github", push(first)).await == 200 {
        assert!(started.elapsed() < Duration::from_secs(10));
        first += 1;
    }
    for id in [first, first, first + 1] {
        assert_eq!(running.post("github", push(id)).await, 503);
    }
    let (status, _, log) = running.stop();
    assert!(status.success());
    assert!(
        log.contains("Broken pipe") && !log.contains("panicked"),
        "{log}"
    );
}

#[tokio::test]
async fn a_stdout_that_nobody_reads_holds_up_neither_the_server_nor_its_end() {
    let mut running = Running::start(&[MEMORY]);
    let sender = Sender::with_secret(provider::GITHUB, &running.key(VARIABLES[1]));
    // Far more than a pipe holds.
    let id = "i".repeat(200);
    let posts = (0..600).map(|number| {
        let push = sender.event("push", json!({"number": number}));
        let url = running.url("github");
        let parts = push.id(&format!("{id}{number}")).parts();
        async move {
            let post = post(url, parts);
            tokio::time::timeout(Duration::from_millis(300), post).await
        }
    });
    let answers = futures_util::future::join_all(posts).await;
    assert!(answers.iter().any(Result::is_err), "stdout is full");
    let health = format!("http://{}/health", running.address);
    assert_eq!(client().get(health).send().await.unwrap().status(), 200);
    // The first signal drains, and waits for what cannot end; the second ends it.
    running.terminate();
    thread::sleep(Duration::from_millis(200));
    let unread = running.stdout.take();
    let (status, ..) = running.stop();
    assert!(status.success());
    drop(unread);
}

#[tokio::test]
async fn the_application_can_be_called_without_a_socket() {
    let sender = Sender::new(provider::SLACK);
    let endpoint = receiver::ENDPOINTS.iter().find(|at| at.source == "slack");
    let app = receiver::app(&Hooks::new(), [(endpoint.unwrap(), sender.keyring())], None).unwrap();
    let challenge = json!({"type": "url_verification", "challenge": "abc"}).to_string();
    let draft = sender.raw(challenge).to("/webhooks/slack");
    let response = app.clone().oneshot(draft.clone().request()).await.unwrap();
    assert_eq!(response.status(), 200);
    let body = axum::body::to_bytes(response.into_body(), 99).await;
    assert_eq!(body.unwrap(), "abc");
    let forged = app.clone().oneshot(draft.with_flipped_bit().request());
    assert_eq!(forged.await.unwrap().status(), 401);

    let twice = receiver::ENDPOINTS.iter().take(1).cycle().take(2);
    let keys = || Keyring::new("0123456789abcdef0123456789abcdef");
    assert!(
        receiver::app(
            &Hooks::new(),
            twice.map(|endpoint| (endpoint, keys())),
            None
        )
        .is_err()
    );
}

#[test]
fn the_small_examples_run_to_their_end() {
    for (example, said) in [
        ("custom_scheme", "parcel 7 is on its way"),
        ("layers", "answered 409 Conflict"),
        ("tenants", "invoice in_evt_5 of acme is paid"),
        ("thin_event", "order ord_42 is paid at 1999"),
        ("rotation", "0 more matches of the old key"),
    ] {
        let output = run(&mut Command::new(binary(example)));
        let text = String::from_utf8(output.stdout).unwrap();
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{example}: {text}{log}");
        assert!(text.contains(said), "{example}: {text}");
    }
}

#[tokio::test]
async fn the_inspector_is_where_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(binary("inspector"))
        .envs([
            ("HOOKLATCH_LISTEN", "127.0.0.1:0"),
            ("HOOKLATCH_ADMIN", "127.0.0.1:0"),
        ])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    let url = line.strip_prefix("look:").unwrap().trim();
    let page = reqwest::get(url).await.unwrap().text().await.unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(page.contains("Nothing has arrived yet."), "{page}");
}

#[test]
fn the_first_example_wants_its_secret() {
    let output = run(&mut Command::new(binary("minimal")));
    assert_eq!(output.status.code(), Some(1));
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(log.contains("STRIPE_WEBHOOK_SECRET is not set"), "{log}");
}

/// A receiver that listens on a port of its own.
struct Running {
    child: Child,
    address: String,
    stdout: Option<BufReader<ChildStdout>>,
    /// What it said on stderr until it listened.
    seen: Vec<String>,
    log: Receiver<String>,
    folder: Option<tempfile::TempDir>,
}

/// Keeps nothing: events are handled while their sender waits.
const MEMORY: (&str, &str) = ("HOOKLATCH_DB", "memory");

impl Running {
    fn start(variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hooks.db");
        let path = ("HOOKLATCH_DB", path.to_str().unwrap());
        let mut all = vec![path];
        all.extend(variables);
        let mut running = Self::start_with(&all);
        running.folder = Some(folder);
        running
    }

    fn start_with(keys: &[(&str, &str)]) -> Self {
        let mut child = clean(Command::new(binary("receiver")).envs(keys.iter().copied()))
            .env("HOOKLATCH_LISTEN", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, log) = channel();
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut seen = Vec::new();
        let address = loop {
            let line = log.recv_timeout(Duration::from_secs(30)).unwrap();
            if let Some((_, address)) = line.split_once("listening addr=") {
                break address.to_owned();
            }
            seen.push(line);
        };
        Self {
            stdout: child.stdout.take().map(BufReader::new),
            child,
            address,
            seen,
            log,
            folder: None,
        }
    }

    /// The value of a variable as it was printed.
    fn key(&self, variable: &str) -> String {
        let prefix = format!("{variable}=");
        let key = |line: &String| line.strip_prefix(&prefix).map(str::to_owned);
        self.seen.iter().find_map(key).unwrap()
    }

    /// The requests that were printed. They name the address that was asked for, whose port was left to the system.
    fn commands(&self) -> Vec<Printed> {
        self.seen
            .iter()
            .filter(|line| line.starts_with("curl "))
            .map(|line| Printed::parse(&line.replace("127.0.0.1:0", &self.address)))
            .collect()
    }

    fn url(&self, source: &str) -> String {
        format!("http://{}/webhooks/{source}", self.address)
    }

    async fn post(&self, source: &str, draft: Draft) -> u16 {
        post(self.url(source), draft.parts()).await
    }

    /// The next line on stdout.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.as_mut().unwrap().read_line(&mut line).unwrap();
        line
    }

    fn terminate(&self) {
        let kill = format!("kill -TERM {}", self.child.id());
        let status = Command::new("sh").args(["-c", &kill]).status();
        assert!(status.unwrap().success());
    }

    /// SIGTERM; then how it ended, what was left on stdout, and what it logged.
    fn stop(mut self) -> (ExitStatus, String, String) {
        self.terminate();
        let status = wait(&mut self.child, Duration::from_secs(10));
        let mut rest = String::new();
        if let Some(mut stdout) = self.stdout.take() {
            stdout.read_to_string(&mut rest).unwrap();
        }
        let log: Vec<String> = self.log.iter().collect();
        (status, rest, log.join("\n"))
    }
}

impl Drop for Running {
    /// A test that failed leaves nothing behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A printed request, read as a shell reads it.
#[derive(Clone)]
struct Printed {
    line: String,
    url: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Printed {
    fn parse(line: &str) -> Self {
        let words = shell_words(line);
        let mut words = words.iter().map(String::as_str);
        assert_eq!((words.next(), words.next()), (Some("curl"), Some("-i")));
        let url = words.next().unwrap().to_owned();
        let (mut headers, mut body) = (Vec::new(), None);
        while let Some(option) = words.next() {
            let value = words.next().unwrap();
            match option {
                "-H" => {
                    let (name, value) = value.split_once(": ").unwrap();
                    headers.push((name.to_owned(), value.to_owned()));
                }
                "--data-binary" => body = Some(value.to_owned()),
                other => panic!("{other}"),
            }
        }
        Self {
            line: line.to_owned(),
            url,
            headers,
            body: body.unwrap(),
        }
    }

    /// In a shell where there are a shell and curl, as they may not be on a machine that has only Rust.
    async fn run(&self) -> u16 {
        let has_curl = Command::new("bash")
            .args(["-c", "command -v curl >/dev/null"])
            .status();
        if !has_curl.is_ok_and(|status| status.success()) {
            return self.post().await;
        }
        let output = Command::new("bash")
            .args(["-c", &self.line])
            .output()
            .unwrap();
        let answer = String::from_utf8(output.stdout).unwrap();
        let status = answer.split(' ').nth(1);
        status.unwrap().parse().unwrap()
    }

    async fn post(&self) -> u16 {
        let mut request = client().post(&self.url).body(self.body.clone());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.send().await.unwrap().status().as_u16()
    }
}

/// The words of a line that quotes with single quotes and a backslash only.
fn shell_words(line: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), String::new());
    let (mut quoted, mut characters) = (false, line.chars());
    while let Some(character) = characters.next() {
        match character {
            '\'' => quoted = !quoted,
            '\\' if !quoted => word.extend(characters.next()),
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            other => word.push(other),
        }
    }
    assert!(!quoted, "{line}");
    words.push(word);
    words
}

fn line_of(source: &str, id: &str, event_type: &str) -> String {
    let line = format!(
        "{{\"source\":\"{source}\",\"id\":\"{id}\",\"type\":\"{event_type}\",\"attempt\":1}}\n"
    );
    assert!(serde_json::from_str::<Value>(&line).is_ok());
    line
}

async fn post(url: String, (request, body): (http::Request<()>, bytes::Bytes)) -> u16 {
    let request = client()
        .post(url)
        .headers(request.headers().clone())
        .body(body);
    request.send().await.unwrap().status().as_u16()
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Runs a program to its end.
fn run(command: &mut Command) -> Output {
    let mut child = clean(command)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait(&mut child, Duration::from_secs(30));
    child.wait_with_output().unwrap()
}

/// Without the variables whoever runs the tests may have set.
fn clean(command: &mut Command) -> &mut Command {
    let given: Vec<String> = command
        .get_envs()
        .map(|(name, _)| name.to_string_lossy().into_owned())
        .collect();
    for variable in VARIABLES
        .iter()
        .chain(&["HOOKLATCH_LISTEN", "HOOKLATCH_DB", "RUST_LOG"])
    {
        if !given.iter().any(|name| name == variable) {
            command.env_remove(variable);
        }
    }
    command
}

fn wait(child: &mut Child, limit: Duration) -> ExitStatus {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if started.elapsed() > limit {
            child.kill().unwrap();
            panic!("it did not end within {limit:?}");
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// Where cargo puts examples: beside the directory of this test's own program. `cargo test` builds them first, unless it
/// is told to build one test only.
fn binary(example: &str) -> PathBuf {
    let test = env::current_exe().unwrap();
    let target = test.parent().and_then(|deps| deps.parent()).unwrap();
    let path = target.join("examples").join(example);
    assert!(
        path.exists(),
        "{} is not built: run `cargo build --examples` first",
        path.display()
    );
    path
}

//! Four receiver processes on one Postgres, and a sender that brings many copies of every event to all of them. One
//! process is stopped for longer than its leases and goes on, another one is killed. In the end every event took effect:
//! once where its handler wrote in its event's transaction, at least once where it did not.
//!
//! This binary has a `main` of its own: run by itself it is the test, run by the test it is one of the receivers.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    reason = "a test fails by panicking; the receivers tell their ports on stdout"
)]

#[path = "nodes/node.rs"]
mod node;
#[path = "nodes/sender.rs"]
mod sender;
#[path = "support/servers.rs"]
mod servers;

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::atomic::Ordering::SeqCst,
    thread::sleep,
    time::{Duration, Instant},
};

use sender::{Answers, Load};
use servers::Postgres;

const NODES: usize = 4;

/// How many copies of each event are sent: 20, which takes a minute on a busy machine, or as many as this variable says.
/// `.ci/long` says 100.
const COPIES: &str = "HOOKLATCH_COPIES";

/// How many events come to each path, and what is asked of their effects.
const PATHS: [(&str, usize); 3] = [
    // Through the inbox, written in the event's transaction.
    ("stored", 400),
    // Answered after the handler, written in the claim's transaction.
    ("inline", 300),
    // Through the inbox, written on a connection of the handler's own: at least once.
    ("plain", 300),
];

const LEASE: Duration = Duration::from_secs(2);

const NAME: &str = "every_event_takes_effect_once_whatever_becomes_of_its_receivers";

fn main() {
    if let Ok(url) = env::var(node::URL) {
        return node::run(&url);
    }
    // As the test harness does: what is asked for by another name is not this one.
    let mut asked = env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'));
    if asked.next().is_none_or(|name| NAME.contains(&name)) {
        let began = Instant::now();
        if test() {
            println!("test {NAME} ... ok, {:.1} s", began.elapsed().as_secs_f32());
        }
    }
}

/// Whether it could be run.
fn test() -> bool {
    let Some(postgres) = Postgres::launch(&[("max_connections", "300")]) else {
        return false;
    };
    let _ = postgres.query("CREATE TABLE effect (path TEXT, id TEXT, node TEXT)");
    let mut nodes: Vec<Node> = (0..NODES)
        .map(|name| Node::launch(&postgres, name))
        .collect();
    let copies = env::var(COPIES).map_or(20, |copies| copies.parse().unwrap());
    let load = Load::new(&PATHS, copies, nodes.iter().map(|node| node.port).collect());
    let began = Instant::now();
    let sending = load.start();

    load.wait_for(0.2);
    stop_in_a_transaction(&postgres, &nodes[1]);
    let stopped = Instant::now();
    load.wait_for(0.3);
    nodes[2].process.kill().unwrap();
    sleep((LEASE * 3).saturating_sub(stopped.elapsed()));
    nodes[1].signal("CONT");

    let answers = sending.join().unwrap();
    let took = began.elapsed();
    wait_until_nothing_is_pending(&postgres);
    println!(
        "{} requests in {:.1} s: {} times 200, {} times 503, {} without an answer",
        load.sent.load(SeqCst),
        took.as_secs_f32(),
        answers.accepted,
        answers.later,
        answers.none,
    );
    check(&postgres, &answers);
    true
}

fn check(postgres: &Postgres, answers: &Answers) {
    assert_eq!(
        answers.odd,
        Vec::<String>::new(),
        "answers against the contract"
    );
    assert!(
        answers.none > 0,
        "nobody noticed the processes that were gone"
    );
    let count = |what: &str| -> usize { postgres.query(what).parse().unwrap() };
    let again = count("SELECT COUNT(*) FROM hooklatch_event WHERE attempt > 1");
    assert!(again > 0, "no run was taken over");
    println!("{again} events were run again");
    for (path, events) in PATHS {
        let distinct = format!("SELECT COUNT(DISTINCT id) FROM effect WHERE path = '{path}'");
        assert_eq!(
            count(&distinct),
            events,
            "events of {path} that took effect"
        );
        let effects = count(&format!(
            "SELECT COUNT(*) FROM effect WHERE path = '{path}'"
        ));
        println!("{path}: {effects} effects of {events} events");
        assert!(
            path == "plain" || effects == events,
            "an effect of {path} twice"
        );
    }
    assert_eq!(
        count("SELECT COUNT(*) FROM hooklatch_event WHERE state <> 2"),
        0
    );
    let nodes = count("SELECT COUNT(DISTINCT node) FROM effect");
    assert_eq!(nodes, NODES, "processes that worked");
}

/// Stops a process while it handles a delivery of the inbox and has written in its transaction: another process has to
/// take that delivery over.
fn stop_in_a_transaction(postgres: &Postgres, node: &Node) {
    let open = format!(
        "SELECT COUNT(*) FROM pg_stat_activity \
         WHERE state = 'idle in transaction' AND application_name = 'node_{}' AND query = '{}'",
        node.name,
        node::STORED.replace('\'', "''"),
    );
    for tried in 0..600 {
        node.signal("STOP");
        // What it had sent is carried out first.
        sleep(Duration::from_millis(50));
        if postgres.query(&open) != "0" {
            return;
        }
        node.signal("CONT");
        // Of another length each time: it must not go along with what the process does.
        sleep(Duration::from_millis(5 + tried * 7 % 60));
    }
    panic!("no handler had a transaction open");
}

fn wait_until_nothing_is_pending(postgres: &Postgres) {
    let pending = "SELECT COUNT(*) FROM hooklatch_event WHERE state < 2";
    let began = Instant::now();
    while postgres.query(pending) != "0" {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "deliveries are left"
        );
        sleep(Duration::from_millis(50));
    }
}

/// A receiver process, killed with the test.
struct Node {
    name: usize,
    process: Child,
    port: u16,
}

impl Node {
    fn launch(postgres: &Postgres, name: usize) -> Self {
        let url = format!("{}?application_name=node_{name}", postgres.url());
        let mut process = Command::new(env::current_exe().unwrap())
            .env(node::URL, url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(process.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("a node tells its port");
        Self {
            name,
            process,
            port,
        }
    }

    fn signal(&self, signal: &str) {
        let mut kill = Command::new("kill");
        kill.args([format!("-{signal}"), self.process.id().to_string()]);
        assert!(kill.status().unwrap().success());
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // One that was killed already is no fault.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

//! `send`, against a receiver on the loopback.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use axum::Router;
use hooklatch::{EventRouter, Hooks, Keyring, RawEvent, provider};
use serde_json::Value;

use super::{SECRET, told};

/// A receiver of Stripe, and how many events it has handled.
fn receiver() -> (String, Arc<AtomicUsize>) {
    let handled = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&handled);
    let handler = move |_: RawEvent| async move {
        count.fetch_add(1, Ordering::SeqCst);
    };
    let (send, receive) = std::sync::mpsc::channel::<SocketAddr>();
    thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let receiver = Hooks::new()
                .receiver("stripe", provider::STRIPE, Keyring::new(SECRET))
                .unwrap();
            let service = receiver.receive(EventRouter::new().fallback(handler));
            let app = Router::new().route_service("/hooks", service);
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            send.send(listener.local_addr().unwrap()).unwrap();
            axum::serve(listener, app).await.unwrap();
        });
    });
    (format!("http://{}/hooks", receive.recv().unwrap()), handled)
}

fn send(url: &str, more: &[&str]) -> (String, Option<i32>) {
    let arguments = [
        "send",
        "stripe",
        url,
        "--secret-env",
        "HOOK_SECRET",
        "--event",
        "invoice.paid",
    ];
    let (out, fault, code) = told(&[&arguments[..], more].concat());
    assert_eq!(fault, "", "{out}");
    (out, code)
}

fn summary(url: &str, more: &[&str]) -> (Value, Option<i32>) {
    let (out, code) = send(url, &[more, &["--json"]].concat());
    (serde_json::from_str(&out).unwrap(), code)
}

#[test]
fn one_request_is_posted_and_accepted() {
    let (url, handled) = receiver();
    let (text, code) = send(&url, &[]);
    assert!(
        text.starts_with("1 sent in ") && text.contains("  200: 1\n"),
        "{text}"
    );
    assert!(text.contains("  p99: "), "{text}");
    assert_eq!((code, handled.load(Ordering::SeqCst)), (Some(0), 1));
}

#[test]
fn many_are_posted_with_copies_that_run_once() {
    let (url, handled) = receiver();
    let (summary, code) = summary(&url, &["-n", "200", "-c", "4", "--duplicates", "25"]);
    assert_eq!(summary["statuses"]["200"], 200, "{summary}");
    assert_eq!((code, handled.load(Ordering::SeqCst)), (Some(0), 150));
    let latency = |name: &str| summary["latency_us"][name].as_u64().unwrap();
    assert!(latency("p50") > 0 && latency("p50") <= latency("p99"));
    assert!(latency("p99") <= latency("max"));
}

#[test]
fn forgeries_of_every_way_are_refused() {
    let (url, handled) = receiver();
    for way in ["flip-bit", "wrong-key", "stale", "early", "unsigned"] {
        let (summary, code) = summary(&url, &["-n", "10", "--mutate", way]);
        assert_eq!(summary["statuses"]["401"], 10, "{way}: {summary}");
        assert_eq!(
            (summary["forged"].as_u64(), code),
            (Some(10), Some(0)),
            "{way}"
        );
    }
    assert_eq!(handled.load(Ordering::SeqCst), 0);
    let (summary, code) = summary(
        &url,
        &["-n", "10", "--mutate", "flip-bit", "--mutated", "30"],
    );
    assert_eq!(summary["statuses"], serde_json::json!({"200": 7, "401": 3}));
    assert_eq!((code, handled.load(Ordering::SeqCst)), (Some(0), 7));
}

#[test]
fn an_answer_that_is_not_as_it_should_be_ends_with_1() {
    let (url, _) = receiver();
    let wrong = [
        "send",
        "stripe",
        &url,
        "--secret-env",
        "OTHER_SECRET",
        "-n",
        "3",
    ];
    let (text, _, code) = told(&wrong);
    assert!(
        text.contains("  401: 3\n") && text.contains("3 answers are not"),
        "{text}"
    );
    assert_eq!(code, Some(1));
    // Nobody listens there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let (text, code) = send(&closed, &["-n", "3"]);
    assert!(
        text.starts_with("nothing sent\n  failed: 3: ") && text.contains("3 could not be sent"),
        "{text}"
    );
    assert_eq!(code, Some(2));
    let (summary, _) = summary(&closed, &["-n", "2"]);
    assert_eq!([&summary["sent"], &summary["unsent"]], [0, 2], "{summary}");
}

#[test]
fn a_rate_is_kept() {
    let (url, _) = receiver();
    let start = Instant::now();
    let (_, code) = send(&url, &["-n", "6", "-c", "3", "--rate", "20"]);
    // The first goes at once, the others 50 ms apart.
    assert!(
        start.elapsed() >= Duration::from_millis(250),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(code, Some(0));
}

#[test]
fn an_endpoint_that_does_not_answer_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (text, code) = send(&url, &["--timeout", "1"]);
    assert!(text.contains("no answer in time"), "{text}");
    assert_eq!(code, Some(1));
}

//! The admin address.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use super::{
    senders::printing,
    service::{Folder, Service, TOKEN},
};

/// The status and the whole answer of a GET.
pub(crate) fn get(url: &str, token: Option<&str>) -> (u16, String) {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let token = token.map(|token| format!("authorization: Bearer {token}\r\n"));
    let token = token.unwrap_or_default();
    let request =
        format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{token}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    (answer[9..12].parse().unwrap(), answer)
}

/// A number of `/metrics`: that of the first line that begins so.
pub(crate) fn metric(service: &Service, name: &str) -> Option<f64> {
    let text = get(&format!("{}/metrics", service.admin()), None).1;
    let line = text.lines().find(|line| line.starts_with(name))?.to_owned();
    line.rsplit(' ').next()?.parse().ok()
}

#[test]
fn it_tells_that_it_lives_is_ready_and_what_it_counted() {
    let service = Folder::new(&printing(&["stripe"], "sqlite:hooks.db")).serve();
    service.send("stripe", "stripe", &["--event", "invoice.paid", "-n", "5"]);
    service.send("stripe", "stripe", &["--mutate", "flip-bit"]);
    service.printed(5);
    let admin = service.admin();
    assert_eq!(get(&format!("{admin}/healthz"), None).0, 200);
    let (status, ready) = get(&format!("{admin}/readyz"), None);
    assert!(
        status == 200 && ready.contains(r#""ready":true"#),
        "{ready}"
    );
    let handled = "hooklatch_handled_total{receiver=\"stripe\",outcome=\"done\"} 5";
    let metrics = service.until("five were counted", |_| {
        let (status, metrics) = get(&format!("{admin}/metrics"), None);
        assert_eq!(status, 200);
        metrics.contains(handled).then_some(metrics)
    });
    for line in [
        "content-type: text/plain; version=0.0.4",
        "# HELP hooklatch_handled_total Deliveries whose handler ran, by outcome",
        "hooklatch_accepted_total{receiver=\"stripe\"} 5",
        "# TYPE hooklatch_handler_seconds histogram",
        "hooklatch_handler_seconds_bucket{receiver=\"stripe\",le=\"0.005\"}",
        "hooklatch_handler_seconds_count{receiver=\"stripe\"} 5",
        "hooklatch_rejections_total{receiver=\"stripe\",kind=\"",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    // The public address has none of this, and the admin address no source.
    for path in ["healthz", "readyz", "metrics"] {
        assert_eq!(get(&format!("{}/{path}", service.url), None).0, 404);
    }
    assert_eq!(get(&format!("{admin}/webhooks/stripe"), None).0, 404);
}

#[test]
fn a_token_guards_what_was_counted_and_what_came() {
    let admin = "[admin]\nlisten = \"127.0.0.1:0\"\ntoken = { file = \"token\" }";
    let config = printing(&["stripe"], "sqlite:hooks.db")
        .replace("[admin]\nlisten = \"127.0.0.1:0\"", admin);
    let service = Folder::new(&config).serve();
    let admin = service.admin();
    let metrics = format!("{admin}/metrics");
    assert_eq!(get(&metrics, Some(TOKEN)).0, 200);
    let (status, answer) = get(&metrics, None);
    assert!(
        status == 401 && answer.contains("www-authenticate: Bearer"),
        "{answer}"
    );
    for wrong in ["", "wrong", &TOKEN[1..], &format!("{TOKEN}2")] {
        assert_eq!(get(&metrics, Some(wrong)).0, 401, "{wrong}");
    }
    let deliveries = format!("{admin}/deliveries");
    assert_eq!(get(&deliveries, None).0, 401);
    assert_eq!(get(&deliveries, Some(TOKEN)).0, 200);
    assert_eq!(get(&format!("{admin}/healthz"), None).0, 200);
    assert_eq!(get(&format!("{admin}/readyz"), None).0, 200);
}

#[test]
fn whoever_asks_during_the_drain_is_told_that_it_is_not_ready() {
    let config = printing(&["stripe"], "sqlite:hooks.db").replace(
        "print = true",
        "[sources.command]\nprogram = \"sleep\"\narguments = [\"2\"]",
    );
    let mut service = Folder::new(&config).serve();
    service.send("stripe", "stripe", &["--event", "invoice.paid"]);
    let ready = format!("{}/readyz", service.admin());
    std::thread::sleep(Duration::from_millis(300));
    service.signal("TERM");
    service.says_again("draining", 1);
    let answer = service.until("it is not ready", |_| {
        let (status, answer) = get(&ready, None);
        (status == 503).then_some(answer)
    });
    assert!(answer.contains("shutting down"), "{answer}");
    assert!(service.ended().success());
    assert!(
        service.log.said("the action failed").is_none(),
        "it was not cut"
    );
}

#[test]
fn the_inspector_shows_what_came_and_why_a_request_was_refused() {
    let config = printing(&["stripe"], "sqlite:hooks.db");
    let service = Folder::new(&config).serve_with(&["--explain"], &[]);
    let event = ["--event", "invoice.paid", "--id", "evt_seen"];
    service.send("stripe", "stripe", &event);
    service.printed(1);
    let page = get(&format!("{}/deliveries", service.admin()), None);
    assert!(page.0 == 200 && page.1.contains("evt_seen"), "{}", page.1);
    service.send("stripe", "stripe", &["--mutate", "stale"]);
    service.until("it is explained", |service| {
        let lines = service.log.json();
        let told = |line: &serde_json::Value| {
            line["target"] == "hooklatch::explain" && line["receiver"] == "stripe"
        };
        lines.iter().any(told).then_some(())
    });
    let page = get(&format!("{}/refusals", service.admin()), None);
    assert!(page.0 == 200 && page.1.contains("stale"), "{}", page.1);
    // Nothing of it is told where there is no inbox to look after.
    let service = Folder::new(&printing(&["stripe"], "memory")).serve();
    assert_eq!(get(&format!("{}/deliveries", service.admin()), None).0, 404);
}

//! Strangers in numbers. Runs in a process of its own, so that its memory is its own.

use std::process::Command;

use crate::presets::Stage;
use crate::support::status;

/// As many requests as `HOOKLATCH_FLOOD` says.
const FLOOD: usize = 50_000;

#[test]
fn a_flood_of_unsigned_requests_leaves_nothing() {
    let test = "flood::unsigned_requests_leave_no_row_and_no_growth";
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[tokio::test]
#[ignore = "run by the test above, in a process of its own"]
async fn unsigned_requests_leave_no_row_and_no_growth() {
    let count = std::env::var("HOOKLATCH_FLOOD").map_or(FLOOD, |count| count.parse().unwrap());
    let stage = Stage::new();
    let empty = stage.store().stats();
    let forged = stage.endpoints.iter().map(|endpoint| {
        let (good, place) = (endpoint.good("1"), endpoint.preset.signature());
        let (before, signature) = endpoint.signature(&good);
        let other: String = signature.chars().rev().collect();
        good.put(&place, format!("{before}{other}{}", endpoint.behind()))
    });
    let forged: Vec<_> = forged.collect();
    let round = async |from: usize, to: usize| {
        for n in from..to {
            let endpoint = &stage.endpoints[n % stage.endpoints.len()];
            let mut request = http::Request::post(format!("/x?n={n}"))
                .header("webhook-id", format!("msg_{n}"))
                .header("x-github-delivery", format!("{n}"))
                .header("x-unknown", format!("{n}"))
                .body(axum::body::Body::from(format!("{{\"id\":\"{n}\"}}")))
                .unwrap();
            // Every other one looks as if it were signed, of each sender.
            if (n + n / forged.len()) % 2 == 0 {
                request = forged[n % forged.len()]
                    .clone()
                    .with("x-unknown", format!("{n}"))
                    .request();
            }
            assert_eq!(status(&endpoint.app, request).await, 401);
        }
    };
    let warm = count / 10;
    round(0, warm).await;
    let before = resident_kib();
    round(warm, count).await;
    let grown = resident_kib().saturating_sub(before);
    assert!(grown < 4 * 1024, "{grown} KiB");
    assert_eq!(stage.store().stats(), empty);
    assert_eq!(stage.runs.count(), 0);
    for endpoint in &stage.endpoints {
        stage.works(endpoint).await;
    }
}

/// 0 where the system does not say.
fn resident_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let digits = line.map(|line| line.trim().trim_end_matches("kB").trim().parse());
    digits.and_then(Result::ok).unwrap_or(0)
}

//! Timestamps, signed by the real key, so that nothing but their own text is wrong.

use std::time::Duration;

use crate::presets::{Stage, Time};
use crate::support::{start, status};

#[tokio::test]
async fn a_timestamp_has_one_spelling_and_one_window() {
    let stage = Stage::new();
    let now = start().unix_timestamp();
    let mut texts = vec![
        String::new(),
        format!("+{now}"),
        format!("0{now}"),
        format!("{now}.0"),
        format!("{now}."),
        format!("{now} "),
        format!("-{now}"),
        format!("{now}e0"),
        format!("{:x}", now),
        format!("0x{now:x}"),
        format!("{now}000"),
        format!("{now}000000000"),
        "-1".to_owned(),
        "0".to_owned(),
        "00".to_owned(),
        "1".to_owned(),
        "NaN".to_owned(),
        "inf".to_owned(),
        "null".to_owned(),
        "true".to_owned(),
        "9223372036854775807".to_owned(),
        "9223372036854775808".to_owned(),
        "18446744073709551615".to_owned(),
        "18446744073709551616".to_owned(),
        "-9223372036854775808".to_owned(),
        "99999999999".to_owned(),
        "9".repeat(20_000),
        "1_800_000_000".to_owned(),
        "2027-01-15T08:00:00Z".to_owned(),
        "１８００００００００".to_owned(),
        "١٨٠٠٠٠٠٠٠٠".to_owned(),
        "१८००००००००".to_owned(),
    ];
    for seconds in [301, 3_600, 86_400] {
        texts.push((now - seconds).to_string());
        texts.push((now + seconds).to_string());
    }
    for endpoint in &stage.endpoints {
        let signed = |text: &String| {
            let signed = endpoint.signed_at(text, r#"{"id":"evt_9","type":"a","event_id":"9"}"#)?;
            Some((format!("timestamp {text}"), signed))
        };
        let attacks: Vec<_> = texts.iter().filter_map(signed).collect();
        assert_eq!(attacks.is_empty(), endpoint.signed_at("1", "").is_none());
        stage.refuses(endpoint, attacks, 401).await;
    }
}

#[tokio::test]
async fn both_edges_of_the_window_are_inside() {
    for offset in [-300, -299, 0, 299, 300] {
        let stage = Stage::new();
        for endpoint in &stage.endpoints {
            let text = (start().unix_timestamp() + offset).to_string();
            let body = r#"{"id":"evt_9","type":"a","event_id":"9"}"#;
            if let Some(signed) = endpoint.signed_at(&text, body) {
                let got = status(&endpoint.app, signed.request()).await;
                assert_eq!(got, 200, "{} {offset}", endpoint.preset.name);
            }
        }
    }
}

#[tokio::test]
async fn a_fresh_timestamp_of_the_attackers_makes_nothing_fresh() {
    let stage = Stage::new();
    for endpoint in &stage.endpoints {
        let Time::Header(name) = endpoint.preset.timestamp else {
            continue;
        };
        let old = endpoint.good("old");
        stage
            .world
            .clock
            .advance(Duration::from_secs(30 * 24 * 3600));
        let now = stage.world.clock().now().unix_timestamp().to_string();
        let attacks = [
            ("stale".to_owned(), old.clone()),
            ("made fresh".to_owned(), old.with(name, now)),
        ];
        stage.refuses(endpoint, attacks, 401).await;
    }
}

#[tokio::test]
async fn a_clock_that_jumps_refuses_and_recovers() {
    let stage = Stage::new();
    let endpoint = stage.endpoint("stripe");
    let copy = endpoint.good("jump");
    for jump in [-400_i64, 400, 100_000_000, -1_700_000_000] {
        stage
            .world
            .clock
            .set(start() + time::Duration::seconds(jump));
        assert_eq!(status(&endpoint.app, copy.request()).await, 401, "{jump}");
    }
    stage.world.clock.set(start());
    for _ in 0..2 {
        assert_eq!(status(&endpoint.app, copy.request()).await, 200);
    }
    assert_eq!(stage.runs.count(), 1);
    // Claims age by the other clock: a calendar set back does not bring a completed event back.
    stage
        .world
        .clock
        .set(start() - time::Duration::seconds(299));
    assert_eq!(status(&endpoint.app, copy.request()).await, 200);
    assert_eq!(stage.runs.count(), 1);
}

//! Timestamps, signed by the real key, so that nothing but their own text is wrong.

use std::time::Duration;

use crate::presets::{Place, Stage};
use crate::support::{start, status};

/// Other texts than a timestamp as its sender writes it.
fn odd_texts(now: &str) -> Vec<String> {
    vec![
        String::new(),
        format!("+{now}"),
        format!("0{now}"),
        format!("{now}.0"),
        format!("{now}."),
        format!("{now} "),
        format!("-{now}"),
        format!("{now}e0"),
        format!("0x{now}"),
        format!("{now}000"),
        format!("{now}000000000"),
        now[..now.len() - 3].to_owned(),
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
        "99999999999999".to_owned(),
        "9".repeat(3_000),
        "1_800_000_000".to_owned(),
        "2027-01-15T08:00:00Z".to_owned(),
        "１８００００００００".to_owned(),
        "١٨٠٠٠٠٠٠٠٠".to_owned(),
        "१८००००००००".to_owned(),
    ]
}

#[tokio::test]
async fn a_timestamp_has_one_spelling_and_one_window() {
    let stage = Stage::new();
    let (now, mut senders) = (start().unix_timestamp(), 0);
    for endpoint in &stage.endpoints {
        let Some((past, future)) = endpoint.preset.window() else {
            continue;
        };
        let good = endpoint.preset.time(now);
        let mut texts = odd_texts(&good);
        texts.retain(|text| *text != good);
        for moment in [
            now - past - 1,
            now - past - 86_400,
            now + future + 1,
            now + future + 86_400,
        ] {
            texts.push(endpoint.preset.time(moment));
        }
        let signed = |text: Option<&str>| {
            let signed = endpoint.signed_at(text)?;
            Some((format!("timestamp {text:?}"), signed))
        };
        let texts = texts.iter().map(|text| Some(&**text)).chain([None]);
        let attacks: Vec<_> = texts.filter_map(signed).collect();
        senders += usize::from(!attacks.is_empty());
        stage.refuses(endpoint, attacks, 401).await;
    }
    assert!(senders >= 11, "{senders} sign a timestamp with a secret");
}

#[tokio::test]
async fn a_timestamp_in_a_json_body_is_a_text_or_a_plain_number() {
    let stage = Stage::new();
    for endpoint in &stage.endpoints {
        let Some(Place::Json(pointer)) = endpoint.preset.timestamp() else {
            continue;
        };
        // A number, where the sender writes one.
        let now = endpoint.preset.time(start().unix_timestamp());
        if now.parse::<u64>().is_err() {
            continue;
        }
        let name = pointer.rsplit('/').next().unwrap();
        let values = [
            format!("{now}.0"),
            format!("{now}e0"),
            format!("-{now}"),
            format!("[{now}]"),
            format!("{{\"a\":{now}}}"),
            "true".to_owned(),
            "null".to_owned(),
            format!("{now},\"{name}\":{now}"),
            format!("1,\"{name}\":{now}"),
        ];
        let good = endpoint.good("1");
        let text = String::from_utf8(good.body.to_vec()).unwrap();
        let old = format!("\"{name}\":{now}");
        assert!(text.contains(&old), "{text}");
        let attacks = values.map(|value| {
            let body = text.replace(&old, &format!("\"{name}\":{value}"));
            // Where the whole body is signed, it is signed so; else only the text of the number is.
            let signed = match endpoint.preset.covers_all() {
                true => endpoint.signed_body(body),
                false => good.clone().with_body(body),
            };
            (value, signed)
        });
        stage.refuses(endpoint, attacks, 401).await;
    }
}

#[tokio::test]
async fn both_edges_of_the_window_are_inside() {
    let stage = Stage::new();
    for (at, edge) in ([
        |(past, _)| -past,
        |(past, _)| 1 - past,
        |_| 0,
        |(_, future)| future - 1,
        |(_, future)| future,
    ] as [fn((i64, i64)) -> i64; 5])
        .into_iter()
        .enumerate()
    {
        for endpoint in &stage.endpoints {
            let Some(window) = endpoint.preset.window() else {
                continue;
            };
            let moment = start() + time::Duration::seconds(edge(window));
            let draft = endpoint.draft(&format!("edge_{at}")).at(moment);
            let got = status(&endpoint.app, draft.request()).await;
            assert_eq!(got, 200, "{} {moment}", endpoint.preset.name);
        }
    }
}

#[tokio::test]
async fn a_stale_or_early_request_has_no_effect() {
    let stage = Stage::new();
    for endpoint in &stage.endpoints {
        if endpoint.preset.window().is_none() {
            continue;
        }
        let attacks = [
            ("stale".to_owned(), endpoint.draft("1").stale().into()),
            ("early".to_owned(), endpoint.draft("1").early().into()),
        ];
        stage
            .refuses(endpoint, attacks, endpoint.preset.stale())
            .await;
    }
}

#[tokio::test]
async fn a_fresh_timestamp_of_the_attackers_makes_nothing_fresh() {
    let stage = Stage::new();
    for endpoint in &stage.endpoints {
        let Some(place) = endpoint.preset.timestamp() else {
            continue;
        };
        let old = endpoint.good("old");
        let month = Duration::from_secs(30 * 24 * 3600);
        stage.world.clock.advance(month);
        let now = stage.world.clock().now().unix_timestamp();
        let fresh = old.clone().put(&place, endpoint.preset.time(now));
        stage
            .refuses(
                endpoint,
                [("stale".to_owned(), old)],
                endpoint.preset.stale(),
            )
            .await;
        stage
            .refuses(endpoint, [("made fresh".to_owned(), fresh)], 401)
            .await;
    }
}

#[tokio::test]
async fn a_clock_that_jumps_refuses_and_recovers() {
    let stage = Stage::of(&["stripe"]);
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

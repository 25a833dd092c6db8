//! Bodies that were changed after signing, and odd ones that are authentic.

use hooklatch::{Event, EventRouter, Part, RawEvent, Source, TypePart};
use serde_json::Value;

use crate::presets::{Endpoint, Place, Signed, Stage};
use crate::support::{Runs, status};

#[tokio::test]
async fn a_body_that_was_changed_is_not_what_was_signed() {
    let stage = Stage::new();
    let covered = |endpoint: &&Endpoint| endpoint.preset.covers_all();
    for endpoint in stage.endpoints.iter().filter(covered) {
        let good = endpoint.good("1");
        let body = good.body.to_vec();
        let with = |body: Vec<u8>| good.clone().with_body(body);
        let mut attacks: Vec<(String, Signed)> = Vec::new();
        for at in [0, body.len() / 2, body.len() - 1] {
            for bit in 0..8 {
                let mut flipped = body.clone();
                flipped[at] ^= 1 << bit;
                attacks.push((format!("bit {bit} of byte {at}"), with(flipped)));
            }
        }
        let value = serde_json::from_slice::<Value>(&body).ok();
        let pretty = value.map_or(Vec::new(), |value| format!("{value:#}").into_bytes());
        let text = str::from_utf8(&body).unwrap();
        let changed = [
            ("re-serialised", pretty),
            ("spaced", text.replace(':', ": ").into_bytes()),
            (
                "escaped",
                text.replacen("push", "p\\u0075sh", 1).into_bytes(),
            ),
            (
                "escaped otherwise",
                text.replacen("in_1", "in\\u005f1", 1).into_bytes(),
            ),
            ("with a BOM", [b"\xef\xbb\xbf", &body[..]].concat()),
            ("with a newline", [&body[..], b"\n"].concat()),
            ("with CRLF", [&body[..], b"\r\n"].concat()),
            ("with a space in front", [b" ", &body[..]].concat()),
            ("with a NUL", [&body[..], b"\0"].concat()),
            ("twice", body.repeat(2)),
            ("cut", body[..body.len() - 1].to_vec()),
            ("empty", Vec::new()),
            ("not UTF-8", vec![0xff, 0xfe, 0x00]),
            (
                "UTF-16",
                text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            ),
            ("lossy", [&body[..], "\u{fffd}".as_bytes()].concat()),
        ];
        for (what, changed) in changed {
            if changed != body {
                attacks.push((what.to_owned(), with(changed)));
            }
        }
        assert!(stage.refuses(endpoint, attacks, 401).await > 30);
    }
}

#[tokio::test]
async fn what_is_signed_cannot_be_cut_elsewhere() {
    let stage = Stage::new();
    let standard = stage.endpoint("standard-webhooks");
    let good = standard.good("msg_1");
    let (timestamp, body) = (
        good.header("webhook-timestamp"),
        String::from_utf8(good.body.to_vec()).unwrap(),
    );
    let shifted = [
        // id "msg_1" . time . body, cut one delimiter later, earlier, or inside a part.
        good.clone()
            .with("webhook-id", format!("msg_1.{timestamp}"))
            .with("webhook-timestamp", "1")
            .with_body(body.clone()),
        good.clone()
            .with("webhook-id", "msg_")
            .with("webhook-timestamp", format!("1.{timestamp}")),
        good.clone()
            .with("webhook-id", "msg_1.")
            .with_body(body.clone()),
        good.clone()
            .with("webhook-timestamp", &timestamp[..9])
            .with_body(format!("{}.{body}", &timestamp[9..])),
    ];
    stage
        .refuses(
            standard,
            shifted.map(|signed| ("shifted".to_owned(), signed)),
            401,
        )
        .await;
    // A dot in an id is refused even when all of it is signed.
    let dotted = standard.signed_as("msg.1", Some(&timestamp), "{}").unwrap();
    stage
        .refuses(standard, [("dotted".to_owned(), dotted)], 401)
        .await;
    // Nothing stands between timestamp and body: no cut of the digits is fresh, and what is left is no document.
    for name in ["sendgrid", "sendgrid-inbound-parse", "discord"] {
        let endpoint = stage.endpoint(name);
        let good = endpoint.good("1");
        let place = endpoint.preset.timestamp().unwrap();
        let (timestamp, body) = (
            good.at(&place),
            String::from_utf8(good.body.to_vec()).unwrap(),
        );
        let shifted = (1..10).map(|at| {
            let signed = good
                .clone()
                .put(&place, &timestamp[..at])
                .with_body(format!("{}{body}", &timestamp[at..]));
            (format!("cut at {at}"), signed)
        });
        // Where an id is read, its document comes first.
        let expected = match endpoint.preset.scheme.id {
            Some(_) => 422,
            None => endpoint.preset.stale(),
        };
        stage.refuses(endpoint, shifted, expected).await;
    }
    let stripe = stage.endpoint("stripe");
    let good = stripe.good("1");
    let text = good
        .header("stripe-signature")
        .replacen("t=1800000000", "t=180000000", 1);
    let shifted = good
        .clone()
        .with("stripe-signature", text)
        .with_body([b"0.", &good.body[..]].concat());
    stage
        .refuses(stripe, [("shifted".to_owned(), shifted)], 401)
        .await;
}

/// Signed by the sender, and yet nothing to make an event of.
fn unreadable(depth: usize) -> Vec<(&'static str, Vec<u8>)> {
    let deep = |open: &str, close: &str| {
        format!(
            r#"{{"id":"1","type":"a","event_id":"1","x":{}{}}}"#,
            open.repeat(depth),
            close.repeat(depth)
        )
        .into_bytes()
    };
    vec![
        ("empty", Vec::new()),
        ("no JSON", b"hello".to_vec()),
        ("half", br#"{"id":"1","type":"#.to_vec()),
        (
            "with a BOM",
            b"\xef\xbb\xbf{\"id\":\"1\",\"type\":\"a\"}".to_vec(),
        ),
        (
            "not UTF-8",
            b"{\"id\":\"1\",\"type\":\"a\",\"x\":\"\xff\"}".to_vec(),
        ),
        (
            "UTF-8 of a surrogate",
            b"{\"id\":\"1\",\"type\":\"a\",\"x\":\"\xed\xa0\x80\"}".to_vec(),
        ),
        ("a NUL behind", b"{\"type\":\"a\"}\0".to_vec()),
        ("two documents", br#"{"type":"a"}{"type":"b"}"#.to_vec()),
        (
            "type twice",
            br#"{"id":"1","type":"a","type":"b"}"#.to_vec(),
        ),
        (
            "type twice, escaped",
            br#"{"id":"1","type":"a","typ\u0065":"b"}"#.to_vec(),
        ),
        (
            "a surrogate as type",
            br#"{"id":"1","type":"\ud800"}"#.to_vec(),
        ),
        ("deep arrays", deep("[", "]")),
        ("deep objects", r#"{"a":"#.repeat(depth / 3).into_bytes()),
        ("deep and open", "[".repeat(depth).into_bytes()),
        (
            "a control character",
            b"{\"id\":\"\x01\",\"type\":\"a\"}".to_vec(),
        ),
        ("trailing comma", br#"{"id":"1","type":"a",}"#.to_vec()),
        ("NaN", br#"{"id":"1","type":"a","x":NaN}"#.to_vec()),
    ]
}

#[tokio::test]
async fn authentic_but_unreadable_is_a_422_and_nothing_runs() {
    let (stage, mut senders) = (Stage::new(), 0);
    for endpoint in &stage.endpoints {
        // Where id and type are headers, the body is nobody's business before a handler reads it; where the signature or
        // the timestamp is in the body, what is unreadable is not authentic.
        if !reads_json(endpoint) {
            continue;
        }
        senders += 1;
        // As deep as the body limit allows at one; the others read with the same eyes.
        let depth = if senders == 1 { 500_000 } else { 5_000 };
        let types = &endpoint.preset.scheme.event_type;
        let reads_type = types.contains(&TypePart::new(Source::json("/type")));
        for (at, (what, body)) in unreadable(depth).into_iter().enumerate() {
            // Elsewhere a member may repeat: it is nobody's business.
            if what.contains("type") && !reads_type && !endpoint.preset.is_batch() {
                continue;
            }
            let signed: Signed = endpoint.sender.raw(body).id(&format!("odd_{at}")).into();
            assert_eq!(
                status(&endpoint.app, signed.request()).await,
                422,
                "{} {what}",
                endpoint.preset.name
            );
        }
        let stats = stage.store().stats();
        assert_eq!(
            (stats.completed, stats.in_progress),
            (stage.runs.count(), 0)
        );
        stage.works(endpoint).await;
    }
    assert_eq!(stage.runs.count(), senders, "the good ones");
    assert!(senders >= 18, "{senders}");
}

/// Whether id or type are read from a JSON body once it is known to be authentic.
fn reads_json(endpoint: &Endpoint) -> bool {
    let preset = &endpoint.preset;
    let in_body = |place: Option<Place>| place.is_some_and(|place| place.is_in_body());
    // Of an array the first element has to be found to sign it at all, and what is signed as a form has to be one.
    if preset.signs(&Part::FirstElement) || preset.signs(&Part::SortedForm) {
        return false;
    }
    if in_body(Some(preset.signature())) || in_body(preset.timestamp()) || preset.needs_xml() {
        return false;
    }
    let scheme = &preset.scheme;
    let in_text = |part: &Part| matches!(part, Part::Text(source) if source.is_in_body());
    if scheme.content.iter().any(in_text) || preset.compares_body() {
        return false;
    }
    // A type alone is read at a glance, where the payload is all of the body.
    let types = scheme.event_type.first().map(|part| &part.source);
    let types = types.filter(|_| !scheme.payload.is_empty());
    let read = scheme.id.iter().chain(types);
    preset.is_batch()
        || read
            .into_iter()
            .any(|source| matches!(source, Source::Json(_)))
}

#[tokio::test]
async fn a_repeated_id_is_ambiguous() {
    let stage = Stage::new();
    let bodies = [
        ("stripe", r#"{"id":"1","id":"2","type":"a"}"#),
        ("stripe", r#"{"id":"1","id":"1","type":"a"}"#),
        ("stripe", r#"{"id":"1","\u0069d":"2","type":"a"}"#),
        (
            "stripe",
            r#"{"id":"1","type":"a","data":{"object":1},"data":{"object":2}}"#,
        ),
        (
            "stripe",
            r#"{"id":"1","type":"a","data":{"object":1,"object":2}}"#,
        ),
        (
            "slack",
            r#"{"event_id":"1","event_id":"2","event":{"type":"a"}}"#,
        ),
        (
            "slack",
            r#"{"event_id":"1","event":{"type":"a"},"event":{"type":"b"}}"#,
        ),
        (
            "sendgrid",
            r#"[{"sg_event_id":"1","sg_event_id":"2","event":"a"}]"#,
        ),
        (
            "sendgrid",
            r#"[{"sg_event_id":"1","event":"a","event":"b"}]"#,
        ),
    ];
    for (name, body) in bodies {
        let endpoint = stage.endpoint(name);
        let signed = Signed::from(endpoint.sender.raw(body));
        stage
            .refuses(endpoint, [(body.to_owned(), signed)], 422)
            .await;
    }
}

#[tokio::test]
async fn what_nobody_asks_for_may_be_odd() {
    let stage = Stage::new();
    let bodies = [
        r#"{"id":"1","type":"a","event_id":"1","x":1e400,"y":"\ud800","z":1,"z":2}"#,
        r#"{"id":"2","type":"a","event_id":"2","x":{"y":1,"y":2},"n":-0.0e-999,"m":123456789012345678901234567890}"#,
        r#"{"id":"3","type":"a","event_id":"3","":"","\u0000":"\u0000"}"#,
    ];
    for name in [
        "stripe",
        "standard-webhooks",
        "standard-webhooks-last-method",
        "slack",
        "github",
    ] {
        let endpoint = stage.endpoint(name);
        for (at, body) in bodies.iter().enumerate() {
            let request = endpoint.sender.raw(*body).id(&at.to_string()).request();
            assert_eq!(status(&endpoint.app, request).await, 200, "{name} {body}");
        }
    }
    assert_eq!(stage.runs.count(), 15);
}

#[tokio::test]
async fn a_handler_of_any_json_refuses_what_is_none() {
    let runs = Runs::default();
    let counted = runs.clone();
    let events = EventRouter::new().fallback(move |_: Event<Value>| {
        counted.add();
        async {}
    });
    let stage = Stage::with(events, runs);
    let endpoint = stage.endpoint("github");
    let odd = [(b"{\"x\":1e400}".to_vec()), b"{\"x\":\"\\ud800\"}".to_vec()]
        .into_iter()
        .map(|body| ("odd number or text", body));
    for (what, body) in unreadable(500_000).into_iter().chain(odd) {
        // A handler of any JSON takes the last of two.
        if what.starts_with("type twice") {
            continue;
        }
        let request = endpoint
            .sender
            .raw(body)
            .id(&what.replace(' ', "_").replace(',', ""))
            .request();
        assert_eq!(status(&endpoint.app, request).await, 422, "{what}");
    }
    assert_eq!(
        (stage.runs.count(), stage.store().stats().completed),
        (0, 0)
    );
    stage.works(endpoint).await;
}

#[tokio::test]
async fn ids_are_told_apart_to_the_letter() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let events = EventRouter::new().fallback({
        let seen = std::sync::Arc::clone(&seen);
        move |event: RawEvent| async move { seen.lock().unwrap().push(event.id) }
    });
    let stage = Stage::with(events, Runs::default());
    let endpoint = stage.endpoint("stripe");
    let long = "x".repeat(256);
    let ids = [
        "a",
        "A",
        "a ",
        " a",
        "\u{e4}",
        "a\u{308}",
        "1",
        "01",
        "\\u0000",
        "\u{200b}a",
        &long,
    ];
    for id in ids {
        let body = format!(r#"{{"id":"{id}","type":"a"}}"#);
        for _ in 0..2 {
            assert_eq!(
                status(&endpoint.app, endpoint.sender.raw(body.clone()).request()).await,
                200,
                "{id}"
            );
        }
    }
    assert_eq!(seen.lock().unwrap().len(), ids.len());
    // Longer than any id: the content stands in, never a shared key.
    for end in ["1", "2"] {
        let body = format!(r#"{{"id":"{long}{end}","type":"a"}}"#);
        assert_eq!(
            status(&endpoint.app, endpoint.sender.raw(body).request()).await,
            200
        );
    }
    assert_eq!(seen.lock().unwrap().len(), ids.len() + 2);
}

//! What changes, as it is told: real time is the subject here.

use std::{sync::Arc, time::Duration};

use axum::{Router, body::BodyDataStream};
use futures_util::StreamExt;
use hooklatch::inspector;
use http::header;
use tokio::time::{Instant, sleep, timeout_at};

use crate::{
    site::{Site, get, header_of, send},
    watched::Watched,
};

/// A viewer of a list, as a browser's `EventSource` is one.
async fn look(app: &Router, path: &str) -> Result<BodyDataStream, u16> {
    let mut request = get(path);
    request
        .headers_mut()
        .insert(header::ACCEPT, "text/event-stream".parse().unwrap());
    let response = send(app, request).await;
    if response.status() != 200 {
        return Err(response.status().as_u16());
    }
    assert_eq!(header_of(&response, "content-type"), "text/event-stream");
    Ok(response.into_body().into_data_stream())
}

/// What comes until a moment, or until it holds a text.
async fn hear(viewer: &mut BodyDataStream, until: Instant, text: &str) -> String {
    let mut heard = String::new();
    while !(heard.contains(text) && heard.ends_with("\n\n")) {
        match timeout_at(until, viewer.next()).await {
            Ok(Some(part)) => heard.push_str(str::from_utf8(&part.unwrap()).unwrap()),
            Ok(None) | Err(_) => return heard,
        }
    }
    heard
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

#[tokio::test]
async fn a_viewer_is_told_what_changes_in_its_list() {
    let site = Site::new().await;
    let mut all = look(&site.app, "/deliveries").await.unwrap();
    let mut dead = look(&site.app, "/deliveries?state=dead").await.unwrap();
    let first = hear(&mut all, soon(), "event: rows").await;
    assert!(first.starts_with("retry: 300\n: live\n\n"), "{first}");
    site.deliver_event("evt_1", "a").await;
    let heard = hear(&mut all, soon(), "evt_1").await;
    assert!(
        heard.contains("event: rows\ndata: \ndata: <tr id=\"d-"),
        "{heard}"
    );
    site.deliver_event("evt_2", "refuse").await;
    let heard = hear(&mut dead, soon(), "evt_2").await;
    assert!(!heard.contains("evt_1"), "{heard}");
}

#[tokio::test]
async fn all_viewers_together_cost_one_question_a_second() {
    let site = Site::new().await;
    let store = Watched::new(site.world.store.clone());
    let app = inspector::router(Arc::new(store.clone()));
    sleep(Duration::from_millis(1_500)).await;
    assert_eq!(store.lists(), 0, "nobody looks");
    let start = Instant::now();
    let mut viewers = Vec::new();
    for path in [
        "/deliveries",
        "/deliveries?state=dead",
        "/deliveries?type=a*",
        "/deliveries",
    ] {
        viewers.push(look(&app, path).await.unwrap());
    }
    // Each is told of its list, in its turn.
    for viewer in &mut viewers {
        let heard = hear(viewer, soon(), "event: rows").await;
        assert!(heard.contains("event: rows"), "{heard}");
    }
    let asked = u64::try_from(store.lists()).unwrap();
    assert!(
        asked >= 3 && asked <= start.elapsed().as_secs() + 1,
        "{asked} in {:?}",
        start.elapsed()
    );
    drop(viewers);
    sleep(Duration::from_millis(1_100)).await;
    let asked = store.lists();
    sleep(Duration::from_millis(2_500)).await;
    assert_eq!(store.lists(), asked, "nobody looks any more");
    // Coming and going does not make it ask more often.
    for _ in 0..20 {
        let mut viewer = look(&app, "/deliveries").await.unwrap();
        hear(
            &mut viewer,
            Instant::now() + Duration::from_millis(50),
            "event: rows",
        )
        .await;
    }
    assert!(
        store.lists() <= asked + 3,
        "{} after {asked}",
        store.lists()
    );
}

#[tokio::test]
async fn who_falls_behind_is_told_the_newest_state_once() {
    let site = Site::new().await;
    let mut viewer = look(&site.app, "/deliveries").await.unwrap();
    hear(&mut viewer, soon(), "event: rows").await;
    for number in 0..4 {
        site.deliver_event(&format!("evt_{number}"), "a").await;
        sleep(Duration::from_millis(1_050)).await;
    }
    let heard = hear(&mut viewer, soon(), "evt_3").await;
    assert_eq!(heard.matches("event: rows").count(), 1, "{heard}");
}

#[tokio::test]
async fn viewers_are_bounded_and_trouble_is_told() {
    let site = Site::new().await;
    let store = Watched::new(site.world.store.clone());
    let app = inspector::router(Arc::new(store.clone()));
    let mut viewers = Vec::new();
    for _ in 0..32 {
        viewers.push(look(&app, "/deliveries").await.unwrap());
    }
    assert_eq!(look(&app, "/deliveries").await.err(), Some(503));
    hear(&mut viewers[0], soon(), "event: rows").await;
    store.fail(true);
    let heard = hear(&mut viewers[0], soon(), "event: trouble").await;
    assert!(
        heard.contains("data: The store does not answer."),
        "{heard}"
    );
    store.fail(false);
    assert!(
        hear(&mut viewers[0], soon(), "event: rows")
            .await
            .contains("event: rows")
    );
    drop(viewers);
    assert!(look(&app, "/deliveries").await.is_ok());
}

#[tokio::test]
async fn a_stream_ends_and_refusals_are_told_too() {
    let site = Site::new().await;
    let start = Instant::now();
    let mut viewer = look(&site.app, "/refusals").await.unwrap();
    site.refuse("{}").await;
    let heard = hear(&mut viewer, soon(), "signature_mismatch").await;
    assert!(heard.contains("data: <tr id=\"r-1\">"), "{heard}");
    // So that a page that is left open does not hold up the end of the program.
    hear(
        &mut viewer,
        start + Duration::from_secs(30),
        "there is no such text",
    )
    .await;
    let lasted = start.elapsed();
    assert!((14..20).contains(&lasted.as_secs()), "{lasted:?}");
}

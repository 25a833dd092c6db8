//! What is on the pages.

use std::{collections::BTreeSet, sync::Arc};

use axum::Router;
use hooklatch::{explain::Refused, inspector};

use crate::{
    site::{Site, field, get, header_of, links, page, send, text},
    watched::Watched,
    world::World,
};

#[tokio::test]
async fn the_list_shows_what_came_newest_first() {
    let site = Site::new().await;
    let (status, empty) = page(&site.app, "/deliveries").await;
    assert_eq!(status, 200);
    assert!(empty.contains("Nothing has arrived yet."));
    site.deliver_event("evt_1", "invoice.paid").await;
    site.deliver_event("evt_2", "fail.now").await;
    let (_, list) = page(&site.app, "/deliveries").await;
    assert!(!list.contains("<p id=\"none\">"));
    let (first, second) = (list.find("evt_2").unwrap(), list.find("evt_1").unwrap());
    assert!(first < second);
    for text in [
        "dead",
        "completed",
        "invoice.paid",
        "acme",
        " s ago",
        "the handler answered 503",
    ] {
        assert!(list.contains(text), "{text}\n{list}");
    }
    assert!(
        list.contains("Last hour: 2 arrived, at most 2 in a minute; 3 runs failed"),
        "{list}"
    );
}

#[tokio::test]
async fn filters_choose() {
    let site = Site::new().await;
    for (id, event_type) in [
        ("a", "invoice.paid"),
        ("b", "invoice.void"),
        ("c", "refuse"),
    ] {
        site.deliver_event(id, event_type).await;
    }
    for (query, expected) in [
        ("", "c b a"),
        ("state=dead", "c"),
        ("state=completed", "b a"),
        ("type=invoice.*", "b a"),
        ("type=invoice.paid", "a"),
        ("type=invoice", ""),
        ("id=b", "b"),
        ("receiver=acme&id=b&state=completed&since=1h", "b"),
        ("receiver=other", ""),
        ("since=2100-01-01T00:00:00Z", ""),
        ("since=2d&state=&type=++", "c b a"),
    ] {
        let (status, list) = page(&site.app, &format!("/deliveries?{query}")).await;
        assert_eq!(status, 200, "{query}");
        assert_eq!(ids(&list).join(" "), expected, "{query}");
    }
    // What was chosen stands in the form.
    let (_, list) = page(&site.app, "/deliveries?state=dead&type=x%22%3E&since=3h").await;
    for text in [
        "<option selected>dead</option>",
        "value=\"x&quot;&gt;\"",
        "<option selected>3h</option>",
    ] {
        assert!(list.contains(text), "{text}\n{list}");
    }
    for query in ["state=lost", "since=yesterday", "before=last"] {
        let (status, list) = page(&site.app, &format!("/deliveries?{query}")).await;
        assert_eq!(status, 400, "{query}");
        assert!(list.contains("<h1>Bad request</h1>"));
    }
}

#[tokio::test]
async fn pages_go_through_all_of_them_once() {
    let site = Site::new().await;
    for number in 0..120 {
        let body = crate::world::body(&format!("evt_{number}"), "a");
        assert_eq!(crate::world::post(&site.receive, &body).await.status(), 200);
    }
    site.world.settled().await;
    let mut next = Some("deliveries?type=a".to_owned());
    let (mut seen, mut sizes) = (BTreeSet::new(), Vec::new());
    while let Some(way) = next {
        let (_, list) = page(&site.app, &format!("/{way}")).await;
        let ids = ids(&list);
        sizes.push(ids.len());
        seen.extend(ids);
        // Only the first page changes by itself.
        assert_eq!(list.contains("data-live"), sizes.len() == 1);
        next = links(&list)
            .into_iter()
            .find(|link| link.contains("before=") && list.contains("rel=\"next\""));
    }
    assert_eq!(sizes, [50, 50, 20]);
    assert_eq!(seen.len(), 120);
}

#[tokio::test]
async fn a_delivery_is_shown_with_all_that_is_known_of_it() {
    let site = Site::new().await;
    let dead = site
        .deliver(r#"{"type":"fail","id":"evt_1","amount":1.10}"#)
        .await;
    let (status, shown) = page(&site.app, &format!("/deliveries/{}", dead.event)).await;
    assert_eq!(status, 200);
    for text in [
        "Delivery <bdi>evt_1</bdi>",
        "after 3 runs",
        "the whole body",
        "no time is signed",
        "<bdi>current</bdi>",
        "<bdi>content-type</bdi>",
        "&quot;amount&quot;: 1.10",
        "JSON, indented here",
    ] {
        assert!(shown.contains(text), "{text}\n{shown}");
    }
    // The last error, and those of the three runs.
    let error = dead.error.unwrap();
    assert_eq!(shown.matches(&error).count(), 4, "{error}\n{shown}");
    // Neither a signature nor a secret.
    assert!(!shown.contains("signature</bdi>") && !shown.contains(crate::world::SECRET));
}

#[tokio::test]
async fn the_exact_bytes_can_be_had_as_a_file_and_nothing_else() {
    let site = Site::new().await;
    let body = format!(
        r#"{{"id":"a","type":"b","text":"<script>{}"}}"#,
        "x".repeat(100_000)
    );
    let key = site.deliver(&body).await.event;
    let response = send(&site.app, get(&format!("/deliveries/{key}/body"))).await;
    assert_eq!(
        header_of(&response, "content-type"),
        "application/octet-stream"
    );
    assert_eq!(
        header_of(&response, "content-disposition"),
        format!("attachment; filename=\"{key}.bin\"")
    );
    assert_eq!(header_of(&response, "x-content-type-options"), "nosniff");
    assert_eq!(text(response).await, body);
    let (_, shown) = page(&site.app, &format!("/deliveries/{key}")).await;
    assert!(shown.contains("Only the first 64 KiB are shown.") && shown.len() < 80 * 1024);
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_what_fails_is_told() {
    let site = Site::new().await;
    let nobody = "0".repeat(32);
    for path in [
        "/deliveries/x",
        &format!("/deliveries/{nobody}"),
        &format!("/deliveries/{nobody}/body"),
        &format!("/deliveries/{nobody}/forget"),
        "/refusals/9",
        "/other",
        "/deliveries/",
    ] {
        let (status, shown) = page(&site.app, path).await;
        assert_eq!(
            (status, shown.contains("<h1>Not found</h1>")),
            (404, true),
            "{path}"
        );
    }
    let store = Watched::new(site.world.store.clone());
    store.fail(true);
    let broken = inspector::router(Arc::new(store));
    for path in ["/deliveries", &format!("/deliveries/{nobody}")] {
        let response = send(&broken, get(path)).await;
        assert_eq!(
            (
                response.status().as_u16(),
                header_of(&response, "retry-after")
            ),
            (503, "5")
        );
        let shown = text(response).await;
        assert!(
            shown.contains("The store cannot be reached") && !shown.contains("secret"),
            "{shown}"
        );
    }
    let (status, shown) = page(&broken, "/refusals").await;
    assert_eq!(
        (status, shown.contains("given no log of refusals")),
        (404, true)
    );
}

#[tokio::test]
async fn refusals_say_why() {
    let site = Site::new().await;
    site.refuse(r#"{"id":"evt_1","type":"<script>"}"#).await;
    let mut changes = site.refusals.changes();
    let is_explained = |refused: &Refused| refused.explanation.is_some();
    while !site.refusals.recent().iter().all(is_explained) {
        changes.changed().await.unwrap();
    }
    let (_, list) = page(&site.app, "/refusals").await;
    assert!(
        list.contains("href=\"refusals/1\">signature_mismatch</a>"),
        "{list}"
    );
    let (status, shown) = page(&site.app, "/refusals/1").await;
    assert_eq!(status, 200);
    let refused = site.refusals.recent().swap_remove(0);
    let line = refused.explanation.unwrap().swap_remove(0);
    let line = line
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    assert!(shown.contains(&line), "{line}\n{shown}");
    assert!(
        shown.contains("401 Unauthorized") && shown.contains("32 bytes"),
        "{shown}"
    );
}

#[tokio::test]
async fn it_works_wherever_it_is_mounted() {
    let site = Site::new().await;
    let key = site.deliver_event("evt_1", "a").await.event;
    site.refuse("{}").await;
    let nested = Router::new().nest("/admin/hooks", site.app.clone());
    let service = Router::new().nest_service("/admin/hooks", site.app.clone());
    let slash = Router::new().nest("/admin/hooks/", site.app.clone());
    for (app, home, base) in [
        (&site.app, "/", "/"),
        (&nested, "/admin/hooks", "/admin/hooks/"),
        (&service, "/admin/hooks", "/admin/hooks/"),
        (&service, "/admin/hooks/", "/admin/hooks/"),
        (&slash, "/admin/hooks/", "/admin/hooks/"),
    ] {
        let response = send(app, get(home)).await;
        assert_eq!(response.status(), 303, "{home}");
        let list = resolved(home, header_of(&response, "location"));
        assert_eq!(list, format!("{base}deliveries"));
        let one = format!("{base}deliveries/{key}");
        for path in [
            list,
            one.clone(),
            format!("{one}/forget"),
            format!("{base}refusals"),
            format!("{base}refusals/1"),
        ] {
            let (status, shown) = page(app, &path).await;
            assert_eq!(status, 200, "{path}");
            for link in links(&shown).iter().filter(|link| !link.starts_with('#')) {
                let link = resolved(&path, link);
                assert!(link.starts_with(base), "{path}: {link}");
                let status = send(app, get(&link)).await.status();
                assert_eq!(status, 200, "{path}: {link}");
            }
        }
        let (_, shown) = page(app, &one).await;
        assert_eq!(field(&shown, "token").len(), 64);
    }
}

#[tokio::test]
async fn a_store_without_deliveries_has_pages_too() {
    let world = World::new().await;
    let app = inspector::router(Arc::new(world.store.clone()));
    assert_eq!(page(&app, "/deliveries").await.0, 200);
}

fn ids(list: &str) -> Vec<String> {
    let rows = list
        .split("<th scope=\"row\"><a href=\"deliveries/")
        .skip(1);
    rows.map(|row| {
        let (_, text) = row.split_once("<bdi>").unwrap();
        text.split('<').next().unwrap().to_owned()
    })
    .collect()
}

/// What a browser makes of a relative link.
fn resolved(page: &str, link: &str) -> String {
    let base = format!("http://localhost{page}");
    let url = reqwest::Url::parse(&base).unwrap().join(link).unwrap();
    let query = url
        .query()
        .map_or_else(String::new, |query| format!("?{query}"));
    format!("{}{query}", url.path())
}

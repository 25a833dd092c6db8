//! How often a server of keys is asked, and how long its answers hold.

use std::time::Duration;

use futures_util::future::join_all;
use hooklatch::{Discovery, KeyAccess, KeyDocument, KeyMember, Scheme};
use serde_json::json;

use crate::world::{Answer, Endpoint, HOST, Site, list, scheme, scheme_per_key, sender};

#[tokio::test]
async fn a_hundred_requests_at_once_are_one_fetch() {
    let (site, key) = (Site::start(&[HOST]).await, sender());
    site.publish(&[("k1", &key)]);
    let endpoint = Endpoint::new(scheme(), site.fetcher());
    let statuses = join_all((0..100).map(|_| endpoint.status(&key, "k1"))).await;
    assert_eq!(statuses, [200; 100]);
    assert_eq!(site.asked().len(), 1);
}

#[tokio::test]
async fn unknown_ids_cause_one_fetch_in_thirty_seconds_and_harm_no_known_one() {
    let (site, key) = (Site::start(&[HOST]).await, sender());
    site.publish(&[("k1", &key)]);
    let endpoint = Endpoint::new(scheme(), site.fetcher());
    for number in 0..200 {
        assert_eq!(
            endpoint.status(&key, &format!("made-up-{number}")).await,
            401
        );
        assert_eq!(endpoint.status(&key, "k1").await, 200);
    }
    assert_eq!(site.asked().len(), 1);
    endpoint.pass(30);
    let flood = (0..100).map(|number| {
        let (endpoint, key) = (&endpoint, &key);
        async move { endpoint.status(key, &format!("more-{number}")).await }
    });
    assert_eq!(join_all(flood).await, [401; 100]);
    assert_eq!(site.asked().len(), 2);
}

#[tokio::test]
async fn urls_that_give_no_key_are_asked_ten_times_in_thirty_seconds() {
    let (site, key) = (Site::start(&[HOST]).await, sender());
    let endpoint = Endpoint::new(
        scheme_per_key("https://keys.acme.example/{kid}"),
        site.fetcher(),
    );
    site.answer(
        "/k1",
        Answer::ok(&json!({"key": key.key_text()}).to_string()),
    );
    assert_eq!(endpoint.status(&key, "k1").await, 200);
    for number in 0..300 {
        let status = endpoint.status(&key, &format!("made-up-{number}")).await;
        assert_eq!(status, if number < 9 { 401 } else { 503 }, "{number}");
        assert_eq!(
            endpoint
                .status(&key, &format!("made-up-{}", number % 9))
                .await,
            401,
            "known to be none"
        );
        assert_eq!(endpoint.status(&key, "k1").await, 200);
    }
    assert_eq!(site.asked().len(), 10);
    // A new key that came meanwhile is not lost: the sender was told to try again.
    site.answer(
        "/k2",
        Answer::ok(&json!({"key": key.key_text()}).to_string()),
    );
    assert_eq!(endpoint.status(&key, "k2").await, 503);
    endpoint.pass(30);
    assert_eq!(endpoint.status(&key, "k2").await, 200);
}

#[tokio::test]
async fn that_there_is_no_key_is_remembered_for_thirty_seconds() {
    let (site, key) = (Site::start(&[HOST]).await, sender());
    let endpoint = Endpoint::new(
        scheme_per_key("https://keys.acme.example/{kid}"),
        site.fetcher(),
    );
    for status in [
        "404 Not Found",
        "410 Gone",
        "403 Forbidden",
        "400 Bad Request",
    ] {
        let before = site.asked().len();
        site.answer("/k1", Answer::with(status, "", ""));
        assert_eq!(endpoint.status(&key, "k1").await, 401, "{status}");
        endpoint.pass(29);
        assert_eq!(endpoint.status(&key, "k1").await, 401);
        assert_eq!(site.asked().len(), before + 1);
        endpoint.pass(1);
    }
    site.answer(
        "/k1",
        Answer::ok(&json!({"key": key.key_text()}).to_string()),
    );
    assert_eq!(endpoint.status(&key, "k1").await, 200);
}

#[tokio::test]
async fn a_new_key_is_found_after_the_pause() {
    let (site, old, new) = (Site::start(&[HOST]).await, sender(), sender());
    site.publish(&[("old", &old)]);
    let endpoint = Endpoint::new(scheme(), site.fetcher());
    assert_eq!(endpoint.status(&old, "old").await, 200);
    site.publish(&[("old", &old), ("new", &new)]);
    endpoint.pass(29);
    assert_eq!(endpoint.status(&new, "new").await, 401);
    endpoint.pass(1);
    assert_eq!(endpoint.status(&new, "new").await, 200);
    assert_eq!(
        endpoint.status(&old, "new").await,
        401,
        "no other key counts"
    );
    assert_eq!(endpoint.status(&old, "old").await, 200);
    assert_eq!(site.asked().len(), 2);
}

#[tokio::test]
async fn keys_hold_as_long_as_the_server_says_within_bounds() {
    let (site, key) = (Site::start(&[HOST]).await, sender());
    let body = list(&[("k1", &key)]);
    for (control, seconds) in [
        ("", 3600),
        ("cache-control: public, max-age=1200\r\n", 1200),
        ("cache-control: max-age=1\r\n", 300),
        ("cache-control: no-store\r\n", 300),
        ("cache-control: max-age=99999999\r\n", 24 * 3600),
        ("cache-control: max-age=nonsense\r\n", 3600),
    ] {
        let before = site.asked().len();
        site.answer("/keys", Answer::with("200 OK", control, &body));
        let endpoint = Endpoint::new(scheme(), site.fetcher());
        assert_eq!(endpoint.status(&key, "k1").await, 200);
        endpoint.pass(seconds - 1);
        assert_eq!(endpoint.status(&key, "k1").await, 200);
        assert_eq!(site.asked().len(), before + 1, "{control}");
        // Withdrawn, and so it counts no more.
        site.answer("/keys", Answer::ok(r#"{"public_keys":[]}"#));
        endpoint.pass(1);
        assert_eq!(endpoint.status(&key, "k1").await, 401, "{control}");
        assert_eq!(site.asked().len(), before + 2, "{control}");
    }
}

#[tokio::test]
async fn while_the_server_is_down_old_keys_count_only_if_the_scheme_says_so() {
    let (site, key) = (Site::start(&[HOST]).await, sender());
    let stale = |seconds| {
        let discovery = scheme().discovery.map(|discovery| Discovery {
            stale: Duration::from_secs(seconds),
            ..discovery
        });
        Scheme {
            discovery,
            ..scheme()
        }
    };
    for (seconds, expected) in [(0, 503), (600, 200)] {
        site.publish(&[("k1", &key)]);
        let endpoint = Endpoint::new(stale(seconds), site.fetcher());
        assert_eq!(endpoint.status(&key, "k1").await, 200);
        site.answer("/keys", Answer::with("500 Internal Server Error", "", ""));
        endpoint.pass(3600);
        assert_eq!(endpoint.status(&key, "k1").await, expected);
        assert_eq!(
            endpoint.status(&sender(), "k1").await,
            if expected == 200 { 401 } else { 503 }
        );
        endpoint.pass(600);
        assert_eq!(endpoint.status(&key, "k1").await, 503);
        site.publish(&[("k1", &key)]);
        endpoint.pass(30);
        assert_eq!(endpoint.status(&key, "k1").await, 200, "nothing was lost");
    }
}

#[tokio::test]
async fn a_failed_look_for_a_new_key_harms_no_known_one() {
    let (site, key) = (Site::start(&[HOST]).await, sender());
    site.publish(&[("k1", &key)]);
    let endpoint = Endpoint::new(scheme(), site.fetcher());
    assert_eq!(endpoint.status(&key, "k1").await, 200);
    site.answer("/keys", Answer::with("500 Internal Server Error", "", ""));
    endpoint.pass(30);
    assert_eq!(endpoint.status(&key, "k2").await, 503, "it cannot be told");
    assert_eq!(endpoint.status(&key, "k1").await, 200);
}

#[tokio::test]
async fn keys_that_are_asked_for_by_their_id_do_not_push_each_other_out() {
    let (site, one, two) = (Site::start(&[HOST]).await, sender(), sender());
    let scheme = Scheme {
        discovery: scheme().discovery.map(|discovery| Discovery {
            document: KeyDocument::Json("/key".into()),
            access: KeyAccess::Post(vec![("key_id".into(), KeyMember::KeyId)].into()),
            ..discovery
        }),
        ..scheme()
    };
    let endpoint = Endpoint::new(scheme, site.fetcher());
    for (id, key) in [("k1", &one), ("k2", &two)] {
        let answer = json!({"key": key.key_text()});
        site.answer("/keys", Answer::ok(&answer.to_string()));
        assert_eq!(endpoint.status(key, id).await, 200, "{id}");
    }
    assert_eq!(endpoint.status(&one, "k1").await, 200);
    assert_eq!(endpoint.status(&one, "k2").await, 401);
    assert_eq!(site.asked().len(), 2);
}

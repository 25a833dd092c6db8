//! What a server of keys may answer, and where it may be.

use std::time::Duration;

use hooklatch::{Discovery, KeyAccess, KeyDocument, KeyMember, KeyPlace, Keyring, Param, Scheme};

use crate::world::{
    Answer, Down, Endpoint, HOST, PUBLIC, Site, list, scheme, scheme_per_key, sender,
};

#[tokio::test]
async fn a_key_is_fetched_and_its_signature_counts() {
    let site = Site::start(&[HOST]).await;
    let (one, other) = (sender(), sender());
    site.publish(&[("k1", &one)]);
    let endpoint = Endpoint::new(scheme(), site.fetcher());
    assert_eq!(endpoint.status(&one, "k1").await, 200);
    assert_eq!(endpoint.status(&other, "k1").await, 401);
    let asked = site.asked();
    assert_eq!(asked.len(), 1);
    assert!(
        asked[0].starts_with("GET /keys HTTP/1.1\r\n"),
        "{}",
        asked[0]
    );
    assert!(!asked[0].to_ascii_lowercase().contains("authorization"));
    let expected = format!("{PUBLIC}:443").parse().unwrap();
    assert_eq!(site.connected(), [expected], "the address that was checked");
}

/// What is not the keys, of which these are the good ones.
fn bad_answers(good: &str) -> Vec<Answer> {
    let large = format!("{good}{}", " ".repeat(64 * 1024));
    let chunks = format!("{:x}\r\n{}\r\n", 32 * 1024, " ".repeat(32 * 1024)).repeat(3);
    let head = "HTTP/1.1 200 OK\r\n";
    vec![
        Answer::with(
            "301 Moved",
            "location: https://keys.acme.example/keys\r\n",
            good,
        ),
        Answer::with(
            "302 Found",
            "location: http://169.254.169.254/latest\r\n",
            "",
        ),
        Answer::with("307 Temporary Redirect", "location: /keys\r\n", good),
        Answer::with("201 Created", "", good),
        Answer::with("206 Partial Content", "", good),
        Answer::with("429 Too Many Requests", "", good),
        Answer::with("500 Internal Server Error", "", good),
        Answer::with("503 Service Unavailable", "", ""),
        Answer::with("200 OK", "content-encoding: gzip\r\n", good),
        Answer::with("200 OK", &"x-header: 1\r\n".repeat(100), good),
        Answer::with(
            "200 OK",
            &format!("x-header: {}\r\n", "1".repeat(500_000)),
            good,
        ),
        Answer::ok(&large),
        Answer::Bytes(format!("{head}content-length: 99999999999\r\n\r\n{large}").into()),
        Answer::Bytes(format!("{head}transfer-encoding: chunked\r\n\r\n{chunks}0\r\n\r\n").into()),
        Answer::Bytes(format!("{head}content-length: 5000\r\n\r\n{good}").into()),
        Answer::Bytes(b"not HTTP at all\r\n\r\n".to_vec()),
        Answer::Bytes(Vec::new()),
        Answer::ok(""),
        Answer::ok("<html>Sign in to the network</html>"),
        Answer::ok("{\"public_keys\":"),
        Answer::ok("{\"public_keys\":{}}"),
        Answer::ok("[]"),
        Answer::ok("{\"public_keys\":[{\"key_identifier\":\"k1\",\"key\":\"garbage\"}]}"),
        Answer::ok(&format!("{{\"public_keys\":[{}{{}}]}}", "{},".repeat(64))),
    ]
}

#[tokio::test]
async fn an_answer_that_is_not_the_keys_is_503_and_nothing_is_lost() {
    let key = sender();
    let site = Site::start(&[HOST]).await;
    for (index, answer) in bad_answers(&list(&[("k1", &key)])).into_iter().enumerate() {
        let before = site.asked().len();
        site.answer("/keys", answer);
        let endpoint = Endpoint::new(scheme(), site.fetcher());
        let refused = endpoint.answer(crate::world::request(&key, "k1")).await;
        assert_eq!(refused.status(), 503, "answer {index}");
        assert!(
            refused.headers().contains_key("retry-after"),
            "answer {index}"
        );
        assert_eq!(
            endpoint.status(&key, "k1").await,
            503,
            "left alone for a while"
        );
        assert_eq!(
            site.asked().len(),
            before + 1,
            "answer {index}: asked once, no redirect followed"
        );
        site.publish(&[("k1", &key)]);
        endpoint.pass(30);
        assert_eq!(endpoint.status(&key, "k1").await, 200, "answer {index}");
    }
}

#[tokio::test]
async fn a_slow_server_does_not_hold_a_request() {
    let (site, key) = (Site::start(&[HOST]).await, sender());
    for answer in [Answer::Drip, Answer::Silence] {
        site.answer("/keys", answer);
        let fetcher = site
            .fetcher()
            .timeouts(Duration::from_secs(2), Duration::from_millis(300));
        let endpoint = Endpoint::new(scheme(), fetcher);
        assert_eq!(endpoint.status(&key, "k1").await, 503);
    }
}

#[tokio::test]
async fn a_private_address_is_never_connected_to() {
    let (site, key) = (Site::start(&[HOST]).await, sender());
    site.publish(&[("k1", &key)]);
    for address in [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:93.184.216.34",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ] {
        for turn in [&[address][..], &[PUBLIC, address], &[address, PUBLIC]] {
            site.resolves_to(&[turn]);
            let endpoint = Endpoint::new(scheme(), site.fetcher());
            assert_eq!(endpoint.status(&key, "k1").await, 503, "{turn:?}");
        }
    }
    site.resolves_to(&[&[]]);
    assert_eq!(
        Endpoint::new(scheme(), site.fetcher())
            .status(&key, "k1")
            .await,
        503
    );
    assert_eq!(site.connected(), []);
}

#[tokio::test]
async fn a_name_that_changes_its_address_meanwhile_gains_nothing() {
    let (site, key) = (Site::start(&[HOST]).await, sender());
    site.publish(&[("k1", &key)]);
    // A second look-up for the same fetch would get the private address.
    site.resolves_to(&[&[PUBLIC], &["127.0.0.1"]]);
    let endpoint = Endpoint::new(scheme(), site.fetcher());
    assert_eq!(endpoint.status(&key, "k1").await, 200);
    assert_eq!((site.resolved(), site.connected().len()), (1, 1));
    endpoint.pass(2 * 3600);
    assert_eq!(endpoint.status(&key, "k1").await, 503);
    assert_eq!((site.resolved(), site.connected().len()), (2, 1));
}

#[tokio::test]
async fn only_the_host_itself_is_believed() {
    let (site, stranger) = (Site::start(&[HOST]).await, Site::start(&[HOST]).await);
    let misnamed = Site::start(&["keys.acme.example.evil.example", "acme.example"]).await;
    let key = sender();
    for site in [&site, &stranger, &misnamed] {
        site.publish(&[("k1", &key)]);
    }
    // Another authority; another name; nobody there.
    let fetchers = [
        site.fetcher().network(stranger.clone()),
        misnamed.fetcher(),
        site.fetcher().network(Down),
    ];
    for fetcher in fetchers {
        assert_eq!(
            Endpoint::new(scheme(), fetcher).status(&key, "k1").await,
            503
        );
    }
    assert!(stranger.asked().is_empty() && misnamed.asked().is_empty());
}

#[tokio::test]
async fn credentials_go_to_the_sender_and_nowhere_else() {
    let (site, key) = (Site::start(&[HOST]).await, sender());
    site.answer(
        "/k1",
        Answer::ok(&serde_json::json!({"key": key.key_text()}).to_string()),
    );
    let with = |access: KeyAccess| {
        let scheme = scheme_per_key("https://keys.acme.example/{kid}");
        let discovery = scheme.discovery.clone().map(|discovery| Discovery {
            access,
            ..discovery
        });
        Scheme {
            discovery,
            ..scheme
        }
    };
    let keys = Keyring::empty()
        .with(Param::AccessToken, "the-token")
        .with(Param::ClientId, "the-id")
        .with(Param::ClientSecret, "the-secret");
    let endpoint = Endpoint::with(with(KeyAccess::Bearer), site.fetcher(), keys.clone());
    assert_eq!(endpoint.status(&key, "k1").await, 200);
    assert!(site.asked()[0].contains("authorization: Bearer the-token\r\n"));
    let members = [
        ("client_id".into(), KeyMember::Param(Param::ClientId)),
        ("secret".into(), KeyMember::Param(Param::ClientSecret)),
        ("key_id".into(), KeyMember::KeyId),
    ];
    let post = KeyAccess::Post(members.to_vec().into());
    let endpoint = Endpoint::with(with(post.clone()), site.fetcher(), keys);
    assert_eq!(endpoint.status(&key, "k1").await, 200);
    let asked = site.asked()[1].clone();
    assert!(asked.starts_with("POST /k1 "), "{asked}");
    assert!(
        asked.ends_with(r#"{"client_id":"the-id","key_id":"k1","secret":"the-secret"}"#),
        "{asked}"
    );
    // Wrong credentials are our fault, not the sender's.
    site.answer("/k2", Answer::with("403 Forbidden", "", ""));
    assert_eq!(endpoint.status(&key, "k2").await, 503);
    for access in [KeyAccess::Bearer, post] {
        let missing = hooklatch::SchemeVerifier::new(with(access), Keyring::empty());
        assert_eq!(
            missing.unwrap_err().kind(),
            hooklatch::ConfigErrorKind::Param
        );
    }
}

#[tokio::test]
async fn an_openid_provider_may_only_name_the_url_that_is_known() {
    let (site, key) = (Site::start(&[HOST]).await, sender());
    let discovery = Discovery {
        place: KeyPlace::Fixed("https://keys.acme.example/openid".into()),
        document: KeyDocument::OpenId("https://keys.acme.example/jwks".into()),
        ..Discovery::JWKS
    };
    let scheme = Scheme {
        discovery: Some(discovery),
        ..scheme()
    };
    for other in [
        "https://evil.example/jwks",
        "https://keys.acme.example/jwks/",
        "http://keys.acme.example/jwks",
        "",
    ] {
        site.answer(
            "/openid",
            Answer::ok(&serde_json::json!({"jwks_uri": other}).to_string()),
        );
        assert_eq!(
            Endpoint::new(scheme.clone(), site.fetcher())
                .status(&key, "k1")
                .await,
            503
        );
    }
    assert!(
        site.asked()
            .iter()
            .all(|asked| asked.starts_with("GET /openid "))
    );
    site.answer(
        "/openid",
        Answer::ok(r#"{"jwks_uri":"https://keys.acme.example/jwks"}"#),
    );
    site.answer("/jwks", Answer::ok(r#"{"keys":[]}"#));
    assert_eq!(
        Endpoint::new(scheme, site.fetcher())
            .status(&key, "k1")
            .await,
        401,
        "no such key"
    );
    assert!(site.asked().last().unwrap().starts_with("GET /jwks "));
}

#[tokio::test]
async fn a_url_that_is_asked_for_one_key_at_a_time_is_asked_for_each() {
    let (site, one, other) = (Site::start(&[HOST]).await, sender(), sender());
    let members = [("key_id".into(), KeyMember::KeyId)];
    let discovery = Discovery {
        place: KeyPlace::Fixed("https://keys.acme.example/get".into()),
        document: KeyDocument::Json("/key".into()),
        access: KeyAccess::Post(members.to_vec().into()),
        ..Discovery::JWKS
    };
    let scheme = Scheme {
        discovery: Some(discovery),
        ..scheme()
    };
    let endpoint = Endpoint::new(scheme, site.fetcher());
    for (name, key) in [("k1", &one), ("k2", &other), ("k1", &one)] {
        let answer = serde_json::json!({"key": key.key_text()}).to_string();
        site.answer("/get", Answer::ok(&answer));
        assert_eq!(endpoint.status(key, name).await, 200);
    }
    assert_eq!(endpoint.status(&other, "k1").await, 401);
    assert_eq!(site.asked().len(), 2);
}

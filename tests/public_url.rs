//! The URL a sender signs, behind proxies and without.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::{
    borrow::Cow,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, connect_info::MockConnectInfo},
    http::{HeaderName, request::Parts},
    routing::post,
};
use hooklatch::{
    ConfigErrorKind, Coverage, Delivery, Hooks, Keyring, Param, Part, PublicUrl, Rejection,
    RejectionKind, Scheme, Server, Source, Unverified, Verified, Verifier, VerifyLayer,
    testing::Sender,
};
use support::{Runs, send, status};
use tokio::{net::TcpListener, sync::oneshot};

const SHOP: Scheme = Scheme {
    name: Cow::Borrowed("shop"),
    signature: Source::header("x-shop-signature"),
    content: Cow::Borrowed(&[Part::Url, Part::literal("|"), Part::Body]),
    ..Scheme::HMAC_SHA256
};

const PROXY: &str = "10.1.2.3:55000";
const STRANGER: &str = "203.0.113.7:55000";

/// Hooks with a policy, and the app of one receiver at `/in/hook`.
fn app(policy: PublicUrl) -> Router {
    mounted(&Hooks::new().with_public_url(policy))
}

fn mounted(hooks: &Hooks) -> Router {
    let shop = hooks.receiver("shop", SHOP, Sender::new(SHOP).keyring());
    let service = shop.unwrap().receive(Runs::default().router());
    Router::new().route_service("/in/hook", service)
}

fn behind_proxies() -> Router {
    app(PublicUrl::forwarded_by(["10.0.0.0/8", "fd00::/8", "192.0.2.1"]).unwrap())
}

/// A request as it arrives, signed for the URL that the sender was given.
fn request(signed: &str, path: &str, peer: Option<&str>, headers: &[(&str, &str)]) -> Request {
    let (head, body) = Sender::new(SHOP).raw("{}").to(signed).parts();
    let mut request = Request::post(path).body(Body::from(body)).unwrap();
    *request.headers_mut() = head.into_parts().0.headers;
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        request.headers_mut().append(name, value.parse().unwrap());
    }
    if let Some(peer) = peer {
        let peer: SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
    }
    request
}

/// Whether the request counts as one for this URL.
async fn is_for(app: &Router, url: &str, peer: Option<&str>, headers: &[(&str, &str)]) -> bool {
    match status(app, request(url, "/in/hook?a=b", peer, headers)).await {
        200 => true,
        401 => false,
        other => panic!("answered {other}"),
    }
}

async fn rejected(app: &Router, peer: Option<&str>, headers: &[(&str, &str)]) -> Rejection {
    let request = request("https://a.example/in/hook", "/in/hook", peer, headers);
    let response = send(app, request).await;
    response.extensions().get::<Rejection>().unwrap().clone()
}

const HOST: (&str, &str) = ("host", "inner.example:3000");

#[tokio::test]
async fn as_received_is_host_and_path() {
    for app in [
        app(PublicUrl::as_received()),
        app(PublicUrl::default()),
        mounted(&Hooks::new()),
    ] {
        let inner = "https://inner.example:3000/in/hook?a=b";
        for peer in [None, Some(PROXY), Some(STRANGER)] {
            assert!(is_for(&app, inner, peer, &[HOST]).await);
            let spoofed = [
                HOST,
                ("forwarded", "proto=http;host=a.example"),
                ("x-forwarded-host", "a.example"),
                ("x-forwarded-proto", "http"),
            ];
            assert!(
                is_for(&app, inner, peer, &spoofed).await,
                "no header counts"
            );
        }
        assert!(!is_for(&app, "http://inner.example:3000/in/hook?a=b", None, &[HOST]).await);
        assert!(!is_for(&app, "https://inner.example:3000/in/hook", None, &[HOST]).await);
        let v6 = "https://[2001:db8::1]:3000/in/hook?a=b";
        assert!(is_for(&app, v6, None, &[("host", "[2001:db8::1]:3000")]).await);
        for bad in [
            &[HOST, HOST][..],
            &[("host", "")],
            &[("host", "inner.example/in")],
            &[("host", "a@inner.example")],
        ] {
            let rejection = rejected(&app, None, bad).await;
            assert_eq!(rejection.kind(), RejectionKind::SignatureMalformed);
        }
        // Host and path must not be shifted into each other.
        let shifted = [("host", "inner.example/in")];
        let shifted = request(
            "https://inner.example/in/in/hook",
            "/in/hook",
            None,
            &shifted,
        );
        assert_eq!(status(&app, shifted).await, 401);
    }
}

#[tokio::test]
async fn a_base_counts_whatever_headers_say() {
    for (base, url) in [
        (
            "https://hooks.example.com",
            "https://hooks.example.com/in/hook?a=b",
        ),
        (
            "https://hooks.example.com/",
            "https://hooks.example.com/in/hook?a=b",
        ),
        (
            "http://localhost:8080/api/",
            "http://localhost:8080/api/in/hook?a=b",
        ),
        (
            "https://[2001:db8::1]:8443",
            "https://[2001:db8::1]:8443/in/hook?a=b",
        ),
    ] {
        let app = app(PublicUrl::base(base).unwrap());
        for peer in [None, Some(PROXY)] {
            let spoofed = [
                HOST,
                ("x-forwarded-host", "a.example"),
                ("forwarded", "host=a"),
            ];
            assert!(is_for(&app, url, peer, &[]).await, "{base}");
            assert!(is_for(&app, url, peer, &spoofed).await, "{base}");
        }
        assert!(
            !is_for(
                &app,
                "https://inner.example:3000/in/hook?a=b",
                None,
                &[HOST]
            )
            .await
        );
    }
}

/// The URL that is told by a trusted proxy that says this.
const BELIEVED: &[(&str, &[(&str, &str)])] = &[
    (
        "https://a.example/in/hook?a=b",
        &[("x-forwarded-host", "a.example")],
    ),
    (
        "http://a.example/in/hook?a=b",
        &[
            ("x-forwarded-host", "a.example"),
            ("x-forwarded-proto", "http"),
        ],
    ),
    (
        "https://a.example:8443/in/hook?a=b",
        &[
            ("x-forwarded-host", "a.example"),
            ("x-forwarded-port", "8443"),
        ],
    ),
    (
        "https://a.example/in/hook?a=b",
        &[
            ("x-forwarded-host", "a.example:3000"),
            ("x-forwarded-port", "443"),
        ],
    ),
    (
        "http://a.example:443/in/hook?a=b",
        &[
            ("x-forwarded-host", "a.example"),
            ("x-forwarded-port", "443"),
            ("x-forwarded-proto", "http"),
        ],
    ),
    (
        "https://inner.example/in/hook?a=b",
        &[("x-forwarded-port", "443")],
    ),
    (
        "https://a.example/api/in/hook?a=b",
        &[
            ("x-forwarded-host", "a.example"),
            ("x-forwarded-prefix", "/api/"),
        ],
    ),
    (
        "https://a.example/in/hook?a=b",
        &[("forwarded", "for=1.2.3.4;host=a.example")],
    ),
    (
        "http://a.example:8080/in/hook?a=b",
        &[("forwarded", "proto=http;host=\"a.example:8080\"")],
    ),
    (
        "https://[2001:db8::1]:8443/in/hook?a=b",
        &[
            ("forwarded", "host=\"[2001:db8::1]\""),
            ("x-forwarded-port", "8443"),
        ],
    ),
    ("https://inner.example:3000/in/hook?a=b", &[]),
];

#[tokio::test]
async fn a_trusted_proxy_is_believed() {
    let app = behind_proxies();
    for peer in [PROXY, "[fd00::17]:1", "[::ffff:10.1.2.3]:1", "192.0.2.1:1"] {
        for (url, said) in BELIEVED {
            let headers: Vec<_> = [HOST].into_iter().chain(said.iter().copied()).collect();
            assert!(
                is_for(&app, url, Some(peer), &headers).await,
                "{url} {said:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_stranger_changes_nothing() {
    let app = behind_proxies();
    let inner = "https://inner.example:3000/in/hook?a=b";
    for peer in [STRANGER, "[2001:db8::1]:1", "192.0.2.2:1", "11.0.0.1:1"] {
        for spoofed in [
            ("forwarded", "proto=http;host=a.example"),
            ("forwarded", "host=\"malformed"),
            ("x-forwarded-host", "a.example"),
            ("x-forwarded-host", "not a host"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-port", "1"),
            ("x-forwarded-prefix", "/api"),
            ("x-forwarded-for", PROXY),
        ] {
            assert!(
                is_for(&app, inner, Some(peer), &[HOST, spoofed]).await,
                "{spoofed:?}"
            );
        }
        let other = [HOST, ("x-forwarded-host", "a.example")];
        assert!(!is_for(&app, "https://a.example/in/hook?a=b", Some(peer), &other).await);
    }
}

#[tokio::test]
async fn of_two_proxies_the_nearest_counts() {
    let app = behind_proxies();
    let url = "https://b.example/in/hook?a=b";
    for headers in [
        // A stranger's value, to which the proxy added its own: in the same line, or in one behind it.
        &[
            ("x-forwarded-host", "evil.example, b.example"),
            ("x-forwarded-proto", "http,https"),
        ][..],
        &[
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-host", "b.example"),
        ],
        &[(
            "forwarded",
            "host=evil.example;proto=http, host=b.example;proto=https",
        )],
        &[
            ("forwarded", "host=evil.example"),
            ("forwarded", "host=b.example"),
        ],
        // The nearest proxy said nothing of the host; what an earlier one said is not taken for its word.
        &[
            ("host", "b.example"),
            ("forwarded", "host=evil.example, for=10.0.0.9"),
        ],
    ] {
        assert!(is_for(&app, url, Some(PROXY), headers).await, "{headers:?}");
        let evil = "https://evil.example/in/hook?a=b";
        assert!(
            !is_for(&app, evil, Some(PROXY), headers).await,
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn what_is_malformed_or_contradicts_itself_is_refused() {
    let app = behind_proxies();
    for said in [
        &[("x-forwarded-host", "")][..],
        &[("x-forwarded-host", "a.example/x")],
        &[("x-forwarded-proto", "javascript")],
        &[("x-forwarded-port", "99999")],
        &[("x-forwarded-prefix", "no-slash")],
        &[("forwarded", "for=\"x, host=a.example")],
        &[
            ("forwarded", "host=a.example"),
            ("x-forwarded-host", "b.example"),
        ],
        &[("forwarded", "proto=http"), ("x-forwarded-proto", "https")],
    ] {
        let headers: Vec<_> = [HOST].into_iter().chain(said.iter().copied()).collect();
        let rejection = rejected(&app, Some(PROXY), &headers).await;
        assert_eq!(
            rejection.kind(),
            RejectionKind::SignatureMalformed,
            "{said:?}"
        );
        assert_eq!(rejection.status(), 401);
    }
}

#[tokio::test]
async fn not_to_know_the_peer_is_our_fault() {
    let rejection = rejected(&behind_proxies(), None, &[HOST]).await;
    assert_eq!(rejection.kind(), RejectionKind::Misconfigured);
    assert!(rejection.detail().contains("ConnectInfo"), "{rejection}");
    // axum's own stand-in for tests counts.
    let peer: SocketAddr = PROXY.parse().unwrap();
    let app = behind_proxies().layer(MockConnectInfo(peer));
    let url = "https://a.example/in/hook?a=b";
    assert!(is_for(&app, url, None, &[("x-forwarded-host", "a.example")]).await);
}

#[tokio::test]
async fn a_sender_that_does_not_sign_its_url_needs_no_peer() {
    let scheme = Scheme::HMAC_SHA256;
    let sender = Sender::new(scheme.clone());
    let policy = PublicUrl::forwarded_by(["10.0.0.0/8"]).unwrap();
    let receiver = Hooks::new().receiver("a", scheme, sender.keyring());
    let receiver = receiver.unwrap().public_url(policy);
    let service = receiver.receive(Runs::default().router());
    assert_eq!(status(&service, sender.raw("{}").request()).await, 200);
}

#[tokio::test]
async fn the_path_is_the_clients_also_in_nested_routers() {
    let base = || PublicUrl::base("https://hooks.example.com").unwrap();
    for (policy, host) in [
        (base(), "hooks.example.com"),
        (PublicUrl::default(), "a.example"),
    ] {
        let inner = app(policy);
        let outer = Router::new().nest("/v1", Router::new().nest("/eu", inner));
        let path = "/v1/eu/in/hook?a=b";
        let url = format!("https://{host}{path}");
        let headers = [("host", "a.example")];
        assert_eq!(
            status(&outer, request(&url, path, None, &headers)).await,
            200
        );
        let stripped = format!("https://{host}/in/hook?a=b");
        let stripped = request(&stripped, path, None, &headers);
        assert_eq!(status(&outer, stripped).await, 401);
    }
}

#[tokio::test]
async fn a_url_in_the_keyring_wins() {
    let url = "https://given.example/exactly";
    let keys = Sender::new(SHOP).keyring().with(Param::PublicUrl, url);
    let layer = VerifyLayer::new(SHOP, keys).unwrap();
    let layer = layer.public_url(PublicUrl::base("https://hooks.example.com").unwrap());
    let ok = |_: Delivery| async {};
    let app: Router = Router::new().route("/in/hook", post(ok)).layer(layer);
    let signed = "https://given.example/exactly?a=b";
    assert!(
        is_for(&app, signed, None, &[HOST]).await,
        "with the query that came in"
    );
    assert!(!is_for(&app, "https://hooks.example.com/in/hook?a=b", None, &[HOST]).await);
}

#[tokio::test]
async fn a_verifier_of_ones_own_is_told_the_url() {
    #[derive(Clone, Debug, Default)]
    struct Seen(Arc<Mutex<Vec<Option<String>>>>);

    impl Seen {
        fn push(&self, url: Option<&str>) {
            self.0.lock().unwrap().push(url.map(str::to_owned));
        }
    }

    impl Verifier for Seen {
        fn check_head(&self, _: &Parts) -> Result<(), Rejection> {
            Ok(())
        }

        fn verify(&self, request: &Unverified<'_>) -> Result<Verified, Rejection> {
            self.push(request.url);
            Ok(Verified::assertion("test").covering(Coverage::Whole))
        }
    }

    let seen = Seen::default();
    let layer = VerifyLayer::with_verifier(SHOP, seen.clone()).unwrap();
    let ok = |_: Delivery| async {};
    let app: Router = Router::new().route("/in/hook", post(ok)).layer(layer);
    let arrives = |headers| request("https://a.example", "/in/hook", None, headers);
    assert_eq!(status(&app, arrives(&[HOST])).await, 200);
    assert_eq!(
        status(&app, arrives(&[])).await,
        200,
        "nor is a host needed"
    );
    let url = "https://inner.example:3000/in/hook".to_owned();
    assert_eq!(*seen.0.lock().unwrap(), [Some(url), None]);
}

#[tokio::test]
async fn tenants_have_the_same_policy_or_a_url_of_their_own() {
    let keys = std::collections::HashMap::from([
        ("a".to_owned(), Sender::new(SHOP).keyring()),
        (
            "b".to_owned(),
            Sender::new(SHOP)
                .keyring()
                .with(Param::PublicUrl, "https://b.example/"),
        ),
    ]);
    let hooks = Hooks::new().with_public_url(PublicUrl::base("https://hooks.example.com").unwrap());
    let service = hooks.tenants("shop", SHOP, keys).unwrap();
    let service = service.receive(Runs::default().router());
    let app = Router::new().route_service("/{tenant}/shop", service);
    for (url, path, expected) in [
        ("https://hooks.example.com/a/shop", "/a/shop", 200),
        ("https://hooks.example.com/a/shop", "/b/shop", 401),
        ("https://hooks.example.com/b/shop", "/b/shop", 401),
        ("https://b.example/", "/b/shop", 200),
    ] {
        assert_eq!(
            status(&app, request(url, path, None, &[])).await,
            expected,
            "{url} {path}"
        );
    }
}

#[tokio::test]
async fn the_server_tells_the_peer() {
    let policy = PublicUrl::forwarded_by(["127.0.0.0/8"]).unwrap();
    let peers = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&peers);
    let peer = post(
        move |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move {
            seen.lock().unwrap().push(peer);
        },
    );
    let app = app(policy).route("/peer", peer);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(Server::new().run(listener, app, async { drop(stopped.await) }));

    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let (head, body) = Sender::new(SHOP)
        .raw("{}")
        .to("https://a.example/in/hook")
        .parts();
    let headers = head.into_parts().0.headers;
    let url = |path| format!("http://{address}{path}");
    let post = client.post(url("/in/hook")).headers(headers).body(body);
    let forwarded = post
        .try_clone()
        .unwrap()
        .header("x-forwarded-host", "a.example");
    assert_eq!(forwarded.send().await.unwrap().status(), 200);
    assert_eq!(post.send().await.unwrap().status(), 401);
    assert_eq!(
        client.post(url("/peer")).send().await.unwrap().status(),
        200
    );
    let peer = peers.lock().unwrap().pop().unwrap();
    assert!(peer.ip().is_loopback() && peer.port() != 0);
    drop(stop);
    running.await.unwrap().unwrap();
}

#[test]
fn settings_that_cannot_work_are_refused() {
    for base in [
        "",
        "hooks.example.com",
        "/hooks",
        "ftp://hooks.example.com",
        "https://",
        "https://user:password@hooks.example.com",
        "https://hooks.example.com/?a=b",
        "https://hooks.example.com/#a",
        "https://hooks.example.com:",
        "https://hooks.example.com:99999",
        "https://hooks example.com",
    ] {
        let error = PublicUrl::base(base).unwrap_err();
        assert_eq!(error.kind(), ConfigErrorKind::Setting, "{base}");
    }
    for network in [
        "",
        "10",
        "10.0.0.0/33",
        "example.com",
        "0.0.0.0/0",
        "::/0",
        "::ffff:10.0.0.0/104",
    ] {
        let error = PublicUrl::forwarded_by([network]).unwrap_err();
        assert_eq!(error.kind(), ConfigErrorKind::Setting, "{network}");
        assert!(error.to_string().contains(network));
    }
    assert!(PublicUrl::forwarded_by([""; 0]).is_err());
    let keys = Keyring::new("0123456789abcdef");
    assert!(Hooks::new().receiver("a", SHOP, keys).is_ok());
}

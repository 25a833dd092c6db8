//! Who may see the pages, and what browsers are told.

use std::{net::SocketAddr, sync::Arc};

use axum::{Router, body::Body, extract::ConnectInfo};
use hooklatch::{ConfigErrorKind, Secret, inspector::Inspector};
use http::{Request, header};

use crate::{
    site::{HOST, Site, field, form, get, header_of, page, send, text},
    world::World,
};

const TOKEN: &str = "a-token-of-sixteen-bytes-or-more";

async fn with_token() -> (World, Router) {
    let world = World::new().await;
    let inspector = Inspector::new(Arc::new(world.store.clone())).token(Secret::new(TOKEN));
    (world, inspector.router())
}

#[tokio::test]
async fn every_answer_is_protected() {
    let (site, (_world, locked)) = (Site::new().await, with_token().await);
    let foreign = Request::get("/deliveries").header(header::HOST, "evil.example");
    for (app, request, status) in [
        (&site.app, get("/deliveries"), 200),
        (&site.app, get("/inspector.js"), 200),
        (&site.app, get("/inspector.css"), 200),
        (&site.app, get("/icon.svg"), 200),
        (&site.app, get("/"), 303),
        (&site.app, get("/other"), 404),
        (&site.app, get("/login"), 405),
        (&site.app, foreign.body(Body::empty()).unwrap(), 403),
        (
            &site.app,
            Request::get("/").body(Body::empty()).unwrap(),
            400,
        ),
        (&locked, get("/deliveries"), 401),
    ] {
        let uri = request.uri().to_string();
        let response = send(app, request).await;
        assert_eq!(response.status(), status, "{uri}");
        for (name, value) in [
            (
                "content-security-policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                 form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            ),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-embedder-policy", "require-corp"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(header_of(&response, name), value, "{uri}");
        }
    }
}

#[tokio::test]
async fn without_a_token_it_is_for_this_machine_alone() {
    let site = Site::new().await;
    let asked = |host: &str, peer: Option<&str>| {
        let request = Request::get("/deliveries").header(header::HOST, host);
        let mut request = request.body(Body::empty()).unwrap();
        if let Some(peer) = peer {
            let peer: SocketAddr = peer.parse().unwrap();
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        request
    };
    for (host, peer, expected) in [
        ("localhost", None, 200),
        ("localhost:1234", Some("127.0.0.1:5"), 200),
        ("127.0.0.1:9000", Some("[::1]:5"), 200),
        ("[::1]:9000", None, 200),
        ("hooks.example.com", None, 403),
        ("localhost.example.com", None, 403),
        ("192.168.1.5:9000", None, 403),
        ("localhost", Some("192.168.1.6:5"), 403),
    ] {
        let status = send(&site.app, asked(host, peer)).await.status();
        assert_eq!(status, expected, "{host} {peer:?}");
    }
    let store = Arc::new(site.world.store.clone());
    let behind = Inspector::new(store).host("admin.example.com").router();
    let peer = Some("10.0.0.1:5");
    assert_eq!(
        send(&behind, asked("admin.example.com", peer))
            .await
            .status(),
        200
    );
    assert_eq!(
        send(&behind, asked("other.example.com", peer))
            .await
            .status(),
        403
    );
}

#[tokio::test]
async fn an_address_that_others_reach_needs_a_token() {
    let world = World::new().await;
    let open = || Inspector::new(Arc::new(world.store.clone()));
    let (local, other): (SocketAddr, SocketAddr) =
        ("[::1]:0".parse().unwrap(), "0.0.0.0:0".parse().unwrap());
    assert!(open().check_address(local).is_ok());
    let error = open().check_address(other).unwrap_err();
    assert_eq!(error.kind(), ConfigErrorKind::Setting);
    assert!(
        open()
            .token(Secret::new(TOKEN))
            .check_address(other)
            .is_ok()
    );
    for address in [local, other] {
        let short = open().token(Secret::new("short-short-key"));
        assert_eq!(
            short.check_address(address).unwrap_err().kind(),
            ConfigErrorKind::Key
        );
        assert!(!format!("{short:?}").contains("short-short-key"));
    }
}

#[tokio::test]
async fn the_token_opens_a_session() {
    let (_world, app) = with_token().await;
    // Nobody is told anything: not even the token of the forms.
    for path in ["/deliveries", "/refusals", "/other", "/deliveries/0/body"] {
        let (status, shown) = page(&app, path).await;
        assert_eq!(status, 401, "{path}");
        assert!(shown.contains("name=\"secret\"") && !shown.contains("name=\"token\""));
    }
    assert_eq!(page(&app, "/inspector.css").await.0, 200);
    let wrong = send(&app, form("/login", &[("secret", "wrong")])).await;
    assert_eq!(
        (wrong.status().as_u16(), header_of(&wrong, "set-cookie")),
        (401, "")
    );

    let right = send(&app, form("/login", &[("secret", TOKEN)])).await;
    assert_eq!(
        (right.status().as_u16(), header_of(&right, "location")),
        (303, "deliveries")
    );
    let cookie = header_of(&right, "set-cookie");
    assert!(
        cookie.contains("; HttpOnly; SameSite=Strict; Max-Age=43200") && !cookie.contains(TOKEN)
    );
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let signed_in = |mut request: Request<Body>| {
        request
            .headers_mut()
            .insert(header::COOKIE, cookie.parse().unwrap());
        request
    };
    let list = send(&app, signed_in(get("/deliveries"))).await;
    assert_eq!(list.status(), 200);
    let list = text(list).await;
    assert!(list.contains("Sign out"));

    let token = field(&list, "token");
    let out = send(&app, signed_in(form("/logout", &[("token", &token)]))).await;
    assert!(header_of(&out, "set-cookie").contains("Max-Age=0"));
    assert_eq!(
        send(&app, signed_in(get("/deliveries"))).await.status(),
        401
    );
}

#[tokio::test]
async fn two_inspectors_on_one_host_keep_their_sessions_apart() {
    let at = |mut request: Request<Body>, host: &str, cookies: &str| {
        let headers = request.headers_mut();
        headers.insert(header::HOST, host.parse().unwrap());
        headers.insert(header::COOKIE, cookies.parse().unwrap());
        request
    };
    let hosts = ["localhost:9001", "localhost:9002"];
    let worlds = [with_token().await, with_token().await];
    // A browser keeps one cookie of each name for the host, whatever the port.
    let mut jar = std::collections::BTreeMap::new();
    for ((_, app), host) in worlds.iter().zip(hosts) {
        let sign_in = form("/login", &[("secret", TOKEN)]);
        let right = send(app, at(sign_in, host, "")).await;
        let cookie = header_of(&right, "set-cookie").split(';').next().unwrap();
        let (name, value) = cookie.split_once('=').unwrap();
        jar.insert(name.to_owned(), value.to_owned());
    }
    let cookies: Vec<_> = jar
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let cookies = cookies.join("; ");
    for ((_, app), host) in worlds.iter().zip(hosts) {
        let list = send(app, at(get("/deliveries"), host, &cookies)).await;
        assert_eq!(list.status(), 200, "{host}");
        // Signing out of one leaves the other alone.
        let token = field(&text(list).await, "token");
        let out = form("/logout", &[("token", &token)]);
        let out = send(app, at(out, host, &cookies)).await;
        let port = host.rsplit(':').next().unwrap();
        let forgotten = header_of(&out, "set-cookie");
        assert!(
            forgotten.starts_with(&format!("hooklatch-inspector-{port}=;")),
            "{forgotten}"
        );
        let list = send(app, at(get("/deliveries"), host, &cookies)).await;
        assert_eq!(list.status(), 401, "{host}");
    }
}

#[tokio::test]
async fn one_can_sign_in_where_it_is_nested() {
    let (_world, app) = with_token().await;
    let app = Router::new().nest("/admin/hooks", app);
    let home = send(&app, get("/admin/hooks")).await;
    let list = (303, "./hooks/deliveries");
    assert_eq!((home.status().as_u16(), header_of(&home, "location")), list);
    let (status, shown) = page(&app, "/admin/hooks/deliveries").await;
    assert_eq!(status, 401);
    assert!(shown.contains("action=\"./login\"") && shown.contains("href=\"./inspector.css\""));
    assert_eq!(page(&app, "/admin/hooks/inspector.css").await.0, 200);
    let right = send(&app, form("/admin/hooks/login", &[("secret", TOKEN)])).await;
    let answer = (right.status().as_u16(), header_of(&right, "location"));
    assert_eq!(answer, (303, "deliveries"));
}

#[tokio::test]
async fn programs_show_the_token_as_bearer() {
    let (_world, app) = with_token().await;
    for (authorization, expected) in [
        (format!("Bearer {TOKEN}"), 200),
        (format!("Bearer {TOKEN}."), 401),
        (TOKEN.to_owned(), 401),
        ("Bearer ".to_owned(), 401),
    ] {
        // From another machine, under any name: the token says who it is.
        let request = Request::get("/deliveries")
            .header(header::HOST, "hooks.internal")
            .header(header::AUTHORIZATION, &authorization);
        let status = send(&app, request.body(Body::empty()).unwrap())
            .await
            .status();
        assert_eq!(status, expected, "{authorization}");
    }
}

#[tokio::test]
async fn guessing_is_bounded() {
    let (_world, app) = with_token().await;
    let mut refused = Vec::new();
    for _ in 0..15 {
        let wrong = send(&app, form("/login", &[("secret", "wrong")])).await;
        refused.push(wrong.status().as_u16());
    }
    assert_eq!(refused[..10], [401; 10]);
    assert_eq!(refused[12..], [429; 3]);
    let right = send(&app, form("/login", &[("secret", TOKEN)])).await;
    assert_eq!(
        (right.status().as_u16(), header_of(&right, "retry-after")),
        (429, "5")
    );
}

#[tokio::test]
async fn forms_of_other_pages_change_nothing() {
    let site = Site::new().await;
    let dead = site.deliver_event("evt_1", "refuse").await;
    let path = format!("/deliveries/{}/retry", dead.event);
    let (_, shown) = page(&site.app, &format!("/deliveries/{}", dead.event)).await;
    let token = field(&shown, "token");
    let with = |name: &'static str, value: &str| {
        let mut request = form(&path, &[("token", &token)]);
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    let without_site = |origin: &str| {
        let mut request = with("origin", origin);
        request.headers_mut().remove("sec-fetch-site");
        request
    };
    let mut not_a_form = with("content-type", "text/plain");
    *not_a_form.body_mut() = Body::from(format!("token={token}"));
    for (request, status) in [
        (with("sec-fetch-site", "cross-site"), 403),
        (with("sec-fetch-site", "same-site"), 403),
        (with("sec-fetch-site", "none"), 403),
        (without_site("http://evil.example"), 403),
        (without_site("http://localhost:9001"), 403),
        (without_site("null"), 403),
        (form(&path, &[("token", "")]), 403),
        (form(&path, &[("token", &"0".repeat(64))]), 403),
        (form(&path, &[]), 400),
        (not_a_form, 400),
        (get(&path), 405),
        (form(&path, &[("token", &"0".repeat(10_000))]), 400),
    ] {
        let told = format!("{request:?}");
        assert_eq!(send(&site.app, request).await.status(), status, "{told}");
        assert_eq!(site.newest().await, dead, "{told}");
    }
    let ours = without_site(&format!("http://{HOST}"));
    assert_eq!(send(&site.app, ours).await.status(), 303);
    assert_ne!(site.newest().await, dead);
}

//! One receiver for many tenants: whose keys count, and what becomes of them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    convert::Infallible,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use bytes::Bytes;
use futures_util::{FutureExt, future::join_all, stream};
use hooklatch::{
    AnswerPart, ChallengeAnswer, Condition, ConfigErrorKind, Delivery, Encoding, EventRouter,
    Handshake, Keyring, Param, Receiver, Rejection, RejectionKind, Scheme, Source, TenantError,
    TenantFuture, TenantResolver, Tenants, provider,
    testing::{Draft, Sender},
};
use support::{MS, Runs, World, send, text};
use tokio::sync::Semaphore;

const OLD: &str = "the-old-secret-of-the-tenant";
const NEW: &str = "the-new-secret-of-the-tenant";
const OTHER: &str = "the-secret-of-another-tenant";

/// A resolver whose answers a test sets and whose calls it counts.
#[derive(Clone, Default)]
struct Table(Arc<Inner>);

#[derive(Default)]
struct Inner {
    rings: Mutex<HashMap<String, Keyring>>,
    failing: Mutex<Option<Failure>>,
    calls: Runs,
    asked: Mutex<Vec<String>>,
    /// Where set, each call waits for a permit.
    gate: Mutex<Option<Arc<Semaphore>>>,
}

#[derive(Clone, Copy)]
enum Failure {
    Error,
    Hang,
    Panic,
}

impl Table {
    fn new<'a>(rows: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let table = Self::default();
        for (tenant, secret) in rows {
            table.set(tenant, Some(Keyring::new(secret)));
        }
        table
    }

    fn set(&self, tenant: &str, ring: Option<Keyring>) {
        let mut rings = self.0.rings.lock().unwrap();
        match ring {
            Some(ring) => rings.insert(tenant.to_owned(), ring),
            None => rings.remove(tenant),
        };
    }

    fn fail(&self, failure: impl Into<Option<Failure>>) {
        *self.0.failing.lock().unwrap() = failure.into();
    }

    /// Calls wait from now on, each for a permit.
    fn gate(&self) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        *self.0.gate.lock().unwrap() = Some(Arc::clone(&gate));
        gate
    }

    fn calls(&self) -> usize {
        self.0.calls.count()
    }

    async fn answer(&self, tenant: &str) -> Result<Option<Keyring>, TenantError> {
        self.0.calls.add();
        self.0.asked.lock().unwrap().push(tenant.to_owned());
        // What is in the table when the call begins.
        let ring = self.0.rings.lock().unwrap().get(tenant).cloned();
        let gate = self.0.gate.lock().unwrap().clone();
        if let Some(gate) = gate {
            gate.acquire().await.unwrap().forget();
        }
        let failing = *self.0.failing.lock().unwrap();
        match failing {
            None => Ok(ring),
            Some(Failure::Error) => Err(TenantError::new("the database is away")),
            Some(Failure::Hang) => std::future::pending().await,
            Some(Failure::Panic) => panic!("a bug in the resolver"),
        }
    }
}

impl TenantResolver for Table {
    fn resolve<'a>(&'a self, tenant: &'a str) -> TenantFuture<'a> {
        TenantFuture::pending(self.answer(tenant))
    }
}

/// A receiver for the tenants of a table, mounted.
struct House {
    world: World,
    table: Table,
    runs: Runs,
    receiver: Receiver,
    app: Router,
}

impl House {
    fn new(table: Table) -> Self {
        Self::with(provider::GITHUB, table.clone(), Tenants::new(table))
    }

    fn with(scheme: Scheme, table: Table, tenants: Tenants) -> Self {
        let world = World::new();
        let receiver = world.hooks.tenants("house", scheme, tenants).unwrap();
        let runs = Runs::default();
        let service = receiver.receive(runs.router());
        let app = Router::new().route_service("/webhooks/{tenant}/github", service);
        Self {
            world,
            table,
            runs,
            receiver,
            app,
        }
    }

    /// A push for a tenant, signed with a secret.
    fn draft(&self, tenant: &str, secret: &str, id: &str) -> Draft {
        Sender::with_secret(provider::GITHUB, secret)
            .clock(self.world.clock())
            .event("push", serde_json::json!({"id": id}))
            .id(id)
            .to(&format!("/webhooks/{tenant}/github"))
    }

    async fn post(&self, tenant: &str, secret: &str, id: &str) -> u16 {
        let request = self.draft(tenant, secret, id).request();
        send(&self.app, request).await.status().as_u16()
    }

    async fn refusal(&self, draft: Draft) -> Rejection {
        rejection(&send(&self.app, draft.request()).await)
    }

    fn pass(&self, time: Duration) {
        self.world.clock.advance(time);
    }
}

fn rejection(response: &Response) -> Rejection {
    response.extensions().get::<Rejection>().unwrap().clone()
}

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn each_tenant_has_keys_and_ids_of_its_own() {
    let house = House::new(Table::new([("acme", OLD), ("crabs", OTHER)]));
    assert_eq!(house.post("acme", OLD, "1").await, 200);
    assert_eq!(house.post("crabs", OTHER, "1").await, 200);
    assert_eq!(house.runs.count(), 2, "the same id, for two tenants");
    assert_eq!(house.post("acme", OLD, "1").await, 200);
    assert_eq!(house.runs.count(), 2, "a duplicate");

    assert_eq!(house.post("crabs", OLD, "2").await, 401);
    assert_eq!(house.post("acme", OTHER, "2").await, 401);
    let refusal = house.refusal(house.draft("crabs", OLD, "2")).await;
    assert_eq!(refusal.kind(), RejectionKind::SignatureMismatch);
    assert_eq!(refusal.tenant(), Some("crabs"));
    assert_eq!(house.runs.count(), 2);
}

#[tokio::test]
async fn the_content_is_scoped_by_tenant_too() {
    let house = House::new(Table::new([("acme", OLD), ("crabs", OLD)]));
    let with_body = |tenant: &str, id: &str| {
        let body = serde_json::json!({"same": "bytes"});
        Sender::with_secret(provider::GITHUB, OLD)
            .event("push", body)
            .id(id)
            .to(&format!("/webhooks/{tenant}/github"))
            .request()
    };
    assert_eq!(send(&house.app, with_body("acme", "1")).await.status(), 200);
    assert_eq!(
        send(&house.app, with_body("crabs", "2")).await.status(),
        200
    );
    assert_eq!(house.runs.count(), 2);
    assert_eq!(send(&house.app, with_body("acme", "3")).await.status(), 409);
    let refusal = send(&house.app, with_body("acme", "3")).await;
    assert_eq!(rejection(&refusal).tenant(), Some("acme"));
}

#[tokio::test]
async fn the_handler_is_told_the_tenant() {
    let world = World::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let handler = {
        let seen = Arc::clone(&seen);
        move |delivery: Delivery| {
            seen.lock().unwrap().push((
                delivery.tenant().map(str::to_owned),
                delivery.event_key(),
                format!("{delivery:?}"),
            ));
            async {}
        }
    };
    let tenants = BTreeMap::from([("größe".to_owned(), Keyring::new(OLD))]);
    let github = world
        .hooks
        .tenants("github", provider::GITHUB, tenants)
        .unwrap();
    let service = github.receive(EventRouter::new().fallback(handler));
    // Percent-decoding and nesting are axum's.
    let hooks = Router::new().route_service("/github", service);
    let app = Router::new().nest("/for/{tenant}", hooks);
    let sender = Sender::with_secret(provider::GITHUB, OLD);
    let push = sender.event("push", serde_json::json!({})).id("1");
    let request = push.to("/for/gr%C3%B6%C3%9Fe/github").request();
    assert_eq!(send(&app, request).await.status(), 200);
    let (tenant, key, debug) = seen.lock().unwrap().pop().unwrap();
    assert_eq!(tenant.as_deref(), Some("größe"));
    assert_eq!(
        key,
        hooklatch::Key::event("github", Some("größe"), b"1"),
        "the same in every process"
    );
    assert!(debug.contains("größe"));
}

#[tokio::test]
async fn an_unknown_tenant_is_answered_as_a_wrong_signature_is() {
    let house = House::new(Table::new([("acme", OLD)]));
    let parts = async |draft: Draft| {
        let response = send(&house.app, draft.request()).await;
        let kind = rejection(&response).kind();
        let headers: HeaderMap = response.headers().clone();
        (kind, response.status(), headers, text(response).await)
    };
    let wrong = parts(house.draft("acme", OTHER, "1")).await;
    assert_eq!(wrong.0, RejectionKind::SignatureMismatch);
    let longest = "n".repeat(256);
    for name in ["nobody", &*longest, &"n".repeat(257), "%FF%FE", "acme%00"] {
        let unknown = parts(house.draft(name, OLD, "1")).await;
        assert_eq!(unknown.0, RejectionKind::UnknownTenant, "{name}");
        assert_eq!(
            (&unknown.1, &unknown.2, &unknown.3),
            (&wrong.1, &wrong.2, &wrong.3),
            "{name}"
        );
        let refusal = house.refusal(house.draft(name, OLD, "1")).await;
        assert!(
            refusal.tenant().is_none() && !refusal.detail().contains(name),
            "a stranger's name is not repeated"
        );
    }
    let asked = house.table.0.asked.lock().unwrap().clone();
    assert_eq!(asked, ["acme", "nobody", &*longest, "acme\0"]);
    assert_eq!(house.runs.count(), 0);
}

#[tokio::test]
async fn nobody_is_looked_up_before_head_and_body_are_there() {
    let house = House::new(Table::new([("acme", OLD)]));
    for tenant in ["acme", "nobody"] {
        let draft = || house.draft(tenant, OLD, "1");
        let signature = || "x-hub-signature-256".parse().unwrap();
        for (draft, status) in [
            (draft().without_header(signature()), 401),
            (draft().with_repeated_header(signature()), 401),
            (
                draft().header("content-encoding".parse().unwrap(), "gzip"),
                415,
            ),
            (
                draft().header("content-length".parse().unwrap(), "99999999999"),
                413,
            ),
        ] {
            assert_eq!(send(&house.app, draft.request()).await.status(), status);
        }
        // The answer waits for the body, whoever is asked for.
        let (head, _) = house.draft(tenant, OLD, "1").parts();
        let body = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        let request = head.map(|()| body);
        assert!(send(&house.app, request).now_or_never().is_none());
    }
    assert_eq!(house.table.calls(), 0);
}

#[tokio::test]
async fn a_route_without_the_parameter_is_our_fault() {
    let world = World::new();
    let keys = || HashMap::from([("acme".to_owned(), Keyring::new(OLD))]);
    let github = world
        .hooks
        .tenants(
            "github",
            provider::GITHUB,
            Tenants::new(keys()).parameter("customer"),
        )
        .unwrap();
    let service = github.receive(EventRouter::new());
    let app = Router::new()
        .route_service("/right/{customer}", service.clone())
        .route_service("/wrong/{tenant}", service.clone())
        .route_service("/none", service.clone());
    let sender = Sender::with_secret(provider::GITHUB, OLD);
    let to = |path| sender.event("push", serde_json::json!({})).to(path);
    assert_eq!(send(&app, to("/right/acme").request()).await.status(), 200);
    let wrong = send(&app, to("/wrong/acme").request()).await;
    let none = send(&app, to("/none").request()).await;
    let bare = send(&service, to("/right/acme").request()).await;
    for response in [wrong, none, bare] {
        assert_eq!(response.status(), 503);
        let rejection = rejection(&response);
        assert_eq!(rejection.kind(), RejectionKind::Misconfigured);
        assert!(rejection.detail().contains("`customer`"), "{rejection}");
    }
}

#[tokio::test]
async fn answers_hold_for_a_time_and_then_are_asked_for_again() {
    let house = House::new(Table::new([("acme", OLD)]));
    for id in ["1", "2", "3"] {
        assert_eq!(house.post("acme", OLD, id).await, 200);
        assert_eq!(house.post("nobody", OLD, id).await, 401);
    }
    assert_eq!(house.table.calls(), 2);
    house.table.set("acme", Some(Keyring::new(NEW)));
    house.table.set("nobody", Some(Keyring::new(OTHER)));

    house.pass(10 * SECOND - MS);
    assert_eq!(house.post("nobody", OTHER, "4").await, 401);
    house.pass(MS);
    assert_eq!(house.post("nobody", OTHER, "4").await, 200, "known by now");
    assert_eq!(house.table.calls(), 3);

    house.pass(50 * SECOND - MS);
    assert_eq!(house.post("acme", OLD, "5").await, 200);
    house.pass(MS);
    assert_eq!(house.post("acme", OLD, "6").await, 401);
    assert_eq!(house.post("acme", NEW, "6").await, 200);
    assert_eq!(house.table.calls(), 4);

    house.table.set("acme", None);
    house.pass(60 * SECOND);
    let gone = house.refusal(house.draft("acme", NEW, "7")).await;
    assert_eq!(gone.kind(), RejectionKind::UnknownTenant, "not stale: gone");
}

#[tokio::test]
async fn a_crowd_makes_one_call() {
    let house = House::new(Table::new([("acme", OLD)]));
    let gate = house.table.gate();
    let posts = (0..200).map(|id| {
        let draft = house.draft("acme", OLD, &id.to_string());
        let app = house.app.clone();
        tokio::spawn(async move { send(&app, draft.request()).await.status() })
    });
    let posts: Vec<_> = posts.collect();
    while house.table.calls() == 0 {
        tokio::task::yield_now().await;
    }
    gate.add_permits(1);
    for status in join_all(posts).await {
        assert_eq!(status.unwrap(), 200);
    }
    assert_eq!((house.table.calls(), house.runs.count()), (1, 200));
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_the_call_to_others() {
    let house = House::new(Table::new([("acme", OLD)]));
    let gate = house.table.gate();
    let post = |id: &str| {
        let request = house.draft("acme", OLD, id).request();
        let app = house.app.clone();
        Box::pin(async move { send(&app, request).await.status() })
    };
    let (mut first, mut second) = (post("1"), post("2"));
    assert!(first.as_mut().now_or_never().is_none());
    assert!(second.as_mut().now_or_never().is_none());
    drop(first);
    gate.add_permits(1);
    assert_eq!(second.await, 200);
    assert_eq!(house.table.calls(), 1);

    // When the last one goes, so does the call, and the next one asks anew.
    house.receiver.tenant_keys().unwrap().forget("acme");
    let mut third = post("3");
    assert!(third.as_mut().now_or_never().is_none());
    drop(third);
    gate.add_permits(1);
    assert_eq!(post("4").await, 200);
    assert_eq!(house.table.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_resolver_that_fails_is_our_fault() {
    for failure in [Failure::Error, Failure::Hang, Failure::Panic] {
        let house = House::new(Table::new([("acme", OLD)]));
        house.table.fail(failure);
        let began = tokio::time::Instant::now();
        for tenant in ["acme", "nobody"] {
            let refusal = house.refusal(house.draft(tenant, OLD, "1")).await;
            assert_eq!(refusal.kind(), RejectionKind::KeysUnavailable);
            assert_eq!(refusal.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert!(refusal.tenant().is_none());
        }
        let most = if matches!(failure, Failure::Hang) {
            10
        } else {
            0
        };
        assert_eq!(began.elapsed().as_secs(), most);
        // It is left alone for a second.
        assert_eq!(house.post("acme", OLD, "1").await, 503);
        assert_eq!(house.table.calls(), 2);
        house.table.fail(None);
        house.pass(SECOND);
        assert_eq!(house.post("acme", OLD, "1").await, 200);
        assert_eq!(house.post("nobody", OLD, "1").await, 401);
    }
}

#[tokio::test(start_paused = true)]
async fn keys_outlive_a_failing_resolver_for_a_time() {
    for failure in [Failure::Error, Failure::Hang, Failure::Panic] {
        let house = House::new(Table::new([("acme", OLD)]));
        assert_eq!(house.post("acme", OLD, "1").await, 200);
        house.table.fail(failure);
        house.pass(60 * SECOND);
        assert_eq!(house.post("acme", OLD, "2").await, 200);
        assert_eq!(house.post("acme", OTHER, "3").await, 401);
        assert_eq!(house.table.calls(), 2, "asked at most once a second");
        house.pass(600 * SECOND - MS);
        assert_eq!(house.post("acme", OLD, "4").await, 200);
        house.pass(MS);
        assert_eq!(house.post("acme", OLD, "5").await, 503);
        house.table.fail(None);
        house.pass(SECOND);
        assert_eq!(house.post("acme", OLD, "5").await, 200);
    }
}

#[tokio::test]
async fn only_one_request_waits_while_keys_are_looked_up_again() {
    let house = House::new(Table::new([("acme", OLD)]));
    assert_eq!(house.post("acme", OLD, "1").await, 200);
    let gate = house.table.gate();
    house.pass(60 * SECOND);
    let request = house.draft("acme", OLD, "2").request();
    let mut waiting = Box::pin(send(&house.app, request));
    assert!(waiting.as_mut().now_or_never().is_none());
    assert_eq!(house.post("acme", OLD, "3").await, 200);
    gate.add_permits(1);
    assert_eq!(waiting.await.status(), 200);
    assert_eq!(house.table.calls(), 2);
}

#[tokio::test]
async fn a_keyring_the_scheme_refuses_is_our_fault_and_tells_no_secret() {
    let house = House::new(Table::new([("acme", "tooshort"), ("crabs", OLD)]));
    let refusal = house.refusal(house.draft("acme", "tooshort", "1")).await;
    assert_eq!(refusal.kind(), RejectionKind::KeysUnavailable);
    assert!(
        refusal.detail().contains("shorter than 16 bytes")
            && !refusal.detail().contains("tooshort"),
        "{refusal}"
    );
    assert_eq!(house.post("acme", OLD, "1").await, 503);
    assert_eq!(house.table.calls(), 1, "remembered for a second");

    // Where there were good keys before, they stay.
    assert_eq!(house.post("crabs", OLD, "1").await, 200);
    house.table.set("crabs", Some(Keyring::empty()));
    house.pass(60 * SECOND);
    assert_eq!(house.post("crabs", OLD, "2").await, 200);
    let keys = format!("{:?}", house.receiver.tenant_keys().unwrap());
    assert!(!keys.contains(OLD) && !format!("{:?}", house.receiver).contains(OLD));
}

#[tokio::test]
async fn keys_put_in_place_win_over_a_call_under_way() {
    let house = House::new(Table::new([("acme", OLD)]));
    let keys = house.receiver.tenant_keys().unwrap();
    let gate = house.table.gate();
    let asking = |id| {
        let request = house.draft("acme", NEW, id).request();
        let app = house.app.clone();
        Box::pin(async move { send(&app, request).await.status() })
    };
    let mut before = asking("1");
    assert!(before.as_mut().now_or_never().is_none());
    keys.replace("acme", Keyring::new(NEW)).unwrap();
    assert_eq!(house.post("acme", NEW, "2").await, 200, "at once");
    gate.add_permits(1);
    assert_eq!(before.await, 200);
    assert_eq!(house.post("acme", NEW, "3").await, 200, "and still");
    assert_eq!(house.post("acme", OLD, "4").await, 401);

    // Nor is an answer from before kept after `forget`.
    keys.forget("acme");
    let mut before = asking("5");
    assert!(before.as_mut().now_or_never().is_none());
    keys.forget("acme");
    house.table.set("acme", Some(Keyring::new(NEW)));
    gate.add_permits(2);
    assert_eq!(before.await, 401, "it asked before");
    assert_eq!(house.post("acme", NEW, "5").await, 200);

    let error = keys.replace("acme", Keyring::new("short")).unwrap_err();
    assert_eq!(error.kind(), ConfigErrorKind::Key);
    assert_eq!(house.post("acme", NEW, "6").await, 200, "nothing changed");
    keys.replace("new", Keyring::new(OTHER)).unwrap();
    assert_eq!(house.post("new", OTHER, "1").await, 200, "never resolved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keys_are_rolled_under_load_without_a_refusal() {
    let house = Arc::new(House::new(Table::new([("acme", OLD), ("crabs", OTHER)])));
    let both = |first, second| Keyring::empty().and("a", first).and("b", second);
    // What a sender signs with: the old secret until it is told otherwise, after the receiver knows both.
    let (tell, told) = tokio::sync::watch::channel(OLD);
    let posts = |worker: usize, tenant: &'static str| {
        let (house, told) = (Arc::clone(&house), told.clone());
        tokio::spawn(async move {
            for number in 0..400 {
                let secret = if tenant == "acme" {
                    *told.borrow()
                } else {
                    OTHER
                };
                let id = format!("{worker}-{number}");
                assert_eq!(house.post(tenant, secret, &id).await, 200, "{id}");
            }
        })
    };
    let workers = (0..4).map(|n| posts(n, if n == 3 { "crabs" } else { "acme" }));
    let workers: Vec<_> = workers.collect();
    let rolling = tokio::spawn({
        let house = Arc::clone(&house);
        async move {
            let keys = house.receiver.tenant_keys().unwrap();
            let mut now = (OLD, NEW);
            while !tell.is_closed() && house.runs.count() < 1_500 {
                let ring = both(now.0, now.1);
                house.table.set("acme", Some(ring.clone()));
                if house.runs.count().is_multiple_of(2) {
                    keys.replace("acme", ring).unwrap();
                } else {
                    keys.forget("acme");
                }
                tell.send_replace(now.1);
                now = (now.1, now.0);
                tokio::task::yield_now().await;
            }
        }
    });
    for done in join_all(workers).await {
        done.unwrap();
    }
    rolling.await.unwrap();
    assert_eq!(house.runs.count(), 4 * 400);
}

#[tokio::test]
async fn invented_names_do_not_push_out_a_tenant_at_work() {
    let table = Table::new([("acme", OLD)]);
    let tenants = Tenants::new(table.clone()).capacity(32);
    let house = House::with(provider::GITHUB, table, tenants);
    for name in 0..500 {
        assert_eq!(house.post(&format!("n{name}"), OLD, "1").await, 401);
        if name % 10 == 0 {
            assert_eq!(house.post("acme", OLD, &name.to_string()).await, 200);
        }
    }
    let asked = house.table.0.asked.lock().unwrap();
    assert_eq!(asked.iter().filter(|name| *name == "acme").count(), 1);
}

/// A sender that asks for a token in a GET, and for a signed echo in a POST.
fn challenging(signed: bool) -> Scheme {
    let (method, source, answer) = if signed {
        ("POST", Source::json("/token"), Source::json("/challenge"))
    } else {
        ("GET", Source::query("token"), Source::query("challenge"))
    };
    Scheme {
        name: Cow::Borrowed("challenging"),
        handshakes: vec![Handshake {
            signed,
            method: method.into(),
            when: vec![
                Condition::Present(answer.clone()),
                Condition::EqualsParam(source, Param::VerifyToken),
            ]
            .into(),
            answer: ChallengeAnswer::Echo(answer),
        }]
        .into(),
        ..provider::GITHUB
    }
}

fn with_tokens() -> Table {
    let table = Table::default();
    let ring = |secret: &str, token: &str| Keyring::new(secret).with(Param::VerifyToken, token);
    table.set("acme", Some(ring(OLD, "token-of-acme")));
    table.set("crabs", Some(ring(OTHER, "token-of-crabs")));
    table
}

#[tokio::test]
async fn an_unsigned_challenge_is_compared_with_the_tenants_token() {
    let table = with_tokens();
    let house = House::with(challenging(false), table.clone(), table.into());
    let get = async |tenant: &str, query: &str| {
        let uri = format!("/webhooks/{tenant}/github?{query}");
        let request = Request::get(uri).body(Body::empty()).unwrap();
        let response = send(&house.app, request).await;
        (response.status().as_u16(), text(response).await)
    };
    let ok = |text: &str| (200, text.to_owned());
    let refused = (401, String::new());
    assert_eq!(
        get("acme", "challenge=7&token=token-of-acme").await,
        ok("7")
    );
    assert_eq!(
        get("crabs", "challenge=8&token=token-of-crabs").await,
        ok("8")
    );
    assert_eq!(
        get("crabs", "challenge=7&token=token-of-acme").await,
        refused
    );
    assert_eq!(
        get("nobody", "challenge=7&token=token-of-acme").await,
        refused
    );
    let calls = house.table.calls();
    assert_eq!(get("other", "token=token-of-acme").await, refused);
    assert_eq!(get("other", "challenge=7").await, refused);
    assert_eq!(house.table.calls(), calls, "no challenge, no look-up");
    house.table.fail(Failure::Error);
    assert_eq!(
        get("third", "challenge=7&token=t").await,
        (503, String::new())
    );
    house.table.fail(None);
    assert_eq!(house.post("acme", OLD, "1").await, 200);
}

#[tokio::test]
async fn a_challenge_is_answered_with_the_tenants_key() {
    let scheme = Scheme {
        handshakes: vec![Handshake {
            signed: false,
            method: "GET".into(),
            when: vec![Condition::Hex(Source::query("challenge"), 8, 8)].into(),
            answer: ChallengeAnswer::Text(
                vec![AnswerPart::Mac(Source::query("challenge"), Encoding::Hex)].into(),
            ),
        }]
        .into(),
        ..challenging(false)
    };
    let table = with_tokens();
    let house = House::with(scheme, table.clone(), table.into());
    let get = async |tenant: &str| {
        let uri = format!("/webhooks/{tenant}/github?challenge=0123abcd");
        let request = Request::get(uri).body(Body::empty()).unwrap();
        let response = send(&house.app, request).await;
        (response.status().as_u16(), text(response).await)
    };
    let (acme, crabs) = (get("acme").await, get("crabs").await);
    assert_eq!((acme.0, crabs.0), (200, 200));
    assert!(acme.1.len() == 64 && acme.1 != crabs.1);
    assert_eq!(get("nobody").await, (401, String::new()));
}

#[tokio::test]
async fn a_signed_challenge_is_compared_with_the_tenants_token() {
    let table = with_tokens();
    let house = House::with(challenging(true), table.clone(), table.into());
    let post = async |tenant: &str, secret: &str, token: &str| {
        let body = serde_json::json!({"token": token, "challenge": "abc"});
        let draft = Sender::with_secret(provider::GITHUB, secret)
            .event("push", body)
            .to(&format!("/webhooks/{tenant}/github"));
        let response = send(&house.app, draft.request()).await;
        (response.status().as_u16(), text(response).await)
    };
    let abc = (200, "abc".to_owned());
    assert_eq!(post("acme", OLD, "token-of-acme").await, abc);
    assert_eq!(post("crabs", OTHER, "token-of-crabs").await, abc);
    assert_eq!(post("crabs", OLD, "token-of-crabs").await.0, 401);
    assert_eq!(house.runs.count(), 0);
    assert_eq!(
        post("acme", OLD, "token-of-crabs").await,
        (200, String::new())
    );
    assert_eq!(
        house.runs.count(),
        1,
        "no challenge of this tenant: an event"
    );
}

#[tokio::test]
async fn a_stale_request_names_its_tenant() {
    let world = World::new();
    let keys = HashMap::from([("acme".to_owned(), Keyring::new(OLD))]);
    let stripe = world.hooks.tenants("stripe", provider::STRIPE, keys);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let hook = Arc::clone(&seen);
    let stripe = stripe.unwrap().on_rejection(move |rejection| {
        hook.lock()
            .unwrap()
            .push(rejection.tenant().map(str::to_owned));
    });
    let service = stripe.receive(EventRouter::new());
    let app = Router::new().route_service("/{tenant}", service);
    let sender = Sender::with_secret(provider::STRIPE, OLD).clock(world.clock());
    let draft = sender.event("a", serde_json::json!({})).stale();
    let stale = send(&app, draft.to("/acme").request()).await;
    assert_eq!(rejection(&stale).kind(), RejectionKind::Stale);
    assert_eq!(*seen.lock().unwrap(), [Some("acme".to_owned())]);
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let world = World::new();
    let tenants = || Tenants::new(HashMap::<String, Keyring>::new());
    for bad in [
        tenants().deadline(Duration::ZERO),
        tenants().capacity(0),
        tenants().parameter(""),
    ] {
        let error = world.hooks.tenants("github", provider::GITHUB, bad);
        assert_eq!(error.unwrap_err().kind(), ConfigErrorKind::Setting);
    }
    let longest = tenants().fresh(Duration::MAX).stale(Duration::MAX);
    let longest = longest.unknown(Duration::MAX).deadline(Duration::MAX);
    assert!(world.hooks.tenants("a", provider::GITHUB, longest).is_ok());
    let again = world.hooks.tenants("a", provider::GITHUB, tenants());
    assert_eq!(again.unwrap_err().kind(), ConfigErrorKind::Name);
    let nameless = world.hooks.tenants("", provider::GITHUB, tenants());
    assert_eq!(nameless.unwrap_err().kind(), ConfigErrorKind::Name);
}

#[tokio::test]
async fn a_function_and_maps_are_resolvers() {
    let ring = |tenant: &str| (tenant == "acme").then(|| Keyring::new(OLD));
    let function = move |tenant: String| async move { Ok::<_, io::Error>(ring(&tenant)) };
    let row = || ("acme".to_owned(), Keyring::new(OLD));
    let resolvers: [Box<dyn TenantResolver>; 3] = [
        Box::new(function),
        Box::new(HashMap::from([row()])),
        Box::new(BTreeMap::from([row()])),
    ];
    for resolver in resolvers {
        let known = resolver.resolve("acme").await.unwrap();
        assert_eq!(known.unwrap().keys().len(), 1);
        assert!(resolver.resolve("nobody").await.unwrap().is_none());
    }
    let single = World::new()
        .hooks
        .receiver("one", provider::GITHUB, Keyring::new(OLD));
    assert!(single.unwrap().tenant_keys().is_none());
}

//! The log of refused requests: what it keeps, what it explains, and what it never tells.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{Method, StatusCode, header::HOST},
    response::IntoResponse,
};
use hooklatch::{
    FreshnessLayer, Hooks, Keyring, RejectionKind, VerifyLayer,
    explain::{Refusals, Refused},
    provider,
    testing::{ManualClock, Sender},
};
use serde_json::json;
use tokio::time::timeout;
use tower::{Layer, ServiceExt, service_fn};

use crate::support::{Runs, send, start, status, text};

const SECRET: &str = "a-secret-of-sixteen-bytes-or-more";
const OTHER: &str = "another-secret-that-is-long-enough";

/// GitHub at `/in`, its sender, and the log.
struct Endpoint {
    app: Router,
    sender: Sender,
    log: Refusals,
    hooks: Hooks,
}

fn endpoint(log: Refusals) -> Endpoint {
    let hooks = Hooks::new().with_refusals(log.clone());
    let receiver = hooks.receiver("github", provider::GITHUB, Keyring::new(SECRET));
    let receive = receiver.unwrap().receive(Runs::default().router());
    Endpoint {
        app: Router::new().route_service("/in", receive),
        sender: Sender::with_secret(provider::GITHUB, SECRET),
        log,
        hooks,
    }
}

impl Endpoint {
    fn event(&self) -> hooklatch::testing::Draft {
        self.sender
            .event("push", json!({"ref": "main"}))
            .to("/in?token=hidden")
    }

    fn only(&self) -> Refused {
        let [refused] = <[Refused; 1]>::try_from(self.log.recent()).unwrap();
        refused
    }
}

/// Waits for the explanation of the newest refusal.
async fn explained(log: &Refusals) -> Vec<String> {
    let mut changes = log.changes();
    let newest = async {
        loop {
            changes.borrow_and_update();
            if let Some(lines) = log
                .recent()
                .first()
                .and_then(|refused| refused.explanation.clone())
            {
                return lines;
            }
            changes.changed().await.unwrap();
        }
    };
    timeout(Duration::from_secs(60), newest).await.unwrap()
}

#[tokio::test]
async fn each_refusal_is_kept_once_and_nothing_else() {
    let github = endpoint(Refusals::new());
    assert_eq!(status(&github.app, github.event().request()).await, 200);
    assert!(github.log.recent().is_empty());

    let before = *github.log.changes().borrow();
    let unsigned = github.event().without_signature().request();
    assert_eq!(status(&github.app, unsigned).await, 401);
    let mut get = github.event().request();
    *get.method_mut() = Method::GET;
    assert_eq!(status(&github.app, get).await, 405);
    assert_eq!(
        status(&github.app, github.event().with_wrong_key().request()).await,
        401
    );
    github.hooks.shutdown(Duration::ZERO).await;
    assert_eq!(status(&github.app, github.event().request()).await, 503);

    let recent = github.log.recent();
    let kinds: Vec<_> = recent.iter().map(|refused| refused.kind).collect();
    let expected = [
        RejectionKind::Draining,
        RejectionKind::SignatureMismatch,
        RejectionKind::Method,
        RejectionKind::SignatureMissing,
    ];
    assert_eq!(kinds, expected, "newest first");
    let numbers: Vec<_> = recent.iter().map(|refused| refused.number).collect();
    assert_eq!(numbers, [4, 3, 2, 1]);
    assert_eq!(*github.log.changes().borrow(), before + 4);
    let length = github.event().parts().1.len();
    let lengths: Vec<_> = recent.iter().map(|refused| refused.body_bytes).collect();
    assert_eq!(lengths, [None, Some(length), None, None]);
    for refused in &recent {
        assert_eq!((&*refused.receiver, &*refused.path), ("github", "/in"));
        assert_eq!(refused.status, refused.kind.status());
        assert!(!refused.reason.is_empty() && refused.explanation.is_none());
    }
    assert_eq!(recent[2].method, "GET");
}

#[tokio::test]
async fn a_swapped_secret_is_named_and_no_answer_tells_it() {
    let github = endpoint(Refusals::explaining());
    let other = github
        .hooks
        .receiver("billing", provider::GITHUB, Keyring::new(OTHER));
    let swapped =
        Sender::with_secret(provider::GITHUB, OTHER).event("push", json!({"ref": "main"}));
    let answer = send(&github.app, swapped.to("/in").request()).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    let quiet = endpoint(Refusals::new());
    let known = send(&quiet.app, quiet.event().with_wrong_key().request()).await;
    assert_eq!(answer.headers(), known.headers());
    assert_eq!(text(answer).await, "");

    let lines = explained(&github.log).await.join("\n");
    assert!(
        lines.contains("billing") && lines.contains("secret"),
        "{lines}"
    );
    assert!(!lines.contains(OTHER) && !format!("{:?}", github.log.recent()).contains(OTHER));
    // A key that was replaced is the one it is explained by.
    other
        .unwrap()
        .keys()
        .replace(Keyring::new("a-third-secret-that-is-long-enough"))
        .unwrap();
    let swapped =
        Sender::with_secret(provider::GITHUB, OTHER).event("push", json!({"ref": "main"}));
    assert_eq!(status(&github.app, swapped.to("/in").request()).await, 401);
    let lines = explained(&github.log).await.join("\n");
    assert!(lines.contains("None of the usual"), "{lines}");
}

#[tokio::test]
async fn what_its_head_alone_condemns_is_explained_too() {
    let github = endpoint(Refusals::explaining());
    let stripe = github
        .hooks
        .receiver("stripe", provider::STRIPE, Keyring::new(OTHER));
    let lost =
        Sender::with_secret(provider::STRIPE, OTHER).event("invoice.paid", json!({"id": "in_1"}));
    assert_eq!(status(&github.app, lost.to("/in").request()).await, 401);
    assert_eq!(github.only().kind, RejectionKind::SignatureMissing);
    let lines = explained(&github.log).await.join("\n");
    assert!(lines.contains("stripe"), "{lines}");
    drop(stripe);
}

#[tokio::test]
async fn of_a_signed_url_no_path_or_query_is_told() {
    let log = Refusals::explaining();
    let hooks = Hooks::new().with_refusals(log.clone());
    let sender = Sender::new(provider::SQUARE);
    let square = hooks.receiver("square", provider::SQUARE, sender.keyring());
    let receive = square.unwrap().receive(Runs::default().router());
    let app = Router::new().route_service("/in/{tenant}", receive);
    let forged = sender.event("payment.created", json!({"id": "p"}));
    let forged = forged.with_wrong_key().to("/in/hidden?token=hidden");
    let forged = forged.header(HOST, "hooks.example.com");
    assert_eq!(status(&app, forged.request()).await, 401);
    let lines = explained(&log).await.join("\n");
    assert!(lines.contains("None of the usual"), "{lines}");
    assert!(
        lines.contains("assumed") && !lines.contains("hidden"),
        "{lines}"
    );
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_named_behind_a_layer_alone() {
    let clock = Arc::new(ManualClock::new(start()));
    let log = Refusals::explaining();
    let sender = Sender::with_secret(provider::STRIPE, SECRET);
    let verify = VerifyLayer::new(provider::STRIPE, sender.keyring())
        .unwrap()
        .clock(Arc::<ManualClock>::clone(&clock))
        .refusals(log.clone());
    let ok = service_fn(|_: Request| async {
        Ok::<_, std::convert::Infallible>(StatusCode::OK.into_response())
    });
    let service = verify.layer(FreshnessLayer::new().clock(clock).layer(ok));
    let late = sender
        .event("invoice.paid", json!({"id": "in_1"}))
        .at(start() - Duration::from_secs(900));
    let answer = service.clone().oneshot(late.request()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    let lines = explained(&log).await.join("\n");
    assert!(lines.contains("900 s before now"), "{lines}");
    let [refused] = <[Refused; 1]>::try_from(log.recent()).unwrap();
    assert_eq!((refused.kind, refused.at), (RejectionKind::Stale, start()));
}

#[tokio::test]
async fn what_is_too_large_or_too_much_is_told_as_not_explained() {
    let github = endpoint(Refusals::explaining());
    let large = github.sender.raw(vec![b'x'; 1024 * 1024 + 1]).to("/in");
    assert_eq!(
        status(&github.app, large.with_wrong_key().request()).await,
        401
    );
    assert_eq!(
        explained(&github.log).await,
        ["Not explained: its body is over 1 MiB."]
    );
    // On this runtime nothing is explained while the test does not wait, but what is explained takes a thread of its own:
    // far longer than it takes to refuse forty.
    for _ in 0..40 {
        let refused = github.event().with_wrong_key().request();
        assert_eq!(status(&github.app, refused).await, 401);
    }
    let recent = github.log.recent();
    let told = recent.iter().filter(|refused| {
        let lines = refused.explanation.as_deref().unwrap_or_default();
        lines == ["Not explained: too many others wait for it."]
    });
    assert!(told.count() > 5);
    // In the end there is something to read of each.
    let mut changes = github.log.changes();
    let all = async {
        while github
            .log
            .recent()
            .iter()
            .any(|refused| refused.explanation.is_none())
        {
            changes.changed().await.unwrap();
        }
    };
    timeout(Duration::from_secs(120), all).await.unwrap();
}

#[tokio::test]
async fn the_last_two_hundred_are_kept_and_long_texts_cut() {
    let github = endpoint(Refusals::new());
    for _ in 0..205 {
        let refused = github.event().without_signature().request();
        assert_eq!(status(&github.app, refused).await, 401);
    }
    let recent = github.log.recent();
    assert_eq!(
        (recent.len(), recent[0].number, recent[199].number),
        (200, 205, 6)
    );

    let log = Refusals::new();
    let verify = VerifyLayer::new(provider::GITHUB, Keyring::new(SECRET))
        .unwrap()
        .refusals(log.clone());
    let ok = service_fn(|_: Request| async {
        Ok::<_, std::convert::Infallible>(StatusCode::OK.into_response())
    });
    let request = Request::post(format!("/{}", "x".repeat(5_000)))
        .body(Body::empty())
        .unwrap();
    verify.layer(ok).oneshot(request).await.unwrap();
    assert_eq!(log.recent()[0].path.len(), 512);
}

#[cfg(feature = "tenants")]
#[tokio::test]
async fn a_path_is_told_as_its_route_so_that_no_tenant_or_token_is() {
    use std::collections::HashMap;

    let log = Refusals::explaining();
    let hooks = Hooks::new().with_refusals(log.clone());
    let keys = HashMap::from([("acme".to_owned(), Keyring::new(format!("\"{OTHER}\"")))]);
    let receiver = hooks.tenants("github", provider::GITHUB, keys).unwrap();
    let receive = receiver.receive(Runs::default().router());
    let app = Router::new().nest(
        "/hooks",
        Router::new().route_service("/{tenant}/github", receive),
    );
    let signed = |secret| {
        Sender::with_secret(provider::GITHUB, secret).event("push", json!({"ref": "main"}))
    };
    let unknown = signed(SECRET).to("/hooks/a-guess/github");
    assert_eq!(status(&app, unknown.request()).await, 401);
    assert_eq!(log.recent()[0].kind, RejectionKind::UnknownTenant);
    let quoted = signed(OTHER).to("/hooks/acme/github");
    assert_eq!(status(&app, quoted.request()).await, 401);
    // Of a tenant, by the tenant's keys.
    let lines = explained(&log).await.join("\n");
    assert!(lines.contains("quot"), "{lines}");
    for refused in log.recent() {
        assert_eq!(refused.path, "/hooks/{tenant}/github");
    }
}

//! The endpoints that are compared, and requests for them.

use axum::{Router, extract::Request, routing::post};
use bytes::Bytes;
use hooklatch::{
    Event, EventRouter, Hooks, RawEvent, Receiver, Scheme, provider, store::SqliteStore,
    testing::Sender,
};
use http::{HeaderName, HeaderValue, header};

use super::{
    bodies::{self, Invoice, IssuesEvent},
    by_hand::{self, With},
    end_to_end::folder,
};

/// What receives.
#[derive(Clone, Copy)]
pub enum Kind {
    /// axum reading the body, nothing else.
    Bare,
    Raw,
    Typed,
    /// Typed, with a SQLite file as its inbox.
    Inbox,
    /// By hand with care, typed.
    Hand,
    Svix,
    WebhookVerify,
}

/// Who sends what.
#[derive(Clone, Copy)]
pub enum From {
    Standard,
    Stripe,
    Github,
}

impl From {
    pub fn scheme(self) -> Scheme {
        match self {
            Self::Standard => provider::STANDARD_WEBHOOKS,
            Self::Stripe => provider::STRIPE,
            Self::Github => provider::GITHUB,
        }
    }

    fn body(self, number: usize) -> String {
        match self {
            Self::Standard => bodies::standard_webhooks(number),
            Self::Stripe => bodies::stripe(number),
            Self::Github => bodies::github(number),
        }
    }
}

/// The endpoint `/hook`.
pub async fn endpoint(from: From, kind: Kind) -> (Router, Hooks) {
    let (scheme, sender) = (from.scheme(), Sender::new(from.scheme()));
    let (hooks, secret) = (Hooks::new(), sender.key_text());
    let receiver = || {
        hooks
            .receiver("hook", scheme.clone(), sender.keyring())
            .expect("a receiver")
    };
    let mount =
        |receiver: Receiver, events| Router::new().route_service("/hook", receiver.receive(events));
    let typed = || {
        EventRouter::new()
            .on("invoice.paid", |_: Event<Invoice>| async {})
            .on("issues.opened", |_: Event<IssuesEvent>| async {})
            .fallback(|_: RawEvent| async { http::StatusCode::IM_A_TEAPOT })
    };
    let router = match kind {
        Kind::Bare => Router::new().route("/hook", post(|_: Bytes| async {})),
        Kind::Raw => mount(
            receiver(),
            EventRouter::new().fallback(|_: hooklatch::Delivery| async {}),
        ),
        Kind::Typed => mount(receiver(), typed()),
        Kind::Inbox => {
            let store = SqliteStore::open(folder().join("hooks.db")).await;
            mount(receiver().inbox(store.expect("a store")), typed())
        }
        Kind::Hand => by_hand::router(&scheme, With::hmac(&scheme, &secret)),
        Kind::Svix => by_hand::router(&scheme, With::svix(&secret)),
        Kind::WebhookVerify => by_hand::router(&scheme, With::webhook_verify(&scheme, &secret)),
    };
    (router, hooks)
}

/// A signed delivery, not yet a request.
pub struct Signed {
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub body: Bytes,
}

/// Deliveries with ids and bodies of their own.
pub fn signed(from: From, count: usize) -> Vec<Signed> {
    let sender = Sender::new(from.scheme());
    let common = [
        (header::HOST, "hooks.example.com"),
        (
            header::USER_AGENT,
            "Sender/1.0 (+https://sender.example.com)",
        ),
        (header::ACCEPT, "*/*"),
        (header::ACCEPT_ENCODING, "gzip"),
        (header::CONTENT_TYPE, "application/json"),
        (HeaderName::from_static("x-github-event"), "issues"),
    ];
    let sign = |number| {
        let mut draft = sender
            .raw(from.body(number))
            .id(&format!("msg_2b3c4d5e6f7g8h9i{number:08}"));
        for (name, value) in &common {
            draft = draft.header(name.clone(), value);
        }
        let (request, body) = draft.parts();
        let named = request
            .headers()
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()));
        let length = (header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        Signed {
            headers: named.chain([length]).collect(),
            body,
        }
    };
    (0..count).map(sign).collect()
}

/// The request, as a server would build it.
pub fn request(signed: Signed) -> Request {
    let mut request = Request::post("/hook")
        .body(signed.body.into())
        .expect("a request");
    for (name, value) in signed.headers {
        request.headers_mut().append(name, value);
    }
    request
}

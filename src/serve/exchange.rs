//! One request and its response: what hyper calls, around the application.

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{BoxError, Router, body::Body, extract::ConnectInfo};
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use hyper::body::Incoming;
use pin_project_lite::pin_project;
use tower::{Layer, Service, ServiceExt, util::Oneshot};
use tower_http::trace::TraceLayer;
use tracing::Span;

use super::{
    Limits,
    body::{RequestBody, ResponseBody},
    pulse::{Half, Pulse},
};

/// The application under a span per request, which holds the method and the path but never the query: it may hold
/// tokens.
pub(super) fn traced(app: Router) -> impl App {
    TraceLayer::new_for_http()
        .make_span_with(|request: &Request<Body>| {
            let (method, path) = (request.method(), request.uri().path());
            tracing::debug_span!(target: TARGET, "request", %method, path)
        })
        .on_request(())
        .on_response(|response: &Response<_>, latency: Duration, _: &Span| {
            tracing::debug!(target: TARGET, status = response.status().as_u16(), ?latency, "answered");
        })
        .on_body_chunk(())
        .on_eos(())
        .on_failure(())
        .layer(app)
}

/// What a connection serves.
pub(super) trait App:
    Service<Request<Body>, Response = Response<Self::Body>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + Sync
    + 'static
{
    type Body: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static;
}

impl<S, B> App for S
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Body = B;
}

/// The application as one connection sees it.
#[derive(Debug)]
pub(super) struct Exchange<A> {
    pub(super) app: A,
    pub(super) peer: SocketAddr,
    pub(super) pulse: Arc<Pulse>,
    pub(super) limits: Arc<Limits>,
}

impl<A: App> hyper::service::Service<Request<Incoming>> for Exchange<A> {
    type Response = Response<ResponseBody<A::Body>>;
    type Error = Infallible;
    type Future = Answering<A>;

    fn call(&self, mut request: Request<Incoming>) -> Answering<A> {
        self.pulse.began();
        hide_secrets(request.headers_mut());
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let request = request.map(|body| {
            let half = Half::request(Arc::clone(&self.pulse));
            Body::new(RequestBody::new(body, half, &self.limits))
        });
        let half = Half::response(Arc::clone(&self.pulse));
        Answering {
            app: self.app.clone().oneshot(request),
            half: Some(half),
        }
    }
}

pin_project! {
    /// The response to come.
    pub(super) struct Answering<A: App> {
        #[pin]
        app: Oneshot<A, Request<Body>>,
        half: Option<Half>,
    }
}

impl<A: App> Future for Answering<A> {
    type Output = Result<Response<ResponseBody<A::Body>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.app.poll(cx))?;
        let half = this.half.take();
        Poll::Ready(Ok(response.map(|body| ResponseBody::new(body, half))))
    }
}

/// Marks the headers that hold credentials or signatures, by their names, so that a `Debug` of the request never
/// prints their values.
fn hide_secrets(headers: &mut HeaderMap) {
    for (name, value) in headers {
        if names_a_secret(name.as_str()) {
            value.set_sensitive(true);
        }
    }
}

/// Whether one of [`SECRETS`] occurs in the (lower-case) name of a header.
fn names_a_secret(name: &str) -> bool {
    let mut rest = name.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if matches!(first, b'a' | b'c' | b'h' | b'j' | b'k' | b'p' | b's' | b't')
            && SECRETS.iter().any(|word| rest.starts_with(word.as_bytes()))
        {
            return true;
        }
        rest = tail;
    }
    false
}

/// What the names of headers with secrets have in them: `Authorization`, `Cookie`, `Stripe-Signature`,
/// `PayPal-Transmission-Sig`, `X-Shopify-Hmac-Sha256`, `X-Gitlab-Token`, `X-Api-Key` and so on. Hiding one too many
/// only costs a word in a log.
const SECRETS: [&str; 9] = [
    "auth", "cookie", "hmac", "jwt", "key", "pass", "secret", "sig", "token",
];

const TARGET: &str = "hooklatch::http";

#[cfg(test)]
mod tests {
    use std::{
        fmt,
        sync::{Mutex, PoisonError},
    };

    use http::HeaderValue;
    use tracing::{Event, Metadata, Subscriber, field::Field, span};

    use super::*;

    #[tokio::test]
    async fn the_query_is_not_traced() {
        let seen = Seen::default();
        let _guard = tracing::subscriber::set_default(seen.clone());
        let request = Request::post("/hooks/a?token=hunter2")
            .body(Body::empty())
            .unwrap();
        traced(Router::new()).oneshot(request).await.unwrap();
        let seen = seen.0.lock().unwrap().clone();
        assert!(
            seen.contains("method=POST")
                && seen.contains("/hooks/a")
                && seen.contains("status=404"),
            "{seen}"
        );
        assert!(
            !seen.contains("token") && !seen.contains("hunter2"),
            "{seen}"
        );
    }

    /// Every field of every span and event, as text.
    #[derive(Clone, Default)]
    struct Seen(Arc<Mutex<String>>);

    impl tracing::field::Visit for Seen {
        fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) +=
                &format!("{field}={value:?} ");
        }
    }

    impl Subscriber for Seen {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
            span.record(&mut self.clone());
            span::Id::from_u64(1)
        }
        fn record(&self, _: &span::Id, values: &span::Record<'_>) {
            values.record(&mut self.clone());
        }
        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
        fn event(&self, event: &Event<'_>) {
            event.record(&mut self.clone());
        }
        fn enter(&self, _: &span::Id) {}
        fn exit(&self, _: &span::Id) {}
    }

    #[test]
    fn secrets_are_hidden_by_name() {
        for secret in [
            "authorization",
            "proxy-authorization",
            "cookie",
            "stripe-signature",
            "x-hub-signature-256",
            "paypal-transmission-sig",
            "x-shopify-hmac-sha256",
            "x-gitlab-token",
            "x-telegram-bot-api-secret-token",
            "x-api-key",
            "x-password",
        ] {
            assert!(names_a_secret(secret), "{secret}");
        }
        for plain in [
            "host",
            "content-type",
            "accept",
            "user-agent",
            "x-github-event",
            "webhook-id",
            "content-length",
        ] {
            assert!(!names_a_secret(plain), "{plain}");
        }
    }

    #[test]
    fn a_hidden_value_is_not_printed() {
        let mut headers = HeaderMap::new();
        headers.insert("x-gitlab-token", HeaderValue::from_static("hunter2"));
        headers.append("x-gitlab-token", HeaderValue::from_static("hunter3"));
        headers.insert("x-github-event", HeaderValue::from_static("push"));
        hide_secrets(&mut headers);
        let printed = format!("{headers:?}");
        assert!(
            !printed.contains("hunter") && printed.contains("push"),
            "{printed}"
        );
        assert_eq!(headers["x-gitlab-token"], "hunter2");
    }
}

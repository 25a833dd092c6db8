//! What events are forwarded to: it verifies them by the library, and behaves as it is told.

use std::{
    future::pending,
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use hooklatch::{Delivery, EventRouter, Hooks, Keyring, Server, TlsCertificate, provider};

use super::service::OTHER_SECRET;

/// What the upstream does with a request.
#[derive(Clone, Copy)]
pub(crate) enum Mood {
    Takes,
    Answers(u16),
    /// The first request is answered so, with this `Retry-After`; the others are taken.
    Busy(u16, &'static str),
    /// Every other request fails: by a 503, by an answer that comes too late, by none at all.
    Flaky,
}

/// An event that arrived, with its signature verified.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    pub(crate) body: Bytes,
}

#[derive(Clone)]
pub(crate) struct Upstream {
    pub(crate) addr: SocketAddr,
    state: Arc<Inner>,
}

struct Inner {
    mood: Mood,
    asked: AtomicUsize,
    heads: Mutex<Vec<HeaderMap>>,
    taken: Mutex<Vec<Taken>>,
}

impl Upstream {
    pub(crate) fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self::on(listener, mood)
    }

    pub(crate) fn on(listener: TcpListener, mood: Mood) -> Self {
        Self::serving(listener, mood, Server::new())
    }

    /// Over TLS, with the certificate of these files.
    pub(crate) fn secure(chain: &Path, key: &Path) -> Self {
        let certificate = TlsCertificate::from_pem_files(chain, key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self::serving(listener, Mood::Takes, Server::new().tls(&certificate))
    }

    fn serving(listener: TcpListener, mood: Mood, server: Server) -> Self {
        let state = Arc::new(Inner {
            mood,
            asked: AtomicUsize::new(0),
            heads: Mutex::default(),
            taken: Mutex::default(),
        });
        let upstream = Self {
            addr: listener.local_addr().unwrap(),
            state: Arc::clone(&state),
        };
        listener.set_nonblocking(true).unwrap();
        thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                server.run(listener, app(state), pending()).await.unwrap();
            });
        });
        upstream
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/events?of=hooklatch", self.addr)
    }

    pub(crate) fn asked(&self) -> usize {
        self.state.asked.load(Ordering::SeqCst)
    }

    /// The headers of all requests, in the order they came.
    pub(crate) fn heads(&self) -> Vec<HeaderMap> {
        self.state.heads.lock().unwrap().clone()
    }

    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.state.taken.lock().unwrap().clone()
    }
}

fn app(state: Arc<Inner>) -> Router {
    let receiver = Hooks::new()
        .receiver(
            "upstream",
            provider::STANDARD_WEBHOOKS,
            Keyring::new(OTHER_SECRET),
        )
        .unwrap();
    let noted = Arc::clone(&state);
    // Only what verified comes so far.
    let events = EventRouter::new().fallback(move |delivery: Delivery| {
        let taken = Taken {
            body: delivery.body().clone(),
        };
        noted.taken.lock().unwrap().push(taken);
        async {}
    });
    Router::new()
        .route_service("/events", receiver.receive(events))
        .layer(middleware::from_fn_with_state(state, behave))
}

async fn behave(State(state): State<Arc<Inner>>, request: Request, next: Next) -> Response {
    let number = state.asked.fetch_add(1, Ordering::SeqCst);
    state.heads.lock().unwrap().push(request.headers().clone());
    match (state.mood, number % 6) {
        (Mood::Answers(status), _) => StatusCode::from_u16(status).unwrap().into_response(),
        (Mood::Busy(status, after), _) if number == 0 => {
            let status = StatusCode::from_u16(status).unwrap();
            (status, [(header::RETRY_AFTER, after)]).into_response()
        }
        (Mood::Flaky, 1) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        (Mood::Flaky, 3) => {
            tokio::time::sleep(Duration::from_millis(1500)).await;
            next.run(request).await
        }
        (Mood::Flaky, 5) => panic!("the connection is dropped, as the test wants"),
        (Mood::Takes | Mood::Busy(..) | Mood::Flaky, _) => next.run(request).await,
    }
}

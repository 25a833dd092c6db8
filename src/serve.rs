//! The server: a hyper connection loop with the timeouts, limits and drain that `axum::serve` lacks.

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::{TcpListener, ToSocketAddrs, lookup_host},
    sync::Semaphore,
    time::Instant,
};

mod accept;
mod body;
mod connection;
mod error;
mod exchange;
mod pulse;
mod signal;
mod stream;
#[cfg(feature = "tls")]
mod tls;

pub use self::error::{ServeError, ServeErrorKind};
#[cfg(feature = "tls")]
pub use self::tls::TlsCertificate;
use self::{connection::Transport, signal::Signals};
use crate::{
    drain::{Drain, after},
    hooks::Hooks,
};

/// A server for an axum [`Router`], made to face the open internet. `axum::serve` has none of these limits:
///
/// 1. A head must be complete 10 s after its first byte, the first one 10 s after the connection was accepted.
/// 2. A head is at most 32 KiB with 64 headers, else 431.
/// 3. A body must not pause for 10 s, nor take longer than 30 s. This is the safety net for every route: reading it fails
///    then; [`VerifyLayer`](crate::VerifyLayer) has its own deadlines and answers 408.
/// 4. A connection may stay idle for 75 s between requests; only 10 s while the server is full.
/// 5. A client that takes nothing of the response for 30 s is left.
/// 6. At most 8,192 connections. At the limit the server accepts none until one ends; new ones wait in the backlog of
///    the operating system. An error to accept, as when file descriptors run out, is traced and tried again.
/// 7. An answer given before the whole request was read is followed by a short wait (2 s at most), so that the client
///    can read it before the connection closes.
/// 8. A request's headers that by their names hold credentials or signatures are marked sensitive, so that a `Debug` of
///    the request does not print them. The span of a request (target `hooklatch::http`, level debug) holds the method
///    and the path, never the query.
/// 9. A request tells its peer, as axum's [`ConnectInfo<SocketAddr>`](axum::extract::ConnectInfo).
///
/// It ends in order: it stops accepting, closes idle connections, answers the requests in flight with
/// `Connection: close`, then waits for detached handlers and workers, all within the drain deadline of 25 s. What is left
/// then is aborted.
///
/// It speaks HTTP/1.1 (and 1.0), which is what senders of webhooks and proxies speak; not HTTP/2 or upgrades. It speaks it over
/// plain TCP, for a proxy that ends TLS, or with the feature `tls` over TLS 1.2 and 1.3 (`Server::tls`): a handshake has
/// the time of a head, and its connection counts as any other from the accept. `TCP_NODELAY` is on. Each connection takes a file descriptor: raise `ulimit -n` above the
/// limit of connections.
///
/// # Example
///
/// ```no_run
/// use std::time::Duration;
///
/// use axum::{Router, routing::get};
/// use hooklatch::Server;
///
/// # async fn run() -> Result<(), hooklatch::ServeError> {
/// let app = Router::new().route("/health", get(|| async { "ok" }));
/// Server::new().drain_deadline(Duration::from_secs(10)).serve("127.0.0.1:3000", app).await
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a server does nothing until it runs"]
pub struct Server {
    limits: Limits,
    drain: Drain,
    transport: Transport,
}

/// Binds the address and serves the application with the limits of a [`Server`] until SIGTERM or SIGINT, then drains:
/// answers what is in flight and waits for the hooks' detached handlers.
///
/// # Errors
///
/// When the address cannot be resolved or bound, or the process cannot listen for signals.
pub async fn serve(addr: impl ToSocketAddrs, app: Router, hooks: &Hooks) -> Result<(), ServeError> {
    Server::new().hooks(hooks).serve(addr, app).await
}

impl Server {
    /// A server with the limits above.
    pub fn new() -> Self {
        Self::default()
    }

    /// Drains these hooks after its own connections: their receivers' detached handlers.
    pub fn hooks(self, hooks: &Hooks) -> Self {
        self.drain(hooks.drain())
    }

    fn drain(mut self, drain: &Drain) -> Self {
        self.drain = drain.clone();
        self
    }

    /// Ends TLS with this certificate, TLS 1.2 or 1.3. It can be [reloaded](TlsCertificate::reload) while the server runs.
    ///
    /// A signature proves who wrote a request and does not hide it; senders ask for `https`. This is for a server without a
    /// proxy in front, or one that is to be spoken to by TLS as well.
    #[cfg(feature = "tls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tls")))]
    pub fn tls(mut self, certificate: &TlsCertificate) -> Self {
        self.transport = Transport::Tls(certificate.acceptor());
        self
    }

    /// How long the head of a request may take from its first byte, the first head from the accept. Default 10 s.
    pub fn header_timeout(mut self, limit: Duration) -> Self {
        self.limits.header_timeout = limit.min(LONGEST);
        self
    }

    /// How long a connection may stay idle between requests. Default 75 s, longer than most senders and proxies keep
    /// one, so that they close it and not we, who might cross with a request.
    pub fn keep_alive_idle(mut self, limit: Duration) -> Self {
        self.limits.keep_alive_idle = limit.min(LONGEST);
        self
    }

    /// How long the body of a request may pause. Default 10 s.
    pub fn body_idle(mut self, limit: Duration) -> Self {
        self.limits.body_idle = limit.min(LONGEST);
        self
    }

    /// How long the body of a request may take as a whole, from its first read. Default 30 s.
    pub fn body_total(mut self, limit: Duration) -> Self {
        self.limits.body_total = limit.min(LONGEST);
        self
    }

    /// How long a client may take nothing of the response. Default 30 s.
    pub fn write_idle(mut self, limit: Duration) -> Self {
        self.limits.write_idle = limit.min(LONGEST);
        self
    }

    /// How many bytes the request line and the headers may have together, at most 1 MiB. Default 32 KiB.
    pub fn max_head_bytes(mut self, limit: usize) -> Self {
        self.limits.max_head_bytes = limit.min(1024 * 1024);
        self
    }

    /// How many headers a request may have, at most 4,096. Default 64.
    pub fn max_headers(mut self, limit: usize) -> Self {
        self.limits.max_headers = limit.min(4_096);
        self
    }

    /// How many connections may be open, at least 1. Default 8,192.
    pub fn max_connections(mut self, limit: usize) -> Self {
        self.limits.max_connections = limit.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// How long the requests in flight and the detached tasks have to end, together, once the server is told to stop.
    /// Default 25 s: under the 30 s that orchestrators allow between SIGTERM and SIGKILL.
    pub fn drain_deadline(mut self, limit: Duration) -> Self {
        self.limits.drain_deadline = limit.min(LONGEST);
        self
    }

    /// Binds the address and serves the application until SIGTERM or SIGINT (Ctrl-C where there are no such signals),
    /// then drains. A second signal ends it at once.
    ///
    /// # Errors
    ///
    /// When the address cannot be resolved or bound, or the process cannot listen for signals.
    pub async fn serve(self, addr: impl ToSocketAddrs, app: Router) -> Result<(), ServeError> {
        let signals = Signals::listen()?;
        let listener = bind(addr).await?;
        self.serve_until_told(listener, app, signals).await
    }

    /// The same on a listener that is bound already, as to learn its port first.
    ///
    /// # Errors
    ///
    /// When the listener is of no use: its address cannot be read; or the process cannot listen for signals.
    pub async fn serve_on(self, listener: TcpListener, app: Router) -> Result<(), ServeError> {
        self.serve_until_told(listener, app, Signals::listen()?)
            .await
    }

    /// Serves the application on a listener until `shutdown` ends, then drains. Signals are left alone. Dropping the
    /// future cuts every connection.
    ///
    /// # Errors
    ///
    /// When the listener is of no use: its address cannot be read.
    pub async fn run(
        self,
        listener: TcpListener,
        app: Router,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), ServeError> {
        let connections = Drain::new();
        let _cut = connections.abort_on_drop();
        self.accept_until(listener, app, &connections, shutdown)
            .await?;
        self.finish(&connections).await;
        Ok(())
    }

    async fn serve_until_told(
        self,
        listener: TcpListener,
        app: Router,
        mut signals: Signals,
    ) -> Result<(), ServeError> {
        let connections = Drain::new();
        let _cut = connections.abort_on_drop();
        self.accept_until(listener, app, &connections, async {
            let signal = signals.next().await;
            tracing::info!(target: TARGET, signal, "draining");
        })
        .await?;
        tokio::select! {
            () = self.finish(&connections) => {}
            signal = signals.next() => {
                tracing::warn!(target: TARGET, signal, "a second signal, ending at once");
                self.drain.abort_now();
            }
        }
        Ok(())
    }

    async fn accept_until(
        &self,
        listener: TcpListener,
        app: Router,
        connections: &Drain,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), ServeError> {
        let addr = listener.local_addr().map_err(|error| {
            ServeError::new(
                ServeErrorKind::Listen,
                "cannot read the address of the listener".to_owned(),
                error,
            )
        })?;
        tracing::info!(target: TARGET, %addr, "listening");
        let limits = Arc::new(self.limits.clone());
        tokio::select! {
            () = accept::accept_all(listener, self.transport.clone(), exchange::traced(app), limits, connections) => {}
            () = shutdown => {}
        }
        Ok(())
    }

    /// The requests in flight first, with the detached handlers they wait for still welcome; from half the deadline at
    /// the latest nothing new is begun. Handlers are aborted at the deadline, which ends the requests that wait for
    /// them; those have a moment more to say so.
    async fn finish(&self, connections: &Drain) {
        let whole = self.limits.drain_deadline;
        let (half, end) = (after(whole / 2), after(whole));
        connections.idle_by(half).await;
        self.drain
            .shutdown(end.saturating_duration_since(Instant::now()))
            .await;
        let last = end.max(after(LAST_ANSWERS));
        connections
            .shutdown(last.saturating_duration_since(Instant::now()))
            .await;
        tracing::info!(target: TARGET, "drained");
    }
}

#[derive(Clone, Debug)]
struct Limits {
    header_timeout: Duration,
    keep_alive_idle: Duration,
    body_idle: Duration,
    body_total: Duration,
    write_idle: Duration,
    drain_deadline: Duration,
    max_head_bytes: usize,
    max_headers: usize,
    max_connections: usize,
}

impl Limits {
    const DEFAULT: Self = Self {
        header_timeout: Duration::from_secs(10),
        keep_alive_idle: Duration::from_secs(75),
        body_idle: Duration::from_secs(10),
        body_total: Duration::from_secs(30),
        write_idle: Duration::from_secs(30),
        drain_deadline: Duration::from_secs(25),
        max_head_bytes: 32 * 1024,
        max_headers: 64,
        max_connections: 8_192,
    };

    /// The shortest time a connection may stay as it is.
    fn shortest(&self) -> Duration {
        self.header_timeout
            .min(self.keep_alive_idle)
            .min(self.write_idle)
            .max(Duration::from_millis(1))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Binds the first address that can be.
async fn bind(addr: impl ToSocketAddrs) -> Result<TcpListener, ServeError> {
    let cannot = |what: String| move |error| ServeError::new(ServeErrorKind::Bind, what, error);
    let addrs = lookup_host(addr)
        .await
        .map_err(cannot("cannot resolve the address to listen on".to_owned()))?;
    let mut last = None;
    for addr in addrs {
        match TcpListener::bind::<SocketAddr>(addr).await {
            Ok(listener) => return Ok(listener),
            Err(error) => last = Some(cannot(format!("cannot listen on {addr}"))(error)),
        }
    }
    Err(last.unwrap_or_else(|| {
        cannot("cannot resolve the address to listen on".to_owned())(
            io::ErrorKind::AddrNotAvailable.into(),
        )
    }))
}

const TARGET: &str = "hooklatch::serve";

/// Longer limits are cut to this, so that adding one to the time cannot overflow.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How long requests may take to answer once what they waited for was aborted.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use std::future::pending;

    use axum::{http::StatusCode, routing::post};
    use tokio::{io, net::TcpStream, sync::oneshot, time::sleep};

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Begins a request whose handler runs detached for `takes`, stops the server, and gives the answer, and whether
    /// and when the server ended.
    async fn stop_while_running(takes: Duration, deadline: Duration) -> (String, Duration) {
        let drain = Drain::new();
        let app = Router::new().route(
            "/",
            post({
                let drain = drain.clone();
                move || async move {
                    let ear = drain.ear();
                    let task = drain.spawn(async move {
                        tokio::select! {
                            () = sleep(takes) => StatusCode::OK,
                            () = ear.aborting() => StatusCode::SERVICE_UNAVAILABLE,
                        }
                    });
                    task.await.unwrap()
                }
            }),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut stream = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let server = Server::new().drain_deadline(deadline).drain(&drain);
        let running = tokio::spawn(server.run(listener, app, async { drop(stopped.await) }));
        let request = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n";
        io::AsyncWriteExt::write_all(&mut stream, request)
            .await
            .unwrap();
        sleep(100 * MS).await;

        let began = Instant::now();
        drop(stop);
        running.await.unwrap().unwrap();
        let took = began.elapsed();
        assert!(drain.is_stopping());
        let mut answer = String::new();
        io::AsyncReadExt::read_to_string(&mut stream, &mut answer)
            .await
            .unwrap();
        (answer, took)
    }

    #[tokio::test]
    async fn a_detached_handler_is_awaited() {
        let (answer, took) = stop_while_running(500 * MS, 2_000 * MS).await;
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"),
            "{answer}"
        );
        assert!(took < 1_000 * MS, "{took:?}");
    }

    #[tokio::test]
    async fn a_detached_handler_is_aborted_at_the_deadline_and_its_request_answered() {
        let (answer, took) = stop_while_running(3_600_000 * MS, 400 * MS).await;
        assert!(
            answer.starts_with("HTTP/1.1 503") && answer.contains("connection: close"),
            "{answer}"
        );
        assert!((390 * MS..1_000 * MS).contains(&took), "{took:?}");
    }

    #[tokio::test]
    async fn a_worker_without_a_request_is_awaited() {
        let drain = Drain::new();
        let worker = drain.spawn({
            let drain = drain.clone();
            async move {
                drain.stopping().await;
                sleep(200 * MS).await;
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Server::new()
            .drain(&drain)
            .run(listener, Router::new(), sleep(50 * MS))
            .await
            .unwrap();
        assert!(worker.is_finished());
    }

    #[tokio::test]
    async fn no_limit_overflows() {
        let server = Server::new()
            .header_timeout(Duration::MAX)
            .keep_alive_idle(Duration::MAX)
            .body_idle(Duration::MAX)
            .body_total(Duration::MAX)
            .write_idle(Duration::MAX)
            .max_head_bytes(usize::MAX)
            .max_headers(usize::MAX)
            .max_connections(usize::MAX)
            .drain_deadline(Duration::MAX);
        let app = Router::new().route("/", post(|body: String| async { body }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut stream = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let running = tokio::spawn(server.run(listener, app, pending()));
        let request =
            b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 2\r\n\r\n";
        io::AsyncWriteExt::write_all(&mut stream, request)
            .await
            .unwrap();
        sleep(50 * MS).await;
        io::AsyncWriteExt::write_all(&mut stream, b"ok")
            .await
            .unwrap();
        let mut answer = String::new();
        io::AsyncReadExt::read_to_string(&mut stream, &mut answer)
            .await
            .unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok"),
            "{answer}"
        );
        running.abort();
    }
}

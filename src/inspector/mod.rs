//! The inspector: a web page that shows the deliveries of an inbox as they come, and lets an operator run them again.
//!
//! [`router`] is an [`axum::Router`] that can be nested under any path. [`Inspector`] is the same with a token, and with
//! the requests that were refused.
//!
//! ```no_run
//! # #[cfg(feature = "sqlite")]
//! # async fn f() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//!
//! use axum::Router;
//! use hooklatch::{inspector, store::SqliteStore};
//!
//! let store = SqliteStore::open("hooks.db").await?;
//! // A listener of its own: what senders can reach is no place for it.
//! let admin = Router::new().nest("/hooks", inspector::router(Arc::new(store)));
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:9000").await?;
//! axum::serve(listener, admin).await?;
//! # Ok(()) }
//! ```
//!
//! **Who may see it.** Without a token, requests for `localhost`, `127.0.0.1` or `[::1]` alone are answered, and where the
//! server tells the peer (as axum's `ConnectInfo`) only those of this machine. Mind that the first alone keeps browsers
//! out and nobody else: listen on loopback, or set a [token](Inspector::token). [`Inspector::check_address`] says which
//! addresses will do.
//!
//! **What senders sent is shown and never run.** The pages have no inline script, and a content security policy that allows
//! none; everything is escaped; characters that cannot be seen are written out. Forms count only when a page of the
//! inspector sent them.
//!
//! The pages work without the network, and but for live updates without the script.

mod action;
mod body;
mod chart;
mod delivery;
mod fault;
mod filter;
mod frame;
mod guard;
mod list;
mod live;
mod moment;
mod random;
mod refusal;
mod visible;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn_with_state,
    response::IntoResponse,
    routing::{MethodRouter, get, post},
};
use http::{StatusCode, header};

use self::{
    fault::Fault,
    guard::{Guard, is_long_enough},
    live::Live,
};
use crate::{
    clock::{Clock, SystemClock},
    error::{ConfigError, ConfigErrorKind},
    explain::Refusals,
    secret::Secret,
    store::Operate,
};

/// The inspector of a store, for this machine alone: [`Inspector::new`] and [`Inspector::router`].
pub fn router(store: Arc<dyn Operate>) -> Router {
    Inspector::new(store).router()
}

/// Builds the pages. See the [module](self).
///
/// ```
/// # async fn f(store: hooklatch::store::SqliteStore) -> Result<(), hooklatch::ConfigError> {
/// use std::sync::Arc;
///
/// use hooklatch::{Secret, explain::Refusals, inspector::Inspector};
///
/// let refusals = Refusals::new(); // also for `Hooks::with_refusals`
/// let inspector = Inspector::new(Arc::new(store))
///     .refusals(refusals)
///     .token(Secret::new("a-long-text-that-nobody-guesses"));
/// inspector.check_address(([10, 0, 0, 7], 9000).into())?;
/// let app: axum::Router = inspector.router();
/// # Ok(()) }
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
#[must_use = "an inspector does nothing before its router is served"]
pub struct Inspector {
    store: Arc<dyn Operate>,
    refusals: Option<Refusals>,
    token: Option<Secret>,
    hosts: Vec<String>,
    clock: Arc<dyn Clock>,
}

impl Inspector {
    /// The deliveries of a store, for this machine alone.
    pub fn new(store: Arc<dyn Operate>) -> Self {
        Self {
            store,
            refusals: None,
            token: None,
            hosts: Vec::new(),
            clock: SystemClock::shared(),
        }
    }

    /// Shows the requests that were refused, too. Give the same log to
    /// [`Hooks::with_refusals`](crate::Hooks::with_refusals).
    pub fn refusals(mut self, refusals: Refusals) -> Self {
        self.refusals = Some(refusals);
        self
    }

    /// Asks for a token, in a form that opens a session of 12 hours, or as `Authorization: Bearer`. A token of less than 16
    /// bytes lets nobody in. Wrong ones are looked at ten at once and then one a second, whoever sends them.
    ///
    /// The token goes over the wire as it is: where that is not loopback, use TLS.
    pub fn token(mut self, token: Secret) -> Self {
        self.token = Some(token);
        self
    }

    /// Another name, as `admin.example.com`, by which it may be asked without a token, from wherever: for a program that
    /// lets in only whom it knows before it routes to the inspector.
    pub fn host(mut self, name: &str) -> Self {
        self.hosts.push(name.to_owned());
        self
    }

    /// Tells the time by another clock; the machine's unless set.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Whether it may listen at this address.
    ///
    /// # Errors
    /// [`ConfigErrorKind::Setting`]: the address is not loopback, and there is no token; [`ConfigErrorKind::Key`]: the token is
    /// shorter than 16 bytes.
    pub fn check_address(&self, address: SocketAddr) -> Result<(), ConfigError> {
        match &self.token {
            Some(token) if is_long_enough(token) => Ok(()),
            Some(_) => Err(ConfigError::new(
                ConfigErrorKind::Key,
                "the inspector's token is shorter than 16 bytes, and could be guessed",
            )),
            None if address.ip().is_loopback() => Ok(()),
            None => Err(ConfigError::new(
                ConfigErrorKind::Setting,
                format!(
                    "the inspector shows what senders sent: to listen on {address}, which is not loopback, it needs a token"
                ),
            )),
        }
    }

    /// The pages, to be served or nested.
    pub fn router(self) -> Router {
        let guard = Guard::new(self.token.as_ref(), self.hosts, Arc::clone(&self.clock));
        let desk: Desk = Arc::new(Shared {
            live: Arc::new(Live::new(Arc::clone(&self.store), Arc::clone(&self.clock))),
            store: self.store,
            refusals: self.refusals,
            clock: self.clock,
            guard,
        });
        Router::new()
            .route("/", get(list::home))
            .route("/deliveries", get(list::list))
            .route("/deliveries/{key}", get(delivery::delivery))
            .route("/deliveries/{key}/body", get(delivery::body))
            .route("/deliveries/{key}/replay", post(action::replay))
            .route("/deliveries/{key}/retry", post(action::retry))
            .route(
                "/deliveries/{key}/forget",
                get(delivery::forget).post(action::forget),
            )
            .route("/refusals", get(refusal::list))
            .route("/refusals/{number}", get(refusal::refusal))
            .route("/login", post(action::sign_in))
            .route("/logout", post(action::sign_out))
            .route(
                "/inspector.css",
                file("text/css; charset=utf-8", include_str!("inspector.css")),
            )
            .route(
                "/inspector.js",
                file(
                    "text/javascript; charset=utf-8",
                    include_str!("inspector.js"),
                ),
            )
            .route("/icon.svg", file("image/svg+xml", include_str!("icon.svg")))
            .fallback(async || Fault::NOT_FOUND)
            .method_not_allowed_fallback(async || NOT_SO)
            .layer(DefaultBodyLimit::max(LARGEST_FORM))
            .layer(from_fn_with_state(Arc::clone(&desk), frame::frame))
            .with_state(desk)
    }
}

/// What the pages share.
type Desk = Arc<Shared>;

#[derive(Debug)]
struct Shared {
    store: Arc<dyn Operate>,
    refusals: Option<Refusals>,
    clock: Arc<dyn Clock>,
    guard: Guard,
    live: Arc<Live>,
}

/// A file that is part of the program.
fn file(content_type: &'static str, text: &'static str) -> MethodRouter<Desk> {
    get(async move || ([(header::CONTENT_TYPE, content_type)], text).into_response())
}

const NOT_SO: Fault = Fault::new(
    StatusCode::METHOD_NOT_ALLOWED,
    "Not so",
    "This address is for another method.",
);

/// Bytes; the largest is a token that somebody signs in with.
const LARGEST_FORM: usize = 8 * 1024;

//! What a configuration file says, checked and ready to use.

use std::{fmt, net::SocketAddr, path::PathBuf, time::Duration};

use hooklatch::{Hooks, PublicUrl, Retries, Scheme, Server};
use http::Uri;

use super::{
    fault::Report,
    forward::Authorities,
    keys::{KeySetting, SecretSetting},
    source::SourcePlace,
    tenants::TenantSetting,
};

/// All that the file says.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The file.
    pub(crate) path: PathBuf,
    /// The public server.
    pub(crate) server: ServerSettings,
    /// The admin server. `None`: there is none.
    pub(crate) admin: Option<AdminSettings>,
    /// Where deliveries and claims are kept.
    pub(crate) store: StoreSetting,
    /// How the log is written.
    pub(crate) log: LogSettings,
    /// The senders' endpoints, at least one; names and paths differ.
    pub(crate) sources: Vec<SourceSetting>,
    /// The file itself and every file that it names and that may change while the server runs.
    pub(crate) files: Vec<PathBuf>,
    /// What works, and may not be what was meant.
    pub(crate) warnings: Vec<Report>,
}

/// `[server]`. Of what is `None` the library's default counts.
#[derive(Clone, Debug)]
pub(crate) struct ServerSettings {
    /// The address to listen on.
    pub(crate) listen: SocketAddr,
    /// Certificate and key, where the server ends TLS itself.
    pub(crate) tls: Option<TlsSettings>,
    /// How the URL that senders were given is told.
    pub(crate) public_url: PublicUrl,
    /// Requests in flight over all sources.
    pub(crate) max_requests: Option<usize>,
    /// Bytes in flight over all sources.
    pub(crate) max_bytes: Option<usize>,
    /// Open connections.
    pub(crate) max_connections: Option<usize>,
    /// Bytes of a request line and its headers.
    pub(crate) max_head_bytes: Option<usize>,
    /// Headers of a request.
    pub(crate) max_headers: Option<usize>,
    /// How long a head may take.
    pub(crate) header_timeout: Option<Duration>,
    /// How long a connection may idle between requests.
    pub(crate) keep_alive_idle: Option<Duration>,
    /// How long a body may pause.
    pub(crate) body_idle: Option<Duration>,
    /// How long a body may take.
    pub(crate) body_total: Option<Duration>,
    /// How long a client may take nothing of the response.
    pub(crate) write_idle: Option<Duration>,
    /// How long requests and handlers have to end once the process is told to stop.
    pub(crate) drain_deadline: Option<Duration>,
}

impl ServerSettings {
    /// The library's server with these limits. The rest is the caller's: hooks, TLS, the address.
    pub(crate) fn server(&self) -> Server {
        let sizes: [(Option<usize>, Limit<usize>); 3] = [
            (self.max_connections, Server::max_connections),
            (self.max_head_bytes, Server::max_head_bytes),
            (self.max_headers, Server::max_headers),
        ];
        let times: [(Option<Duration>, Limit<Duration>); 6] = [
            (self.header_timeout, Server::header_timeout),
            (self.keep_alive_idle, Server::keep_alive_idle),
            (self.body_idle, Server::body_idle),
            (self.body_total, Server::body_total),
            (self.write_idle, Server::write_idle),
            (self.drain_deadline, Server::drain_deadline),
        ];
        set(set(Server::new(), sizes), times)
    }

    /// Hooks with the limits and the public URL. Claims are the caller's.
    pub(crate) fn hooks(&self) -> Hooks {
        let requests = self.max_requests.unwrap_or(MAX_REQUESTS);
        let bytes = self.max_bytes.unwrap_or(MAX_BYTES);
        Hooks::new()
            .with_limits(requests, bytes)
            .with_public_url(self.public_url.clone())
    }
}

type Limit<T> = fn(Server, T) -> Server;

/// A server with those of these limits that are given.
fn set<T, const N: usize>(server: Server, limits: [(Option<T>, Limit<T>); N]) -> Server {
    let given = limits
        .into_iter()
        .filter_map(|(value, limit)| Some((value?, limit)));
    given.fold(server, |server, (value, limit)| limit(server, value))
}

/// As the library has it.
const MAX_REQUESTS: usize = 8192;
const MAX_BYTES: usize = 256 * 1024 * 1024;

/// `tls = { cert = …, key = … }`: paths of PEM files.
#[derive(Clone, Debug)]
pub(crate) struct TlsSettings {
    /// The chain of certificates, the server's own first.
    pub(crate) cert: PathBuf,
    /// The private key.
    pub(crate) key: PathBuf,
}

/// `[admin]`.
#[derive(Clone, Debug)]
pub(crate) struct AdminSettings {
    /// The address to listen on; without a token it is loopback.
    pub(crate) listen: SocketAddr,
    /// The token that lets somebody in.
    pub(crate) token: Option<SecretSetting>,
}

/// `[store]`.
#[derive(Clone)]
pub(crate) enum StoreSetting {
    /// Claims and nothing else, lost at exit: deliveries are handled before they are answered.
    Memory,
    /// An inbox in this file.
    Sqlite(PathBuf),
    /// An inbox in the database of this URL, which may hold a password.
    Postgres(String),
    /// Claims and nothing else, in the Redis of this URL, which may hold a password.
    RedisClaims(String),
}

impl fmt::Debug for StoreSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("Memory"),
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres([redacted])"),
            Self::RedisClaims(_) => f.write_str("RedisClaims([redacted])"),
        }
    }
}

/// `[log]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogSettings {
    /// How a line looks.
    pub(crate) format: LogFormat,
    /// The least severe events that are written. `None`: nothing is.
    pub(crate) level: Option<tracing::Level>,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// One of `[[sources]]`: an endpoint for one sender. Of what is `None` the sender's profile or the library's default counts.
#[derive(Clone, Debug)]
pub(crate) struct SourceSetting {
    /// The receiver's name: it scopes event ids.
    pub(crate) name: String,
    /// Where it is mounted; with tenants, with their parameter in it.
    pub(crate) path: String,
    /// How the sender signs: checked.
    pub(crate) scheme: Scheme,
    /// Where the keys are. With tenants: nowhere.
    pub(crate) keys: KeySetting,
    /// Whose keys they are, where the path tells.
    pub(crate) tenants: Option<TenantSetting>,
    /// How far the signed timestamp may be from now.
    pub(crate) tolerance: Option<Duration>,
    /// The largest body, in bytes.
    pub(crate) body_limit: Option<usize>,
    /// How the URL that this sender was given is told, instead of the server's way.
    pub(crate) public_url: Option<PublicUrl>,
    /// How many deliveries of the inbox are handled at a time.
    pub(crate) concurrency: Option<usize>,
    /// When a delivery of the inbox that failed is tried again.
    pub(crate) retries: Option<Retries>,
    /// How long a delivery may wait in the inbox before readiness suffers.
    pub(crate) oldest_allowed: Option<Duration>,
    /// What is done with a verified event.
    pub(crate) action: Action,
    /// Where faults of the source as a whole are shown.
    pub(super) place: SourcePlace,
}

/// What is done with a verified event.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// A JSON line on the standard output.
    Print {
        /// With what was received, not only the facts.
        body: bool,
    },
    /// Post it to this URL.
    Forward {
        /// An absolute `http` or `https` URL.
        url: Uri,
        /// What it is signed with as Standard Webhooks, if it is.
        secret: Option<SecretSetting>,
        /// How long the upstream may take to answer.
        timeout: Duration,
        /// Who vouches for it, instead of whom the system trusts.
        authorities: Option<Authorities>,
    },
    /// Run this program with the event on its standard input.
    Command {
        /// A path, or a name to be found in `PATH`.
        program: PathBuf,
        /// Its arguments, as they are: no shell reads them.
        arguments: Vec<String>,
        /// How long it may run.
        timeout: Duration,
    },
}

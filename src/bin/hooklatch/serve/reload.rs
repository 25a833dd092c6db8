//! Taking a changed configuration over while requests come in.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use hooklatch::TlsCertificate;
use tokio::task::{JoinHandle, spawn_blocking};

use super::{
    TARGET,
    config::{Config, Fault, Report, StoreSetting},
    generation::{Current, Generation, Kept},
    load,
};

/// What a reload needs.
pub(super) struct Reload {
    /// What the process was begun with: what cannot change without a restart is compared with this.
    pub(super) began: Config,
    /// The address that the arguments say.
    pub(super) listen: Option<SocketAddr>,
    pub(super) kept: Kept,
    pub(super) current: Current,
    pub(super) certificate: Option<TlsCertificate>,
    /// How long what is replaced has to end.
    pub(super) deadline: Duration,
    /// The names of the sources that there are.
    pub(super) names: Vec<String>,
}

/// The names of all sources.
pub(super) fn names(config: &Config) -> Vec<String> {
    let names = config.sources.iter().map(|source| source.name.clone());
    names.collect()
}

/// What was read for a reload.
pub(super) type Next = Result<(Generation, Config), Fault>;

impl Reload {
    /// Reads the configuration, the secrets and the certificate again, on a thread of its own: a file may be where reading takes
    /// long, or never ends.
    pub(super) fn read(&self) -> JoinHandle<Next> {
        let (certificate, kept) = (self.certificate.clone(), self.kept.clone());
        let (path, listen) = (self.began.path.clone(), self.listen);
        spawn_blocking(move || {
            if let Some(Err(fault)) = certificate.as_ref().map(TlsCertificate::reload) {
                tracing::error!(target: TARGET, %fault, "the certificate stays as it is");
            }
            let config = load(&path, listen)?;
            Ok((Generation::new(&config, &kept)?, config))
        })
    }

    /// Takes over what was read. A fault changes nothing and is logged. The files to watch from now on, where it was taken
    /// over.
    pub(super) fn take(&mut self, next: Next) -> Option<Vec<PathBuf>> {
        let (next, config) = match next {
            Ok(next) => next,
            Err(fault) => {
                for Report {
                    file,
                    line,
                    column,
                    what,
                    expected,
                    ..
                } in fault.all()
                {
                    tracing::error!(target: TARGET, file, line, column, what, expected, "the configuration stays as it is");
                }
                return None;
            }
        };
        self.current.replace(next, self.deadline);
        tell(&config);
        let before = std::mem::replace(&mut self.names, names(&config));
        for name in before.iter().filter(|name| !self.names.contains(name)) {
            tracing::warn!(target: TARGET, name, "the source is gone: what is pending of it stays in the store");
        }
        for what in fixed(&self.began, &config) {
            tracing::warn!(target: TARGET, what, "changed, which counts after a restart");
        }
        tracing::info!(target: TARGET, sources = config.sources.len(), "the configuration was read again");
        Some(config.files)
    }
}

/// Logs what a configuration has.
pub(super) fn tell(config: &Config) {
    for Report {
        line,
        column,
        what,
        expected,
        ..
    } in &config.warnings
    {
        tracing::warn!(target: TARGET, line, column, what, expected, "a warning of the configuration");
    }
    for source in &config.sources {
        let action = source.action.name();
        let (name, path, sender) = (&*source.name, &*source.path, &*source.scheme.name);
        tracing::info!(target: TARGET, name, path, sender, action, "source");
    }
}

/// What differs of that which is fixed for as long as the process runs. Limits on what is in flight are not among it.
fn fixed(began: &Config, now: &Config) -> Vec<&'static str> {
    let (server, other) = (&began.server, &now.server);
    let connections = |config: &Config| {
        let server = &config.server;
        (
            (
                server.max_connections,
                server.max_head_bytes,
                server.max_headers,
            ),
            (
                server.header_timeout,
                server.keep_alive_idle,
                server.write_idle,
            ),
            (server.body_idle, server.body_total, server.drain_deadline),
        )
    };
    let admin = |config: &Config| config.admin.as_ref().map(|admin| admin.listen);
    let shown = |config: &Config| format!("{:?}{:?}", config.server.tls, config.log);
    let all = [
        ("the address", server.listen != other.listen),
        ("the store", !is_same_store(&began.store, &now.store)),
        (
            "limits of connections",
            connections(began) != connections(now),
        ),
        ("the admin address", admin(began) != admin(now)),
        ("tls or log", shown(began) != shown(now)),
    ];
    all.into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(what, _)| what)
        .collect()
}

fn is_same_store(one: &StoreSetting, other: &StoreSetting) -> bool {
    match (one, other) {
        (StoreSetting::Memory, StoreSetting::Memory) => true,
        (StoreSetting::Sqlite(one), StoreSetting::Sqlite(other)) => one == other,
        (StoreSetting::Postgres(one), StoreSetting::Postgres(other))
        | (StoreSetting::RedisClaims(one), StoreSetting::RedisClaims(other)) => one == other,
        _ => false,
    }
}

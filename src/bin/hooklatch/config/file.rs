//! The file as it stands: tables and settings, before any of it is believed.
//!
//! `docs/config.md` says what each means; a test holds the two together.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use toml::Spanned;

use super::{
    given::{Given, Several},
    value::{Field, HttpUrl, Print, Size},
};

/// `[server]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ServerFile {
    pub(super) listen: Field<SocketAddr>,
    pub(super) tls: Option<Spanned<TlsFile>>,
    pub(super) public_url: Field<String>,
    pub(super) trusted_proxies: Option<Spanned<Vec<String>>>,
    pub(super) max_requests: Field<usize>,
    pub(super) max_bytes: Field<Size>,
    pub(super) max_connections: Field<usize>,
    pub(super) max_head_bytes: Field<Size>,
    pub(super) max_headers: Field<usize>,
    pub(super) header_timeout: Field<Duration>,
    pub(super) keep_alive_idle: Field<Duration>,
    pub(super) body_idle: Field<Duration>,
    pub(super) body_total: Field<Duration>,
    pub(super) write_idle: Field<Duration>,
    pub(super) drain_deadline: Field<Duration>,
}

/// `[server.tls]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TlsFile {
    pub(super) cert: Field<String>,
    pub(super) key: Field<String>,
}

/// `[admin]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AdminFile {
    pub(super) listen: Field<SocketAddr>,
    pub(super) token: Option<Spanned<Given>>,
}

/// `[store]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct StoreFile {
    pub(super) url: Option<Spanned<Given>>,
}

/// `[log]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LogFile {
    pub(super) format: Field<String>,
    pub(super) level: Field<String>,
}

/// `[[sources]]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SourceFile {
    pub(super) name: Field<String>,
    pub(super) path: Field<String>,
    pub(super) provider: Field<String>,
    pub(super) scheme: Option<Spanned<Map<String, Json>>>,
    pub(super) secret: Option<Spanned<Several>>,
    pub(super) secrets: Option<Spanned<Several>>,
    pub(super) public_key: Field<String>,
    pub(super) jwks: Option<Spanned<Given>>,
    pub(super) allow_short_secrets: Field<bool>,
    pub(super) params: Option<Spanned<BTreeMap<Spanned<String>, Spanned<Given>>>>,
    pub(super) tenants: Option<Spanned<TenantsFile>>,
    pub(super) tolerance: Field<Duration>,
    pub(super) body_limit: Field<Size>,
    pub(super) public_url: Field<String>,
    pub(super) trusted_proxies: Option<Spanned<Vec<String>>>,
    pub(super) concurrency: Field<usize>,
    pub(super) retries: Option<Spanned<RetriesFile>>,
    pub(super) oldest_allowed: Field<Duration>,
    pub(super) print: Field<Print>,
    pub(super) forward: Option<Spanned<ForwardFile>>,
    pub(super) command: Option<Spanned<CommandFile>>,
}

/// `[sources.tenants]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TenantsFile {
    pub(super) parameter: Field<String>,
    pub(super) fresh: Field<Duration>,
    pub(super) folder: Field<String>,
    pub(super) secrets: Option<Spanned<BTreeMap<Spanned<String>, Spanned<Several>>>>,
}

/// `[sources.retries]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RetriesFile {
    pub(super) attempts: Field<usize>,
    pub(super) first: Field<Duration>,
    pub(super) longest: Field<Duration>,
}

/// `[sources.forward]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ForwardFile {
    pub(super) url: Field<HttpUrl>,
    pub(super) ca: Field<String>,
    pub(super) secret: Option<Spanned<Given>>,
    pub(super) timeout: Field<Duration>,
}

/// `[sources.command]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct CommandFile {
    pub(super) program: Field<String>,
    pub(super) arguments: Option<Vec<String>>,
    pub(super) timeout: Field<Duration>,
}

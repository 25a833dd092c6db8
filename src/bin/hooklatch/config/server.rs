//! `[server]`, `[admin]`, `[store]` and `[log]`, checked.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    ops::Range,
    path::Path,
    sync::Arc,
};

use hooklatch::PublicUrl;
use tokio_rustls::rustls::pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{Error as PemError, PemObject as _},
};
use toml::Spanned;

use super::{
    super::unseen::SHORTEST,
    AdminSettings, LogFormat, LogSettings, ServerSettings, StoreSetting, TlsSettings,
    document::Document,
    fault::{Findings, Problem},
    file::{AdminFile, LogFile, ServerFile, StoreFile, TlsFile},
    keys,
    origin::Origin,
    suggest,
    value::{Field, Size},
};

/// `[server]`. `None`: there is a fault among the findings.
pub(super) fn server(findings: &mut Findings<'_>, file: ServerFile) -> Option<ServerSettings> {
    let listen = listen(findings, file.listen, DEFAULT_PORT).map(Spanned::into_inner);
    let tls = file.tls.map(|tls| self::tls(findings, tls).ok_or(()));
    let public_url = public_url(findings, file.public_url, file.trusted_proxies);
    let size = |size: Option<Size>| size.map(|Size(bytes)| bytes);
    let mut settings = ServerSettings {
        listen: (Ipv4Addr::LOCALHOST, DEFAULT_PORT).into(),
        tls: None,
        public_url: public_url.unwrap_or_default(),
        max_requests: findings.value(file.max_requests),
        max_bytes: size(findings.value(file.max_bytes)),
        max_connections: findings.value(file.max_connections),
        max_head_bytes: size(findings.value(file.max_head_bytes)),
        max_headers: findings.value(file.max_headers),
        header_timeout: findings.value(file.header_timeout),
        keep_alive_idle: findings.value(file.keep_alive_idle),
        body_idle: findings.value(file.body_idle),
        body_total: findings.value(file.body_total),
        write_idle: findings.value(file.write_idle),
        drain_deadline: findings.value(file.drain_deadline),
    };
    settings.listen = listen?;
    settings.tls = tls.transpose().ok()?;
    Some(settings)
}

/// The address to listen on; without one the default, which has no place. `None`: it is a fault.
fn listen(
    findings: &mut Findings<'_>,
    file: Field<SocketAddr>,
    default_port: u16,
) -> Option<Spanned<SocketAddr>> {
    if file.is_none() {
        let default = SocketAddr::from((Ipv4Addr::LOCALHOST, default_port));
        return Some(Spanned::new(0..0, default));
    }
    findings.placed(file)
}

/// How the URL is told that senders were given. `None`: nothing is said.
pub(super) fn public_url(
    findings: &mut Findings<'_>,
    base: Field<String>,
    proxies: Option<Spanned<Vec<String>>>,
) -> Option<PublicUrl> {
    let base = findings.placed(base);
    if let (Some(_), Some(proxies)) = (&base, &proxies) {
        let what = "`public_url` and `trusted_proxies` say the same";
        findings.fault(Problem::shown(proxies.span(), what, "expected one of them"));
    }
    let (policy, place) = match (base, proxies) {
        (Some(base), _) => (PublicUrl::base(base.get_ref()), base.span()),
        (None, Some(proxies)) => (PublicUrl::forwarded_by(proxies.get_ref()), proxies.span()),
        (None, None) => return None,
    };
    let expected = "expected `public_url = \"https://hooks.example.com\"` or `trusted_proxies = [\"10.0.0.0/8\"]`";
    // A URL with a user in it is refused, and may hold a password.
    let policy = policy.map_err(|error| Problem::hidden(place, error.to_string(), expected));
    findings.take(policy)
}

fn tls(findings: &mut Findings<'_>, tls: Spanned<TlsFile>) -> Option<TlsSettings> {
    let place = tls.span();
    let TlsFile { cert, key } = tls.into_inner();
    let lacking = match (&cert, &key) {
        (Some(_), Some(_)) => None,
        (Some(_), None) => Some("`key`, the path of the private key as PEM"),
        (None, Some(_)) => Some("`cert`, the path of the certificates as PEM"),
        (None, None) => Some("`cert` and `key`, the paths of PEM files"),
    };
    if let Some(lacking) = lacking {
        let what = "TLS needs a certificate and its key";
        findings.fault(Problem::hidden(place, what, &format!("expected {lacking}")));
        return None;
    }
    let cert = findings.placed(cert);
    let key = findings.placed(key);
    let (cert, key) = (cert?, key?);
    let document = findings.document();
    let paths = [cert, key].map(|path| (document.beside(path.get_ref()), path.span()));
    let [(cert, cert_place), (key, key_place)] = paths;
    let chain = CertificateDer::pem_file_iter(&cert)
        .and_then(|mut all| all.next().unwrap_or(Err(PemError::NoItemsFound)));
    let chain = chain.map_err(|error| {
        pem(
            &cert,
            cert_place,
            &error,
            "a PEM file of certificates, the server's own first",
        )
    });
    let private = PrivateKeyDer::from_pem_file(&key)
        .map_err(|error| pem(&key, key_place, &error, "a PEM file of one private key"));
    let chain = findings.take(chain);
    let private = findings.take(private);
    chain.and(private).map(|_| TlsSettings { cert, key })
}

/// What is wrong with a PEM file.
pub(super) fn pem(
    path: &Path,
    place: Range<usize>,
    error: &dyn fmt::Display,
    expected: &str,
) -> Problem {
    let what = format!("{}: {error}", path.display());
    Problem::shown(place, what, &format!("expected {expected}"))
}

/// `[admin]`. `None`: there is a fault among the findings.
pub(super) fn admin(
    findings: &mut Findings<'_>,
    document: &Arc<Document>,
    file: AdminFile,
) -> Option<AdminSettings> {
    let listen = listen(findings, file.listen, ADMIN_PORT);
    let has_token = file.token.is_some();
    let token = file
        .token
        .map(|token| keys::secret(findings, document, token).ok_or(()));
    let listen = listen?;
    if !has_token && !listen.get_ref().ip().is_loopback() {
        let what = "anybody who reaches this address could read and replay deliveries";
        let expected = "expected a loopback address, or `token = { env = \"NAME\" }` beside it";
        findings.fault(Problem::shown(listen.span(), what, expected));
        return None;
    }
    if let Some(Ok(token)) = &token
        && let Ok(secret) = token.origin().read()
        && secret.expose().len() < SHORTEST
    {
        let what = "the token is shorter than 16 bytes and could be guessed";
        let expected = "expected a longer one, as `openssl rand -hex 32` makes";
        findings.fault(token.origin().problem(what, expected));
        return None;
    }
    Some(AdminSettings {
        listen: listen.into_inner(),
        token: token.transpose().ok()?,
    })
}

/// `[store]`. `None`: there is a fault among the findings.
pub(super) fn store(findings: &mut Findings<'_>, file: StoreFile) -> Option<StoreSetting> {
    let document = findings.document();
    let Some(url) = file.url else {
        return Some(StoreSetting::Sqlite(document.beside(DEFAULT_STORE)));
    };
    let place = url.span();
    let origin = Origin::of_text(document, url, has_password);
    let origin = findings.take(origin)?;
    let text = origin.read_text();
    let text = findings.take(text)?;
    let store = store_of(document, text.trim());
    let fault = || Problem::hidden(place, "this is no store that hooklatch knows", STORES);
    findings.take(store.ok_or_else(fault))
}

fn store_of(document: &Document, url: &str) -> Option<StoreSetting> {
    if url == "memory" {
        return Some(StoreSetting::Memory);
    }
    let (kind, rest) = url.split_once(':')?;
    let address = rest.strip_prefix("//").is_some_and(|rest| !rest.is_empty());
    match kind {
        "sqlite" => {
            let path = rest.strip_prefix("//").unwrap_or(rest);
            (!path.is_empty()).then(|| StoreSetting::Sqlite(document.beside(path)))
        }
        "postgres" | "postgresql" if address => Some(StoreSetting::Postgres(url.to_owned())),
        "redis" | "unix" if address => Some(StoreSetting::RedisClaims(url.to_owned())),
        _ => None,
    }
}

/// Whether a URL has a user with a password in it, or a password among its parameters.
fn has_password(url: &str) -> bool {
    let authority = url.split_once("//").map_or("", |(_, rest)| rest);
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    user.contains(':') || url.to_lowercase().contains("password=")
}

/// `[log]`. `None`: there is a fault among the findings.
pub(super) fn log(findings: &mut Findings<'_>, file: LogFile) -> Option<LogSettings> {
    let format = choice(findings, file.format, "text", FORMATS);
    let level = choice(findings, file.level, "info", LEVELS);
    Some(LogSettings {
        format: format?,
        level: level?,
    })
}

/// One of several words.
fn choice<T: Copy>(
    findings: &mut Findings<'_>,
    field: Field<String>,
    default: &str,
    choices: &[(&str, T)],
) -> Option<T> {
    let (word, place) = match field {
        None => (default.to_owned(), 0..0),
        Some(field) => {
            let word = findings.placed(Some(field))?;
            let place = word.span();
            (word.into_inner(), place)
        }
    };
    let found = choices.iter().find(|(name, _)| *name == word);
    let fault = || {
        let names = choices.iter().map(|(name, _)| *name);
        let what = format!(
            "{} does not take this value",
            findings.document().name_at(&place)
        );
        Problem::shown(place.clone(), what, &suggest::among(&word, names))
    };
    let found = found.ok_or_else(fault);
    findings.take(found).map(|(_, value)| *value)
}

const DEFAULT_PORT: u16 = 3000;
const ADMIN_PORT: u16 = 3001;
const DEFAULT_STORE: &str = "hooklatch.db";
const STORES: &str =
    "expected \"sqlite:hooklatch.db\", \"memory\", \"postgres://…\" or \"redis://…\"";
const FORMATS: &[(&str, LogFormat)] = &[("text", LogFormat::Text), ("json", LogFormat::Json)];
const LEVELS: &[(&str, Option<tracing::Level>)] = &[
    ("off", None),
    ("error", Some(tracing::Level::ERROR)),
    ("warn", Some(tracing::Level::WARN)),
    ("info", Some(tracing::Level::INFO)),
    ("debug", Some(tracing::Level::DEBUG)),
    ("trace", Some(tracing::Level::TRACE)),
];

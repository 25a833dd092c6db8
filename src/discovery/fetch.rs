//! [`KeyFetcher`]: the one way keys are fetched over the network.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName},
    },
};
use tokio_util::task::AbortOnDropHandle;

use super::{
    address::is_public,
    document,
    source::{FoundKeys, KeyError, KeyFuture, KeySource},
};
use crate::{
    error::{ConfigError, ConfigErrorKind},
    scheme::{KeyDocument, KeyQuery},
    secret::Secret,
};

/// Fetches keys over HTTPS, in one way for all senders:
///
/// 1. Only a URL that the scheme's [`Discovery`](crate::Discovery) made or allowed, which is `https`, a host name and a
///    path. Nothing else of a request reaches the network.
/// 2. The host is resolved, and refused if any of its addresses is not of the public internet. The connection goes to an
///    address that was checked: there is no second look-up that could give another.
/// 3. TLS to that host name, by the certificate authorities that Mozilla trusts.
/// 4. One request. A redirect is an error, and so is every answer but 200. 404 and 410 say that there is no such key, and
///    where anybody may ask, 400 and 403 do as well.
/// 5. At most 64 KiB of body, and 64 headers of about 16 KiB. 2 seconds to connect, 5 for everything.
///
/// What it fetches is believed because of point 3. That a certificate found there chains to an authority is not checked:
/// neither AWS nor PayPal publishes the whole chain with it.
#[derive(Clone)]
pub struct KeyFetcher {
    network: Arc<dyn Network>,
    tls: Arc<ClientConfig>,
    connect: Duration,
    total: Duration,
}

/// How names become addresses, and addresses connections. For a network where both go another way, and for tests.
pub trait Network: fmt::Debug + Send + Sync + 'static {
    /// The addresses of a host.
    fn resolve<'a>(&'a self, host: &'a str) -> NetworkFuture<'a, Vec<IpAddr>>;

    /// A connection to an address that was checked.
    fn connect(&self, address: SocketAddr) -> NetworkFuture<'_, TcpStream>;
}

/// What a [`Network`] gives, on its way.
pub type NetworkFuture<'a, T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send + 'a>>;

impl KeyFetcher {
    /// A fetcher that asks the system's resolver and trusts the authorities that Mozilla trusts.
    ///
    /// # Errors
    /// [`ConfigErrorKind::Setting`]: TLS cannot be set up.
    pub fn new() -> Result<Self, ConfigError> {
        let roots = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        Self::with_roots(roots)
    }

    /// The same, trusting these certificate authorities (DER) alone.
    ///
    /// # Errors
    /// [`ConfigErrorKind::Setting`]: one is not a certificate, or TLS cannot be set up.
    pub fn trusting<'c>(
        authorities: impl IntoIterator<Item = &'c [u8]>,
    ) -> Result<Self, ConfigError> {
        let mut roots = RootCertStore::empty();
        for authority in authorities {
            let added = roots.add(CertificateDer::from(authority.to_vec()));
            added.map_err(|error| fault(&error))?;
        }
        Self::with_roots(roots)
    }

    fn with_roots(roots: RootCertStore) -> Result<Self, ConfigError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| fault(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            network: Arc::new(SystemNetwork),
            tls: Arc::new(tls),
            connect: Duration::from_secs(2),
            total: Duration::from_secs(5),
        })
    }

    /// Another network.
    #[must_use]
    pub fn network(self, network: impl Network) -> Self {
        Self {
            network: Arc::new(network),
            ..self
        }
    }

    /// Other limits for the connection and for all of a fetch.
    #[must_use]
    pub const fn timeouts(mut self, connect: Duration, total: Duration) -> Self {
        self.connect = connect;
        self.total = total;
        self
    }

    async fn found(&self, query: &KeyQuery) -> Result<FoundKeys, KeyError> {
        let bearer = query.bearer();
        let mut answer = self
            .ask(query.url(), query.body(), bearer, query.is_open())
            .await?;
        if let KeyDocument::OpenId(jwks) = query.document() {
            document::checks_openid(&answer.body, jwks)?;
            answer = self.ask(jwks, None, None, true).await?;
        }
        Ok(FoundKeys {
            keyring: document::keys(query, &answer.body)?,
            fresh: answer.fresh,
        })
    }

    async fn ask(
        &self,
        url: &str,
        body: Option<Secret>,
        bearer: Option<&Secret>,
        is_open: bool,
    ) -> Result<Answer, KeyError> {
        let target =
            Target::parse(url).ok_or_else(|| failed("not a URL that keys are fetched from"))?;
        let stream = self.tcp(&target.host).await?;
        let name = ServerName::try_from(target.host.clone())
            .map_err(|_| failed("not the name of a host"))?;
        let stream = TlsConnector::from(Arc::clone(&self.tls))
            .connect(name, stream)
            .await
            .map_err(|error| failed(format!("no TLS with {}: {error}", target.host)))?;
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(MOST_HEAD)
            .max_headers(MOST_HEADERS)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| failed("no HTTP connection"))?;
        let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
        let request = target.request(body, bearer)?;
        let response = sender.send_request(request).await;
        let response = response.map_err(|_| failed("no HTTP answer"))?;
        check(response.status(), response.headers(), is_open)?;
        let fresh = max_age(response.headers());
        let body = Limited::new(response.into_body(), MOST_BYTES)
            .collect()
            .await;
        let body = body.map_err(|_| failed("an answer that is broken, or of more than 64 KiB"))?;
        Ok(Answer {
            body: body.to_bytes(),
            fresh,
        })
    }

    /// A connection to one of the host's addresses, all of which have to be public.
    async fn tcp(&self, host: &str) -> Result<TcpStream, KeyError> {
        let connecting = async {
            let addresses = self.network.resolve(host).await;
            let addresses = addresses.map_err(|_| failed(format!("{host} cannot be resolved")))?;
            if let Some(address) = addresses.iter().find(|address| !is_public(**address)) {
                return Err(failed(format!(
                    "{host} resolves to {address}, which is not of the public internet"
                )));
            }
            for address in addresses.into_iter().take(MOST_ADDRESSES) {
                if let Ok(stream) = self.network.connect(SocketAddr::new(address, HTTPS)).await {
                    return Ok(stream);
                }
            }
            Err(failed(format!("no connection to {host}")))
        };
        timeout(self.connect, connecting)
            .await
            .unwrap_or_else(|_| Err(failed(format!("no connection to {host} in time"))))
    }
}

impl KeySource for KeyFetcher {
    fn keys<'a>(&'a self, query: &'a KeyQuery) -> KeyFuture<'a> {
        Box::pin(async {
            timeout(self.total, self.found(query))
                .await
                .unwrap_or_else(|_| Err(failed("no answer in time")))
        })
    }
}

impl fmt::Debug for KeyFetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyFetcher")
            .field("network", &self.network)
            .field("connect", &self.connect)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

/// The system's own network.
#[derive(Debug)]
struct SystemNetwork;

impl Network for SystemNetwork {
    fn resolve<'a>(&'a self, host: &'a str) -> NetworkFuture<'a, Vec<IpAddr>> {
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((host, HTTPS)).await?;
            Ok(addresses.map(|address| address.ip()).collect())
        })
    }

    fn connect(&self, address: SocketAddr) -> NetworkFuture<'_, TcpStream> {
        Box::pin(TcpStream::connect(address))
    }
}

struct Answer {
    body: Bytes,
    fresh: Option<Duration>,
}

/// A URL, parsed once: what is compared is what is asked.
struct Target {
    host: String,
    path: String,
}

impl Target {
    fn parse(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let (host, path) = (uri.host()?, uri.path());
        let of_dots = |segment: &str| matches!(segment, "." | "..");
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
        let fits = format!("https://{host}{path}") == url
            && host.bytes().all(is_name)
            && host.parse::<IpAddr>().is_err()
            && !path.split('/').any(of_dots)
            && !path.contains('\\');
        fits.then(|| Self {
            host: host.to_owned(),
            path: path.to_owned(),
        })
    }

    fn request(
        &self,
        body: Option<Secret>,
        bearer: Option<&Secret>,
    ) -> Result<Request<Full<Bytes>>, KeyError> {
        let mut request = Request::builder()
            .method(if body.is_some() { "POST" } else { "GET" })
            .uri(&*self.path)
            .header(header::HOST, &*self.host)
            .header(header::ACCEPT_ENCODING, "identity")
            .header(
                header::USER_AGENT,
                concat!("hooklatch/", env!("CARGO_PKG_VERSION")),
            );
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if let Some(token) = bearer {
            let value = [b"Bearer ", token.expose()].concat();
            request = request.header(header::AUTHORIZATION, value);
        }
        let body = body.map(|body| Bytes::copy_from_slice(body.expose()));
        request
            .body(Full::new(body.unwrap_or_default()))
            .map_err(|_| failed("a token that no header can carry"))
    }
}

/// Whether an answer can hold keys.
fn check(status: StatusCode, headers: &HeaderMap, is_open: bool) -> Result<(), KeyError> {
    let unknown = match status {
        StatusCode::OK if headers.contains_key(header::CONTENT_ENCODING) => {
            return Err(failed("an answer with a content encoding"));
        }
        StatusCode::OK => return Ok(()),
        StatusCode::NOT_FOUND | StatusCode::GONE => true,
        // To who has credentials they say that these are wrong.
        StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN => is_open,
        _ => false,
    };
    let reason = format!("the keys' URL answered {}", status.as_u16());
    Err(if unknown {
        KeyError::unknown(reason)
    } else {
        failed(reason)
    })
}

/// How long an answer may be kept (RFC 9111): not at all, or the `max-age`.
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(header::CACHE_CONTROL).iter();
    let mut directives = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|directive| directive.trim().to_ascii_lowercase());
    directives.find_map(|directive| match &*directive {
        "no-store" | "no-cache" => Some(Duration::ZERO),
        _ => {
            let seconds = directive.strip_prefix("max-age=")?.parse().ok()?;
            Some(Duration::from_secs(seconds))
        }
    })
}

fn failed(reason: impl Into<std::borrow::Cow<'static, str>>) -> KeyError {
    KeyError::unavailable(reason)
}

fn fault(error: &tokio_rustls::rustls::Error) -> ConfigError {
    ConfigError::new(
        ConfigErrorKind::Setting,
        format!("TLS cannot be set up to fetch keys: {error}"),
    )
}

const HTTPS: u16 = 443;
const MOST_ADDRESSES: usize = 4;
const MOST_BYTES: usize = 64 * 1024;
/// What is read of a head at a time; hyper keeps no more than about this.
const MOST_HEAD: usize = 16 * 1024;
const MOST_HEADERS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_url_is_asked() {
        assert!(Target::parse("https://keys.example/a/b%2Fc.pem").is_some());
        for url in [
            "http://keys.example/a",
            "https://keys.example:443/a",
            "https://keys.example:8443/a",
            "https://user@keys.example/a",
            "https://keys.example/a?b",
            "https://keys.example/a#b",
            "https://keys.example/../a",
            "https://keys.example/./a",
            "https://keys.example\\@evil.example/a",
            "https://127.0.0.1/a",
            "https://[::1]/a",
            "https://keys.example",
            "file:///etc/passwd",
            "",
        ] {
            assert!(Target::parse(url).is_none(), "{url}");
        }
    }
}

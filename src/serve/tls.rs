//! TLS: the certificate, which can be replaced while connections are open, and the handshake with its deadline.

use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use tokio::time::timeout;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::{CryptoProvider, aws_lc_rs},
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
    server::TlsStream,
};

use super::{Limits, stream::Stream};
use crate::{
    drain::Drain,
    error::{ConfigError, ConfigErrorKind},
};

/// The certificate of a [`Server`](crate::Server) that ends TLS, with its key, from two PEM files.
///
/// A cheap clone; clones are the same certificate. Keep one, and call [`reload`](Self::reload) when the files have changed, as
/// after a renewal: handshakes from then on show the new certificate, open connections stay as they are.
///
/// ```no_run
/// use axum::Router;
/// use hooklatch::{Server, TlsCertificate};
///
/// # async fn run(app: Router) -> Result<(), Box<dyn std::error::Error>> {
/// let certificate = TlsCertificate::from_pem_files("fullchain.pem", "privkey.pem")?;
/// let renewed = certificate.clone();
/// tokio::spawn(async move {
///     loop {
///         tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
///         if let Err(fault) = renewed.reload() {
///             eprintln!("the certificate stays as it is: {fault}");
///         }
///     }
/// });
/// Server::new().tls(&certificate).serve("0.0.0.0:443", app).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct TlsCertificate {
    shown: Arc<Shown>,
    config: Arc<ServerConfig>,
}

/// What handshakes show, and where it came from.
struct Shown {
    chain: PathBuf,
    key: PathBuf,
    provider: Arc<CryptoProvider>,
    current: RwLock<Arc<CertifiedKey>>,
}

impl TlsCertificate {
    /// The certificate in `chain`, its own first, then those between it and the authority; and its private key in `key`
    /// (PKCS #8, PKCS #1 or SEC 1).
    ///
    /// # Errors
    /// [`ConfigErrorKind::Setting`]: a file cannot be read, or holds no certificate. [`ConfigErrorKind::Key`]: there is no
    /// private key, it cannot be used, or is not that of the certificate.
    pub fn from_pem_files(
        chain: impl AsRef<Path>,
        key: impl AsRef<Path>,
    ) -> Result<Self, ConfigError> {
        let (chain, key) = (chain.as_ref().to_owned(), key.as_ref().to_owned());
        let provider = Arc::new(aws_lc_rs::default_provider());
        let current = RwLock::new(read(&chain, &key, &provider)?);
        let shown = Arc::new(Shown {
            chain,
            key,
            provider,
            current,
        });
        let config = Arc::new(config(&shown)?);
        Ok(Self { shown, config })
    }

    /// Reads the files again, and shows what is in them from now on. It blocks for as long as the disk does.
    ///
    /// # Errors
    /// As [`from_pem_files`](Self::from_pem_files); then nothing changes.
    pub fn reload(&self) -> Result<(), ConfigError> {
        let Shown {
            chain,
            key,
            provider,
            current,
        } = &*self.shown;
        let read = read(chain, key, provider)?;
        *current.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    pub(super) fn acceptor(&self) -> Acceptor {
        Acceptor(Arc::clone(&self.config).into())
    }
}

/// TLS 1.2 and 1.3, HTTP/1.1 alone.
fn config(shown: &Arc<Shown>) -> Result<ServerConfig, ConfigError> {
    let builder = ServerConfig::builder_with_provider(Arc::clone(&shown.provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| ConfigError::new(ConfigErrorKind::Setting, error.to_string()))?;
    let resolver: Arc<dyn ResolvesServerCert> = Arc::<Shown>::clone(shown);
    let mut config = builder.with_no_client_auth().with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

impl fmt::Debug for TlsCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown.fmt(f)
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsCertificate")
            .field("chain", &self.chain)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&current))
    }
}

/// The certificate and its key, which belong together.
fn read(
    chain: &Path,
    key: &Path,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, ConfigError> {
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| fault(ConfigErrorKind::Setting, chain, &error))?;
    if certificates.is_empty() {
        return Err(fault(
            ConfigErrorKind::Setting,
            chain,
            &"there is no certificate in it",
        ));
    }
    let private = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| fault(ConfigErrorKind::Key, key, &error))?;
    // Compares the two as well.
    CertifiedKey::from_der(certificates, private, provider)
        .map(Arc::new)
        .map_err(|error| fault(ConfigErrorKind::Key, key, &error))
}

fn fault(kind: ConfigErrorKind, path: &Path, what: &dyn fmt::Display) -> ConfigError {
    ConfigError::new(kind, format!("{}: {what}", path.display()))
}

/// Takes over connections by TLS.
#[derive(Clone)]
pub(super) struct Acceptor(TlsAcceptor);

impl Acceptor {
    /// The connection once it is secured. A client that is not done with its handshake in the time of a head is left, and
    /// so is each when the server stops: none has asked for anything.
    pub(super) async fn accept(
        &self,
        stream: Stream,
        peer: SocketAddr,
        limits: &Limits,
        drain: &Drain,
    ) -> Option<TlsStream<Stream>> {
        let handshake = timeout(limits.header_timeout, self.0.accept(stream));
        let error = tokio::select! {
            () = drain.stopping() => return None,
            shaken = handshake => match shaken {
                Ok(Ok(secured)) => return Some(secured),
                Ok(Err(error)) => error,
                Err(late) => late.into(),
            }
        };
        tracing::debug!(target: TARGET, %peer, %error, "TLS handshake failed");
        None
    }
}

impl fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Acceptor")
    }
}

const TARGET: &str = "hooklatch::http";

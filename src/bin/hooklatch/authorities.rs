//! The certificates of a file: authorities, one of which has to vouch for a server's certificate, or that certificate itself.

use std::{error::Error, path::Path, sync::Arc, time::Duration};

use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore,
    SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
    server::ParsedCertificate,
};
use x509_cert::der::Decode as _;

/// Whom a client trusts, and nobody else.
#[derive(Debug)]
pub(crate) struct Trusted {
    roots: RootCertStore,
    /// The same, where they come from a file: one of them may be a server's own.
    own: Vec<CertificateDer<'static>>,
}

impl Trusted {
    /// The authorities that Mozilla trusts.
    pub(crate) fn by_mozilla() -> Self {
        Self {
            roots: webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect(),
            own: Vec::new(),
        }
    }

    /// The certificates of a PEM file, which may have none. One that cannot be used is a fault, and not passed over.
    pub(crate) fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let mut trusted = Self {
            roots: RootCertStore::empty(),
            own: Vec::new(),
        };
        for certificate in CertificateDer::pem_file_iter(path)? {
            let certificate = certificate?;
            trusted.roots.add(certificate.clone())?;
            trusted.own.push(certificate);
        }
        Ok(trusted)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// How a client verifies.
    pub(crate) fn client(self) -> Result<ClientConfig, Box<dyn Error>> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let roots = Arc::new(self.roots);
        let verifier = Verifier {
            webpki: WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider))
                .build()?,
            own: self.own,
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        Ok(config.with_no_client_auth())
    }
}

/// Verifies as webpki does, but for a certificate that stands in the file itself: that may be one of an authority, as `openssl
/// req -x509` makes them, which webpki never takes for a server's.
#[derive(Debug)]
struct Verifier {
    webpki: Arc<WebPkiServerVerifier>,
    own: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let verified = self.webpki.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match verified {
            Err(error) if is_of_authority(&error) => {
                if !self.own.contains(end_entity) {
                    return Err(TlsError::General(STRANGE_AUTHORITY.to_owned()));
                }
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                check_validity(end_entity, now)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.webpki.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.webpki.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.webpki.supported_verify_schemes()
    }
}

/// Whether webpki refused an authority's certificate as a server's. The type of its error is not among what rustls shows.
fn is_of_authority(error: &TlsError) -> bool {
    matches!(
        error,
        TlsError::InvalidCertificate(CertificateError::Other(other))
            if other.0.to_string() == "CaUsedAsEndEntity"
    )
}

fn check_validity(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), CertificateError> {
    let certificate =
        x509_cert::Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
    let validity = certificate.tbs_certificate().validity();
    let now = Duration::from_secs(now.as_secs());
    if now < validity.not_before.to_unix_duration() {
        return Err(CertificateError::NotValidYet);
    }
    if now > validity.not_after.to_unix_duration() {
        return Err(CertificateError::Expired);
    }
    Ok(())
}

const STRANGE_AUTHORITY: &str = "the server shows a certificate that is one of an authority (CA:TRUE), and not among those \
    that are trusted; trust it itself, or make another with `-addext basicConstraints=critical,CA:FALSE`";

//! The authorities of a file, one of which has to vouch for a server's certificate.

use std::{path::Path, sync::Arc};

use tokio_rustls::rustls::{
    ClientConfig, Error as TlsError, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject as _},
};

/// The certificates of a PEM file, which may have none. One that cannot be used is a fault, and not passed over.
pub(crate) fn read(path: &Path) -> Result<RootCertStore, Box<dyn std::error::Error>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path)? {
        roots.add(certificate?)?;
    }
    Ok(roots)
}

/// How a client verifies that trusts them and nobody else.
pub(crate) fn trusting(roots: RootCertStore) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    Ok(config.with_no_client_auth())
}

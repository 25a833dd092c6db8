//! `[sources.forward]`, checked.

use std::{fmt, net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

use hooklatch::{Clock as _, Keyring, Signable, SystemClock, provider};
use tokio_rustls::rustls::{ClientConfig, pki_types::pem::Error as PemError};
use toml::Spanned;

use super::{
    super::authorities::Trusted,
    Action,
    document::Document,
    fault::{Findings, Problem},
    file::ForwardFile,
    given::Given,
    keys::{self, SecretSetting},
    server::pem,
    value::HttpUrl,
};

/// Whom an upstream's certificate has to be of, instead of those that the system trusts.
#[derive(Clone)]
pub(crate) struct Authorities {
    path: PathBuf,
    tls: Arc<ClientConfig>,
}

impl Authorities {
    /// The file they were read from.
    pub(super) const fn path(&self) -> &PathBuf {
        &self.path
    }

    /// How a client verifies that trusts them and nobody else.
    pub(crate) fn tls(&self) -> ClientConfig {
        (*self.tls).clone()
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Authorities").field(&self.path).finish()
    }
}

/// `None`: there is a fault among the findings.
pub(super) fn forward(
    findings: &mut Findings<'_>,
    document: &Arc<Document>,
    file: Spanned<ForwardFile>,
) -> Option<Action> {
    let place = file.span();
    let file = file.into_inner();
    if file.url.is_none() {
        let expected = "expected `url = \"http://127.0.0.1:8080/events\"`";
        findings.fault(Problem::hidden(
            place,
            "nothing says where to forward to",
            expected,
        ));
    }
    let url = findings.placed(file.url);
    let timeout = findings.value(file.timeout).unwrap_or(TIMEOUT);
    let secret = file
        .secret
        .map(|given| signing(findings, document, given).ok_or(()));
    let is_given = file.ca.is_some();
    let authorities = findings.placed(file.ca).and_then(|path| {
        let read = read(document, &path);
        findings
            .take(read)
            .map(|read| Spanned::new(path.span(), read))
    });
    let (url, secret) = (url?, secret.transpose().ok()?);
    if is_given && authorities.is_none() {
        return None;
    }
    look(findings, &url, authorities.as_ref());
    Some(Action::Forward {
        url: url.into_inner().0,
        secret,
        timeout,
        authorities: authorities.map(Spanned::into_inner),
    })
}

/// A secret that events can be signed with. `None`: there is a fault among the findings.
fn signing(
    findings: &mut Findings<'_>,
    document: &Arc<Document>,
    given: Spanned<Given>,
) -> Option<SecretSetting> {
    let setting = keys::secret(findings, document, given)?;
    let secret = findings.take(setting.origin().read())?;
    let any = Signable::new(b"")
        .with_id("any")
        .with_timestamp(SystemClock::default().now());
    if provider::STANDARD_WEBHOOKS
        .sign(&Keyring::new(secret), &any)
        .is_err()
    {
        let what = "no event can be signed with this";
        let expected =
            "expected `whsec_` and the base64 of 16 bytes or more, best of 32 random ones";
        findings.fault(setting.origin().problem(what, expected));
        return None;
    }
    Some(setting)
}

fn look(
    findings: &mut Findings<'_>,
    url: &Spanned<HttpUrl>,
    authorities: Option<&Spanned<Authorities>>,
) {
    let uri = &url.get_ref().0;
    if uri.scheme_str() != Some("http") {
        return;
    }
    if let Some(authorities) = authorities {
        let what = "there is no certificate to verify: the URL is one of plain HTTP";
        let expected = "expected a URL of https beside `ca`";
        findings.fault(Problem::shown(authorities.span(), what, expected));
    }
    if !uri.host().is_some_and(is_near) {
        let what = "events leave this machine as plain text";
        let expected = "use https, unless the network is your own";
        findings.warn(Problem::shown(url.span(), what, expected));
    }
}

/// Whether a host is this machine, or has a name that only a private network knows.
fn is_near(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let address = host.parse::<IpAddr>();
    address.map_or_else(|_| !host.contains('.'), |address| address.is_loopback())
}

/// The certificates of a file, at least one.
fn read(document: &Document, path: &Spanned<String>) -> Result<Authorities, Problem> {
    let place = path.span();
    let path = document.beside(path.get_ref());
    let fault = |error: &dyn fmt::Display| pem(&path, place.clone(), error, CERTIFICATES);
    let trusted = Trusted::read(&path).map_err(|error| fault(&error))?;
    if trusted.is_empty() {
        return Err(fault(&PemError::NoItemsFound));
    }
    let tls = trusted.client().map_err(|error| fault(&error))?;
    Ok(Authorities {
        path,
        tls: Arc::new(tls),
    })
}

const CERTIFICATES: &str = "a PEM file of the certificates of authorities";
const TIMEOUT: Duration = Duration::from_secs(10);

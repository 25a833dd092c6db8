//! [`Url`]: the URL by which the sender is believed to know the endpoint.

use axum::extract::OriginalUri;
use http::{HeaderValue, Uri, header, uri::PathAndQuery};

use crate::{
    explain::attempt::Attempt,
    scheme::{Part, Proof, original_uri},
    secret::Param,
};

/// A URL in pieces.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) scheme: String,
    pub(super) host: String,
    pub(super) port: Option<String>,
    pub(super) path: String,
    pub(super) query: Option<String>,
}

impl Url {
    /// The URL by which the sender is believed to know the endpoint; `None` where the signature covers none.
    pub(super) fn of(attempt: &Attempt) -> Option<Self> {
        let by_proof = matches!(
            attempt.scheme.proof,
            Proof::MessageSignature(_) | Proof::DraftSignature
        );
        (is_signed(attempt) || by_proof).then(|| Self::known(attempt))?
    }

    fn known(attempt: &Attempt) -> Option<Self> {
        let param = attempt.keyring.param(Param::PublicUrl);
        let given = param.and_then(|url| str::from_utf8(url.expose()).ok());
        match given.or(attempt.url.as_deref()) {
            Some(url) => Self::parse(&url.parse().ok()?, None),
            None => Self::parse(original_uri(&attempt.head), attempt.header("host")),
        }
    }

    fn parse(uri: &Uri, host: Option<&str>) -> Option<Self> {
        let authority = uri.authority().map(http::uri::Authority::as_str).or(host)?;
        let (host, port) = split_port(authority);
        Some(Self {
            scheme: uri.scheme_str().unwrap_or("https").to_owned(),
            host: host.to_owned(),
            port: port.map(str::to_owned),
            path: uri.path().to_owned(),
            query: uri.query().map(str::to_owned),
        })
    }

    fn authority(&self) -> String {
        match &self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    fn path_and_query(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }

    /// The attempt at this URL, told in every way in which it may be read.
    pub(super) fn put(&self, attempt: &Attempt) -> Option<Attempt> {
        let path: PathAndQuery = self.path_and_query().parse().ok()?;
        let host = HeaderValue::from_str(&self.authority()).ok()?;
        let url = format!("{}://{}{path}", self.scheme, self.authority());
        let moved = attempt.with_head(|head| {
            let mut parts = head.uri.clone().into_parts();
            parts.path_and_query = Some(path);
            // A path alone is a URI whenever the other parts were one with another path.
            head.uri = Uri::from_parts(parts).unwrap_or_else(|_| head.uri.clone());
            head.extensions.remove::<OriginalUri>();
            head.headers.insert(header::HOST, host);
        });
        let given = moved.keyring.param(Param::PublicUrl).is_some();
        Some(if given {
            moved.with_param(Param::PublicUrl, &url)
        } else {
            Attempt {
                url: Some(url),
                ..moved
            }
        })
    }
}

/// Whether the signature covers the URL or its path for certain.
fn is_signed(attempt: &Attempt) -> bool {
    let parts = |part: &Part| matches!(part, Part::Path | Part::EscapedPath);
    attempt.scheme.signs_url() || attempt.scheme.content.iter().any(parts)
}

/// The hint that tells which URL was assumed: without user, password and query.
pub(in super::super) fn assumed(attempt: &Attempt, hides_path: bool) -> Option<String> {
    if !is_signed(attempt) {
        return None;
    }
    let Some(url) = Url::known(attempt) else {
        return Some(
            "the signature covers the URL, and the request has no host to tell it by".to_owned(),
        );
    };
    let authority = url.authority();
    let host = authority
        .rsplit_once('@')
        .map_or(&*authority, |(_, host)| host);
    let rest = match (hides_path, &url.query) {
        (true, _) => " and the path and query of the request".to_owned(),
        (false, Some(_)) => format!("{} and a query", url.path),
        (false, None) => url.path.clone(),
    };
    Some(format!(
        "the signature covers the URL, and {}://{host}{rest} was assumed: compare it with the one in the sender's settings, and \
         say that with PublicUrl::base or Param::PublicUrl",
        url.scheme
    ))
}

pub(super) fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, Some(port)),
        _ => (authority, None),
    }
}

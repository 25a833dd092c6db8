//! [`PublicUrl`]: the URL by which the sender knows this endpoint, where the signature covers it.

mod forwarded;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::extract::{ConnectInfo, OriginalUri, connect_info::MockConnectInfo};
use http::{
    HeaderMap, Uri, header,
    request::Parts,
    uri::{Authority, PathAndQuery},
};
use ipnet::IpNet;

use self::forwarded::Forwarded;
use crate::error::{ConfigError, ConfigErrorKind, Rejection, RejectionKind};

/// How to tell the URL a sender signed ([`Part::Url`](crate::Part::Url): Twilio, Square), which is the one it was given: a
/// proxy in between may have changed scheme, host, port and path on the way.
///
/// | policy | scheme, host and port | path and query |
/// |---|---|---|
/// | [`as_received`](Self::as_received), the default | the `Host` header; `https` | as they came in |
/// | [`base`](Self::base) | as you say | as they came in, behind the base's own path |
/// | [`forwarded_by`](Self::forwarded_by) | as your proxy says, and nobody else | as they came in, behind the proxy's prefix |
///
/// The path that came in is that of the client's request also under [`Router::nest`](axum::Router::nest). A keyring that
/// holds the exact URL ([`Param::PublicUrl`](crate::Param::PublicUrl)) wins over all of these. A sender that does not sign
/// its URL has no use for any.
///
/// Set for all receivers with [`Hooks::with_public_url`](crate::Hooks::with_public_url), for one with
/// [`Receiver::public_url`](crate::Receiver::public_url).
///
/// ```
/// # fn main() -> Result<(), hooklatch::ConfigError> {
/// use hooklatch::{Hooks, PublicUrl};
///
/// // There is one public name, and it is known: the best there is, since it believes no header.
/// let hooks = Hooks::new().with_public_url(PublicUrl::base("https://hooks.example.com")?);
/// // There are several, and a proxy that says which it was.
/// let hooks = Hooks::new().with_public_url(PublicUrl::forwarded_by(["10.0.0.0/8", "fd00::/8"])?);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct PublicUrl(Policy);

#[derive(Clone, Debug, Default)]
enum Policy {
    #[default]
    AsReceived,
    /// Without a slash at its end.
    Base(Arc<str>),
    ForwardedBy(Arc<[IpNet]>),
}

impl PublicUrl {
    /// The URL as the request says: its `Host` and path, with `https` unless the request line itself names the scheme. Right
    /// without a proxy, and behind one that leaves `Host` and path alone.
    #[must_use]
    pub const fn as_received() -> Self {
        Self(Policy::AsReceived)
    }

    /// This base, followed by the path and query that came in: with `https://example.com/hooks` a request for `/a?b=c` is
    /// `https://example.com/hooks/a?b=c`. Headers count for nothing.
    ///
    /// # Errors
    /// [`ConfigErrorKind::Setting`]: not an absolute `http` or `https` URL, or one with credentials, query or fragment. A
    /// sender's URL with credentials is a secret and belongs into the keyring.
    pub fn base(url: &str) -> Result<Self, ConfigError> {
        let fault = || {
            let message = "a public base URL is like https://hooks.example.com: http or https, a host, no credentials, \
                           query or fragment";
            ConfigError::new(ConfigErrorKind::Setting, message)
        };
        let uri: Uri = url.parse().map_err(|_| fault())?;
        let scheme = matches!(uri.scheme_str(), Some("http" | "https"));
        let host = uri
            .authority()
            .is_some_and(|authority| is_host(authority.as_str()));
        if !scheme || !host || uri.query().is_some() || url.contains('#') {
            return Err(fault());
        }
        Ok(Self(Policy::Base(url.trim_end_matches('/').into())))
    }

    /// The URL as proxies in these networks say: scheme, host and port from `Forwarded` (RFC 7239) or from
    /// `X-Forwarded-Proto`, `-Host` and `-Port`, a path the proxy took away from `X-Forwarded-Prefix`. A network is written
    /// `10.0.0.0/8` or `fd00::/8`, a single address without the length.
    ///
    /// 1. Only where the peer of the connection is in one of the networks. From anybody else these headers are ignored,
    ///    and the request counts [as received](Self::as_received).
    /// 2. Of several values the last counts, which the nearest proxy wrote; those before it may be anybody's. Behind two
    ///    proxies the nearest has to pass on what the outer one said, in one value; if it cannot, use [`base`](Self::base).
    /// 3. What the proxy does not say is as received. Your proxy must set or remove **all** of these headers, or a stranger
    ///    says what it does not.
    /// 4. Values that are malformed, and two headers that contradict each other, are answered as a malformed signature is,
    ///    401: ignored, they would let a stranger choose which URL counts.
    /// 5. The peer is axum's [`ConnectInfo<SocketAddr>`](axum::extract::ConnectInfo). [`serve`](crate::serve()) provides it;
    ///    `axum::serve` only with `into_make_service_with_connect_info::<SocketAddr>()`. Without it: 503, our own fault.
    ///
    /// # Errors
    /// [`ConfigErrorKind::Setting`]: no network, one that cannot be read, or one of every address there is.
    pub fn forwarded_by<N: AsRef<str>>(
        networks: impl IntoIterator<Item = N>,
    ) -> Result<Self, ConfigError> {
        let networks: Arc<[IpNet]> = networks
            .into_iter()
            .map(|text| network(text.as_ref()))
            .collect::<Result<_, _>>()?;
        if networks.is_empty() {
            let message = "no network of proxies is named, so no forwarded header would ever count";
            return Err(ConfigError::new(ConfigErrorKind::Setting, message));
        }
        Ok(Self(Policy::ForwardedBy(networks)))
    }

    /// The URL of this request, as the layers ask it; for a verifier used without them ([`Unverified::with_url`]). `None`: the
    /// request does not name a host either.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use hooklatch::PublicUrl;
    ///
    /// let (head, ()) = http::Request::post("/a?b=c").body(())?.into_parts();
    /// let url = PublicUrl::base("https://example.com/hooks")?.of(&head)?;
    /// assert_eq!(url.as_deref(), Some("https://example.com/hooks/a?b=c"));
    /// # Ok(()) }
    /// ```
    ///
    /// [`Unverified::with_url`]: crate::Unverified::with_url
    ///
    /// # Errors
    /// Headers of a trusted proxy that are malformed (401), or the peer is not known (503).
    pub fn of(&self, head: &Parts) -> Result<Option<String>, Rejection> {
        let uri = original(head);
        let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
        match &self.0 {
            Policy::Base(base) => Ok(Some(format!("{base}{path}"))),
            Policy::ForwardedBy(networks) if is_among(networks, peer(head)?) => {
                let said = Forwarded::read(&head.headers).map_err(malformed)?;
                let scheme = said.proto.unwrap_or_else(|| scheme(uri));
                let received = host(uri, &head.headers)?;
                let Some(host) = said.host.as_deref().or(received) else {
                    return Ok(None);
                };
                let host = with_port(scheme, host, said.port);
                let prefix = said.prefix.unwrap_or_default();
                Ok(Some(format!("{scheme}://{host}{prefix}{path}")))
            }
            Policy::AsReceived | Policy::ForwardedBy(_) => {
                let host = host(uri, &head.headers)?;
                Ok(host.map(|host| format!("{}://{host}{path}", scheme(uri))))
            }
        }
    }
}

/// The URI the client sent, whatever routers took off it.
fn original(head: &Parts) -> &Uri {
    let original = head.extensions.get::<OriginalUri>();
    original.map_or(&head.uri, |OriginalUri(uri)| uri)
}

fn scheme(uri: &Uri) -> &str {
    uri.scheme_str().unwrap_or("https")
}

/// The host the request names. In a URL everything up to the first slash is the host: one that held a slash would pass
/// for part of a path.
fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Result<Option<&'a str>, Rejection> {
    let mut named = headers.get_all(header::HOST).iter();
    let host = match (named.next(), named.next()) {
        (None, _) => None,
        (Some(host), None) => Some(host.to_str().unwrap_or_default()),
        (Some(_), Some(_)) => return Err(malformed("the header Host repeats")),
    };
    let host = uri.authority().map(Authority::as_str).or(host);
    if host.is_some_and(|host| !is_host(host)) {
        return Err(malformed("the header Host is no host"));
    }
    Ok(host)
}

fn malformed(what: &'static str) -> Rejection {
    Rejection::new(RejectionKind::SignatureMalformed, what)
}

/// The host with another port, which is left out where it goes without saying.
fn with_port(scheme: &str, host: &str, port: Option<u16>) -> String {
    let bare = host.parse::<Authority>();
    match (bare, port) {
        (Ok(authority), Some(443)) if scheme == "https" => authority.host().to_owned(),
        (Ok(authority), Some(80)) if scheme == "http" => authority.host().to_owned(),
        (Ok(authority), Some(port)) => format!("{}:{port}", authority.host()),
        (Err(_), _) | (_, None) => host.to_owned(),
    }
}

/// Whether a text is a host, with or without a port, and nothing more.
fn is_host(text: &str) -> bool {
    let authority = text.parse::<Authority>();
    authority.is_ok_and(|authority| {
        let (host, port) = (authority.host(), authority.port());
        let rest = text.strip_prefix(host).unwrap_or(text);
        !host.is_empty() && (rest.is_empty() || port.is_some_and(|port| rest == format!(":{port}")))
    })
}

fn peer(head: &Parts) -> Result<SocketAddr, Rejection> {
    let real = head.extensions.get::<ConnectInfo<SocketAddr>>();
    let mock = || head.extensions.get::<MockConnectInfo<SocketAddr>>();
    real.map(|ConnectInfo(peer)| *peer)
        .or_else(|| mock().map(|MockConnectInfo(peer)| *peer))
        .ok_or_else(|| {
            let detail = "no ConnectInfo<SocketAddr> tells which proxy this is: serve with hooklatch::serve, or with \
                          into_make_service_with_connect_info::<SocketAddr>()";
            Rejection::new(RejectionKind::Misconfigured, detail)
        })
}

/// A socket for both families shows a peer of IPv4 as one of IPv6.
fn is_among(networks: &[IpNet], peer: SocketAddr) -> bool {
    let peer = peer.ip().to_canonical();
    networks.iter().any(|network| network.contains(&peer))
}

fn network(text: &str) -> Result<IpNet, ConfigError> {
    let fault = |what| {
        let message = format!("`{text}` {what}: write a network of proxies like 10.0.0.0/8");
        ConfigError::new(ConfigErrorKind::Setting, message)
    };
    let network = text
        .parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| fault("is no network"))?;
    if network.prefix_len() == 0 {
        return Err(fault("is everybody"));
    }
    if network.addr() != network.addr().to_canonical() {
        return Err(fault("is IPv4 written as IPv6"));
    }
    Ok(network)
}

//! Under which name a request asks. A page of a stranger whose name suddenly resolves to this machine (DNS rebinding) may
//! read what it likes from there, but it cannot say that it asked for `localhost`.

use axum::extract::ConnectInfo;
use http::{header, request::Parts, uri::Authority};
use std::net::SocketAddr;

/// Host and port that a request asks for. `None`: it says none, several, or something else.
pub(super) fn authority(head: &Parts) -> Option<Authority> {
    let mut hosts = head.headers.get_all(header::HOST).iter();
    let Some(host) = hosts.next() else {
        // HTTP/2 has it in the URI.
        return head.uri.authority().cloned();
    };
    let authority = Authority::try_from(host.as_bytes()).ok()?;
    (hosts.next().is_none() && !authority.as_str().contains('@')).then_some(authority)
}

/// Whether a host is this machine's own, whatever the names of its network resolve to.
pub(super) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host == "127.0.0.1" || host == "[::1]"
}

/// Whether the request comes from another machine, as far as the server tells.
pub(super) fn comes_from_elsewhere(head: &Parts) -> bool {
    let peer = head.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.is_some_and(|ConnectInfo(peer)| !peer.ip().to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn head(hosts: &[&str]) -> Parts {
        let mut request = Request::builder();
        for host in hosts {
            request = request.header(header::HOST, *host);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn one_host_is_read_with_its_port() {
        for (host, expected) in [
            ("localhost", true),
            ("LocalHost:80", true),
            ("127.0.0.1:9000", true),
            ("[::1]:9000", true),
            ("localhost.example.com", false),
            ("127.0.0.1.example.com", false),
            ("example.com", false),
            ("0.0.0.0", false),
        ] {
            let authority = authority(&head(&[host])).unwrap();
            assert_eq!(is_loopback(authority.host()), expected, "{host}");
        }
        for hosts in [
            &["localhost", "localhost"][..],
            &["a@localhost"],
            &["local host"],
            &[""],
            &[],
        ] {
            assert_eq!(authority(&head(hosts)), None, "{hosts:?}");
        }
    }

    #[test]
    fn a_peer_is_local_or_not() {
        for (peer, elsewhere) in [
            ("127.0.0.1:1", false),
            ("[::1]:1", false),
            ("[::ffff:127.0.0.1]:1", false),
            ("10.0.0.1:1", true),
        ] {
            let mut head = head(&[]);
            assert!(!comes_from_elsewhere(&head));
            head.extensions
                .insert(ConnectInfo::<SocketAddr>(peer.parse().unwrap()));
            assert_eq!(comes_from_elsewhere(&head), elsewhere, "{peer}");
        }
    }
}

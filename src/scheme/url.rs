//! The URL that a sender signed, in the spellings it may have. Pure.

use axum::extract::OriginalUri;
use http::{
    HeaderMap, Uri, header,
    request::Parts,
    uri::{Authority, PathAndQuery},
};

use super::{Unverified, keys::Ring};

/// The URL the sender was given: of the keyring, else of the policy, else of the request itself.
pub(super) fn signed_url(ring: &Ring, request: &Unverified<'_>) -> String {
    let uri = original_uri(request.head);
    match (&ring.public_url, request.url) {
        (Some(given), _) => with_query(given, uri.query()),
        (None, Some(told)) => told.to_owned(),
        (None, None) => received(uri, &request.head.headers),
    }
}

/// The URI as the client sent it: a nested router takes the prefix off the request's own.
pub(crate) fn original_uri(head: &Parts) -> &Uri {
    head.extensions
        .get::<OriginalUri>()
        .map_or(&head.uri, |original| &original.0)
}

/// The spellings of a URL that name the same place: with the port and without, an empty path as nothing or as a slash
/// (RFC 3986, section 6.2.3), and with apostrophes as they are, all escaped or none. A sender signs the URL it was given, a proxy may show another of these.
///
/// `None` for a text that no sender can have been given as a URL: what is no part of one (RFC 3986, section 2) must not
/// move between the URL and what follows it in the signed content.
pub(super) fn spellings(url: &str) -> Option<Vec<String>> {
    if !url.bytes().all(is_of_a_url) {
        return None;
    }
    let mut all = vec![url.to_owned()];
    let mut add = |spelling: Option<String>| {
        if let Some(spelling) = spelling.filter(|spelling| !all.contains(spelling)) {
            all.push(spelling);
        }
    };
    let paths = [Some(url.to_owned()), with_other_empty_path(url)];
    let ports = paths
        .into_iter()
        .flatten()
        .flat_map(|url| [without_port(&url), with_port(&url), Some(url)]);
    for spelling in ports.flatten() {
        add(Some(spelling.replace('\'', "%27")));
        add(Some(spelling.replace("%27", "'")));
        add(Some(spelling));
    }
    Some(all)
}

/// A URL as its owner gives it, but for the query: that of the request counts where it has one, since senders add to it
/// and what is read of it has to be what was signed.
pub(super) fn with_query(given: &str, received: Option<&str>) -> String {
    let start = given.split_once('?').map_or(given, |(start, _)| start);
    match received.filter(|query| !query.is_empty()) {
        Some(query) => format!("{start}?{query}"),
        None => given.to_owned(),
    }
}

/// A URL without its query.
pub(super) fn bare(url: &str) -> &str {
    url.split_once('?').map_or(url, |(start, _)| start)
}

/// The path and the escaped query, escaped once more.
pub(super) fn escaped(uri: &Uri) -> String {
    let mut text = uri.path().to_owned();
    if let Some(query) = uri.query().filter(|query| !query.is_empty()) {
        text.push('?');
        text.push_str(&escape(query, b"-_.!~*'()"));
    }
    escape(&text, b";/?:@&=+$,#-_.!~*'()")
}

/// Percent-encodes all but letters, digits and these.
fn escape(text: &str, kept: &[u8]) -> String {
    let one = |byte: u8| {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(one).collect()
}

/// The URL as the request says it, `https` where that does not say.
pub(super) fn received(uri: &Uri, headers: &HeaderMap) -> String {
    let host = || headers.get(header::HOST)?.to_str().ok();
    let scheme = uri.scheme_str().unwrap_or("https");
    let authority = uri.authority().map(Authority::as_str).or_else(host);
    let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    format!("{scheme}://{}{path}", authority.unwrap_or_default())
}

fn without_port(url: &str) -> Option<String> {
    let (start, authority, rest) = parts(url)?;
    let (host, port) = authority.rsplit_once(':')?;
    is_port(port).then(|| format!("{start}{host}{rest}"))
}

fn with_port(url: &str) -> Option<String> {
    let (start, authority, rest) = parts(url)?;
    let port = match start {
        "https://" => 443,
        "http://" => 80,
        _ => return None,
    };
    let has_one = authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| is_port(port));
    (!has_one).then(|| format!("{start}{authority}:{port}{rest}"))
}

/// Of an empty path the other spelling.
fn with_other_empty_path(url: &str) -> Option<String> {
    let (start, authority, rest) = parts(url)?;
    let (slash, rest) = match rest.strip_prefix('/') {
        Some(rest) => ("", rest),
        None => ("/", rest),
    };
    let is_empty = rest.is_empty() || rest.starts_with('?');
    is_empty.then(|| format!("{start}{authority}{slash}{rest}"))
}

/// The scheme with its slashes, the authority, and the rest.
fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let host = url.find("://")?.saturating_add(3);
    let (start, rest) = url.split_at_checked(host)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at_checked(end)?;
    Some((start, authority, rest))
}

/// A number: what stands behind the colon of `user:pass@host` is none.
fn is_port(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) const fn is_of_a_url(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_may_be_there_or_not() {
        let all = |url| spellings(url).unwrap();
        assert!(all("https://a.example/x").contains(&"https://a.example:443/x".to_owned()));
        assert!(all("http://a.example?x").contains(&"http://a.example:80?x".to_owned()));
        assert!(all("https://a.example:1234/x").contains(&"https://a.example/x".to_owned()));
        assert!(!all("https://a.example:1234/x").contains(&"https://a.example:443/x".to_owned()));
        let user = all("https://user:pass@a.example/x");
        assert!(user.contains(&"https://user:pass@a.example:443/x".to_owned()));
        assert!(!user.iter().any(|url| url.contains("user/x")));
        assert!(all("https://[::1]/x").contains(&"https://[::1]:443/x".to_owned()));
        assert_eq!(all("/x"), ["/x"]);
    }

    #[test]
    fn an_empty_path_may_be_a_slash_or_nothing() {
        let all = |url| spellings(url).unwrap();
        assert!(all("https://a.example/").contains(&"https://a.example".to_owned()));
        assert!(all("https://a.example").contains(&"https://a.example/".to_owned()));
        assert!(all("https://a.example/?b").contains(&"https://a.example:443?b".to_owned()));
        assert!(all("https://a.example:80?b").contains(&"https://a.example/?b".to_owned()));
        assert!(!all("https://a.example/x").contains(&"https://a.example/x/".to_owned()));
        assert!(!all("https://a.example//").contains(&"https://a.example/".to_owned()));
        assert_eq!(all("/"), ["/"]);
    }

    #[test]
    fn an_apostrophe_has_two_spellings() {
        let all = spellings("/x?it's").unwrap();
        assert_eq!(all, ["/x?it's", "/x?it%27s"]);
        assert_eq!(spellings("/x?it%27s").unwrap().len(), 2);
    }

    #[test]
    fn what_no_url_holds_is_refused() {
        for url in [
            "https://a/{",
            "https://a/\"",
            "https://a/ b",
            "https://a/\u{e9}",
        ] {
            assert_eq!(spellings(url), None, "{url}");
        }
    }

    #[test]
    fn a_query_is_escaped_twice() {
        let escaped = |uri| escaped(&Uri::from_static(uri));
        assert_eq!(escaped("/api/v1?a=1&b=2"), "/api/v1?a%253D1%2526b%253D2");
        assert_eq!(escaped("/a%20b"), "/a%2520b");
        assert_eq!(escaped("/a?"), "/a");
        assert_eq!(bare("https://a/x?b=1"), "https://a/x");
    }

    #[test]
    fn the_owners_url_takes_the_query_of_the_request() {
        assert_eq!(with_query("https://a/x", None), "https://a/x");
        assert_eq!(with_query("https://a/x", Some("b=1")), "https://a/x?b=1");
        assert_eq!(
            with_query("https://a/x?b=1", Some("b=1&c=2")),
            "https://a/x?b=1&c=2"
        );
        assert_eq!(with_query("https://a/x?b=1", None), "https://a/x?b=1");
    }
}

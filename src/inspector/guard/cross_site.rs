//! Whether a request that changes something was made by a page of ours.

use http::{HeaderMap, Uri, header, uri::Authority};

/// Whether a browser says that another page made the request. A client that is no browser says nothing: it has no cookie
/// of somebody else, and needs the token of a form all the same.
pub(super) fn is_cross_site(headers: &HeaderMap, asked: &Authority) -> bool {
    let mut sites = headers.get_all("sec-fetch-site").iter().peekable();
    if sites.peek().is_some() {
        // Browsers send it to trustworthy addresses: HTTPS and loopback.
        return !sites.all(|site| site == "same-origin");
    }
    let mut origins = headers.get_all(header::ORIGIN).iter();
    !origins.all(|origin| {
        let origin = Uri::try_from(origin.as_bytes()).ok();
        origin.is_some_and(|origin| origin.authority() == Some(asked))
    })
}

/// Whether the page that made the request came over TLS, as far as its browser tells.
pub(super) fn is_over_tls(headers: &HeaderMap) -> bool {
    let origin = headers.get(header::ORIGIN);
    origin.is_some_and(|origin| origin.as_bytes().starts_with(b"https://"))
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn only_pages_of_the_same_origin_may_ask() {
        for (headers, expected) in [
            (&[][..], false),
            (&[("sec-fetch-site", "same-origin")], false),
            (&[("sec-fetch-site", "same-site")], true),
            (&[("sec-fetch-site", "cross-site")], true),
            (&[("sec-fetch-site", "none")], true),
            (
                &[
                    ("sec-fetch-site", "same-origin"),
                    ("sec-fetch-site", "cross-site"),
                ],
                true,
            ),
            (&[("origin", "http://localhost:9000")], false),
            (&[("origin", "http://localhost:9001")], true),
            (&[("origin", "http://evil.example")], true),
            (&[("origin", "null")], true),
            (&[("origin", "")], true),
            (
                &[
                    ("origin", "http://localhost:9000"),
                    ("origin", "http://evil.example"),
                ],
                true,
            ),
        ] {
            let pairs = headers.iter().map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            });
            let mut map = HeaderMap::new();
            for (name, value) in pairs {
                map.append(name, value);
            }
            let asked = Authority::from_static("localhost:9000");
            assert_eq!(is_cross_site(&map, &asked), expected, "{headers:?}");
        }
    }
}

//! The URL a request was sent to, in the pieces that signatures name. Pure.

use super::super::url::is_of_a_url;

/// The pieces of a URL.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::scheme) struct Target {
    pub(in crate::scheme) scheme: String,
    /// As it was given, without user information.
    pub(in crate::scheme) host: String,
    pub(in crate::scheme) path: String,
    pub(in crate::scheme) query: Option<String>,
}

impl Target {
    /// Takes an absolute URL apart. `None` for what is none.
    pub(in crate::scheme) fn new(url: &str) -> Option<Self> {
        let url = url.split_once('#').map_or(url, |(url, _)| url);
        if !url.bytes().all(is_of_a_url) {
            return None;
        }
        let (scheme, rest) = url.split_once("://")?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at_checked(end)?;
        let host = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        Some(Self {
            scheme: scheme.to_ascii_lowercase(),
            host: host.to_owned(),
            path: if path.is_empty() { "/" } else { path }.to_owned(),
            query: query.map(str::to_owned),
        })
    }

    /// The host in lower case, with the port where it does not go without saying (RFC 9421, section 2.2.3).
    pub(in crate::scheme) fn authority(&self) -> String {
        let default = match &*self.scheme {
            "https" => ":443",
            "http" => ":80",
            _ => "",
        };
        let host = self.host.strip_suffix(default).unwrap_or(&self.host);
        host.to_ascii_lowercase()
    }

    /// All of it.
    pub(in crate::scheme) fn uri(&self) -> String {
        format!(
            "{}://{}{}",
            self.scheme,
            self.authority(),
            self.path_and_query()
        )
    }

    /// Path and query, as a request line has them.
    pub(in crate::scheme) fn path_and_query(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }

    /// Whether there is a query that a signature could leave out.
    pub(in crate::scheme) const fn has_query(&self) -> bool {
        self.query.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        let target = Target::new("HTTPS://u:p@Example.com:443/a/b?c=d?e#f").unwrap();
        assert_eq!(target.uri(), "https://example.com/a/b?c=d?e");
        assert_eq!(target.authority(), "example.com");
        assert_eq!(
            (&*target.path, target.query.as_deref()),
            ("/a/b", Some("c=d?e"))
        );
        assert_eq!(
            Target::new("http://a:8080?x").unwrap().uri(),
            "http://a:8080/?x"
        );
        assert_eq!(
            Target::new("http://[::1]:80").unwrap().uri(),
            "http://[::1]/"
        );
        assert_eq!(Target::new("https://a:80/").unwrap().authority(), "a:80");
        assert!(!Target::new("https://a/").unwrap().has_query());
        assert!(Target::new("https://a/?").unwrap().has_query());
        for url in ["", "/a", "https://a/ b", "https://a/\u{e9}", "https://a/\""] {
            assert_eq!(Target::new(url), None, "{url}");
        }
    }
}

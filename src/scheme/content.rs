//! The exact bytes a signature covers, chunk after chunk. Pure.

use std::{borrow::Cow, collections::BTreeSet};

use http::{
    HeaderMap, Uri, header,
    uri::{Authority, PathAndQuery},
};

use super::Part;

/// The most headers one content may cover.
pub(super) const MOST_HEADERS: usize = 4;

/// What the parts of a content stand for in one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a> {
    pub(super) id: &'a [u8],
    pub(super) timestamp: &'a [u8],
    pub(super) method: &'a str,
    /// The URL the sender was given, as the owner says.
    pub(super) public_url: Option<&'a str>,
    pub(super) uri: &'a Uri,
    /// The values of the covered headers, in the order of the parts.
    pub(super) headers: [&'a [u8]; MOST_HEADERS],
    /// All headers, for the host.
    pub(super) all_headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

/// Gives the content to `sink`, in order. Nothing is copied but a sorted form.
pub(super) fn feed(parts: &[Part], values: &Values<'_>, sink: &mut dyn FnMut(&[u8])) {
    let mut headers = values.headers.iter();
    for part in parts {
        match part {
            Part::Literal(text) => sink(text.as_bytes()),
            Part::Id => sink(values.id),
            Part::Timestamp => sink(values.timestamp),
            Part::Method => sink(values.method.as_bytes()),
            Part::Url => feed_url(values, sink),
            Part::Path => sink(path_and_query(values.uri).as_bytes()),
            Part::Header(_) => sink(headers.next().copied().unwrap_or_default()),
            Part::Body => sink(values.body),
            Part::SortedForm => feed_form(values.body, sink),
        }
    }
}

/// Whether a text of the sender's choice holds the delimiter beside it: then the same bytes could be cut in another
/// place, and one signature would stand for two requests. In front of the text a delimiter counts only where a variable
/// part stands before it.
pub(super) fn is_ambiguous(parts: &[Part], values: &Values<'_>) -> bool {
    let mut headers = values.headers.iter();
    let mut before: (Option<&Part>, Option<&Part>) = (None, None);
    let mut following = parts.iter().skip(1);
    parts.iter().any(|part| {
        let (variable, delimiter) = before;
        let next = following.next();
        before = (delimiter, Some(part));
        let text = match part {
            Part::Id => values.id,
            Part::Header(_) => headers.next().copied().unwrap_or_default(),
            // A timestamp is checked to be one: no other cut of it is a timestamp.
            _ => return false,
        };
        holds_literal(text, next)
            || (variable.is_some_and(Part::is_open) && holds_literal(text, delimiter))
    })
}

impl Part {
    /// Whether a sender, or whoever replays a request, could make the part end elsewhere: its text is free.
    pub(super) const fn is_open(&self) -> bool {
        match self {
            Self::Id | Self::Url | Self::Path | Self::Header(_) | Self::Body | Self::SortedForm => {
                true
            }
            Self::Literal(_) | Self::Timestamp | Self::Method => false,
        }
    }
}

fn holds_literal(text: &[u8], part: Option<&Part>) -> bool {
    matches!(part, Some(Part::Literal(delimiter)) if holds(text, delimiter.as_bytes()))
}

fn holds(text: &[u8], delimiter: &[u8]) -> bool {
    match delimiter {
        [byte] => text.contains(byte),
        _ => text
            .windows(delimiter.len().max(1))
            .any(|window| window == delimiter),
    }
}

/// The URL: as the owner says, else as the request does, `https` where that does not say.
fn feed_url(values: &Values<'_>, sink: &mut dyn FnMut(&[u8])) {
    if let Some(url) = values.public_url {
        return sink(url.as_bytes());
    }
    let host = || {
        values
            .all_headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
    };
    let scheme = values.uri.scheme_str().unwrap_or("https");
    let host = values
        .uri
        .authority()
        .map(Authority::as_str)
        .or_else(host)
        .unwrap_or_default();
    for text in [scheme, "://", host, path_and_query(values.uri)] {
        sink(text.as_bytes());
    }
}

/// The path and query as received.
fn path_and_query(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", PathAndQuery::as_str)
}

fn feed_form(body: &[u8], sink: &mut dyn FnMut(&[u8])) {
    let fields: BTreeSet<(Cow<'_, str>, Cow<'_, str>)> = form_urlencoded::parse(body).collect();
    for (name, value) in fields {
        sink(name.as_bytes());
        sink(value.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Values<'a> {
        Values {
            id: b"msg_1",
            timestamp: b"17",
            method: "POST",
            public_url: None,
            uri,
            headers: [b"one", b"two", b"", b""],
            all_headers: headers,
            body: b"b=2&a=1&b=1&a=1&c=%C3%A9",
        }
    }

    fn content(parts: &[Part]) -> String {
        let mut bytes = Vec::new();
        let headers = [(header::HOST, "example.com".parse().unwrap())]
            .into_iter()
            .collect();
        let uri = Uri::from_static("/hook?a=b");
        feed(parts, &values(&uri, &headers), &mut |chunk| {
            bytes.extend_from_slice(chunk);
        });
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn every_part_stands_for_its_bytes() {
        let parts = [
            Part::Id,
            Part::literal("."),
            Part::Timestamp,
            Part::literal("."),
            Part::Method,
        ];
        assert_eq!(content(&parts), "msg_1.17.POST");
        assert_eq!(content(&[Part::Url]), "https://example.com/hook?a=b");
        assert_eq!(
            content(&[Part::Path, Part::Body]),
            "/hook?a=bb=2&a=1&b=1&a=1&c=%C3%A9"
        );
        assert_eq!(
            content(&[Part::Header("x".into()), Part::Header("y".into())]),
            "onetwo"
        );
        assert_eq!(content(&[Part::SortedForm]), "a1b1b2cé");
    }

    #[test]
    fn a_text_that_holds_its_delimiter_is_ambiguous() {
        let parts = [Part::Id, Part::literal("."), Part::Body];
        let (uri, headers) = (Uri::default(), HeaderMap::new());
        let values = values(&uri, &headers);
        assert!(!is_ambiguous(&parts, &values));
        assert!(is_ambiguous(
            &parts,
            &Values {
                id: b"msg.1",
                ..values
            }
        ));
        let parts = [
            Part::Header("x".into()),
            Part::Header("y".into()),
            Part::literal("."),
            Part::Body,
        ];
        assert!(is_ambiguous(
            &parts,
            &Values {
                headers: [b"a", b"b.c", b"", b""],
                ..values
            }
        ));
        assert!(!is_ambiguous(
            &parts,
            &Values {
                headers: [b"a.b", b"c", b"", b""],
                ..values
            }
        ));
        let parts = [Part::Body, Part::literal("."), Part::Id];
        assert!(!is_ambiguous(&parts, &values));
        assert!(is_ambiguous(
            &parts,
            &Values {
                id: b"msg.1",
                ..values
            }
        ));
        let parts = [
            Part::literal("v1:"),
            Part::Id,
            Part::literal("|"),
            Part::Body,
        ];
        assert!(!is_ambiguous(
            &parts,
            &Values {
                id: b"v1:1",
                ..values
            }
        ));
    }
}

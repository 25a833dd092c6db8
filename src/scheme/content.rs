//! The exact bytes a signature covers, chunk after chunk. Pure.

use std::{borrow::Cow, collections::BTreeSet};

use super::Part;

/// The most headers one content may cover.
pub(super) const MOST_HEADERS: usize = 4;

/// What the parts of a content stand for in one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a> {
    pub(super) id: &'a str,
    pub(super) timestamp: &'a str,
    pub(super) method: &'a str,
    pub(super) url: Url<'a>,
    pub(super) path: &'a str,
    /// The values of the covered headers, in the order of the parts.
    pub(super) headers: [&'a str; MOST_HEADERS],
    pub(super) body: &'a [u8],
}

/// The URL the sender was given.
#[derive(Clone, Copy, Debug)]
pub(super) enum Url<'a> {
    /// As the owner says.
    Public(&'a str),
    /// As the request says.
    Received { scheme: &'a str, host: &'a str },
}

/// Gives the content to `sink`, in order. Nothing is copied but a sorted form.
pub(super) fn feed(parts: &[Part], values: &Values<'_>, sink: &mut dyn FnMut(&[u8])) {
    let mut headers = values.headers.iter();
    for part in parts {
        match part {
            Part::Literal(text) => sink(text.as_bytes()),
            Part::Id => sink(values.id.as_bytes()),
            Part::Timestamp => sink(values.timestamp.as_bytes()),
            Part::Method => sink(values.method.as_bytes()),
            Part::Url => feed_url(values, sink),
            Part::Path => sink(values.path.as_bytes()),
            Part::Header(_) => sink(headers.next().copied().unwrap_or_default().as_bytes()),
            Part::Body => sink(values.body),
            Part::SortedForm => feed_form(values.body, sink),
        }
    }
}

/// Whether a text of the sender's choice holds the delimiter behind it: then the same bytes could be cut in another
/// place, and one signature would stand for two requests.
pub(super) fn is_ambiguous(parts: &[Part], values: &Values<'_>) -> bool {
    let mut headers = values.headers.iter();
    parts.iter().zip(parts.iter().skip(1)).any(|(part, next)| {
        let text = match part {
            Part::Id => values.id,
            Part::Header(_) => headers.next().copied().unwrap_or_default(),
            // A timestamp is checked to be one: no other cut of it is a timestamp.
            _ => return false,
        };
        matches!(next, Part::Literal(delimiter) if text.contains(&**delimiter))
    })
}

fn feed_url(values: &Values<'_>, sink: &mut dyn FnMut(&[u8])) {
    match values.url {
        Url::Public(url) => sink(url.as_bytes()),
        Url::Received { scheme, host } => {
            for text in [scheme, "://", host, values.path] {
                sink(text.as_bytes());
            }
        }
    }
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

    const VALUES: Values<'_> = Values {
        id: "msg_1",
        timestamp: "17",
        method: "POST",
        url: Url::Received {
            scheme: "https",
            host: "example.com",
        },
        path: "/hook?a=b",
        headers: ["one", "two", "", ""],
        body: b"b=2&a=1&b=1&a=1&c=%C3%A9",
    };

    fn content(parts: &[Part]) -> String {
        let mut bytes = Vec::new();
        feed(parts, &VALUES, &mut |chunk| bytes.extend_from_slice(chunk));
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
        assert!(!is_ambiguous(&parts, &VALUES));
        assert!(is_ambiguous(
            &parts,
            &Values {
                id: "msg.1",
                ..VALUES
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
                headers: ["a", "b.c", "", ""],
                ..VALUES
            }
        ));
        assert!(!is_ambiguous(
            &parts,
            &Values {
                headers: ["a.b", "c", "", ""],
                ..VALUES
            }
        ));
    }
}

//! The exact bytes a signature covers, chunk after chunk. Pure.

use std::{borrow::Cow, collections::BTreeSet, slice::Iter};

use http::{Uri, uri::PathAndQuery};

use super::{ListedAs, Part, ascii::contains, url};
use crate::{
    secret::{Param, Secret},
    source::Source,
};

/// The most headers and texts one content may cover.
pub(super) const MOST_COVERED: usize = 16;

/// A covered header or text, if it is there.
pub(super) type Covered<'a> = Option<Cow<'a, [u8]>>;

/// What the parts of a content stand for in one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a> {
    pub(super) id: &'a [u8],
    pub(super) timestamp: &'a [u8],
    pub(super) method: &'a str,
    /// The URL the sender was given, in one spelling.
    pub(super) url: &'a str,
    pub(super) uri: &'a Uri,
    /// The covered headers and texts, in the order of the parts; of parts that are there only where a place is, first
    /// what that place holds.
    pub(super) covered: &'a [Covered<'a>],
    /// Whether a digest stands for the body.
    pub(super) has_digest: bool,
    pub(super) body: &'a [u8],
    /// What the keyring has besides keys.
    pub(super) params: &'a [(Param, Secret)],
    /// Whether the optional texts are there.
    pub(super) with_optional: bool,
    /// Whether what hangs on a field beside the signature is left out: what all ways to sign have in common.
    pub(super) without_fields: bool,
}

/// Gives the content to `sink`, in order. Nothing is copied but a sorted form.
pub(super) fn feed(parts: &[Part], values: &Values<'_>, sink: &mut dyn FnMut(&[u8])) {
    feed_each(parts, values, &mut values.covered.iter(), sink);
}

fn feed_each(
    parts: &[Part],
    values: &Values<'_>,
    covered: &mut Iter<'_, Covered<'_>>,
    sink: &mut dyn FnMut(&[u8]),
) {
    for part in parts {
        match part {
            Part::Literal(text) => sink(text.as_bytes()),
            Part::Id => sink(values.id),
            Part::Timestamp => sink(values.timestamp),
            Part::Method => sink(values.method.as_bytes()),
            Part::Url => sink(values.url.as_bytes()),
            Part::Path => sink(path_and_query(values.uri).as_bytes()),
            Part::EscapedPath => sink(url::escaped(values.uri).as_bytes()),
            Part::BareUrl => sink(url::bare(values.url).as_bytes()),
            Part::SortedUrl => feed_url(values, sink),
            Part::Header(_)
            | Part::Text(_)
            | Part::FreeText(_)
            | Part::Listed(_)
            | Part::Document
            | Part::FirstElement => {
                sink(next(covered).unwrap_or_default());
            }
            Part::Body => sink(values.body),
            Part::Crc32 => sink(crc32(values.body).to_string().as_bytes()),
            Part::Param(param) => {
                let mut params = values.params.iter();
                let found = params.find(|(known, _)| known == param);
                sink(found.map(|(_, value)| value.expose()).unwrap_or_default());
            }
            Part::SortedForm if values.has_digest => {}
            Part::SortedForm => feed_form(values.body, sink),
            Part::Maybe(text) if values.with_optional => sink(text.as_bytes()),
            Part::Maybe(_) => {}
            Part::Where(Source::Field(_), parts) if values.without_fields => {
                if next(covered).is_some() {
                    feed_each(parts, values, covered, &mut |_| ());
                }
            }
            Part::Where(_, parts) => {
                if next(covered).is_some() {
                    feed_each(parts, values, covered, sink);
                }
            }
        }
    }
}

/// The next of the covered texts, if it is there.
pub(super) fn next<'a>(covered: &mut Iter<'a, Covered<'_>>) -> Option<&'a [u8]> {
    covered.next()?.as_deref()
}

/// Whether a text of the sender's choice holds the delimiter beside it: then the same bytes could be cut in another
/// place, and one signature would stand for two requests. In front of the text a delimiter counts only where a variable
/// part stands before it.
pub(super) fn is_ambiguous(parts: &[Part], values: &Values<'_>) -> bool {
    let mut look = Look {
        values,
        covered: values.covered.iter(),
        before: (None, None),
    };
    look.finds(parts, &[])
}

/// A walk along the content in search of a text that holds a delimiter.
struct Look<'v> {
    values: &'v Values<'v>,
    covered: Iter<'v, Covered<'v>>,
    /// The two parts before.
    before: (Option<&'v Part>, Option<&'v Part>),
}

impl<'v> Look<'v> {
    /// Whether a text of these parts holds the delimiter beside it; `then` is what follows them.
    fn finds(&mut self, parts: &'v [Part], then: &[Part]) -> bool {
        let mut rest = parts;
        while let [part, following @ ..] = rest {
            rest = following;
            if let Part::Where(_, inner) = part {
                if next(&mut self.covered).is_some() && self.finds(inner, following) {
                    return true;
                }
                continue;
            }
            let (variable, delimiter) = self.before;
            self.before = (delimiter, Some(part));
            let text = match part {
                Part::Id => self.values.id,
                Part::Header(_) | Part::Text(_) | Part::Document | Part::FirstElement => {
                    next(&mut self.covered).unwrap_or_default()
                }
                // Free by nature: the texts beside them are not, and of a list `body_is_loose` tells the rest.
                Part::Listed(_) | Part::FreeText(_) => {
                    next(&mut self.covered);
                    continue;
                }
                // A timestamp is checked to be one: no other cut of it is a timestamp.
                _ => continue,
            };
            let following = if following.is_empty() {
                then
            } else {
                following
            };
            if may_end(text, following)
                || (variable.is_some_and(Part::is_open) && holds_literal(text, delimiter))
            {
                return true;
            }
        }
        false
    }
}

/// Whether a text holds a literal that follows it, in this request or in another.
fn may_end(text: &[u8], following: &[Part]) -> bool {
    match following {
        [Part::Where(_, inner), after @ ..] => may_end(text, inner) || may_end(text, after),
        [part, ..] => holds_literal(text, Some(part)),
        [] => false,
    }
}

impl Part {
    /// Whether a sender, or whoever replays a request, could make the part end elsewhere: its text is free.
    pub(super) const fn is_open(&self) -> bool {
        match self {
            Self::Id
            | Self::Url
            | Self::BareUrl
            | Self::SortedUrl
            | Self::Path
            | Self::EscapedPath
            | Self::Header(_)
            | Self::Text(_)
            | Self::FreeText(_)
            | Self::Body
            | Self::SortedForm
            | Self::Document
            | Self::FirstElement
            | Self::Where(..) => true,
            // Lines end where no header goes on.
            Self::Listed(listed) => !matches!(listed.written, ListedAs::Lines),
            Self::Literal(_)
            | Self::Timestamp
            | Self::Method
            | Self::Maybe(_)
            | Self::Crc32
            | Self::Param(_) => false,
        }
    }
}

fn holds_literal(text: &[u8], part: Option<&Part>) -> bool {
    matches!(part, Some(Part::Literal(delimiter)) if holds(text, delimiter.as_bytes()))
}

fn holds(text: &[u8], delimiter: &[u8]) -> bool {
    match delimiter {
        [byte] => contains(text, *byte),
        _ => text
            .windows(delimiter.len().max(1))
            .any(|window| window == delimiter),
    }
}

/// The path and query as received.
fn path_and_query(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", PathAndQuery::as_str)
}

/// CRC-32 as in ISO 3309, Ethernet and gzip.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| (crc >> 1) ^ (POLYNOMIAL & (crc & 1).wrapping_neg());
    let sum = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), step);
    !bytes.iter().fold(!0, sum)
}

const POLYNOMIAL: u32 = 0xedb8_8320;

fn feed_form(body: &[u8], sink: &mut dyn FnMut(&[u8])) {
    let fields: BTreeSet<(Cow<'_, str>, Cow<'_, str>)> = form_urlencoded::parse(body).collect();
    for (name, value) in fields {
        sink(name.as_bytes());
        sink(value.as_bytes());
    }
}

/// The URL with its parameters in order, and what stands between it and the fields of a form.
fn feed_url(values: &Values<'_>, sink: &mut dyn FnMut(&[u8])) {
    let (start, query) = values.url.split_once('?').unwrap_or((values.url, ""));
    let mut parameters: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    parameters.sort();
    let has_fields = form_urlencoded::parse(values.body).next().is_some();
    sink(start.as_bytes());
    if has_fields || !parameters.is_empty() {
        sink(b"?");
    }
    for (position, (name, value)) in parameters.iter().enumerate() {
        if position > 0 {
            sink(b"&");
        }
        sink(name.as_bytes());
        sink(b"=");
        sink(value.as_bytes());
    }
    if has_fields && !parameters.is_empty() {
        sink(b".");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values<'a>(uri: &'a Uri, covered: &'a [Covered<'a>]) -> Values<'a> {
        Values {
            id: b"msg_1",
            timestamp: b"17",
            method: "POST",
            url: "https://example.com/hook?a=b",
            uri,
            covered,
            has_digest: false,
            body: b"b=2&a=1&b=1&a=1&c=%C3%A9",
            params: &[],
            with_optional: false,
            without_fields: false,
        }
    }

    fn content(parts: &[Part]) -> String {
        let mut bytes = Vec::new();
        let covered = [
            Some(Cow::Borrowed(&b"one"[..])),
            Some(Cow::Borrowed(b"two")),
        ];
        let uri = Uri::from_static("/hook?a=b");
        feed(parts, &values(&uri, &covered), &mut |chunk| {
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
        assert_eq!(
            content(&[Part::Header("x".into()), Part::Text(Source::form("y"))]),
            "onetwo"
        );
        assert_eq!(content(&[Part::SortedForm]), "a1b1b2cé");
        assert_eq!(content(&[Part::Id, Part::Maybe("x".into())]), "msg_1");
    }

    #[test]
    fn a_url_is_sorted_and_told_from_a_form() {
        let uri = Uri::default();
        let signed = |url: &str, body: &str| {
            let values = Values {
                url,
                body: body.as_bytes(),
                ..values(&uri, &[])
            };
            let mut bytes = Vec::new();
            feed(
                &[Part::SortedUrl, Part::SortedForm],
                &values,
                &mut |chunk| {
                    bytes.extend_from_slice(chunk);
                },
            );
            String::from_utf8(bytes).unwrap()
        };
        assert_eq!(
            signed("https://a/x?b=2&a=%2B1&b=1", ""),
            "https://a/x?a=+1&b=1&b=2"
        );
        assert_eq!(
            signed("https://a/x?b&a=1", "d=4&c=3"),
            "https://a/x?a=1&b=.c3d4"
        );
        assert_eq!(signed("https://a/x", "c=3"), "https://a/x?c3");
        assert_eq!(signed("https://a/x?", ""), "https://a/x");
    }

    #[test]
    fn the_checksum_is_that_of_iso_3309() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(
            content(&[Part::Crc32]),
            crc32(b"b=2&a=1&b=1&a=1&c=%C3%A9").to_string()
        );
    }

    #[test]
    fn a_text_that_holds_its_delimiter_is_ambiguous() {
        let parts = [Part::Id, Part::literal("."), Part::Body];
        let uri = Uri::default();
        let values = values(&uri, &[]);
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
                covered: &[Some(Cow::Borrowed(b"a")), Some(Cow::Borrowed(b"b.c"))],
                ..values
            }
        ));
        assert!(!is_ambiguous(
            &parts,
            &Values {
                covered: &[Some(Cow::Borrowed(b"a.b")), Some(Cow::Borrowed(b"c"))],
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

//! What goes wrong between the scheme and the signature: its encoding, hash, mark and header; the key's name; the time.

use std::borrow::Cow;

use http::HeaderName;

use super::{Explain, attempt::Attempt, hypothesis::Variants, mistake::Mistake};
use crate::{
    scheme::{Algorithm, Encoding, Method, Proof, TimeFormat},
    source::Source,
};

/// Whether the scheme has signatures that are made of composed parts, so that their kind can be changed.
fn composes(attempt: &Attempt) -> bool {
    matches!(attempt.scheme.proof, Proof::Composed | Proof::Items)
}

/// The methods that may be another than they are, each to be tried as the only one: two that became alike would contradict
/// each other.
fn methods(attempt: &Attempt) -> impl Iterator<Item = &Method> {
    let methods = attempt.scheme.methods.iter();
    methods.filter(|method| composes(attempt) && method.algorithm != Algorithm::Token)
}

fn with_method(attempt: &Attempt, method: Method) -> Attempt {
    attempt.with_scheme(|scheme| scheme.methods = vec![method].into())
}

/// The signature in another encoding.
pub(super) fn encodings<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    Box::new(methods(attempt).flat_map(move |method| {
        let others = ENCODINGS
            .iter()
            .filter(|(_, other)| *other != method.encoding);
        others.map(move |(name, encoding)| {
            let encoding = *encoding;
            let changed = Method {
                encoding,
                ..method.clone()
            };
            let detail = format!("once it is read as {name}");
            with_method(attempt, changed).variant(Mistake::SignatureEncoding, detail)
        })
    }))
}

const ENCODINGS: [(&str, Encoding); 7] = [
    ("lower-case hexadecimal", Encoding::Hex),
    ("base64", Encoding::Base64),
    ("upper-case hexadecimal", Encoding::HexUpper),
    ("URL-safe base64", Encoding::Base64Url),
    ("URL-safe base64 with padding", Encoding::Base64UrlPadded),
    ("base64 of hexadecimal", Encoding::Base64OfHex),
    ("hexadecimal in either case", Encoding::HexAnyCase),
];

/// Another hash.
pub(super) fn hashes<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    let secret = methods(attempt).filter(|method| !method.algorithm.is_public_key());
    Box::new(secret.flat_map(move |method| {
        let others = HASHES
            .iter()
            .filter(|(_, other)| *other != method.algorithm);
        others.map(move |(name, algorithm)| {
            let algorithm = *algorithm;
            let changed = Method {
                algorithm,
                ..method.clone()
            };
            with_method(attempt, changed).variant(Mistake::Hash, format!("as {name}"))
        })
    }))
}

const HASHES: [(&str, Algorithm); 5] = [
    ("HMAC-SHA-256", Algorithm::HmacSha256),
    ("HMAC-SHA-1", Algorithm::HmacSha1),
    ("HMAC-SHA-512", Algorithm::HmacSha512),
    ("HMAC-SHA-384", Algorithm::HmacSha384),
    (
        "the plain SHA-256 of secret and content",
        Algorithm::InsecurePrefixSha256,
    ),
];

/// Another mark of the signature: each that the request has, and none.
pub(super) fn tags<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    let marks = marks(attempt);
    Box::new(methods(attempt).flat_map(move |method| {
        let others = marks.clone().into_iter().filter(|mark| *mark != method.tag);
        others.map(move |mark| {
            let changed = Method {
                tag: mark.to_owned().into(),
                fallback_tag: None,
                ..method.clone()
            };
            let detail = if mark.is_empty() {
                "once no mark is expected in front of it".to_owned()
            } else {
                format!("once it is looked for behind the mark `{mark}`")
            };
            with_method(attempt, changed).variant(Mistake::SignatureTag, detail)
        })
    }))
}

/// What may be the mark in the text of the signature. None is longer than marks are, so that no signature is taken for one.
fn marks(attempt: &Attempt) -> Vec<&str> {
    let text = signature_text(attempt).unwrap_or_default();
    let names: Vec<&str> = match attempt.scheme.grammar.delimiters() {
        Some((separator, assign)) => {
            let entries = text.split(separator).take(MOST_ENTRIES);
            entries
                .filter_map(|entry| Some(entry.trim().split_once(assign)?.0))
                .collect()
        }
        None => text
            .match_indices(['=', ' '])
            .take(1)
            .filter_map(|(at, end)| text.get(..at.saturating_add(end.len())))
            .chain([""])
            .collect(),
    };
    let mut short: Vec<&str> = names
        .into_iter()
        .filter(|name| name.len() <= LONGEST_MARK)
        .collect();
    short.dedup();
    short
}

/// The text of the header of the signature.
fn signature_text(attempt: &Attempt) -> Option<&str> {
    let Source::Header(name) = &attempt.scheme.signature else {
        return None;
    };
    let families = attempt.scheme.header_prefixes.iter();
    let mut families = families.map(|prefix| format!("{prefix}{name}"));
    let prefixed = families.find_map(|name| attempt.header(&name));
    prefixed.or_else(|| attempt.header(name))
}

const MOST_ENTRIES: usize = 16;
const LONGEST_MARK: usize = 16;

/// The signature in another header, or all headers under another prefix.
pub(super) fn headers<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    let expected = match &attempt.scheme.signature {
        Source::Header(name) => &**name,
        _ => return Box::new(std::iter::empty()),
    };
    let present = || attempt.head.headers.keys().take(MOST_HEADERS);
    let families = present().filter_map(move |name| family(attempt, name, expected));
    let others = present()
        .filter(move |name| name.as_str() != expected && looks_like_signature(name))
        .map(|name| {
            let prefixes = &attempt.scheme.header_prefixes;
            let mut ends = prefixes
                .iter()
                .filter_map(|prefix| name.as_str().strip_prefix(&**prefix));
            let end = ends.next();
            let variant = attempt.with_scheme(|scheme| {
                scheme.signature = Source::Header(end.unwrap_or(name.as_str()).to_owned().into());
                if end.is_none() {
                    scheme.header_prefixes = Cow::Borrowed(&[]);
                }
            });
            let detail = format!("that stands in the header `{name}`, where none is expected");
            variant.variant(Mistake::SignatureHeader, detail)
        });
    Box::new(families.chain(others))
}

/// The scheme with the prefix that a header of the request has in front of the expected name's end.
fn family(attempt: &Attempt, name: &HeaderName, expected: &str) -> Option<super::attempt::Variant> {
    let prefix = name.as_str().strip_suffix(expected)?;
    let prefixes = &attempt.scheme.header_prefixes;
    if prefix.is_empty() || prefixes.iter().any(|known| known == prefix) {
        return None;
    }
    let variant = attempt.with_scheme(|scheme| {
        scheme.header_prefixes = vec![prefix.to_owned().into()].into();
    });
    let detail = format!("under headers that begin with `{prefix}`");
    Some(variant.variant(Mistake::OldHeaders, detail))
}

/// Whether a header is called as signatures are.
pub(super) fn looks_like_signature(name: &HeaderName) -> bool {
    ["sign", "hmac", "sha1", "sha256", "token", "authorization"]
        .iter()
        .any(|word| name.as_str().contains(word))
}

const MOST_HEADERS: usize = 64;

/// All keys, by whatever name.
pub(super) fn key_names<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    let named = attempt.scheme.key_id.is_some().then(|| {
        let variant = attempt.with_scheme(|scheme| scheme.key_id = None);
        let detail = "by a key of another name than the request has for it";
        variant.variant(Mistake::KeyName, detail)
    });
    Box::new(named.into_iter())
}

/// The timestamp in another format.
pub(super) fn timestamps<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    let own = attempt
        .scheme
        .timestamp
        .as_ref()
        .map(|timestamp| timestamp.format);
    let others = FORMATS
        .iter()
        .filter(move |(_, format)| own.is_some_and(|own| own != *format));
    Box::new(others.map(|(name, format)| {
        let variant = attempt.with_scheme(|scheme| {
            if let Some(timestamp) = &mut scheme.timestamp {
                timestamp.format = *format;
            }
        });
        variant.variant(
            Mistake::TimestampFormat,
            format!("once the timestamp is read as {name}"),
        )
    }))
}

const FORMATS: [(&str, TimeFormat); 4] = [
    ("seconds since 1970", TimeFormat::UnixSeconds),
    ("milliseconds since 1970", TimeFormat::UnixMillis),
    ("RFC 3339", TimeFormat::Rfc3339),
    ("a date of HTTP", TimeFormat::HttpDate),
];

//! What goes wrong with charsets: text that was decoded as one and written in another.

use std::{collections::HashSet, sync::Arc};

use unicode_normalization::UnicodeNormalization as _;

use super::{
    Explain,
    attempt::Attempt,
    body::{BOM, Change, changed, digest},
    hypothesis::Variants,
    mistake::Mistake,
};

/// A charset of one byte for each letter, by where it differs from Latin-1.
struct Charset {
    name: &'static str,
    letters: &'static [(u8, char)],
}

impl Charset {
    /// Bytes of this charset, in UTF-8.
    fn decoded(&self, body: &[u8]) -> Vec<u8> {
        let letter = |byte: &u8| {
            let own = self.letters.iter().find(|(own, _)| own == byte);
            own.map_or_else(|| char::from(*byte), |(_, letter)| *letter)
        };
        body.iter().map(letter).collect::<String>().into_bytes()
    }

    /// A text in this charset. A letter that it has not is a control character of Latin-1, or nothing.
    fn encoded(&self, text: &str) -> Option<Vec<u8>> {
        let byte = |letter: char| {
            let own = || self.letters.iter().find(|(_, own)| *own == letter);
            let own = if letter.is_ascii() { None } else { own() };
            own.map_or_else(|| u8::try_from(letter).ok(), |(byte, _)| Some(*byte))
        };
        text.chars().map(byte).collect()
    }
}

static CHARSETS: [Charset; 3] = [
    Charset {
        name: "Latin-1",
        letters: &[],
    },
    // What most software means by Latin-1.
    Charset {
        name: "Windows-1252",
        letters: &[
            (0x80, '\u{20ac}'),
            (0x82, '\u{201a}'),
            (0x83, '\u{192}'),
            (0x84, '\u{201e}'),
            (0x85, '\u{2026}'),
            (0x86, '\u{2020}'),
            (0x87, '\u{2021}'),
            (0x88, '\u{2c6}'),
            (0x89, '\u{2030}'),
            (0x8a, '\u{160}'),
            (0x8b, '\u{2039}'),
            (0x8c, '\u{152}'),
            (0x8e, '\u{17d}'),
            (0x91, '\u{2018}'),
            (0x92, '\u{2019}'),
            (0x93, '\u{201c}'),
            (0x94, '\u{201d}'),
            (0x95, '\u{2022}'),
            (0x96, '\u{2013}'),
            (0x97, '\u{2014}'),
            (0x98, '\u{2dc}'),
            (0x99, '\u{2122}'),
            (0x9a, '\u{161}'),
            (0x9b, '\u{203a}'),
            (0x9c, '\u{153}'),
            (0x9e, '\u{17e}'),
            (0x9f, '\u{178}'),
        ],
    },
    Charset {
        name: "ISO-8859-15",
        letters: &[
            (0xa4, '\u{20ac}'),
            (0xa6, '\u{160}'),
            (0xa8, '\u{161}'),
            (0xb4, '\u{17d}'),
            (0xb8, '\u{17e}'),
            (0xbc, '\u{152}'),
            (0xbd, '\u{153}'),
            (0xbe, '\u{178}'),
        ],
    },
];

/// Charsets, and how accents are written.
pub(super) fn charsets<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    if attempt.body.is_ascii() {
        return Box::new(std::iter::empty());
    }
    let read = CHARSETS.iter().filter_map(|charset| {
        let body = match str::from_utf8(&attempt.body) {
            Ok(text) => charset.encoded(text)?,
            Err(_) => charset.decoded(&attempt.body),
        };
        Some((body, charset.name))
    });
    // Most letters are the same in all of them.
    let mut seen = HashSet::new();
    let new = read.filter(move |(body, _)| seen.insert(digest(body)));
    let was_text = str::from_utf8(&attempt.body).is_ok();
    let read = new.map(move |(body, name)| {
        let detail = if was_text {
            format!("once the body, which was decoded as {name} and encoded in UTF-8, is what it was before")
        } else {
            format!("once the body is written in UTF-8, not {name}")
        };
        attempt
            .with_body(body)
            .variant(Mistake::BodyCharset, detail)
    });
    Box::new(read.chain(changed(attempt, Mistake::BodyCharset, ACCENTS)))
}

const ACCENTS: &[(&str, Change)] = &[
    (
        "once accents are composed with their letters (Unicode NFC)",
        |body| {
            let text = str::from_utf8(body).ok()?;
            Some(text.nfc().collect::<String>().into_bytes())
        },
    ),
    (
        "once accents stand apart from their letters (Unicode NFD)",
        |body| {
            let text = str::from_utf8(body).ok()?;
            Some(text.nfd().collect::<String>().into_bytes())
        },
    ),
];

/// UTF-16, and UTF-8 instead of it.
pub(super) fn utf16<'a>(attempt: &'a Attempt, _: &'a Explain<'a>) -> Variants<'a> {
    let Some((text, is_utf8)) = text(&attempt.body) else {
        return Box::new(std::iter::empty());
    };
    let text: Arc<str> = text.into();
    let bytes = Arc::clone(&text);
    let utf8 = (!is_utf8).then(|| ("UTF-8", bytes.as_bytes().to_vec()));
    let utf16 = UTF_16
        .iter()
        .map(move |(name, mark, write)| (*name, [mark, &*written(&text, *write)].concat()));
    let written = utf8.into_iter().chain(utf16);
    let others = written.filter(|(_, body)| *body != attempt.body);
    Box::new(others.map(|(name, body)| {
        let detail = format!("once the body is written in {name}");
        attempt
            .with_body(body)
            .variant(Mistake::BodyCharset, detail)
    }))
}

/// The text of a body without its byte order mark, and whether it is UTF-8. Text of webhooks begins with ASCII: by that
/// UTF-16 without a mark is told.
fn text(body: &[u8]) -> Option<(String, bool)> {
    let (units, read): (_, fn([u8; 2]) -> u16) = match body {
        [0xff, 0xfe, rest @ ..] => (rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => (rest, u16::from_be_bytes),
        [first, 0, ..] if *first != 0 => (body, u16::from_le_bytes),
        [0, second, ..] if *second != 0 => (body, u16::from_be_bytes),
        _ => {
            let text = str::from_utf8(body.strip_prefix(BOM).unwrap_or(body)).ok()?;
            return Some((text.to_owned(), true)).filter(|_| !text.is_empty());
        }
    };
    let (units, []) = units.as_chunks::<2>() else {
        return None;
    };
    let letters = char::decode_utf16(units.iter().map(|unit| read(*unit)));
    Some((letters.collect::<Result<_, _>>().ok()?, false))
}

fn written(text: &str, write: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(write).collect()
}

/// A name, the byte order mark, and how a unit is written.
type Utf16 = (&'static str, &'static [u8], fn(u16) -> [u8; 2]);

const UTF_16: [Utf16; 4] = [
    ("UTF-16 (little endian)", b"", u16::to_le_bytes),
    ("UTF-16 (big endian)", b"", u16::to_be_bytes),
    (
        "UTF-16 (little endian) with a byte order mark",
        b"\xff\xfe",
        u16::to_le_bytes,
    ),
    (
        "UTF-16 (big endian) with a byte order mark",
        b"\xfe\xff",
        u16::to_be_bytes,
    ),
];

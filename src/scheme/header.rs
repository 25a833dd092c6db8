//! Header text to signatures and named fields. Pure, bounded, without allocation.

use std::{borrow::Cow, fmt};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{
    Deserializer as _,
    de::{Error as _, MapAccess, Visitor},
};

use super::{
    Grammar,
    ascii::{find, is_printable},
};

/// The longest signature text that is read, in bytes.
pub(super) const MOST_TEXT: usize = 4096;
/// The most entries one signature text may have, of whatever tag.
pub(super) const MOST_ENTRIES: usize = 16;

/// A signature text, taken apart.
#[derive(Debug)]
pub(super) struct Signatures<'a> {
    text: &'a [u8],
    grammar: &'a Grammar,
    entries: [Entry; MOST_ENTRIES],
    count: usize,
}

/// Where an entry stands in the text: offsets are half the size of slices, and every request moves them about.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    tag: u16,
    assign: u16,
    end: u16,
}

impl<'a> Signatures<'a> {
    /// Takes a signature text apart, without spaces.
    #[cfg(test)]
    pub(super) fn parse(grammar: &'a Grammar, text: &'a [u8]) -> Result<Self, &'static str> {
        Self::parse_spaced(grammar, false, text)
    }

    /// Takes a signature text apart; its separator may have spaces behind it or be spaces. The reason of a refusal never
    /// quotes the text.
    pub(super) fn parse_spaced(
        grammar: &'a Grammar,
        spaced: bool,
        text: &'a [u8],
    ) -> Result<Self, &'static str> {
        check_text(text, grammar)?;
        let mut signatures = Self {
            text,
            grammar,
            entries: [Entry::default(); MOST_ENTRIES],
            count: 0,
        };
        match grammar {
            Grammar::Single => signatures.push(0, 0, text.len())?,
            Grammar::Fields { separator, assign } | Grammar::List { separator, assign }
                if spaced =>
            {
                signatures.split_spaced(*separator, *assign)?;
            }
            Grammar::Fields { separator, assign }
            | Grammar::List { separator, assign }
            | Grammar::KeyedList { separator, assign } => {
                signatures.split(*separator, Some(*assign))?;
            }
            Grammar::Positional { separator, .. } => signatures.split(*separator, None)?,
            Grammar::Base64Json => signatures.split(BETWEEN, Some(ASSIGNED))?,
        }
        Ok(signatures)
    }

    /// Entries with any number of spaces and commas between them.
    fn split_spaced(&mut self, separator: char, assign: char) -> Result<(), &'static str> {
        let ends = |byte: &u8| *byte == b' ' || char::from(*byte) == separator;
        let between = |byte: &u8| ends(byte) || *byte == b',';
        let mut start = 0_usize;
        loop {
            let rest = self.text.get(start..).unwrap_or_default();
            let end = rest.iter().position(ends);
            let piece = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            let len = piece
                .iter()
                .rposition(|byte| !between(byte))
                .map_or(0, |last| last.saturating_add(1));
            let piece = piece.get(..len).unwrap_or_default();
            let tag_len = piece
                .iter()
                .position(|byte| char::from(*byte) == assign)
                .ok_or(NO_TAG)?;
            self.push(start, tag_len, len)?;
            let Some(end) = end else {
                return Ok(());
            };
            let gap = rest.get(end..).unwrap_or_default();
            let gap = gap.iter().position(|byte| !between(byte)).ok_or(NO_TAG)?;
            start = start.saturating_add(end).saturating_add(gap);
        }
    }

    /// Entries with one separator between them; without an assignment they are values alone.
    fn split(&mut self, separator: char, assign: Option<char>) -> Result<(), &'static str> {
        let separator = u8::try_from(separator).ok();
        let is = |delimiter: char| move |byte: &u8| char::from(*byte) == delimiter;
        let mut start = 0_usize;
        loop {
            let rest = self.text.get(start..).unwrap_or_default();
            let end = separator.and_then(|separator| find(rest, separator));
            let piece = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            let tag_len = match assign {
                Some(assign) => piece.iter().position(is(assign)).ok_or(NO_TAG)?,
                None => 0,
            };
            let space = self.space(start, piece);
            let (tag_len, len) = (
                tag_len.saturating_sub(space),
                piece.len().saturating_sub(space),
            );
            self.push(start.saturating_add(space), tag_len, len)?;
            let Some(end) = end else {
                return Ok(());
            };
            start = start.saturating_add(end).saturating_add(1);
        }
    }

    /// The length of the space that may stand in front of a piece.
    fn space(&self, start: usize, piece: &[u8]) -> usize {
        let may = start != 0 && matches!(self.grammar, Grammar::KeyedList { .. });
        usize::from(may && piece.starts_with(b" "))
    }

    fn push(&mut self, start: usize, tag_len: usize, len: usize) -> Result<(), &'static str> {
        let slot = self
            .entries
            .get_mut(self.count)
            .ok_or("the signature has too many entries")?;
        let offset =
            |offset: usize| u16::try_from(start.saturating_add(offset)).map_err(|_| TOO_LONG);
        *slot = Entry {
            tag: offset(0)?,
            assign: offset(tag_len)?,
            end: offset(len)?,
        };
        self.count = self.count.saturating_add(1);
        Ok(())
    }

    /// Tags and what is assigned to them. A single signature is one entry without a tag.
    fn entries(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let mut first = match self.grammar {
            Grammar::Positional { first, .. } => Some(first.as_bytes()),
            Grammar::Single => Some(&b""[..]),
            _ => None,
        };
        let untagged = first.is_some();
        let entries = self.entries.get(..self.count).unwrap_or_default();
        entries.iter().filter_map(move |entry| {
            let (tag, assign, end) = (entry.tag.into(), entry.assign.into(), entry.end.into());
            if untagged {
                return Some((
                    first.take().unwrap_or_default(),
                    self.text.get(assign..end)?,
                ));
            }
            Some((
                self.text.get(tag..assign)?,
                self.text.get(assign..end)?.get(1..)?,
            ))
        })
    }

    /// The texts of the signatures with this tag. Entries with other tags are passed over, and where entries name their
    /// key, those of other keys than this one, if it is given.
    pub(super) fn tagged<'s>(
        &'s self,
        key: Option<&'s str>,
        tag: &'s str,
    ) -> impl Iterator<Item = &'a [u8]> + 's {
        self.entries()
            .filter_map(move |(name, text)| match self.grammar {
                Grammar::Single => strip_tag(text, tag),
                Grammar::KeyedList { .. } => {
                    let is_its = key.is_none_or(|key| name == key.as_bytes());
                    is_its.then(|| text.strip_prefix(tag.as_bytes())).flatten()
                }
                _ => (name == tag.as_bytes()).then_some(text),
            })
    }

    /// The value of a field; refused when it repeats, since two readers could then see two values.
    pub(super) fn field(&self, name: &str) -> Result<Option<&'a [u8]>, &'static str> {
        let mut values = self
            .entries()
            .filter(|(field, _)| *field == name.as_bytes());
        let value = values.next().map(|(_, value)| value);
        if values.next().is_some() {
            Err("a field of the signature repeats")
        } else {
            Ok(value)
        }
    }
}

/// The text in which entries are found: of base64 of JSON the members, with delimiters that none of them can hold.
pub(super) fn unpacked<'a>(
    grammar: &Grammar,
    text: Cow<'a, [u8]>,
) -> Result<Cow<'a, [u8]>, &'static str> {
    if !matches!(grammar, Grammar::Base64Json) {
        return Ok(text);
    }
    if text.len() > MOST_TEXT {
        return Err(TOO_LONG);
    }
    let json = STANDARD.decode(&*text).map_err(|_| NO_JSON)?;
    let mut deserializer = serde_json::Deserializer::from_slice(&json);
    let members = deserializer.deserialize_map(Members).map_err(|_| NO_JSON)?;
    deserializer.end().map_err(|_| NO_JSON)?;
    Ok(Cow::Owned(members))
}

/// Reads an object of texts.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<u8>, A::Error> {
        let mut all = String::new();
        while let Some((name, text)) = map.next_entry::<String, String>()? {
            if !is_printable(name.as_bytes()) || !is_printable(text.as_bytes()) {
                return Err(A::Error::custom("a text of other than visible ASCII"));
            }
            if !all.is_empty() {
                all.push(BETWEEN);
            }
            all.push_str(&name);
            all.push(ASSIGNED);
            all.push_str(&text);
        }
        Ok(all.into_bytes())
    }
}

/// Whether a text is bounded, printable ASCII (spaces included); one that was unpacked is.
fn check_text(text: &[u8], grammar: &Grammar) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("the signature is empty");
    }
    if text.len() > MOST_TEXT {
        return Err(TOO_LONG);
    }
    if !is_printable(text) && !matches!(grammar, Grammar::Base64Json) {
        return Err("the signature is not visible ASCII");
    }
    Ok(())
}

/// What follows a tag. A word with a space behind it is an authentication scheme, which has no case (RFC 9110, section
/// 11.1); every other tag counts exactly.
fn strip_tag<'a>(text: &'a [u8], tag: &str) -> Option<&'a [u8]> {
    let is_scheme = |word: &str| !word.contains(' ');
    if !tag.strip_suffix(' ').is_some_and(is_scheme) {
        return text.strip_prefix(tag.as_bytes());
    }
    let (start, rest) = text.split_at_checked(tag.len())?;
    start.eq_ignore_ascii_case(tag.as_bytes()).then_some(rest)
}

/// Between and within the members of an unpacked object: no text holds a control character.
const BETWEEN: char = '\u{1e}';
const ASSIGNED: char = '\u{1f}';
const NO_JSON: &str = "the signature is not base64 of a JSON object of texts";
const NO_TAG: &str = "an entry of the signature has no tag";
const TOO_LONG: &str = "the signature is too long";

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: Grammar = Grammar::Fields {
        separator: ',',
        assign: '=',
    };
    const LIST: Grammar = Grammar::List {
        separator: ' ',
        assign: ',',
    };

    fn tagged<'a>(grammar: &'a Grammar, text: &'a str, tag: &str) -> Vec<&'a str> {
        let signatures = Signatures::parse(grammar, text.as_bytes()).unwrap();
        signatures
            .tagged(None, tag)
            .map(|text| str::from_utf8(text).unwrap())
            .collect()
    }

    #[test]
    fn every_grammar_gives_the_entries_of_a_tag() {
        assert_eq!(tagged(&Grammar::Single, "abc", ""), ["abc"]);
        assert_eq!(tagged(&Grammar::Single, "sha256=abc", "sha256="), ["abc"]);
        assert!(tagged(&Grammar::Single, "sha1=abc", "sha256=").is_empty());
        assert_eq!(tagged(&FIELDS, "t=1,v1=a,v0=b,v1=c==", "v1"), ["a", "c=="]);
        assert_eq!(tagged(&LIST, "v1,a v1a,b v1,c=", "v1"), ["a", "c="]);
    }

    #[test]
    fn only_an_authentication_scheme_has_no_case() {
        assert_eq!(tagged(&Grammar::Single, "bEARER x", "Bearer "), ["x"]);
        assert!(tagged(&Grammar::Single, "Bearerx", "Bearer ").is_empty());
        assert!(tagged(&Grammar::Single, "SHA256=x", "sha256=").is_empty());
        assert!(tagged(&Grammar::Single, "A, B: x", "A, b: ").is_empty());
        assert!(tagged(&LIST, "V1,x", "v1").is_empty());
    }

    #[test]
    fn a_piece_without_a_tag_spoils_the_text() {
        for text in ["bad_header", "v1,t=1", "t=1,", ",t=1", "t=1,,v1=a"] {
            assert!(
                Signatures::parse(&FIELDS, text.as_bytes()).is_err(),
                "{text}"
            );
        }
        for text in ["v1", "v1,a  v1,b", " v1,a"] {
            assert!(Signatures::parse(&LIST, text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn an_entry_may_name_its_key() {
        let grammar = Grammar::KeyedList {
            separator: ',',
            assign: '/',
        };
        let text = b"1/SHA256/aa, 2/SHA256/bb,2/MD5/cc,1/SHA256/dd";
        let signatures = Signatures::parse(&grammar, text).unwrap();
        let of = |key| signatures.tagged(key, "SHA256/").collect::<Vec<_>>();
        assert_eq!(of(Some("1")), [b"aa", b"dd"]);
        assert_eq!(of(Some("2")), [b"bb"]);
        assert_eq!(of(None), [b"aa", b"bb", b"dd"]);
        assert!(of(Some("3")).is_empty() && of(Some("")).is_empty());
        for text in ["1/a,", ",1/a", "1/a, ", "1/a,,2/b", "1"] {
            assert!(
                Signatures::parse(&grammar, text.as_bytes()).is_err(),
                "{text}"
            );
        }
        let spaced = Signatures::parse(&grammar, b" 1/SHA256/aa,  1/SHA256/bb").unwrap();
        assert_eq!(spaced.tagged(Some("1"), "SHA256/").count(), 0);
    }

    #[test]
    fn a_signature_may_stand_in_base64_of_json() {
        let read = |json: &str| {
            let text = STANDARD.encode(json).into_bytes();
            unpacked(&Grammar::Base64Json, text.into())
        };
        let text = read(r#"{"alg":"none","kid":"k","signature":"c2ln"}"#).unwrap();
        let signatures = Signatures::parse(&Grammar::Base64Json, &text).unwrap();
        assert_eq!(signatures.field("kid"), Ok(Some(&b"k"[..])));
        let found: Vec<_> = signatures.tagged(None, "signature").collect();
        assert_eq!(found, [b"c2ln"]);
        assert!(read(r#"{"a":"1"} "#).is_ok());
        for bad in [
            "",
            "[]",
            "{",
            r#"{"a":1}"#,
            r#"{"a":null}"#,
            r#"{"a":{"b":"c"}}"#,
            r#"{"a":"b"}{}"#,
            r#"{"a":"\u001e"}"#,
            r#"{"a":"\u00e9"}"#,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let many: String = (0..17).map(|at| format!(r#""{at}":"","#)).collect();
        let text = read(&format!("{{{}}}", many.trim_end_matches(','))).unwrap();
        assert!(Signatures::parse(&Grammar::Base64Json, &text).is_err());
        let twice = read(r#"{"kid":"a","kid":"b"}"#).unwrap();
        let twice = Signatures::parse(&Grammar::Base64Json, &twice).unwrap();
        assert!(twice.field("kid").is_err());
        let empty = read("{}").unwrap();
        assert!(Signatures::parse(&Grammar::Base64Json, &empty).is_err());
        let long = vec![b'A'; 5000];
        assert!(unpacked(&Grammar::Base64Json, long.into()).is_err());
        assert!(
            unpacked(&Grammar::Base64Json, b"e30".to_vec().into()).is_err(),
            "no padding"
        );
    }

    #[test]
    fn the_first_value_may_be_another_than_the_signatures() {
        let grammar = Grammar::Positional {
            separator: ',',
            first: "t".into(),
        };
        assert_eq!(tagged(&grammar, "17,a,b=", ""), ["a", "b="]);
        assert!(tagged(&grammar, "17", "").is_empty());
        assert_eq!(tagged(&grammar, "17,", ""), [""]);
        let signatures = Signatures::parse(&grammar, b"17,a").unwrap();
        assert_eq!(signatures.field("t"), Ok(Some(&b"17"[..])));
    }

    #[test]
    fn spaces_may_follow_a_separator_or_be_one() {
        for text in ["t=1, v1=a", "t=1 v1=a", "t=1,v1=a", "t=1 ,  v1=a"] {
            let signatures = Signatures::parse_spaced(&FIELDS, true, text.as_bytes()).unwrap();
            assert_eq!(signatures.field("t"), Ok(Some(&b"1"[..])), "{text}");
            assert_eq!(signatures.field("v1"), Ok(Some(&b"a"[..])), "{text}");
        }
        for text in ["v1,a= v1,b=", "v1,a=, v1,b="] {
            let signatures = Signatures::parse_spaced(&LIST, true, text.as_bytes()).unwrap();
            assert_eq!(signatures.tagged(None, "v1").count(), 2, "{text}");
            assert!(
                signatures.tagged(None, "v1").eq([&b"a="[..], b"b="]),
                "{text}"
            );
        }
        for text in ["", " t=1", "t=1,", "t=1 ", "x", ",t=1"] {
            assert!(
                Signatures::parse_spaced(&FIELDS, true, text.as_bytes()).is_err(),
                "{text:?}"
            );
        }
    }

    #[test]
    fn texts_are_bounded() {
        let entries = |count: usize| vec!["v1,a"; count].join(" ");
        assert!(Signatures::parse(&LIST, entries(16).as_bytes()).is_ok());
        assert!(Signatures::parse(&LIST, entries(17).as_bytes()).is_err());
        assert!(Signatures::parse(&Grammar::Single, "a".repeat(4096).as_bytes()).is_ok());
        assert!(Signatures::parse(&Grammar::Single, "a".repeat(4097).as_bytes()).is_err());
        for text in ["", "é", "a\tb", "a\u{7f}"] {
            assert!(
                Signatures::parse(&Grammar::Single, text.as_bytes()).is_err(),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_field_that_repeats_is_refused() {
        let signatures = Signatures::parse(&FIELDS, b"t=1,t=1,v1=a").unwrap();
        assert!(signatures.field("t").is_err());
        assert_eq!(signatures.field("v1"), Ok(Some(&b"a"[..])));
        assert_eq!(signatures.field("id"), Ok(None));
    }
}

//! Header text to signatures and named fields. Pure, bounded, without allocation.

use super::Grammar;

/// The longest signature text that is read, in bytes.
pub(super) const MOST_TEXT: usize = 4096;
/// The most entries one signature text may have, of whatever tag.
pub(super) const MOST_ENTRIES: usize = 16;

/// A signature text, taken apart.
#[derive(Debug)]
pub(super) struct Signatures<'a> {
    entries: [(&'a str, &'a str); MOST_ENTRIES],
    count: usize,
    grammar: &'a Grammar,
}

impl<'a> Signatures<'a> {
    /// Takes a signature text apart. The reason of a refusal never quotes the text.
    pub(super) fn parse(grammar: &'a Grammar, text: &'a str) -> Result<Self, &'static str> {
        check_text(text)?;
        let mut signatures = Self {
            entries: [("", ""); MOST_ENTRIES],
            count: 0,
            grammar,
        };
        match *grammar {
            Grammar::Single => signatures.push(("", text))?,
            Grammar::Fields { separator, assign } | Grammar::List { separator, assign } => {
                for piece in text.split(separator) {
                    signatures.push(
                        piece
                            .split_once(assign)
                            .ok_or("an entry of the signature has no tag")?,
                    )?;
                }
            }
        }
        Ok(signatures)
    }

    fn push(&mut self, entry: (&'a str, &'a str)) -> Result<(), &'static str> {
        let slot = self
            .entries
            .get_mut(self.count)
            .ok_or("the signature has too many entries")?;
        *slot = entry;
        self.count = self.count.saturating_add(1);
        Ok(())
    }

    /// The texts of the signatures with this tag. Entries with other tags are passed over.
    pub(super) fn tagged<'s>(&'s self, tag: &'s str) -> impl Iterator<Item = &'a str> + 's {
        let single = matches!(self.grammar, Grammar::Single);
        self.entries
            .iter()
            .take(self.count)
            .filter_map(move |(name, text)| {
                if single {
                    strip_tag(text, tag)
                } else {
                    (*name == tag).then_some(*text)
                }
            })
    }

    /// The value of a field; refused when it repeats, since two readers could then see two values.
    pub(super) fn field(&self, name: &str) -> Result<Option<&'a str>, &'static str> {
        let mut values = self
            .entries
            .iter()
            .take(self.count)
            .filter(|(field, _)| *field == name);
        let value = values.next().map(|(_, value)| *value);
        if values.next().is_some() {
            Err("a field of the signature repeats")
        } else {
            Ok(value)
        }
    }
}

/// Whether a text is bounded, printable ASCII (spaces included).
fn check_text(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("the signature is empty");
    }
    if text.len() > MOST_TEXT {
        return Err("the signature is too long");
    }
    if !is_printable(text.as_bytes()) {
        return Err("the signature is not visible ASCII");
    }
    Ok(())
}

/// Visible ASCII and spaces.
pub(super) fn is_printable(text: &[u8]) -> bool {
    // No early end: the compiler can take many bytes at once then.
    text.iter().fold(true, |printable, byte| {
        printable & matches!(byte, b' '..=b'~')
    })
}

/// Visible ASCII, no space.
pub(super) fn is_graphic(text: &[u8]) -> bool {
    text.iter()
        .fold(true, |graphic, byte| graphic & byte.is_ascii_graphic())
}

/// What follows a tag. A tag that ends in a space is an authentication scheme, which has no case (RFC 9110, section
/// 11.1); every other tag counts exactly.
fn strip_tag<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
    if !tag.ends_with(' ') {
        return text.strip_prefix(tag);
    }
    let (start, rest) = text.split_at_checked(tag.len())?;
    start.eq_ignore_ascii_case(tag).then_some(rest)
}

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
        Signatures::parse(grammar, text)
            .unwrap()
            .tagged(tag)
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
        assert!(tagged(&LIST, "V1,x", "v1").is_empty());
    }

    #[test]
    fn a_piece_without_a_tag_spoils_the_text() {
        for text in ["bad_header", "v1,t=1", "t=1,", ",t=1", "t=1,,v1=a"] {
            assert!(Signatures::parse(&FIELDS, text).is_err(), "{text}");
        }
        for text in ["v1", "v1,a  v1,b", " v1,a"] {
            assert!(Signatures::parse(&LIST, text).is_err(), "{text}");
        }
    }

    #[test]
    fn texts_are_bounded() {
        let entries = |count: usize| vec!["v1,a"; count].join(" ");
        assert!(Signatures::parse(&LIST, &entries(16)).is_ok());
        assert!(Signatures::parse(&LIST, &entries(17)).is_err());
        assert!(Signatures::parse(&Grammar::Single, &"a".repeat(4096)).is_ok());
        assert!(Signatures::parse(&Grammar::Single, &"a".repeat(4097)).is_err());
        for text in ["", "é", "a\tb", "a\u{7f}"] {
            assert!(
                Signatures::parse(&Grammar::Single, text).is_err(),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_field_that_repeats_is_refused() {
        let signatures = Signatures::parse(&FIELDS, "t=1,t=1,v1=a").unwrap();
        assert!(signatures.field("t").is_err());
        assert_eq!(signatures.field("v1"), Ok(Some("a")));
        assert_eq!(signatures.field("id"), Ok(None));
    }
}

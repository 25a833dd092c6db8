//! The headers that a request names as signed. Pure and bounded.

use http::{HeaderMap, HeaderName};

use super::{
    Listed, ListedAs,
    ascii::is_printable,
    place::single,
    refusal::{malformed, missing},
};
use crate::error::Rejection;

impl Listed {
    /// What is signed of them.
    pub(super) fn text(&self, list: &[u8], headers: &HeaderMap) -> Result<Vec<u8>, Rejection> {
        let mut names = self.names(list)?;
        for name in &*self.always {
            if !names.iter().any(|(listed, _)| listed.as_str() == &**name) {
                return Err(malformed("a header is not listed that has to be signed"));
            }
        }
        if self.written == ListedAs::Pairs {
            names.sort_unstable_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
        }
        let mut text = Vec::new();
        for (index, (name, spelt)) in names.iter().enumerate() {
            let value = single(headers, name)?;
            let value = value.ok_or_else(|| missing("a header that is listed is missing"))?;
            let value = value.as_bytes().trim_ascii();
            if !is_printable(value) {
                return Err(malformed(
                    "a header that the signature needs is not visible ASCII",
                ));
            }
            if index != 0 {
                text.extend_from_slice(self.join.as_bytes());
            }
            if self.written == ListedAs::Pairs {
                if self.could_be_two(value) {
                    return Err(malformed("a header that is listed could be taken for two"));
                }
                text.extend_from_slice(name.as_str().as_bytes());
                text.push(b':');
            }
            if self.written == ListedAs::Lines {
                text.extend_from_slice(spelt);
                text.extend_from_slice(b": ");
            }
            text.extend_from_slice(value);
            if self.written == ListedAs::Lines {
                text.push(b'\n');
            }
            if text.len() > LONGEST {
                return Err(malformed("the headers that are listed are too long"));
            }
        }
        Ok(text)
    }

    /// Whether a value could end early and go on as another pair. Of any name: one that the list left out might have been
    /// signed beside it.
    fn could_be_two(&self, value: &[u8]) -> bool {
        let is_of_a_name = |byte: &&u8| HeaderName::from_bytes(&[**byte]).is_ok();
        let mut colons = value.iter().enumerate().filter(|(_, byte)| **byte == b':');
        colons.any(|(colon, _)| {
            let before = value.get(..colon).unwrap_or_default();
            let name = before.iter().rev().take_while(is_of_a_name).count();
            // What joins ends where the name may begin, or within it.
            let start = colon.saturating_sub(name).saturating_sub(self.join.len());
            let piece = value.get(start..colon.saturating_sub(1));
            holds(piece.unwrap_or_default(), self.join.as_bytes())
        })
    }

    /// The names as headers have them and as they are spelt, none twice.
    fn names<'l>(&self, list: &'l [u8]) -> Result<Vec<(HeaderName, &'l [u8])>, Rejection> {
        let mut names: Vec<(HeaderName, &[u8])> = Vec::new();
        for spelt in list.split(|byte| char::from(*byte) == self.separator) {
            let spelt = spelt.trim_ascii();
            let name = HeaderName::from_bytes(spelt)
                .map_err(|_| malformed("a name that is listed is none of a header"))?;
            if names.iter().any(|(known, _)| *known == name) || names.len() == MOST {
                return Err(malformed("a header is listed twice, or too many are"));
            }
            names.push((name, spelt));
        }
        Ok(names)
    }
}

fn holds(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len().max(1))
        .any(|window| window == wanted)
}

/// The most headers that are listed, and their longest text in bytes.
const MOST: usize = 32;
const LONGEST: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::source::Source;

    #[expect(clippy::unwrap_in_result, reason = "a test fails by panicking")]
    fn text(
        written: ListedAs,
        list: &str,
        headers: &[(&'static str, &'static str)],
    ) -> Result<String, Rejection> {
        let listed = Listed {
            list: Source::header("list"),
            separator: ' ',
            written,
            join: ";".into(),
            always: vec!["a".into()].into(),
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        listed
            .text(list.as_bytes(), &map)
            .map(|text| String::from_utf8(text).unwrap())
    }

    #[test]
    fn listed_headers_are_signed_in_order() {
        let headers = [("a", "1"), ("b", " 2 ")];
        assert_eq!(text(ListedAs::Values, "b a", &headers).unwrap(), "2;1");
        assert_eq!(text(ListedAs::Pairs, "b A", &headers).unwrap(), "a:1;b:2");
        assert_eq!(
            text(ListedAs::Lines, "b A", &headers).unwrap(),
            "b: 2\n;A: 1\n"
        );
    }

    #[test]
    fn a_value_cannot_hold_a_pair_that_was_signed_beside_it() {
        let signed = text(ListedAs::Pairs, "a b", &[("a", "1"), ("b", "2")]).unwrap();
        assert_eq!(signed, "a:1;b:2");
        // The same bytes, were the list cut short and the pair moved into the value.
        assert!(text(ListedAs::Pairs, "a", &[("a", "1;b:2")]).is_err());
        for ordinary in [
            "text/html; charset=utf-8",
            "1;2",
            "https://a/;b",
            ";",
            "12:00",
        ] {
            assert!(
                text(ListedAs::Pairs, "a", &[("a", ordinary)]).is_ok(),
                "{ordinary}"
            );
        }
    }

    #[test]
    fn what_is_not_as_it_says_is_refused() {
        let headers = [
            ("a", "1"),
            ("b", "2"),
            ("c", "x;b:y"),
            ("d", "\u{e9}"),
            ("e", "5"),
            ("e", "5"),
        ];
        for list in ["b", "a x", "a a", "a A", "", "a  b", "a d", "a e", "a b c"] {
            assert!(text(ListedAs::Pairs, list, &headers).is_err(), "{list:?}");
        }
        let many: Vec<String> = (0..32).map(|number| format!("x{number}")).collect();
        assert!(text(ListedAs::Values, &format!("a {}", many.join(" ")), &headers).is_err());
    }
}

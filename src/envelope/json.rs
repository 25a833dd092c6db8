//! JSON, read once: values are borrowed and what nobody wants is skipped.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use super::{DEPTH, Found, Node, Plan, Unreadable};

impl Plan {
    /// Reads the document once.
    pub(crate) fn read<'a>(&self, document: &'a str) -> Result<Found<'a>, Unreadable> {
        if let Some(found) = self.glance(document) {
            return Ok(found);
        }
        if too_deep(document.as_bytes()) {
            return Err(Unreadable::TooDeep);
        }
        let mut found = [None; Self::MOST];
        let mut ambiguous = false;
        let mut json = serde_json::Deserializer::from_str(document);
        Seek {
            node: &self.root,
            found: &mut found,
            ambiguous: &mut ambiguous,
        }
        .deserialize(&mut json)
        .and_then(|()| json.end())
        .map(|()| found)
        .map_err(|_| {
            if ambiguous {
                Unreadable::Ambiguous
            } else {
                Unreadable::Malformed
            }
        })
    }
}

/// The text of a string or number, `None` for anything else.
pub(crate) fn text(value: &RawValue) -> Result<Option<String>, Unreadable> {
    match value.get().as_bytes().first() {
        Some(b'"') => serde_json::from_str(value.get())
            .map(Some)
            .map_err(|_| Unreadable::Malformed),
        Some(b'-' | b'0'..=b'9') => Ok(Some(value.get().to_owned())),
        _ => Ok(None),
    }
}

/// The elements of an array, borrowed.
pub(crate) fn elements(value: &str) -> Result<Vec<&RawValue>, Unreadable> {
    let elements: Vec<&RawValue> =
        serde_json::from_str(value).map_err(|_| Unreadable::NotABatch)?;
    if elements.len() > crate::source::Items::LIMIT {
        Err(Unreadable::NotABatch)
    } else {
        Ok(elements)
    }
}

/// The first element of an array, borrowed; nothing behind it is read.
pub(crate) fn first_element(array: &str) -> Result<&str, Unreadable> {
    let inner = array.trim_ascii_start().strip_prefix('[');
    let inner = inner.ok_or(Unreadable::Malformed)?;
    let mut values = serde_json::Deserializer::from_str(inner).into_iter::<&RawValue>();
    let first = values.next().and_then(Result::ok);
    first.map(RawValue::get).ok_or(Unreadable::Malformed)
}

/// The name of the one member of an object that is none of these; `None` where there are several, or no object.
pub(crate) fn other_member(
    document: &str,
    known: &[Cow<'static, str>],
) -> Result<Option<String>, Unreadable> {
    let mut names = Vec::new();
    let mut json = serde_json::Deserializer::from_str(document);
    let others = Others {
        known,
        names: &mut names,
    };
    json.deserialize_any(others)
        .map_err(|_| Unreadable::Malformed)?;
    match names.as_slice() {
        [one, two] if one == two => Err(Unreadable::Ambiguous),
        [_] => Ok(names.pop()),
        _ => Ok(None),
    }
}

/// Walks one value, keeping what the node wants.
struct Seek<'s, 'de> {
    node: &'s Node,
    found: &'s mut Found<'de>,
    ambiguous: &'s mut bool,
}

impl<'de> DeserializeSeed<'de> for Seek<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.node.wanted.is_empty() {
            return deserializer.deserialize_any(Walk(self));
        }
        let raw = <&RawValue as serde::Deserialize>::deserialize(deserializer)?;
        for index in &self.node.wanted {
            if let Some(slot) = self.found.get_mut(*index) {
                *slot = Some(raw);
            }
        }
        if self.node.children.is_empty() {
            return Ok(());
        }
        let mut json = serde_json::Deserializer::from_str(raw.get());
        json.deserialize_any(Walk(self)).map_err(D::Error::custom)
    }
}

/// Walks into an object or array; a scalar holds nothing that is wanted.
struct Walk<'s, 'de>(Seek<'s, 'de>);

impl<'de> Walk<'_, 'de> {
    fn child(&mut self, position: usize) -> Option<Seek<'_, 'de>> {
        let (_, node) = self.0.node.children.get(position)?;
        Some(Seek {
            node,
            found: self.0.found,
            ambiguous: self.0.ambiguous,
        })
    }
}

impl<'de> Visitor<'de> for Walk<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut seen = 0_u64;
        while let Some(position) = map.next_key_seed(Member(&self.0.node.children, PhantomData))? {
            let Some(position) = position else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let bit = 1_u64 << position.min(63);
            if seen & bit != 0 {
                *self.0.ambiguous = true;
                return Err(A::Error::custom("ambiguous"));
            }
            seen |= bit;
            if let Some(child) = self.child(position) {
                map.next_value_seed(child)?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let mut index = 0_usize;
        loop {
            let position = self
                .0
                .node
                .children
                .iter()
                .position(|(name, _)| is_index(name, index));
            let more = match position.and_then(|position| self.child(position)) {
                Some(child) => seq.next_element_seed(child)?.is_some(),
                None => seq.next_element::<IgnoredAny>()?.is_some(),
            };
            if !more {
                return Ok(());
            }
            index = index.saturating_add(1);
        }
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

fn is_index(token: &str, index: usize) -> bool {
    // No leading zeros, no sign: RFC 6901, section 4.
    token.parse() == Ok(index) && (token == "0" || !token.starts_with(['0', '+']))
}

/// Compares a member's name with the wanted ones, without allocating.
struct Member<'s, 'de>(&'s [(Box<str>, Node)], PhantomData<&'de ()>);

impl<'de> DeserializeSeed<'de> for Member<'_, 'de> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Member<'_, '_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|(wanted, _)| **wanted == *name))
    }
}

/// Gathers the first two names that are not known.
struct Others<'s> {
    known: &'s [Cow<'static, str>],
    names: &'s mut Vec<String>,
}

impl<'de> Visitor<'de> for Others<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            map.next_value::<IgnoredAny>()?;
            if self.names.len() < 2 && !self.known.contains(&name) {
                self.names.push(name.into_owned());
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

fn too_deep(document: &[u8]) -> bool {
    // Most bodies have too few brackets to be deep: counting them is quick, the walk is not.
    opening_brackets(document) > DEPTH && depth(document) > DEPTH
}

/// Counts in bytes, in pieces no longer than a byte can count: so it is vectorised.
fn opening_brackets(document: &[u8]) -> usize {
    let is_bracket = |byte: &u8| u8::from(matches!(byte, b'[' | b'{'));
    let count = |piece: &[u8]| piece.iter().map(is_bracket).fold(0, u8::wrapping_add);
    let pieces = document.chunks(usize::from(u8::MAX));
    pieces.map(|piece| usize::from(count(piece))).sum()
}

fn depth(document: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in document {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth = depth.saturating_add(1);
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'a>(pointers: &[&str], document: &'a str) -> Result<Vec<Option<&'a str>>, Unreadable> {
        let found = Plan::new(pointers.iter().copied().map(Some)).read(document)?;
        Ok(found
            .iter()
            .take(pointers.len())
            .map(|raw| raw.map(RawValue::get))
            .collect())
    }

    #[test]
    fn finds_values_at_any_level_and_inside_each_other() {
        let document = r#"{"a":{"b":[10,{"c":"x"}],"d":null},"e/f":1}"#;
        assert_eq!(
            read(&["/a/b/1/c", "/a", "/e~1f", "/a/b/01", ""], document).unwrap(),
            [
                Some(r#""x""#),
                Some(r#"{"b":[10,{"c":"x"}],"d":null}"#),
                Some("1"),
                None,
                Some(document)
            ],
        );
    }

    #[test]
    fn a_repeated_member_is_ambiguous_only_on_the_way() {
        assert_eq!(
            read(&["/id"], r#"{"id":"a","id":"b"}"#),
            Err(Unreadable::Ambiguous)
        );
        assert_eq!(
            read(&["/id"], r#"{"id":"a","\u0069d":"b"}"#),
            Err(Unreadable::Ambiguous)
        );
        assert_eq!(
            read(&["/a/b"], r#"{"a":{"b":1},"a":{}}"#),
            Err(Unreadable::Ambiguous)
        );
        assert_eq!(
            read(
                &["/event", "/event/type"],
                r#"{"event":{"type":1,"type":2}}"#
            ),
            Err(Unreadable::Ambiguous)
        );
        assert_eq!(
            read(&["/id"], r#"{"id":"a","x":1,"x":{"y":1,"y":2}}"#).unwrap(),
            [Some(r#""a""#)]
        );
    }

    #[test]
    fn hostile_documents_are_refused_or_skipped_but_never_a_panic() {
        for bad in [
            "",
            "{",
            "nul",
            "{\"id\":1}x",
            "\u{feff}{\"id\":1}",
            "[1",
            "{\"id\" 1}",
        ] {
            assert_eq!(
                read(&["/id", "/x"], bad),
                Err(Unreadable::Malformed),
                "{bad}"
            );
        }
        assert_eq!(
            read(&["/id"], r#"{"x":1e400,"y":"\ud800","id":7}"#).unwrap(),
            [Some("7")]
        );
        let deep = |open: &str, close: &str| {
            format!(
                "{{\"id\":1,\"x\":{}{}}}",
                open.repeat(500_000),
                close.repeat(500_000)
            )
        };
        assert_eq!(read(&["/id"], &deep("[", "]")), Err(Unreadable::TooDeep));
        assert_eq!(
            read(&["/id"], &"[".repeat(500_000)),
            Err(Unreadable::TooDeep)
        );
        let wide = format!(
            "{{\"id\":1,\"x\":\"{}\",\"y\":[{}0]}}",
            "[".repeat(500),
            "[],".repeat(500)
        );
        assert_eq!(read(&["/id"], &wide).unwrap(), [Some("1")]);
    }

    #[test]
    fn text_is_of_strings_and_numbers_only() {
        let text = |json: &str| text(&RawValue::from_string(json.to_owned()).unwrap());
        assert_eq!(text(r#""a\nb""#), Ok(Some("a\nb".to_owned())));
        assert_eq!(text("12"), Ok(Some("12".to_owned())));
        assert_eq!(text("null"), Ok(None));
        assert_eq!(text("[]"), Ok(None));
        assert_eq!(text(r#""\ud800""#), Err(Unreadable::Malformed));
    }
}

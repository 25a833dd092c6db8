//! A JSON object of a token, read strictly: a member that repeats, at whatever depth, is refused (RFC 7519, section 4).

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The members of an object.
#[derive(Debug, Default)]
pub(in super::super) struct Members(Value);

impl Members {
    /// The members of the object that this text is, and nothing else. Nesting is bounded by the parser.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let Strict(value) = serde_json::from_slice(text).ok()?;
        value.is_object().then_some(Self(value))
    }

    /// The value at a JSON pointer.
    pub(super) fn at(&self, pointer: &str) -> Option<&Value> {
        self.0.pointer(pointer)
    }

    /// The text of a string, number, `true` or `false`.
    pub(in super::super) fn text(&self, pointer: &str) -> Option<Cow<'_, str>> {
        text(self.at(pointer)?)
    }

    /// The texts of an array's elements, or the one text.
    pub(super) fn texts(&self, pointer: &str) -> Vec<Cow<'_, str>> {
        match self.at(pointer) {
            Some(Value::Array(elements)) => elements.iter().filter_map(text).collect(),
            Some(value) => text(value).into_iter().collect(),
            None => Vec::new(),
        }
    }
}

fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A value in which no member repeats.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Read).map(Self)
    }
}

struct Read;

impl<'de> Visitor<'de> for Read {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON in which no member repeats")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let Strict(value) = map.next_value()?;
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member repeats"));
            }
        }
        Ok(Value::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(Strict(value)) = seq.next_element()? {
            elements.push(value);
        }
        Ok(Value::Array(elements))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_once_or_not_at_all() {
        let members =
            Members::parse(br#"{"a":"x","b":{"c":[1,"y",null]},"d":true,"e":17}"#).unwrap();
        assert_eq!(members.text("/a").unwrap(), "x");
        assert_eq!(members.text("/d").unwrap(), "true");
        assert_eq!(members.text("/e").unwrap(), "17");
        assert_eq!(members.texts("/b/c"), ["1", "y"]);
        assert!(members.text("/b").is_none());
        for bad in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":1}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"a":[{"b":1,"b":2}]}"#,
            r#"{"a":1e999}"#,
            r#"{"a":1} {}"#,
            "[]",
            "1",
            "",
            "{",
        ] {
            assert!(Members::parse(bad.as_bytes()).is_none(), "{bad}");
        }
        assert!(Members::parse(&b"{\"a\":".repeat(4000)).is_none());
    }
}

//! [`Given`]: where the file says that a text is, as `{ env = "NAME" }`.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{
        IgnoredAny, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};
use toml::{Spanned, value::Datetime};

/// Where a text is. What else may stand in its place is taken too, so that it can be refused without being shown.
pub(super) enum Given {
    /// In the environment or a file.
    Elsewhere(Elsewhere),
    /// Here.
    Text(String),
    /// It is something else: a number, a list.
    Other,
}

/// `{ env = "NAME" }` or `{ file = "PATH" }`, with a key's name and last moment.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Elsewhere {
    pub(super) env: Option<Spanned<String>>,
    pub(super) file: Option<Spanned<String>>,
    pub(super) name: Option<Spanned<String>>,
    pub(super) not_after: Option<Spanned<Datetime>>,
}

/// One, or a list of them.
#[derive(Debug)]
pub(super) enum Several {
    /// One by itself.
    One(Given),
    /// A list.
    Many(Vec<Spanned<Given>>),
}

impl Several {
    /// All of them; one by itself has the place of the whole.
    pub(super) fn all(whole: Spanned<Self>) -> Vec<Spanned<Given>> {
        let span = whole.span();
        match whole.into_inner() {
            Self::One(given) => vec![Spanned::new(span, given)],
            Self::Many(all) => all,
        }
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elsewhere(elsewhere) => elsewhere.fmt(f),
            Self::Text(_) | Self::Other => f.write_str("[redacted]"),
        }
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GivenVisitor)
    }
}

struct GivenVisitor;

impl<'de> Visitor<'de> for GivenVisitor {
    type Value = Given;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{ env = \"NAME\" } or { file = \"PATH\" }")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Given, A::Error> {
        Elsewhere::deserialize(MapAccessDeserializer::new(map)).map(Given::Elsewhere)
    }

    fn visit_str<E>(self, text: &str) -> Result<Given, E> {
        Ok(Given::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Given, E> {
        Ok(Given::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Given, E> {
        Ok(Given::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Given, E> {
        Ok(Given::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Given, A::Error> {
        while all.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Given::Other)
    }
}

impl<'de> Deserialize<'de> for Several {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SeveralVisitor)
    }
}

struct SeveralVisitor;

impl<'de> Visitor<'de> for SeveralVisitor {
    type Value = Several;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        GivenVisitor.expecting(f)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, all: A) -> Result<Several, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(all)).map(Several::Many)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Several, A::Error> {
        GivenVisitor.visit_map(map).map(Several::One)
    }

    fn visit_str<E>(self, text: &str) -> Result<Several, E> {
        Ok(Several::One(Given::Text(text.to_owned())))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Several, E> {
        Ok(Several::One(Given::Other))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Several, E> {
        Ok(Several::One(Given::Other))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Several, E> {
        Ok(Several::One(Given::Other))
    }
}

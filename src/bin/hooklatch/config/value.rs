//! [`Field`]: a value as the file has it. One that does not fit is remembered and not fatal, so that all such faults are
//! told at once.

use std::{fmt, marker::PhantomData, net::SocketAddr, time::Duration};

use bytesize::ByteSize;
use http::Uri;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use toml::Spanned;

use super::fault::{Findings, Place, Problem};

/// A setting of this kind, if it is there, and where.
pub(super) type Field<T> = Option<Spanned<Lenient<T>>>;

/// A value, or what was expected in its place.
#[derive(Debug)]
pub(super) struct Lenient<T>(Result<T, &'static str>);

/// A value that a file writes as text, number or truth.
pub(super) trait Value: Sized {
    /// What it looks like, to whoever wrote something else.
    const EXPECTED: &str;

    /// It as text; `None` if that is not one.
    fn of_text(_: &str) -> Option<Self> {
        None
    }

    /// It as a number.
    fn of_number(_: u64) -> Option<Self> {
        None
    }

    /// It as `true` or `false`.
    fn of_truth(_: bool) -> Option<Self> {
        None
    }
}

impl<'d> Findings<'d> {
    /// The value of a setting, if it is there and fits.
    pub(super) fn value<T>(&mut self, field: Field<T>) -> Option<T> {
        self.placed(field).map(Spanned::into_inner)
    }

    /// The same, with its place.
    pub(super) fn placed<T>(&mut self, field: Field<T>) -> Option<Spanned<T>> {
        let field = field?;
        let span = field.span();
        let problem = |expected: &str| {
            let what = format!(
                "{} does not take this value",
                self.document().name_at(&span)
            );
            let place = if self.document().is_public(&span) {
                Place::Shown(span.clone())
            } else {
                Place::Hidden(span.clone())
            };
            Problem::at(place, what, &format!("expected {expected}"))
        };
        let value = field.into_inner().0.map_err(problem);
        self.take(value).map(|value| Spanned::new(span, value))
    }
}

impl<'de, T: Value> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader(PhantomData))
    }
}

struct Reader<T>(PhantomData<T>);

impl<T: Value> Reader<T> {
    fn lenient<E>(value: Option<T>) -> Result<Lenient<T>, E> {
        Ok(Lenient(value.ok_or(T::EXPECTED)))
    }
}

impl<'de, T: Value> Visitor<'de> for Reader<T> {
    type Value = Lenient<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E>(self, text: &str) -> Result<Lenient<T>, E> {
        Self::lenient(T::of_text(text))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Lenient<T>, E> {
        Self::lenient(u64::try_from(number).ok().and_then(T::of_number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Lenient<T>, E> {
        Self::lenient(T::of_number(number))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Lenient<T>, E> {
        Self::lenient(T::of_truth(truth))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Lenient<T>, E> {
        Self::lenient(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Lenient<T>, A::Error> {
        while all.next_element::<IgnoredAny>()?.is_some() {}
        Self::lenient(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Lenient<T>, A::Error> {
        while all.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Self::lenient(None)
    }
}

impl Value for String {
    const EXPECTED: &str = "text that is not empty";

    fn of_text(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| text.to_owned())
    }
}

impl Value for bool {
    const EXPECTED: &str = "`true` or `false`";

    fn of_truth(truth: bool) -> Option<Self> {
        Some(truth)
    }
}

/// What is printed of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Print {
    Nothing,
    Facts,
    Body,
}

impl Value for Print {
    const EXPECTED: &str = "`true`, `false` or `\"body\"`";

    fn of_truth(truth: bool) -> Option<Self> {
        Some(if truth { Self::Facts } else { Self::Nothing })
    }

    fn of_text(text: &str) -> Option<Self> {
        (text == "body").then_some(Self::Body)
    }
}

/// A number of things, at least one.
impl Value for usize {
    const EXPECTED: &str = "a number of 1 or more";

    fn of_number(number: u64) -> Option<Self> {
        number.try_into().ok().filter(|number| *number > 0)
    }
}

impl Value for Duration {
    const EXPECTED: &str =
        "a time with its unit, as \"500ms\", \"10s\", \"5min\", \"2h\" or \"3days\"";

    fn of_text(text: &str) -> Option<Self> {
        let time = humantime::parse_duration(text).ok()?;
        (!time.is_zero()).then_some(time)
    }
}

/// A number of bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size(pub(super) usize);

impl Value for Size {
    const EXPECTED: &str = "a size, as \"64KiB\" or \"1MiB\", or a number of bytes";

    fn of_text(text: &str) -> Option<Self> {
        Self::of_number(text.parse::<ByteSize>().ok()?.as_u64())
    }

    fn of_number(number: u64) -> Option<Self> {
        usize::of_number(number).map(Self)
    }
}

impl Value for SocketAddr {
    const EXPECTED: &str = "an IP address and a port, as \"127.0.0.1:3000\" or \"[::]:3000\"";

    fn of_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// An absolute `http` or `https` URL, without a user in it.
#[derive(Clone, Debug)]
pub(super) struct HttpUrl(pub(super) Uri);

impl Value for HttpUrl {
    const EXPECTED: &str =
        "an absolute URL of http or https without credentials, as \"http://127.0.0.1:8080/events\"";

    fn of_text(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let authority = uri.authority()?;
        let fits = matches!(uri.scheme_str(), Some("http" | "https"))
            && !authority.host().is_empty()
            && !authority.as_str().contains('@');
        fits.then_some(Self(uri))
    }
}

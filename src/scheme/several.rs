//! Requests with more than one signature text. Pure and bounded.

use std::borrow::Cow;

use http::HeaderName;

use super::{
    Scheme, Several,
    head::{Family, header_name},
    place::single,
    refusal::{malformed, missing},
    view::View,
};
use crate::{
    error::{ConfigError, Rejection},
    source::Source,
};

/// Signature texts, each to be judged on its own.
pub(super) type Texts<'a> = Vec<Cow<'a, [u8]>>;

impl Family {
    /// The first family of which a signature is there, and the texts of all its signatures.
    pub(super) fn find_several<'f, 'a>(
        families: &'f [Self],
        scheme: &Scheme,
        view: &View<'a>,
    ) -> Result<(&'f Self, Texts<'a>), Rejection> {
        if let Several::Between(separator) = scheme.several {
            let (family, text) = Self::find(families, &scheme.grammar, view)?;
            return Ok((family, bounded(split(text, separator))?));
        }
        for family in families {
            let texts = family.texts(view)?;
            if !texts.is_empty() {
                return Ok((family, texts));
            }
        }
        Err(missing("the signature is missing"))
    }

    /// The values of a header that may repeat, or of those that are numbered.
    fn texts<'a>(&self, view: &View<'a>) -> Result<Texts<'a>, Rejection> {
        let headers = &view.head.headers;
        if self.numbered.is_empty() {
            let name = self.signature.header();
            let values = name.into_iter().flat_map(|name| headers.get_all(name));
            let texts = values.map(|value| Cow::Borrowed(value.as_bytes()));
            return bounded(texts.take(MOST_TEXTS + 1).collect());
        }
        let mut texts = Vec::new();
        for name in &self.numbered {
            let value = single(headers, name)?;
            texts.extend(value.map(|value| Cow::Borrowed(value.as_bytes())));
        }
        Ok(texts)
    }
}

/// The names of numbered headers; none where they are not.
pub(super) fn numbered_headers(
    scheme: &Scheme,
    prefix: &str,
) -> Result<Box<[HeaderName]>, ConfigError> {
    match &scheme.signature {
        Source::Header(name) if scheme.several == Several::Numbered => (1..=MOST_NUMBERED)
            .map(|number| header_name(prefix, &numbered(name, number)))
            .collect(),
        _ => Ok(Box::default()),
    }
}

/// The name of a numbered header.
pub(super) fn numbered(name: &str, number: u8) -> String {
    format!("{name}{number}")
}

fn split(text: Cow<'_, [u8]>, separator: char) -> Texts<'_> {
    let is_between = |byte: &u8| char::from(*byte) == separator;
    match text {
        Cow::Borrowed(text) => {
            let texts = text.split(is_between).map(Cow::Borrowed);
            texts.take(MOST_TEXTS + 1).collect()
        }
        Cow::Owned(text) => {
            let texts = text.split(is_between).map(|text| Cow::Owned(text.to_vec()));
            texts.take(MOST_TEXTS + 1).collect()
        }
    }
}

fn bounded(texts: Texts<'_>) -> Result<Texts<'_>, Rejection> {
    if texts.len() > MOST_TEXTS {
        Err(malformed("the request has more signatures than are read"))
    } else {
        Ok(texts)
    }
}

/// The most signature texts of one request.
const MOST_TEXTS: usize = 8;
/// The most that have a number.
const MOST_NUMBERED: u8 = 16;

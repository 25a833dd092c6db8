//! A [`Source`] made ready to be read from a request that nobody believes yet. Pure and bounded.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue, request::Parts};

use super::{head::header_name, header::Signatures, refusal::malformed, view::View};
use crate::{
    error::{ConfigError, Rejection},
    source::Source,
};

/// A place in a request, its names checked and its pointers compiled.
#[derive(Debug)]
pub(super) enum Place {
    Header(HeaderName),
    Field(Box<str>),
    Query(Box<str>),
    Json(Box<str>),
    Form(Box<str>),
    Body,
    Claim(Box<str>),
    Protected(Box<str>),
    FirstOf(Box<[Self]>),
    /// The text of [`Part::Document`](super::Part::Document).
    Document,
    /// The text of [`Part::FirstElement`](super::Part::FirstElement).
    FirstElement,
    /// What is only read after verification.
    Later,
}

/// A text of the request; of a header, with the value it can be kept as.
#[derive(Debug)]
pub(super) struct Text<'a> {
    pub(super) text: Cow<'a, [u8]>,
    pub(super) header: Option<&'a HeaderValue>,
}

impl Place {
    /// A source with its header names under this prefix.
    pub(super) fn new(prefix: &str, source: &Source) -> Result<Self, ConfigError> {
        Ok(match source {
            Source::Header(name) => Self::Header(header_name(prefix, name)?),
            Source::Field(name) => Self::Field((**name).into()),
            Source::Query(name) => Self::Query((**name).into()),
            Source::Json(pointer) => Self::Json((**pointer).into()),
            Source::Form(name) => Self::Form((**name).into()),
            Source::Body => Self::Body,
            Source::Claim(pointer) => Self::Claim((**pointer).into()),
            Source::Protected(pointer) => Self::Protected((**pointer).into()),
            Source::FirstOf(places) => Self::FirstOf(
                places
                    .iter()
                    .map(|place| Self::new(prefix, place))
                    .collect::<Result<_, _>>()?,
            ),
            Source::Xml(_) | Source::OtherMember(_) => Self::Later,
        })
    }

    /// The name, where it is a header.
    pub(super) const fn header(&self) -> Option<&HeaderName> {
        match self {
            Self::Header(name) => Some(name),
            _ => None,
        }
    }

    /// The text at this place, of whatever bytes. One that repeats is refused: two readers could see two texts.
    pub(super) fn read<'a>(
        &self,
        signatures: Option<&Signatures<'a>>,
        view: &View<'a>,
    ) -> Result<Option<Text<'a>>, Rejection> {
        let text = match self {
            Self::Header(name) => {
                let Some(value) = single(&view.head.headers, name)? else {
                    return Ok(None);
                };
                return Ok(Some(Text {
                    text: Cow::Borrowed(value.as_bytes()),
                    header: Some(value),
                }));
            }
            Self::Field(name) => signatures
                .map_or(Ok(None), |signatures| signatures.field(name))
                .map_err(malformed)?
                .map(Cow::Borrowed),
            Self::Query(name) => query(view.head, name)?,
            Self::Json(pointer) => view.json(pointer)?,
            Self::Form(name) => view.form(name)?,
            Self::Body => view.body(),
            Self::Claim(pointer) => view.claim(pointer),
            Self::Protected(pointer) => view.protected(pointer),
            Self::FirstOf(places) => {
                return places
                    .iter()
                    .find_map(|place| place.read(signatures, view).transpose())
                    .transpose();
            }
            Self::Document => view.document()?,
            Self::FirstElement => view.first_element()?,
            Self::Later => None,
        };
        Ok(text.map(|text| Text { text, header: None }))
    }
}

/// The one value of a header.
pub(super) fn single<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'a HeaderValue>, Rejection> {
    let mut values = headers.get_all(name).iter();
    let value = values.next();
    if values.next().is_some() {
        Err(malformed("a header that the signature needs repeats"))
    } else {
        Ok(value)
    }
}

/// The one value of a query parameter.
fn query<'a>(head: &'a Parts, name: &str) -> Result<Option<Cow<'a, [u8]>>, Rejection> {
    let query = head.uri.query().unwrap_or_default();
    let mut values = form_urlencoded::parse(query.as_bytes())
        .filter(|(field, _)| field == name)
        .map(|(_, value)| bytes(value));
    let value = values.next();
    if values.next().is_some() {
        Err(malformed(
            "a query parameter that the signature needs repeats",
        ))
    } else {
        Ok(value)
    }
}

/// Whether this parameter is the last of the query.
pub(super) fn is_last_parameter(head: &Parts, name: &str) -> bool {
    let query = head.uri.query().unwrap_or_default();
    let last = form_urlencoded::parse(query.as_bytes()).last();
    last.is_some_and(|(field, _)| field == name)
}

pub(super) fn bytes(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

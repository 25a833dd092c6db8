//! What the content of a signature covers besides the body, id and timestamp. Pure.

use std::{borrow::Cow, slice::Iter};

use super::{
    Listed, Part, Scheme,
    ascii::is_printable,
    content::{self, Covered},
    head::{Head, header_name},
    header::Signatures,
    place::{Place, Text},
    refusal::{malformed, missing},
    view::View,
};
use crate::{
    delivery::CoveredTexts,
    error::{ConfigError, Rejection},
    source::Source,
};

/// A header or text that the content covers.
#[derive(Debug)]
pub(super) enum Cover {
    /// It has to be there.
    Needed(Place),
    /// It names the headers that are covered.
    Listed(Place, Listed),
    /// Others are covered where it is there.
    Where(Place, Box<[Self]>),
}

impl Cover {
    /// Of some parts, in order.
    pub(super) fn all(prefix: &str, parts: &[Part]) -> Result<Box<[Self]>, ConfigError> {
        let cover = |part: &Part| match part {
            Part::Header(name) => Some(
                header_name(prefix, name)
                    .map(Place::Header)
                    .map(Self::Needed),
            ),
            Part::Text(source) | Part::FreeText(source) => {
                Some(Place::new(prefix, source).map(Self::Needed))
            }
            Part::Document => Some(Ok(Self::Needed(Place::Document))),
            Part::FirstElement => Some(Ok(Self::Needed(Place::FirstElement))),
            Part::Listed(listed) => Some(
                Place::new(prefix, &listed.list).map(|place| Self::Listed(place, listed.clone())),
            ),
            Part::Where(source, parts) => Some(
                Place::new(prefix, source)
                    .and_then(|place| Ok(Self::Where(place, Self::all(prefix, parts)?))),
            ),
            _ => None,
        };
        parts.iter().filter_map(cover).collect()
    }

    pub(super) fn read<'a>(
        &self,
        signatures: Option<&Signatures<'a>>,
        view: &View<'a>,
        all: &mut Vec<Covered<'a>>,
    ) -> Result<(), Rejection> {
        let (Self::Needed(place) | Self::Listed(place, _) | Self::Where(place, _)) = self;
        let found = place.read(signatures, view)?;
        if let Some(Text {
            text,
            header: Some(_),
        }) = &found
            && !is_printable(text)
        {
            return Err(malformed(
                "a header that the signature needs is not visible ASCII",
            ));
        }
        if let (Self::Listed(_, listed), Some(list)) = (self, &found) {
            let text = listed.text(&list.text, &view.head.headers)?;
            all.push(Some(Cow::Owned(text)));
            return Ok(());
        }
        let is_there = found.is_some();
        all.push(found.map(|found| found.text));
        match self {
            Self::Needed(_) | Self::Listed(..) if !is_there => Err(missing(NOT_COVERED)),
            Self::Where(_, covers) if is_there => covers
                .iter()
                .try_for_each(|cover| cover.read(signatures, view, all)),
            _ => Ok(()),
        }
    }
}

impl Head<'_> {
    /// The texts under the signature, by their places.
    pub(super) fn told(&self, scheme: &Scheme) -> CoveredTexts {
        let mut all = Vec::new();
        self.tell(scheme, &scheme.content, &mut self.covered.iter(), &mut all);
        all.into()
    }

    fn tell(
        &self,
        scheme: &Scheme,
        parts: &[Part],
        covered: &mut Iter<'_, Covered<'_>>,
        all: &mut Vec<(Source, Box<str>)>,
    ) {
        for part in parts {
            let (place, text) = match part {
                Part::Id => (
                    scheme.id.clone(),
                    self.facts.id.as_ref().map(|id| &*id.text),
                ),
                Part::Timestamp => {
                    let source = scheme.timestamp.as_ref().map(|time| time.source.clone());
                    (
                        source,
                        self.facts.timestamp.as_ref().map(|stamp| &*stamp.text),
                    )
                }
                Part::Header(name) => (Some(Source::Header(name.clone())), content::next(covered)),
                Part::Text(source) | Part::FreeText(source) => {
                    (Some(source.clone()), content::next(covered))
                }
                Part::Where(_, inner) => {
                    if content::next(covered).is_some() {
                        self.tell(scheme, inner, covered, all);
                    }
                    continue;
                }
                Part::Listed(_) | Part::Document | Part::FirstElement => {
                    covered.next();
                    continue;
                }
                _ => continue,
            };
            let text = text.and_then(|text| str::from_utf8(text).ok());
            all.extend(place.zip(text.map(Box::from)));
        }
    }
}

pub(super) const NOT_COVERED: &str = "a text under the signature is missing";

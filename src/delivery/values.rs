//! What one read of a JSON or XML document found, by where it was to be.

use std::ops::Range;

use serde_json::value::RawValue;

use crate::{
    envelope::{
        self, Found, Plan, Unreadable,
        xml::{self, Paths},
    },
    source::Source,
};

/// What was found in a JSON document.
pub(super) struct JsonValues<'p, 'd> {
    plan: &'p Plan,
    document: &'d str,
    found: Found<'d>,
}

impl<'p, 'd> JsonValues<'p, 'd> {
    pub(super) fn read(plan: &'p Plan, document: &'d str) -> Result<Self, Unreadable> {
        let found = plan.read(document)?;
        Ok(Self {
            plan,
            document,
            found,
        })
    }

    /// Where the value at a pointer stands, the whole document where there is none.
    pub(super) fn range(&self, pointer: &str) -> Range<usize> {
        let value = self.plan.at(&self.found, pointer).map(RawValue::get);
        value.map_or(0..self.document.len(), |value| {
            range_in(self.document, value)
        })
    }

    pub(super) fn at(&self, pointer: &str) -> Result<Option<String>, Unreadable> {
        self.plan
            .at(&self.found, pointer)
            .map_or(Ok(None), envelope::text)
    }

    pub(super) fn text(&self, source: &Source) -> Result<Option<String>, Unreadable> {
        match source {
            Source::Json(pointer) => self.at(pointer),
            Source::OtherMember(known) => envelope::other_member(self.document, known),
            _ => Ok(None),
        }
    }
}

/// What was found in an XML document.
pub(super) struct XmlValues<'p, 'd> {
    plan: &'p Plan,
    document: &'d str,
    found: xml::Found<'d>,
}

impl<'p, 'd> XmlValues<'p, 'd> {
    pub(super) fn read(
        plan: &'p Plan,
        document: &'d str,
        paths: Paths,
    ) -> Result<Self, Unreadable> {
        let found = plan.read_xml(document, paths)?;
        Ok(Self {
            plan,
            document,
            found,
        })
    }

    /// Where the element at a path stands.
    pub(super) fn range(&self, path: &str) -> Option<Range<usize>> {
        let value = self.plan.at(&self.found, path)?;
        xml::element(&value).map(|element| range_in(self.document, element))
    }

    pub(super) fn at(&self, path: &str) -> Result<Option<String>, Unreadable> {
        let value = self.plan.at(&self.found, path);
        value.map_or(Ok(None), |value| xml::text(&value))
    }

    pub(super) fn text(&self, source: &Source) -> Result<Option<String>, Unreadable> {
        match source {
            Source::Xml(path) => self.at(path),
            _ => Ok(None),
        }
    }
}

/// Where a borrowed value stands in the text it was read from.
fn range_in(text: &str, value: &str) -> Range<usize> {
    let start = value.as_ptr().addr().saturating_sub(text.as_ptr().addr());
    start..start.saturating_add(value.len()).min(text.len())
}

//! One event of a batch.

use std::{collections::HashMap, hash::Hash, ops::Range};

use bytes::Bytes;
use serde_json::value::RawValue;

use super::{
    document::Document,
    reading::{Envelope, Payload, Shared, joined, usable_id},
    values::{JsonValues, XmlValues},
};
use crate::{
    envelope::{self, Plan, Unreadable, xml, xml::Paths},
    origin::Origin,
    source::Items,
};

/// One event of a batch. Its document is the text of its own element: of XML, prefixes that are declared further out
/// stand in it without their declaration, since local names are what counts.
pub(super) struct Item {
    pub(super) document: Bytes,
    format: Format,
    payload: Range<usize>,
    pub(super) id: Option<Box<str>>,
    pub(super) event_type: Option<Box<str>>,
    /// Of an item in an array of its own, the element that has the array: what stands around an item tells it from an
    /// equal one elsewhere.
    pub(super) around: Bytes,
    /// How many items with the same bytes, and the same around them, stand before it in the batch.
    pub(super) occurrence: u64,
    /// Its position in the batch.
    pub(super) index: usize,
}

#[derive(Clone, Copy)]
enum Format {
    Json,
    Xml,
}

impl Item {
    /// The items of a batch.
    pub(super) fn all(shared: &Shared) -> Result<Vec<Self>, Unreadable> {
        let origin = &shared.origin;
        let items = origin.items.as_ref().ok_or(Unreadable::NotABatch)?;
        let Envelope {
            document, payload, ..
        } = shared.envelope()?;
        match document {
            Document::Json(document) => {
                let texts = texts(origin, items, str_at(document, payload)?)?;
                read_all(texts.into_iter(), |(text, around), occurrence| {
                    let item = Self::json(origin, items, document, text, occurrence)?;
                    Ok(Self {
                        around: document.slice_ref(around.as_bytes()),
                        ..item
                    })
                })
            }
            Document::Xml(document) => {
                let parent = str_at(document, payload)?;
                let elements = xml::elements(parent, items.path().1)?;
                read_all(elements.into_iter(), |text, occurrence| {
                    Self::xml(origin, items, document, text, occurrence)
                })
            }
            Document::Form(_) | Document::Multipart => Err(Unreadable::NotABatch),
        }
    }

    pub(super) fn payload(&self) -> Payload {
        let payload = self.document.slice(self.payload.clone());
        match self.format {
            Format::Json => Payload::Json(payload),
            Format::Xml => Payload::Xml(payload),
        }
    }

    fn json(
        origin: &Origin,
        items: &Items,
        document: &Bytes,
        text: &str,
        occurrence: u64,
    ) -> Result<Self, Unreadable> {
        let json = JsonValues::read(&origin.item.json, text)?;
        let id = items.id.as_ref().map_or(Ok(None), |id| json.at(id))?;
        let event_type = joined(&items.event_type, |source| json.text(source))?;
        Ok(Self {
            document: document.slice_ref(text.as_bytes()),
            format: Format::Json,
            payload: json.range(&origin.payload),
            id: usable_id(id.as_deref()),
            event_type: event_type.map(String::into_boxed_str),
            around: Bytes::new(),
            occurrence,
            index: 0,
        })
    }

    fn xml(
        origin: &Origin,
        items: &Items,
        document: &Bytes,
        text: &str,
        occurrence: u64,
    ) -> Result<Self, Unreadable> {
        let xml = XmlValues::read(&origin.item.xml, text, Paths::FromRoot)?;
        let id = items.id.as_ref().map_or(Ok(None), |id| xml.at(id))?;
        let event_type = joined(&items.event_type, |source| xml.text(source))?;
        Ok(Self {
            document: document.slice_ref(text.as_bytes()),
            format: Format::Xml,
            payload: xml.range(&origin.payload).unwrap_or(0..text.len()),
            id: usable_id(id.as_deref()),
            event_type: event_type.map(String::into_boxed_str),
            around: Bytes::new(),
            occurrence,
            index: 0,
        })
    }
}

/// The texts of the items of a JSON array: its elements, or those of the arrays in these and what is around them.
fn texts<'d>(
    origin: &Origin,
    items: &Items,
    array: &'d str,
) -> Result<Vec<(&'d str, &'d str)>, Unreadable> {
    if origin.takes_single && !array.trim_ascii_start().starts_with('[') {
        return Ok(vec![(array, "")]);
    }
    let elements = envelope::elements(array)?.into_iter().map(RawValue::get);
    let (_, Some(inner)) = items.outer() else {
        return Ok(elements.map(|element| (element, "")).collect());
    };
    let plan = Plan::new([Some(inner)]);
    let mut texts = Vec::new();
    for element in elements {
        let found = plan.at(&plan.read(element)?, inner);
        match found
            .map(RawValue::get)
            .filter(|inner| inner.starts_with('['))
        {
            Some(inner) => {
                let inner = envelope::elements(inner)?.into_iter();
                texts.extend(inner.map(|item| (item.get(), element)));
            }
            None => texts.push((element, "")),
        }
        if texts.len() > Items::LIMIT {
            return Err(Unreadable::NotABatch);
        }
    }
    Ok(texts)
}

/// Reads each item, telling it how many with the same bytes stand before it.
fn read_all<T: Copy + Eq + Hash>(
    texts: impl Iterator<Item = T>,
    read: impl Fn(T, u64) -> Result<Item, Unreadable>,
) -> Result<Vec<Item>, Unreadable> {
    let mut counts = HashMap::<T, u64>::new();
    texts
        .enumerate()
        .map(|(index, text)| {
            let count = counts.entry(text).or_default();
            let occurrence = *count;
            *count = occurrence.saturating_add(1);
            read(text, occurrence).map(|item| Item { index, ..item })
        })
        .collect()
}

fn str_at<'d>(document: &'d Bytes, range: &Range<usize>) -> Result<&'d str, Unreadable> {
    document
        .get(range.clone())
        .and_then(|text| str::from_utf8(text).ok())
        .ok_or(Unreadable::NotABatch)
}

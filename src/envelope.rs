//! One bounded read of a body: the id, the type and where the payload is, and nothing else.
//!
//! Wanted values are borrowed from the body and the rest is skipped, so nothing is decoded that nobody asked for. A
//! member, element or field that repeats on the way to a wanted value makes it ambiguous: two readers could see two
//! different events. Repeats elsewhere are nobody's business.
//!
//! What is wanted is a [`Plan`]; each format is read in a file of its own.

mod form;
mod glance;
mod json;
mod kind;
#[cfg(feature = "multipart")]
mod multipart;
#[cfg(not(feature = "multipart"))]
#[path = "envelope/without_multipart.rs"]
mod multipart;
#[cfg(feature = "xml")]
pub(crate) mod xml;
#[cfg(not(feature = "xml"))]
#[path = "envelope/without_xml.rs"]
pub(crate) mod xml;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, header};
use serde_json::value::RawValue;

pub(crate) use self::{
    form::{form_field, limited_form, text_part},
    json::{elements, other_member, text},
    kind::{Kind, is_json, text as without_mark},
};

/// Authentic, but what is wanted cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// A member repeats on the way to a wanted value.
    Ambiguous,
    /// An XML document with a document type, which could define entities.
    #[cfg(feature = "xml")]
    DocumentType,
    /// Not of its format, or a wanted text is not readable text.
    Malformed,
    /// Nested deeper than [`DEPTH`].
    TooDeep,
    /// More fields, parts or attributes than are read.
    TooMany,
    /// A batch of more than [`crate::Items::LIMIT`] items, or none at all.
    NotABatch,
}

impl Unreadable {
    pub(crate) const fn detail(self) -> &'static str {
        match self {
            Self::Ambiguous => "a member repeats on the way to the id, type or payload",
            #[cfg(feature = "xml")]
            Self::DocumentType => "the XML has a document type, which could define entities",
            Self::Malformed => "the body cannot be read as what the sender sends",
            Self::TooDeep => "the body is nested too deep",
            Self::TooMany => "the body has too many fields, parts or attributes",
            Self::NotABatch => "the body is not a batch, or one of too many items",
        }
    }
}

/// One part of a multipart body.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) file_name: Option<String>,
    #[cfg(feature = "multipart")]
    pub(crate) content_type: Option<String>,
    pub(crate) bytes: Bytes,
}

/// The parts of a multipart body, by the boundary that its content type tells.
pub(crate) fn parts(headers: &HeaderMap, body: &Bytes) -> Result<Arc<[Part]>, Unreadable> {
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    multipart::parts(content_type.unwrap_or_default(), body)
}

/// The JSON pointers or XML paths to read, compiled once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    root: Node,
    pointers: Vec<Option<Box<str>>>,
    /// The name between quotes and the place of the one value wanted, where that is a member of the document itself.
    sole: Option<(Box<str>, usize)>,
}

#[derive(Clone, Debug, Default)]
struct Node {
    wanted: Vec<usize>,
    children: Vec<(Box<str>, Self)>,
}

/// The values found, in the order of the pointers.
pub(crate) type Found<'a> = [Option<&'a RawValue>; Plan::MOST];

impl Plan {
    /// The most pointers one plan may hold.
    pub(crate) const MOST: usize = 12;

    /// A plan for these pointers; `None` takes a place and is never found, as are those beyond [`Self::MOST`].
    pub(crate) fn new<'p>(pointers: impl IntoIterator<Item = Option<&'p str>>) -> Self {
        let pointers = pointers.into_iter().take(Self::MOST);
        let pointers: Vec<Option<Box<str>>> =
            pointers.map(|pointer| pointer.map(Box::from)).collect();
        let mut root = Node::default();
        for (index, pointer) in pointers.iter().enumerate() {
            if let Some(pointer) = pointer {
                root.add(&mut tokens(pointer), index);
            }
        }
        Self {
            root,
            pointers,
            sole: None,
        }
    }

    /// What was found at one of the pointers.
    pub(crate) fn at<V: Clone>(&self, found: &[Option<V>], pointer: &str) -> Option<V> {
        let mut pointers = self.pointers.iter();
        let index = pointers.position(|known| known.as_deref() == Some(pointer))?;
        found.get(index)?.clone()
    }

    /// The same plan, which finds a sole member without reading the rest where it can. Not for ids: an event that has one
    /// is known by it, and its body should be what it seems.
    pub(crate) fn at_a_glance(mut self) -> Self {
        let sole = self.root.sole();
        self.sole = sole.map(|(name, index)| (format!("\"{name}\"").into(), index));
        self
    }
}

/// Whether a JSON pointer is well-formed: empty, or `/`-separated with `~0` and `~1` as the only escapes (RFC 6901).
pub(crate) fn is_pointer(pointer: &str) -> bool {
    let escapes_are_known = pointer
        .split('~')
        .skip(1)
        .all(|rest| rest.starts_with(['0', '1']));
    (pointer.is_empty() || pointer.starts_with('/')) && escapes_are_known
}

/// Whether the path of an XML element or attribute is well-formed: names after `/` each, the last maybe after `@`.
pub(crate) fn is_path(path: &str) -> bool {
    let is_name = |name: &str| !name.is_empty() && !name.contains(['@', ':', '~', ' ']);
    let Some((above, last)) = path.rsplit_once('/') else {
        return false;
    };
    let mut above = above.split('/');
    above.next() == Some("") && above.all(is_name) && is_name(last.trim_start_matches('@'))
}

fn tokens(pointer: &str) -> impl Iterator<Item = Box<str>> {
    pointer
        .split('/')
        .skip(1)
        .map(|token| token.replace("~1", "/").replace("~0", "~").into_boxed_str())
}

impl Node {
    /// The one member wanted, if there is but one and its name is plain.
    fn sole(&self) -> Option<(&str, usize)> {
        let [(name, child)] = self.children.as_slice() else {
            return None;
        };
        let [index] = child.wanted.as_slice() else {
            return None;
        };
        let plain = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let alone = self.wanted.is_empty() && child.children.is_empty();
        (plain && alone).then_some((name, *index))
    }

    fn add(&mut self, tokens: &mut dyn Iterator<Item = Box<str>>, index: usize) {
        let Some(token) = tokens.next() else {
            self.wanted.push(index);
            return;
        };
        if let Some((_, child)) = self.children.iter_mut().find(|(name, _)| *name == token) {
            return child.add(tokens, index);
        }
        let mut child = Self::default();
        child.add(tokens, index);
        self.children.push((token, child));
    }
}

/// The deepest nesting that is read; also serde_json's own limit for a typed decode.
const DEPTH: usize = 128;

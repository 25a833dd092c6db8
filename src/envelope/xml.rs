//! One bounded read of an XML document.
//!
//! Names are local names: which prefix stands for which namespace is the document's own affair, so two elements of the
//! same local name are the same. A document type is refused, so no entity can be defined; UTF-8 alone is read.

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesDecl, BytesRef, BytesStart, Event},
};

use super::{DEPTH, Node, Plan, Unreadable};
use crate::source::Items;

/// The values found, in the order of the paths.
pub(crate) type Found<'d> = [Option<Value<'d>>; Plan::MOST];

/// A value found.
#[derive(Clone, Debug)]
pub(crate) enum Value<'d> {
    /// An element, from its start tag to its end tag, not yet decoded.
    Element(&'d str),
    /// The value of an attribute.
    Attribute(String),
}

/// Where the paths of a plan begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paths {
    /// At the document: the first name is that of its root.
    FromDocument,
    /// At the root, as within an item of a batch.
    FromRoot,
}

impl Plan {
    /// Reads an XML document once.
    pub(crate) fn read_xml<'d>(
        &self,
        document: &'d str,
        paths: Paths,
    ) -> Result<Found<'d>, Unreadable> {
        let mut seek = Seek {
            document,
            found: [const { None }; Self::MOST],
            open: Vec::new(),
        };
        walk(document, &mut |step| match step {
            Step::Open(tag, from) => {
                let node = match seek.open.last_mut() {
                    Some(parent) => parent.child(local(tag))?,
                    None if paths == Paths::FromRoot => Some(&self.root),
                    None => Level::new(Some(&self.root), 0).child(local(tag))?,
                };
                seek.open(node, tag, from)
            }
            Step::Close(to) => {
                seek.close(to);
                Ok(())
            }
            Step::Text(_) | Step::Reference(_) | Step::Aside => Ok(()),
        })?;
        Ok(seek.found)
    }
}

/// Whether the document can be read: well-formed as far as that is looked at, and within bounds.
pub(crate) fn check(document: &str) -> Result<(), Unreadable> {
    walk(document, &mut |_| Ok(()))
}

/// The element, if it is one, with its tags.
pub(crate) const fn element<'d>(value: &Value<'d>) -> Option<&'d str> {
    match value {
        Value::Element(element) => Some(element),
        Value::Attribute(_) => None,
    }
}

/// The text of an attribute, or of an element that holds nothing else, white space around it left out. A comment within
/// it makes it ambiguous: some readers take what stands before it, others the whole.
pub(crate) fn text(value: &Value<'_>) -> Result<Option<String>, Unreadable> {
    let element = match value {
        Value::Attribute(text) => return Ok(Some(text.clone())),
        Value::Element(element) => element,
    };
    let (mut text, mut depth, mut nested, mut broken) = (String::new(), 0_usize, false, false);
    walk(element, &mut |step| {
        match step {
            Step::Open(..) => {
                nested |= depth > 0;
                depth = depth.saturating_add(1);
            }
            Step::Text(part) => text.push_str(part),
            Step::Reference(reference) => text.push_str(&resolve(reference)?),
            Step::Aside => broken = true,
            Step::Close(_) => {}
        }
        Ok(())
    })?;
    match (nested, broken) {
        (true, _) => Ok(None),
        (false, true) => Err(Unreadable::Ambiguous),
        (false, false) => Ok(Some(text.trim_ascii().to_owned())),
    }
}

/// The elements of this name directly within an element.
pub(crate) fn elements<'d>(parent: &'d str, name: &str) -> Result<Vec<&'d str>, Unreadable> {
    let (mut elements, mut depth, mut start) = (Vec::new(), 0_usize, None);
    walk(parent, &mut |step| {
        match step {
            Step::Open(tag, from) => {
                depth = depth.saturating_add(1);
                if depth == 2 && local(tag) == name {
                    start = Some(from);
                }
            }
            Step::Close(to) => {
                if depth == 2
                    && let Some(from) = start.take()
                {
                    elements.extend(parent.get(from..to));
                }
                depth = depth.saturating_sub(1);
            }
            Step::Text(_) | Step::Reference(_) | Step::Aside => {}
        }
        if elements.len() > Items::LIMIT {
            return Err(Unreadable::NotABatch);
        }
        Ok(())
    })?;
    Ok(elements)
}

/// A search through a document, keeping what the plan wants.
struct Seek<'p, 'd> {
    document: &'d str,
    found: Found<'d>,
    /// The open elements, from the root on.
    open: Vec<Level<'p>>,
}

/// An open element, and what is wanted of it.
struct Level<'p> {
    node: Option<&'p Node>,
    start: usize,
    /// Which of the node's children were there already.
    seen: u64,
}

impl<'p> Level<'p> {
    const fn new(node: Option<&'p Node>, start: usize) -> Self {
        Self {
            node,
            start,
            seen: 0,
        }
    }

    /// What is wanted of the child of this name, which may be there but once.
    fn child(&mut self, name: &str) -> Result<Option<&'p Node>, Unreadable> {
        let children = self.node.map_or(&[][..], |node| &node.children);
        let Some(position) = children.iter().position(|(wanted, _)| **wanted == *name) else {
            return Ok(None);
        };
        let bit = 1_u64 << position.min(63);
        if self.seen & bit != 0 {
            return Err(Unreadable::Ambiguous);
        }
        self.seen |= bit;
        Ok(children.get(position).map(|(_, node)| node))
    }
}

impl<'p, 'd> Seek<'p, 'd> {
    fn open(
        &mut self,
        node: Option<&'p Node>,
        tag: &BytesStart<'_>,
        start: usize,
    ) -> Result<(), Unreadable> {
        let mut level = Level::new(node, start);
        let wants_attributes = node.is_some_and(|node| {
            let mut names = node.children.iter().map(|(name, _)| name);
            names.any(|name| name.starts_with('@'))
        });
        if wants_attributes {
            for attribute in tag.attributes() {
                let attribute = attribute.map_err(|_| Unreadable::Malformed)?;
                if attribute.key.as_namespace_binding().is_some() {
                    continue;
                }
                let name = attribute.key.local_name().into_inner();
                if let Some(node) = level.child(&format!("@{name}"))? {
                    let value = attribute
                        .normalized_value(XmlVersion::Implicit1_0)
                        .map_err(|_| Unreadable::Malformed)?;
                    let is_type = name == "type" && attribute.key.prefix().is_some();
                    let text = if is_type { local_part(&value) } else { &value };
                    self.keep(node, &Value::Attribute(text.trim_ascii().to_owned()));
                }
            }
        }
        self.open.push(level);
        Ok(())
    }

    fn close(&mut self, end: usize) {
        if let Some(Level {
            node: Some(node),
            start,
            ..
        }) = self.open.pop()
            && let Some(element) = self.document.get(start..end)
        {
            self.keep(node, &Value::Element(element));
        }
    }

    fn keep(&mut self, node: &Node, value: &Value<'d>) {
        for index in &node.wanted {
            if let Some(slot) = self.found.get_mut(*index) {
                *slot = Some(value.clone());
            }
        }
    }
}

/// What a walk meets.
enum Step<'a> {
    /// A start tag, and where it begins.
    Open(&'a BytesStart<'a>, usize),
    /// Text, as it stands or unescaped already.
    Text(&'a str),
    /// A character or entity by reference.
    Reference(&'a BytesRef<'a>),
    /// A comment or processing instruction within an element.
    Aside,
    /// Behind the end tag.
    Close(usize),
}

/// Walks through a document of one root, and refuses what is not well-formed, too deep or too wide.
fn walk(
    document: &str,
    visit: &mut dyn FnMut(Step<'_>) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    if document.contains('\0') {
        return Err(Unreadable::Malformed);
    }
    let mut reader = Reader::from_str(document);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().check_comments = true;
    let (mut depth, mut has_root) = (0_usize, false);
    loop {
        let start = position(&reader);
        let event = reader.read_event().map_err(|_| Unreadable::Malformed)?;
        let end = position(&reader);
        let within = depth > 0;
        match event {
            Event::Start(tag) => {
                if !within && has_root {
                    return Err(Unreadable::Malformed);
                }
                has_root = true;
                depth = depth.saturating_add(1);
                limit(depth, &tag)?;
                visit(Step::Open(&tag, start))?;
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                visit(Step::Close(end))?;
            }
            Event::Text(text) if within => visit(Step::Text(&text.xml10_content()))?,
            Event::CData(text) if within => visit(Step::Text(&text.xml10_content()))?,
            Event::GeneralRef(reference) if within => visit(Step::Reference(&reference))?,
            Event::Comment(_) | Event::PI(_) if within => visit(Step::Aside)?,
            Event::Text(text) if text.trim_ascii().is_empty() => {}
            Event::Comment(_) | Event::PI(_) => {}
            Event::Decl(declaration) if start == 0 => check_encoding(&declaration)?,
            Event::DocType(_) => return Err(Unreadable::DocumentType),
            Event::Eof if has_root && !within => return Ok(()),
            _ => return Err(Unreadable::Malformed),
        }
    }
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn limit(depth: usize, tag: &BytesStart<'_>) -> Result<(), Unreadable> {
    if depth > DEPTH {
        return Err(Unreadable::TooDeep);
    }
    // Attributes are compared with each other. Most tags are too short to have many.
    if tag.attributes_raw().len() > MOST_ATTRIBUTES
        && tag.attributes().with_checks(false).count() > MOST_ATTRIBUTES
    {
        return Err(Unreadable::TooMany);
    }
    Ok(())
}

fn check_encoding(declaration: &BytesDecl<'_>) -> Result<(), Unreadable> {
    match declaration.encoding() {
        None => Ok(()),
        Some(Ok(name))
            if ENCODINGS
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known)) =>
        {
            Ok(())
        }
        Some(_) => Err(Unreadable::Malformed),
    }
}

fn resolve(reference: &BytesRef<'_>) -> Result<String, Unreadable> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Ok(character.to_string()),
        Ok(None) => resolve_predefined_entity(reference)
            .map(str::to_owned)
            .ok_or(Unreadable::Malformed),
        Err(_) => Err(Unreadable::Malformed),
    }
}

fn local<'t>(tag: &'t BytesStart<'_>) -> &'t str {
    tag.local_name().into_inner()
}

fn local_part(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// The most attributes of one element.
const MOST_ATTRIBUTES: usize = 256;
/// The encodings that are UTF-8.
const ENCODINGS: [&str; 3] = ["utf-8", "utf8", "us-ascii"];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(paths: &[&str], document: &str) -> Result<Vec<Option<String>>, Unreadable> {
        read_from(Paths::FromDocument, paths, document)
    }

    fn read_from(
        from: Paths,
        paths: &[&str],
        document: &str,
    ) -> Result<Vec<Option<String>>, Unreadable> {
        let found = Plan::new(paths.iter().copied().map(Some)).read_xml(document, from)?;
        let found = found.iter().take(paths.len());
        found
            .map(|value| value.as_ref().map_or(Ok(None), text))
            .collect()
    }

    fn one(document: &str) -> Result<Option<String>, Unreadable> {
        read(&["/a/id"], document).map(|mut found| found.remove(0))
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn finds_elements_and_attributes_by_local_names() {
        let document = r#"<?xml version="1.0" encoding="UTF-8"?>
            <!-- before --><x:a xmlns:x="urn:x" xmlns:type="urn:y" y:type='sf:Account' n="&lt;1&#x41;">
              <x:id> e&amp;<![CDATA[<1>]]>&#65; </x:id><b><c>1</c></b><empty/><nested>t<i/></nested>
            </x:a> <!-- after -->"#;
        let paths = [
            "/a/id",
            "/a/@type",
            "/a/@n",
            "/a/b/c",
            "/a/empty",
            "/a/nested",
            "/a/b/d",
            "/b",
        ];
        assert_eq!(
            read(&paths, document).unwrap(),
            [
                some("e&<1>A"),
                some("Account"),
                some("<1A"),
                some("1"),
                some(""),
                None,
                None,
                None
            ]
        );
        let within = read_from(Paths::FromRoot, &["/id", "/@n"], document).unwrap();
        assert_eq!(within, [some("e&<1>A"), some("<1A")]);
    }

    #[test]
    fn an_element_is_found_with_its_tags() {
        let document = "<a>x<b c='1'>y</b><d/>z</a>";
        let found = Plan::new([Some("/a/b"), Some("/a/d"), Some("/a")])
            .read_xml(document, Paths::FromDocument)
            .unwrap();
        let found: Vec<&str> = found
            .iter()
            .flatten()
            .map(|value| match value {
                Value::Element(element) => *element,
                Value::Attribute(_) => "",
            })
            .collect();
        assert_eq!(found, ["<b c='1'>y</b>", "<d/>", document]);
    }

    #[test]
    fn what_repeats_on_the_way_is_ambiguous_and_nothing_else() {
        for ambiguous in [
            "<a><id>1</id><id>2</id></a>",
            "<a><id>1</id><x:id>2</x:id></a>",
            "<a><id>1<!-- -->2</id></a>",
            "<a><id>1<?x?>2</id></a>",
        ] {
            assert_eq!(one(ambiguous), Err(Unreadable::Ambiguous), "{ambiguous}");
        }
        assert_eq!(
            read(&["/a/@b"], "<a b='1' x:b='2'/>"),
            Err(Unreadable::Ambiguous)
        );
        assert_eq!(
            one("<a><x/><x/><b><id>2</id></b><id>1</id></a>"),
            Ok(some("1"))
        );
    }

    #[test]
    fn hostile_documents_are_refused_but_never_a_panic() {
        for bad in [
            "",
            "<",
            "<a",
            "<a>",
            "<a></b>",
            "</a>",
            "<a/><a/>",
            "<a/>x",
            "x<a/>",
            "<a><id>&x;</id></a>",
            "<a><id>&#0;</id></a>",
            "<a><id>&</id></a>",
            "<a>\0</a>",
            "<a><?xml version='1.0'?></a>",
            "<?xml version='1.0' encoding='utf-16'?><a/>",
            "<?xml version='1.0' encoding='latin1'?><a/>",
            "<a b='1' b='2'/>",
            "&amp;<a/>",
            "<![CDATA[x]]><a/>",
            "<a><!-- -- --></a>",
        ] {
            let read = read(&["/a/id", "/a/@b"], bad);
            assert_eq!(read, Err(Unreadable::Malformed), "{bad}");
        }
        let bomb = "<!DOCTYPE a [<!ENTITY b 'x'><!ENTITY c '&b;&b;'>]><a><id>&c;</id></a>";
        assert_eq!(one(bomb), Err(Unreadable::DocumentType));
        let deep = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
        assert_eq!(check(&deep(128)), Ok(()));
        assert_eq!(check(&deep(129)), Err(Unreadable::TooDeep));
        assert_eq!(check(&"<a>".repeat(500_000)), Err(Unreadable::TooDeep));
        let wide = |count| format!("<a {}/>", "b='1' ".repeat(count));
        assert_eq!(check(&wide(257)), Err(Unreadable::TooMany));
        assert_eq!(check(&wide(256)), Ok(()), "nobody asked for them");
    }

    #[test]
    fn a_batch_is_of_one_parent() {
        let parent = "<n:l><id/><n:i k='1'><i/></n:i>x<i/></n:l>";
        assert_eq!(
            elements(parent, "i").unwrap(),
            ["<n:i k='1'><i/></n:i>", "<i/>"]
        );
        let list = |count| format!("<l>{}</l>", "<i/>".repeat(count));
        assert_eq!(
            elements(&list(10_000), "i").map(|items| items.len()),
            Ok(10_000)
        );
        assert_eq!(elements(&list(10_001), "i"), Err(Unreadable::NotABatch));
    }
}

//! Reads JSON once, from its beginning to its end, so that numbers keep their text.

use serde_json::value::RawValue;

use super::Node;

/// `None` for what is no JSON, or nested deeper than any webhook is.
pub(super) fn read(json: &str) -> Option<Node> {
    // Whether it is JSON is told first, by a reader that needs no stack: the one below takes it for granted.
    let _: &RawValue = serde_json::from_str(json).ok()?;
    Reader(json).node(0)
}

/// What is left to be read.
struct Reader<'j>(&'j str);

impl<'j> Reader<'j> {
    fn node(&mut self, depth: usize) -> Option<Node> {
        let below = depth.checked_add(1).filter(|_| depth <= DEEPEST)?;
        Some(match self.next()? {
            b'{' => Node::Object(self.items(|reader| reader.member(below))?),
            b'[' => Node::Array(self.items(|reader| reader.node(below))?),
            b'"' => Node::Text(self.text()?),
            _ => Node::Other(self.word()?.to_owned()),
        })
    }

    fn member(&mut self, depth: usize) -> Option<(String, Node)> {
        let name = self.text()?;
        self.next().filter(|byte| *byte == b':')?;
        self.take(1)?;
        Some((name, self.node(depth)?))
    }

    /// What stands between brackets.
    fn items<T>(&mut self, item: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.take(1)?;
        let mut items = Vec::new();
        loop {
            match self.next()? {
                b'}' | b']' => break,
                b',' => _ = self.take(1)?,
                _ => items.push(item(self)?),
            }
        }
        self.take(1)?;
        Some(items)
    }

    fn text(&mut self) -> Option<String> {
        let mut is_escaped = false;
        let ends = |byte: u8| {
            let ends = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends
        };
        let inside = self.0.bytes().skip(1).position(ends)?;
        let text = self.take(inside.checked_add(2)?)?;
        serde_json::from_str(text).ok()
    }

    /// A number or word.
    fn word(&mut self) -> Option<&'j str> {
        let ends = |c: char| c.is_ascii_whitespace() || matches!(c, ',' | ']' | '}');
        self.take(self.0.find(ends).unwrap_or(self.0.len()))
    }

    /// The next byte that is no white space, which stays.
    fn next(&mut self) -> Option<u8> {
        self.0 = self.0.trim_ascii_start();
        self.0.bytes().next()
    }

    fn take(&mut self, bytes: usize) -> Option<&'j str> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }
}

const DEEPEST: usize = 64;

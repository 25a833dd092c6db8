//! Writes nodes as JSON in a style.

use super::{
    Node,
    style::{Style, escaped},
};

pub(super) struct Writer<'s> {
    pub(super) style: &'s Style,
    pub(super) out: String,
    /// Where the text is cut, in bytes.
    pub(super) longest: usize,
}

impl Writer<'_> {
    pub(super) fn write(&mut self, node: &Node, depth: usize) {
        let below = depth.saturating_add(1);
        match node {
            Node::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                if self.style.sorted {
                    members.sort_by_key(|(name, _)| name);
                }
                self.write_all(('{', '}'), &members, depth, |writer, (name, value)| {
                    writer.write_text(name);
                    writer.out.push_str(writer.style.layout.colon);
                    writer.write(value, below);
                });
            }
            Node::Array(items) => self.write_all(('[', ']'), items, depth, |writer, item| {
                writer.write(item, below);
            }),
            Node::Text(text) => self.write_text(text),
            Node::Other(text) => self.out.push_str(text),
        }
    }

    fn write_all<T>(
        &mut self,
        (open, close): (char, char),
        items: &[T],
        depth: usize,
        one: impl Fn(&mut Self, &T),
    ) {
        self.out.push(open);
        for (index, item) in items.iter().enumerate() {
            if self.out.len() > self.longest {
                return;
            }
            if index > 0 {
                self.out.push_str(self.style.layout.comma);
            }
            self.break_line(depth.saturating_add(1));
            one(self, item);
        }
        if !items.is_empty() {
            self.break_line(depth);
        }
        self.out.push(close);
    }

    fn break_line(&mut self, depth: usize) {
        if let Some(indent) = self.style.layout.indent {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(indent, depth));
        }
    }

    fn write_text(&mut self, text: &str) {
        self.out.push('"');
        if text.bytes().all(is_plain) {
            self.out.push_str(text);
        } else {
            text.chars().for_each(|c| self.write_letter(c));
        }
        self.out.push('"');
    }

    fn write_letter(&mut self, c: char) {
        match must_escape(c).or_else(|| (self.style.escapes.also)(c)) {
            Some(escaped) => self.out.push_str(&escaped),
            None => self.out.push(c),
        }
    }
}

/// What no style escapes, most of any text.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'.' | b':' | b'_')
}

fn must_escape(c: char) -> Option<String> {
    let short = match c {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\u{8}' => "\\b",
        '\u{c}' => "\\f",
        '\0'..=' ' if c != ' ' => return Some(escaped(c)),
        _ => return None,
    };
    Some(short.to_owned())
}

//! JSON written again in the styles of the usual libraries, which is how a parsed body becomes another.

use std::fmt;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

/// How JSON is written.
#[derive(Clone, Copy)]
pub(super) struct Style {
    layout: &'static Layout,
    escapes: &'static Escapes,
    sorted: bool,
}

struct Layout {
    name: &'static str,
    comma: &'static str,
    colon: &'static str,
    /// Of each level; lines are broken where there is one.
    indent: Option<&'static str>,
}

struct Escapes {
    name: &'static str,
    /// What of a text is escaped besides what has to be.
    also: fn(char) -> Option<String>,
}

impl Style {
    /// All styles: those of JavaScript, Python, PHP and Go among them.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        [false, true].into_iter().flat_map(|sorted| {
            ESCAPES.iter().flat_map(move |escapes| {
                LAYOUTS.iter().map(move |layout| Self {
                    layout,
                    escapes,
                    sorted,
                })
            })
        })
    }
}

/// Completes "is written again …".
impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = if self.sorted { ", its keys sorted" } else { "" };
        write!(f, "{}{}{order}", self.layout.name, self.escapes.name)
    }
}

static LAYOUTS: [Layout; 6] = [
    Layout {
        name: "without spaces",
        comma: ",",
        colon: ":",
        indent: None,
    },
    Layout {
        name: "with a space behind each comma and colon",
        comma: ", ",
        colon: ": ",
        indent: None,
    },
    Layout {
        name: "with two spaces for each level",
        comma: ",",
        colon: ": ",
        indent: Some("  "),
    },
    Layout {
        name: "with four spaces for each level",
        comma: ",",
        colon: ": ",
        indent: Some("    "),
    },
    Layout {
        name: "with a tab for each level",
        comma: ",",
        colon: ": ",
        indent: Some("\t"),
    },
    Layout {
        name: "with a space behind each comma",
        comma: ", ",
        colon: ":",
        indent: None,
    },
];

static ESCAPES: [Escapes; 5] = [
    Escapes {
        name: "",
        also: |_| None,
    },
    Escapes {
        name: ", slashes and letters beyond ASCII escaped as PHP does",
        also: |c| slash(c).or_else(|| beyond_ascii(c)),
    },
    Escapes {
        name: ", letters beyond ASCII escaped as Python does",
        also: beyond_ascii,
    },
    Escapes {
        name: ", slashes escaped",
        also: slash,
    },
    Escapes {
        name: ", `<`, `>` and `&` escaped as Go does",
        also: of_html,
    },
];

fn slash(c: char) -> Option<String> {
    (c == '/').then(|| "\\/".to_owned())
}

fn beyond_ascii(c: char) -> Option<String> {
    (!c.is_ascii()).then(|| escaped(c))
}

fn of_html(c: char) -> Option<String> {
    matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}').then(|| escaped(c))
}

fn escaped(c: char) -> String {
    let units = &mut [0; 2];
    let units = c.encode_utf16(units).iter();
    units.map(|unit| format!("\\u{unit:04x}")).collect()
}

/// A JSON document that was read once, to be written in any style.
pub(super) struct Document<'a> {
    /// The white space around it, which stays.
    before: &'a str,
    after: &'a str,
    root: Node,
}

enum Node {
    /// In their order, repeats and all.
    Object(Vec<(String, Self)>),
    Array(Vec<Self>),
    Text(String),
    /// A number or word, as it stands there.
    Other(String),
}

impl<'a> Document<'a> {
    /// `None` for what is no JSON, or nested deeper than any webhook is.
    pub(super) fn read(body: &'a [u8]) -> Option<Self> {
        let body = str::from_utf8(body).ok()?;
        let root: &RawValue = serde_json::from_str(body).ok()?;
        let (before, after) = body.split_once(body.trim_ascii())?;
        Some(Self {
            before,
            after,
            root: node(root.get(), 0)?,
        })
    }

    pub(super) fn written(&self, style: &Style) -> Vec<u8> {
        let mut out = self.before.to_owned();
        write(&self.root, style, 0, &mut out);
        out.push_str(self.after);
        out.into_bytes()
    }

    /// The members of an object as the fields of a form: texts, numbers and words.
    pub(super) fn fields(&self) -> Option<Vec<(&str, &str)>> {
        let Node::Object(members) = &self.root else {
            return None;
        };
        let mut fields = Vec::with_capacity(members.len());
        for (name, value) in members {
            let (Node::Text(text) | Node::Other(text)) = value else {
                return None;
            };
            fields.push((name.as_str(), text.as_str()));
        }
        Some(fields)
    }
}

/// Each level is read again from its own text: so numbers keep theirs.
fn node(json: &str, depth: usize) -> Option<Node> {
    if depth > DEEPEST {
        return None;
    }
    let below = depth.checked_add(1)?;
    Some(match json.as_bytes().first()? {
        b'{' => {
            let members = object(json)?.into_iter();
            let members = members.map(|(name, value)| Some((name, node(value.get(), below)?)));
            Node::Object(members.collect::<Option<_>>()?)
        }
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
            let items = items.into_iter().map(|item| node(item.get(), below));
            Node::Array(items.collect::<Option<_>>()?)
        }
        b'"' => Node::Text(serde_json::from_str(json).ok()?),
        _ => Node::Other(json.to_owned()),
    })
}

fn write(node: &Node, style: &Style, depth: usize, out: &mut String) {
    let below = depth.saturating_add(1);
    match node {
        Node::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            if style.sorted {
                members.sort_by_key(|(name, _)| name);
            }
            write_all(
                ('{', '}'),
                &members,
                style,
                depth,
                out,
                |(name, value), out| {
                    write_text(name, style, out);
                    out.push_str(style.layout.colon);
                    write(value, style, below, out);
                },
            );
        }
        Node::Array(items) => write_all(('[', ']'), items, style, depth, out, |item, out| {
            write(item, style, below, out);
        }),
        Node::Text(text) => write_text(text, style, out),
        Node::Other(text) => out.push_str(text),
    }
}

fn write_all<T>(
    (open, close): (char, char),
    items: &[T],
    style: &Style,
    depth: usize,
    out: &mut String,
    one: impl Fn(&T, &mut String),
) {
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(style.layout.comma);
        }
        break_line(style, depth.saturating_add(1), out);
        one(item, out);
    }
    if !items.is_empty() {
        break_line(style, depth, out);
    }
    out.push(close);
}

fn break_line(style: &Style, depth: usize, out: &mut String) {
    if let Some(indent) = style.layout.indent {
        out.push('\n');
        out.extend(std::iter::repeat_n(indent, depth));
    }
}

fn write_text(text: &str, style: &Style, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        if let Some(escaped) = must_escape(c).or_else(|| (style.escapes.also)(c)) {
            out.push_str(&escaped);
        } else {
            out.push(c);
        }
    }
    out.push('"');
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

/// The members of an object.
fn object(json: &str) -> Option<Vec<(String, &RawValue)>> {
    struct Members;

    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(String, &'de RawValue)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }

    let mut reader = serde_json::Deserializer::from_str(json);
    reader.deserialize_map(Members).ok()
}

/// This bounds the work of reading too.
const DEEPEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn all(body: &str) -> Vec<String> {
        let document = Document::read(body.as_bytes());
        let written = document.iter().flat_map(|document| {
            Style::all().map(|style| String::from_utf8(document.written(&style)).unwrap())
        });
        written.collect()
    }

    #[test]
    fn json_is_written_as_the_usual_libraries_do() {
        let all = all("{\"b\":[1.50,true,{}],\"a\":\"\u{e9}/<\u{1f600}\\n\"}");
        for expected in [
            "{\"b\":[1.50,true,{}],\"a\":\"\u{e9}/<\u{1f600}\\n\"}",
            "{\"b\": [1.50, true, {}], \"a\": \"\\u00e9/<\\ud83d\\ude00\\n\"}",
            "{\"b\":[1.50,true,{}],\"a\":\"\\u00e9\\/<\\ud83d\\ude00\\n\"}",
            "{\"a\":\"\u{e9}/\\u003c\u{1f600}\\n\",\"b\":[1.50,true,{}]}",
            "{\n  \"b\": [\n    1.50,\n    true,\n    {}\n  ],\n  \"a\": \"\u{e9}/<\u{1f600}\\n\"\n}",
        ] {
            assert!(
                all.iter().any(|one| one == expected),
                "{expected}\n{all:#?}"
            );
        }
    }

    #[test]
    fn what_is_no_json_or_too_deep_is_left_alone() {
        for body in ["", "{", "{\"a\":}", "a=b"] {
            assert!(all(body).is_empty(), "{body}");
        }
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(!all(&deep(60)).is_empty());
        assert!(all(&deep(100)).is_empty());
        assert!(all(&deep(100_000)).is_empty());
    }

    #[test]
    fn repeats_and_order_stay() {
        assert!(all("{\"b\":1,\"a\":2,\"b\":3}").contains(&"{\"b\":1,\"a\":2,\"b\":3}".to_owned()));
    }
}

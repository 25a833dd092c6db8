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

/// A JSON document in this style, the white space around it as it is; `None` where it is none, or nested deeper than any webhook is.
pub(super) fn rewritten(body: &[u8], style: &Style) -> Option<Vec<u8>> {
    let document: &RawValue = serde_json::from_slice(body).ok()?;
    let body = str::from_utf8(body).ok()?;
    let text = body.trim_ascii();
    let (before, after) = body.split_once(text)?;
    let mut out = String::with_capacity(body.len());
    out.push_str(before);
    write(document.get(), style, 0, &mut out)?;
    out.push_str(after);
    Some(out.into_bytes())
}

/// The members of an object as the fields of a form: texts, numbers and words.
pub(super) fn members(body: &[u8]) -> Option<Vec<(String, String)>> {
    let document: &RawValue = serde_json::from_slice(body).ok()?;
    let members = object(document.get())?.into_iter();
    members
        .map(|(name, value)| match value.get().as_bytes().first()? {
            b'"' => Some((name, serde_json::from_str(value.get()).ok()?)),
            b'{' | b'[' => None,
            _ => Some((name, value.get().to_owned())),
        })
        .collect()
}

fn write(json: &str, style: &Style, depth: usize, out: &mut String) -> Option<()> {
    if depth > DEEPEST {
        return None;
    }
    match json.as_bytes().first()? {
        b'{' => {
            let mut members = object(json)?;
            if style.sorted {
                members.sort_by(|(one, _), (other, _)| one.cmp(other));
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
                    write(value.get(), style, depth.checked_add(1)?, out)
                },
            )
        }
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
            write_all(('[', ']'), &items, style, depth, out, |value, out| {
                write(value.get(), style, depth.checked_add(1)?, out)
            })
        }
        b'"' => {
            let text: String = serde_json::from_str(json).ok()?;
            write_text(&text, style, out);
            Some(())
        }
        _ => {
            out.push_str(json);
            Some(())
        }
    }
}

fn write_all<T>(
    (open, close): (char, char),
    items: &[T],
    style: &Style,
    depth: usize,
    out: &mut String,
    mut one: impl FnMut(&T, &mut String) -> Option<()>,
) -> Option<()> {
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(style.layout.comma);
        }
        break_line(style, depth.checked_add(1)?, out);
        one(item, out)?;
    }
    if !items.is_empty() {
        break_line(style, depth, out);
    }
    out.push(close);
    Some(())
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

/// The members of an object in their order, repeats and all.
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

/// Each level is read again from its own text, so this bounds the work as well.
const DEEPEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn all(body: &str) -> Vec<String> {
        let styles = Style::all().filter_map(|style| rewritten(body.as_bytes(), &style));
        styles
            .map(|body| String::from_utf8(body).unwrap())
            .collect()
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

//! How a body is shown: as what it is, and no more of it than a page can bear.

mod json;

use std::fmt::Write;

use maud::{Markup, html};

use super::visible::Visible;

/// A body in a form for people.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct View {
    content: Content,
    is_cut: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Content {
    Empty,
    Json(String),
    Form(Vec<(String, String)>),
    Text(String),
    /// Offsets, bytes in hexadecimal, and the printable ones as text.
    Dump(String),
}

impl View {
    /// Looks at a body of this `Content-Type`. What the body is counts for more than what it is called.
    pub(super) fn new(content_type: &str, body: &[u8]) -> Self {
        if body.is_empty() {
            return Self {
                content: Content::Empty,
                is_cut: false,
            };
        }
        let Some(text) = readable(body) else {
            let is_cut = body.len() > MOST;
            let content = Content::Dump(dump(body.get(..MOST).unwrap_or(body)));
            return Self { content, is_cut };
        };
        if is_form(content_type) {
            let fields = form_urlencoded::parse(front(text).as_bytes()).into_owned();
            return Self {
                content: Content::Form(fields.collect()),
                is_cut: text.len() > MOST,
            };
        }
        let (shown, content): (_, fn(String) -> Content) = match json::indented(text, MOST) {
            Some(indented) => (indented, Content::Json),
            None => (text.to_owned(), Content::Text),
        };
        Self {
            is_cut: shown.len() > MOST,
            content: content(front(&shown).to_owned()),
        }
    }

    /// Whether there is more than is shown.
    pub(super) const fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// What it is shown as.
    pub(super) const fn name(&self) -> &'static str {
        match self.content {
            Content::Empty => "empty",
            Content::Json(_) => "JSON, indented here",
            Content::Form(_) => "a form",
            Content::Text(_) => "text",
            Content::Dump(_) => "bytes in hexadecimal",
        }
    }

    pub(super) fn markup(&self) -> Markup {
        html! {
            @match &self.content {
                Content::Empty => p { "There is none." },
                Content::Form(fields) => table {
                    thead { tr { th scope="col" { "Field" } th scope="col" { "Value" } } }
                    tbody {
                        @for (name, value) in fields {
                            tr { th scope="row" { (Visible::new(name)) } td { (Visible::new(value)) } }
                        }
                    }
                },
                // With a `tabindex` it can be scrolled by keyboard.
                Content::Json(text) | Content::Text(text) | Content::Dump(text) =>
                    pre tabindex="0" role="region" aria-label="Body" { (Visible::block(text)) },
            }
        }
    }
}

/// The body as text, unless it holds what text does not.
fn readable(body: &[u8]) -> Option<&str> {
    let text = str::from_utf8(body).ok()?;
    let is_binary = |c: char| c.is_ascii_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{1b}');
    (!text.contains(is_binary)).then_some(text)
}

fn is_form(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// What is shown of a text.
fn front(text: &str) -> &str {
    let mut end = MOST.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

fn dump(bytes: &[u8]) -> String {
    let mut out = String::new();
    for (line, sixteen) in bytes.chunks(16).enumerate() {
        // Writing to a `String` cannot fail.
        _ = write!(out, "{:08x} ", line * 16);
        for at in 0..16 {
            _ = match sixteen.get(at) {
                Some(byte) => write!(out, " {byte:02x}"),
                None => write!(out, "   "),
            };
        }
        out.push_str("  ");
        let printable = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
        out.extend(sixteen.iter().map(|byte| {
            if printable(byte) {
                char::from(*byte)
            } else {
                '.'
            }
        }));
        out.push('\n');
    }
    out
}

/// How many bytes are shown.
const MOST: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_shown_as_what_it_is() {
        let view = |content_type, body: &[u8]| View::new(content_type, body).content;
        assert_eq!(view("application/json", b""), Content::Empty);
        assert_eq!(
            view("text/plain", b"[1]"),
            Content::Json("[\n  1\n]".to_owned())
        );
        assert_eq!(
            view("application/json", b"{"),
            Content::Text("{".to_owned())
        );
        assert_eq!(
            view(
                "application/x-www-form-urlencoded; charset=utf-8",
                b"a=1&b=%3Cb%3E+"
            ),
            Content::Form(vec![
                ("a".to_owned(), "1".to_owned()),
                ("b".to_owned(), "<b> ".to_owned())
            ])
        );
        assert_eq!(
            view("application/json", b"\0\xffAB <"),
            Content::Dump(
                "00000000  00 ff 41 42 20 3c                                ..AB <\n".to_owned()
            )
        );
    }

    #[test]
    fn a_huge_body_is_cut_between_characters() {
        for (body, bytes) in [
            ("ä".repeat(MOST), MOST),
            (format!("a{}", "ä".repeat(MOST)), MOST - 1),
        ] {
            let view = View::new("text/plain", body.as_bytes());
            assert!(view.is_cut());
            assert!(matches!(view.content, Content::Text(text) if text.len() == bytes));
        }
        let json = format!("[{}1]", "1,".repeat(MOST));
        assert!(View::new("application/json", json.as_bytes()).is_cut());
        assert!(View::new("", &vec![0; MOST + 1]).is_cut());
        assert!(!View::new("", &vec![0; MOST]).is_cut());
        let form = format!("a={}", "b".repeat(MOST));
        assert!(View::new("application/x-www-form-urlencoded", form.as_bytes()).is_cut());
    }
}

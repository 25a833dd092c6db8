//! [`Visible`]: a text of somebody else, shown so that it can only be read.

use std::fmt::Write;

use maud::{Escaper, Render};

/// Shows a text as it is, and what cannot be seen in it as its code point.
///
/// HTML is escaped. Control characters, and those that turn the direction of what follows or have no width, are written
/// out (`U+202E`): a sender that names an event with them must not be able to make it look like another. The text is
/// isolated, so that one written from right to left does not move its neighbours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visible<'a> {
    text: &'a str,
    most: usize,
    is_block: bool,
}

impl<'a> Visible<'a> {
    /// The whole text, on one line.
    pub(super) const fn new(text: &'a str) -> Self {
        Self {
            text,
            most: usize::MAX,
            is_block: false,
        }
    }

    /// At most so many characters.
    pub(super) const fn clipped(text: &'a str, most: usize) -> Self {
        Self {
            text,
            most,
            is_block: false,
        }
    }

    /// The whole text with its line breaks and tabs.
    pub(super) const fn block(text: &'a str) -> Self {
        Self {
            text,
            most: usize::MAX,
            is_block: true,
        }
    }
}

impl Render for Visible<'_> {
    fn render_to(&self, out: &mut String) {
        out.push_str("<bdi>");
        let mut chars = self.text.chars();
        for c in chars.by_ref().take(self.most) {
            if is_hidden(c) && !(self.is_block && matches!(c, '\n' | '\t')) {
                // Writing to a `String` cannot fail.
                _ = write!(out, "<span class=\"mark\">U+{:04X}</span>", u32::from(c));
            } else {
                _ = Escaper::new(out).write_char(c);
            }
        }
        if chars.next().is_some() {
            out.push('…');
        }
        out.push_str("</bdi>");
    }
}

/// A plain text with what cannot be seen written out, for where no element may stand, as in a title.
pub(super) fn plain(text: &str) -> String {
    text.chars().fold(String::new(), |mut shown, c| {
        if is_hidden(c) {
            _ = write!(shown, "U+{:04X}", u32::from(c));
        } else {
            shown.push(c);
        }
        shown
    })
}

/// Controls (Cc), what formats without being seen (Cf), separators of lines and paragraphs, and other characters that
/// fonts draw as nothing.
const fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{ad}'
        | '\u{34f}'
        | '\u{600}'..='\u{605}'
        | '\u{61c}'
        | '\u{6dd}'
        | '\u{70f}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(visible: Visible<'_>) -> String {
        visible.render().into_string()
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(
            shown(Visible::new("<b a=\"'\">&")),
            "<bdi>&lt;b a=&quot;'&quot;&gt;&amp;</bdi>"
        );
    }

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        let mark = |code: &str| format!("<span class=\"mark\">U+{code}</span>");
        for (text, code) in [
            ("\u{202e}", "202E"),
            ("\u{2066}", "2066"),
            ("\r", "000D"),
            ("\n", "000A"),
            ("\u{200b}", "200B"),
            ("\u{e0041}", "E0041"),
            ("\u{9b}", "009B"),
        ] {
            assert_eq!(
                shown(Visible::new(text)),
                format!("<bdi>{}</bdi>", mark(code))
            );
            assert_eq!(plain(text), format!("U+{code}"));
        }
        assert_eq!(
            shown(Visible::block("a\n\tb\r")),
            format!("<bdi>a\n\tb{}</bdi>", mark("000D"))
        );
        assert_eq!(shown(Visible::new("שלום é")), "<bdi>שלום é</bdi>");
    }

    #[test]
    fn a_long_text_is_clipped() {
        assert_eq!(shown(Visible::clipped("äbc", 2)), "<bdi>äb…</bdi>");
        assert_eq!(shown(Visible::clipped("äb", 2)), "<bdi>äb</bdi>");
    }
}

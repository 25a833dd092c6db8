//! Texts of strangers, made fit for a terminal.

use std::fmt::Write as _;

use serde::de::IgnoredAny;

/// A text without what a terminal would take for a command or for another order of reading.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for one in text.chars() {
        if is_plain(one) {
            plain.push(one);
        } else {
            plain.extend(one.escape_unicode());
        }
    }
    plain
}

fn is_plain(one: char) -> bool {
    !one.is_control() && !is_format(one)
}

/// Whether a character is unseen and changes how others are shown.
const fn is_format(one: char) -> bool {
    matches!(
        one,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// A body for people: JSON in lines, other text as it is; `None` where it is no text.
pub(super) fn body(bytes: &[u8]) -> Option<String> {
    let text = str::from_utf8(bytes).ok()?;
    if serde_json::from_str::<IgnoredAny>(text).is_ok() {
        return Some(indented(text));
    }
    Some(text.lines().map(plain).collect::<Vec<_>>().join("\n"))
}

/// JSON in lines. Only white space is changed: numbers, names and their order stay as the sender wrote them.
fn indented(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    let mut after = None;
    for one in json.chars() {
        if in_string {
            in_string = is_escaped || one != '"';
            is_escaped = !is_escaped && one == '\\';
            if is_plain(one) {
                text.push(one);
            } else {
                let mut units = [0; 2];
                for unit in one.encode_utf16(&mut units) {
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
            continue;
        }
        if one.is_ascii_whitespace() {
            continue;
        }
        let closes = matches!(one, '}' | ']');
        depth = if closes {
            depth.saturating_sub(1)
        } else {
            depth
        };
        let is_empty = closes && matches!(after, Some('{' | '['));
        if (closes && !is_empty) || (!closes && matches!(after, Some('{' | '[' | ','))) {
            let _ = write!(text, "\n{:indent$}", "", indent = depth.min(DEEPEST) * 2);
        }
        text.push(one);
        match one {
            ':' => text.push(' '),
            '{' | '[' => depth += 1,
            _ => {}
        }
        in_string = one == '"';
        after = Some(one);
    }
    text
}

/// What stands deeper is not indented further: a body of brackets alone would be shown by gigabytes of spaces.
const DEEPEST: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_indented_and_otherwise_left_alone() {
        let json = br#" {"b":1.50,"a":[{},[],"x\"{,\\",12345678901234567890123],"b":null} "#;
        let lines = "{\n  \"b\": 1.50,\n  \"a\": [\n    {},\n    [],\n    \"x\\\"{,\\\\\",\n    12345678901234567890123\n  ],\n  \"b\": null\n}";
        assert_eq!(body(json).as_deref(), Some(lines));
        assert_eq!(
            body(b"\"\xe2\x80\xae\x7f\"").as_deref(),
            Some("\"\\u202e\\u007f\"")
        );
        assert_eq!(body(b"17").as_deref(), Some("17"));
    }

    #[test]
    fn other_text_is_made_harmless_and_other_bytes_are_not_shown() {
        assert_eq!(
            body(b"a\x1b[2J\nb\tc").as_deref(),
            Some("a\\u{1b}[2J\nb\\u{9}c")
        );
        assert_eq!(body(b"\xff\xfe"), None);
        assert_eq!(plain("x\u{202e}y\r\n"), "x\\u{202e}y\\u{d}\\u{a}");
    }
}

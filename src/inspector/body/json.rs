//! A JSON document on indented lines.

use serde::de::IgnoredAny;

/// The document with its line breaks and indentation made anew, and nothing else changed: the order of members, repeated
/// names and the digits of numbers are what was signed. At least `most` bytes of it where it has them; `None` when it is
/// no JSON.
pub(super) fn indented(document: &str, most: usize) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(document).ok()?;
    let mut out = String::new();
    let mut depth = 0_usize;
    let mut chars = document.chars().peekable();
    while let Some(c) = chars.next() {
        if out.len() > most {
            break;
        }
        match c {
            ' ' | '\t' | '\n' | '\r' => {}
            '"' => copy_string(&mut chars, &mut out),
            '{' | '[' => {
                out.push(c);
                while chars.next_if(|next| " \t\n\r".contains(*next)).is_some() {}
                if let Some(end) = chars.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    break_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                break_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                break_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => out.push(c),
        }
    }
    Some(out)
}

/// Copies what is left of a string, its last quote too.
fn copy_string(chars: &mut impl Iterator<Item = char>, out: &mut String) {
    out.push('"');
    let mut is_escaped = false;
    for c in chars {
        out.push(c);
        match c {
            '"' if !is_escaped => return,
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
}

fn break_line(out: &mut String, depth: usize) {
    out.push('\n');
    for _ in 0..depth.min(DEEPEST) {
        out.push_str("  ");
    }
}

/// What is nested deeper is not indented further.
const DEEPEST: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_white_space_changes() {
        let document = r#"{"b":1.10000000000000000001,"a":[1,{"x":"a \" , {b"}],"a":{ },"e":[ ]}"#;
        let expected = "{\n  \"b\": 1.10000000000000000001,\n  \"a\": [\n    1,\n    {\n      \"x\": \"a \\\" , {b\"\n    }\n  ],\n  \"a\": {},\n  \"e\": []\n}";
        assert_eq!(indented(document, 1000).as_deref(), Some(expected));
        let squeezed = |text: &str| text.replace([' ', '\n'], "");
        assert_eq!(squeezed(document), squeezed(expected));
    }

    #[test]
    fn what_is_no_document_is_left_alone() {
        for text in ["", "{", "{} {}", "[1,]", "plain"] {
            assert_eq!(indented(text, 1000), None, "{text}");
        }
    }

    #[test]
    fn deep_and_long_documents_are_bounded() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(indented(&deep, 1000).is_some_and(|shown| shown.len() < 1100));
        let long = format!("[{}1]", "1,".repeat(100_000));
        assert!(indented(&long, 1000).is_some_and(|shown| shown.len() < 1100));
    }
}

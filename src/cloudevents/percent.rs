//! How a text stands in a header (HTTP protocol binding 1.0.2, section 3.1.3.2) and in the path of a URI (RFC 3986).

use std::fmt::Write;

/// A value as a header has it: a space, a quote, a percent sign and whatever is not visible ASCII are percent-encoded.
pub(super) fn header(value: &str) -> String {
    encoded(value, |byte| {
        byte.is_ascii_graphic() && !matches!(byte, b'"' | b'%')
    })
}

/// The value that stands in a header, which may be quoted; `None` where it is no UTF-8.
pub(super) fn unheader(value: &[u8]) -> Option<String> {
    let quoted = value
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""));
    let text = match quoted {
        None => value.to_vec(),
        Some(inner) => unescaped(inner),
    };
    String::from_utf8(decoded(&text)).ok()
}

/// A text as one segment of a path.
pub(super) fn segment(text: &str) -> String {
    encoded(text, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
    })
}

fn encoded(text: &str, plain: impl Fn(u8) -> bool) -> String {
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(byte) {
            written.push(char::from(byte));
        } else {
            // Writing to a string never fails.
            let _ = write!(written, "%{byte:02X}");
        }
    }
    written
}

/// One round of decoding; what is no pair of digits stays.
fn decoded(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        let pair = match after {
            [high, low, ..] if *first == b'%' => digit(*high).zip(digit(*low)),
            _ => None,
        };
        let (byte, taken) = pair.map_or((*first, 1), |(high, low)| (high << 4 | low, 3));
        bytes.push(byte);
        rest = rest.get(taken..).unwrap_or_default();
    }
    bytes
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// The inside of a quoted string (RFC 9110, section 5.6.4).
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut escaped = false;
    let keep = |byte: &u8| {
        escaped = *byte == b'\\' && !escaped;
        !escaped
    };
    text.iter().copied().filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_encoded_as_the_binding_shows() {
        assert_eq!(header("Euro € 😀"), "Euro%20%E2%82%AC%20%F0%9F%98%80");
        assert_eq!(header("a\"b%c"), "a%22b%25c");
        assert_eq!(header("/x?y=z&w"), "/x?y=z&w");
        for (written, value) in [
            ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
            ("%e2%82%ac", "€"),
            ("\"a \\\"b\\\\ c\"", "a \"b\\ c"),
            ("100%", "100%"),
            ("%zz", "%zz"),
            ("%2525", "%25"),
        ] {
            assert_eq!(
                unheader(written.as_bytes()).as_deref(),
                Some(value),
                "{written}"
            );
        }
        assert_eq!(unheader(b"%ff"), None);
        assert_eq!(unheader(&[0xff]), None);
    }

    #[test]
    fn a_segment_holds_no_slash() {
        assert_eq!(segment("a/b c?d#é"), "a%2Fb%20c%3Fd%23%C3%A9");
    }
}

//! What a body is.

use http::{HeaderMap, HeaderValue, header};

/// The format of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Json,
    Xml,
    Form,
    Multipart,
    /// None of these.
    Other,
}

impl Kind {
    /// No signature covers the content type: what a body is, its own first bytes say. No form begins so. Whoever reads a
    /// body, before its signature is checked or after, asks here: what is read of it must not differ.
    pub(crate) fn of(headers: &HeaderMap, body: &[u8]) -> Self {
        if is_json(body) {
            Self::Json
        } else if cfg!(feature = "xml") && text(body).trim_ascii_start().starts_with(b"<") {
            Self::Xml
        } else if is_of_type(headers, "multipart/form-data") {
            Self::Multipart
        } else if is_of_type(headers, "application/x-www-form-urlencoded")
            && !body.starts_with(BEFORE_A_PART)
        {
            Self::Form
        } else {
            Self::Other
        }
    }
}

/// How a multipart body begins, in front of its boundary.
const BEFORE_A_PART: &[u8] = b"--";

/// Whether a body begins as a JSON object or array does.
pub(crate) fn is_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start(), [b'{' | b'[', ..])
}

/// The body without a byte order mark: some write one before XML. JSON has none (RFC 8259, section 8.1).
pub(crate) fn text(body: &[u8]) -> &[u8] {
    body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body)
}

fn is_of_type(headers: &HeaderMap, content_type: &str) -> bool {
    let value = headers.get(header::CONTENT_TYPE);
    let value = value.map(HeaderValue::as_bytes).unwrap_or_default();
    value
        .get(..content_type.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(content_type.as_bytes()))
}

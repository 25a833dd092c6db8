//! Fields of a form, within bounds.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;

use super::{Part, Unreadable};
use crate::source::FormPayload;

/// The one value of a form field; `Err` when the field repeats.
pub(crate) fn form_field(body: &[u8], name: &str) -> Result<Option<String>, Unreadable> {
    let mut values = form_urlencoded::parse(limited_form(body)?).filter(|(field, _)| field == name);
    let first = values.next().map(|(_, value)| value.into_owned());
    if values.next().is_some() {
        Err(Unreadable::Ambiguous)
    } else {
        Ok(first)
    }
}

/// The document that a form field holds.
pub(crate) fn unwrap(text: Vec<u8>, wrapped: &FormPayload) -> Result<Bytes, Unreadable> {
    match wrapped {
        FormPayload::Text(_) => Ok(text.into()),
        FormPayload::Base64(_) => {
            let is_line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
            let text: Vec<u8> = text.into_iter().filter(|byte| !is_line_end(byte)).collect();
            let decoded = STANDARD.decode(text).map_err(|_| Unreadable::Malformed)?;
            Ok(decoded.into())
        }
    }
}

/// The same form, if it has no more fields than are read.
pub(crate) fn limited_form(body: &[u8]) -> Result<&[u8], Unreadable> {
    let ampersands = body.iter().filter(|byte| **byte == b'&').count();
    if ampersands < MOST_FIELDS {
        Ok(body)
    } else {
        Err(Unreadable::TooMany)
    }
}

/// The text of the one part of this name that is no file.
pub(crate) fn text_part(parts: &[Part], name: &str) -> Result<Option<String>, Unreadable> {
    let mut named = parts
        .iter()
        .filter(|part| part.name == name && part.file_name.is_none());
    let first = named
        .next()
        .map(|part| String::from_utf8_lossy(&part.bytes).into_owned());
    if named.next().is_some() {
        Err(Unreadable::Ambiguous)
    } else {
        Ok(first)
    }
}

/// The most fields or parts that are read of a form.
pub(super) const MOST_FIELDS: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_once_or_not_at_all() {
        assert_eq!(form_field(b"a=1&b=x+%41", "b"), Ok(Some("x A".to_owned())));
        assert_eq!(form_field(b"a=1", "b"), Ok(None));
        assert_eq!(
            form_field(b"b=1&%62=2", "b"),
            Err(Unreadable::Ambiguous),
            "an escaped name is the same name"
        );
        let fields = |count| vec!["a=1"; count].join("&");
        assert_eq!(form_field(fields(1_000).as_bytes(), "b"), Ok(None));
        assert_eq!(
            form_field(fields(1_001).as_bytes(), "b"),
            Err(Unreadable::TooMany)
        );
    }
}

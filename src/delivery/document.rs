//! What a body is: JSON, XML, a form or the parts of one; and what it is once unwrapped.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};

use super::reading::Shared;
use crate::{
    envelope::{self, Part, Unreadable},
    source::FormPayload,
};

/// The decoded form of a body that its id, type and payload are read from.
#[derive(Clone, Debug)]
pub(crate) enum Document {
    Json(Bytes),
    Xml(Bytes),
    Form(Bytes),
    /// Its parts are read when they are asked for.
    Multipart,
}

impl Document {
    /// No signature covers the content type: what a body is, its own first bytes say. No form begins so.
    ///
    /// Where verification read a piece of the body, the rest may be a stranger's: it was JSON or a form to verification,
    /// and nobody reads it as anything else.
    pub(super) fn of(shared: &Shared) -> Result<Self, Unreadable> {
        let form = match Self::by_first_byte(&shared.body) {
            Some(json @ Self::Json(_)) => return Ok(json),
            _ if shared.origin.is_read_early => Self::form(&shared.body)?,
            Some(xml) => return Ok(xml),
            None if is_of_type(&shared.headers, "multipart/form-data") => Self::Multipart,
            None if is_of_type(&shared.headers, "application/x-www-form-urlencoded")
                && !shared.body.starts_with(BEFORE_A_PART) =>
            {
                Self::form(&shared.body)?
            }
            None => return Ok(Self::Json(shared.body.clone())),
        };
        let Some(wrapped) = &shared.origin.form_payload else {
            return Ok(form);
        };
        let text = form.field(shared, wrapped.field())?;
        text.map_or(Ok(form), |text| Self::unwrap(text, wrapped))
    }

    fn form(body: &Bytes) -> Result<Self, Unreadable> {
        envelope::limited_form(body)?;
        Ok(Self::Form(body.clone()))
    }

    fn unwrap(text: String, wrapped: &FormPayload) -> Result<Self, Unreadable> {
        let document: Bytes = match wrapped {
            FormPayload::Text(_) => text.into(),
            FormPayload::Base64(_) => {
                let lines = text.replace(['\r', '\n'], "");
                let decoded = STANDARD.decode(lines).map_err(|_| Unreadable::Malformed)?;
                decoded.into()
            }
        };
        Ok(Self::by_first_byte(&document).unwrap_or(Self::Json(document)))
    }

    fn by_first_byte(body: &Bytes) -> Option<Self> {
        if let [b'{' | b'[', ..] = body.trim_ascii_start() {
            return Some(Self::Json(body.clone()));
        }
        let mark = body.starts_with(BYTE_ORDER_MARK);
        let text = body.slice(if mark { BYTE_ORDER_MARK.len() } else { 0 }..);
        (cfg!(feature = "xml") && text.trim_ascii_start().starts_with(b"<"))
            .then_some(Self::Xml(text))
    }

    /// The one value of a field of a form.
    pub(super) fn field(&self, shared: &Shared, name: &str) -> Result<Option<String>, Unreadable> {
        match self {
            Self::Form(body) => envelope::form_field(body, name),
            Self::Multipart => text_part(shared.parts()?, name),
            Self::Json(_) | Self::Xml(_) => Ok(None),
        }
    }
}

/// The text of the one part of this name that is no file.
fn text_part(parts: &[Part], name: &str) -> Result<Option<String>, Unreadable> {
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

fn is_of_type(headers: &HeaderMap, content_type: &str) -> bool {
    let value = headers.get(header::CONTENT_TYPE);
    let value = value.map(HeaderValue::as_bytes).unwrap_or_default();
    value
        .get(..content_type.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(content_type.as_bytes()))
}

/// How a multipart body begins, in front of its boundary.
const BEFORE_A_PART: &[u8] = b"--";
/// Some write it before an XML document. JSON has none (RFC 8259, section 8.1).
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

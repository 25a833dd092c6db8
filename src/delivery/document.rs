//! What a body is: JSON, XML, a form or the parts of one; and what it is once unwrapped.

use bytes::Bytes;
use http::HeaderMap;

use super::reading::Shared;
use crate::{
    envelope::{self, Kind, Unreadable},
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
    pub(super) fn of(shared: &Shared) -> Result<Self, Unreadable> {
        let body = &shared.body;
        let form = match Kind::of(&shared.headers, body) {
            Kind::Json | Kind::Other => return Ok(Self::Json(body.clone())),
            Kind::Xml => return Ok(Self::xml(body)),
            Kind::Multipart => Self::Multipart,
            Kind::Form => {
                envelope::limited_form(body)?;
                Self::Form(body.clone())
            }
        };
        let Some(wrapped) = &shared.origin.form_payload else {
            return Ok(form);
        };
        let text = form.field(shared, wrapped.field())?;
        text.map_or(Ok(form), |text| Self::unwrap(text, wrapped))
    }

    fn unwrap(text: String, wrapped: &FormPayload) -> Result<Self, Unreadable> {
        let document = envelope::unwrap(text, wrapped)?;
        // What is wrapped has no content type.
        Ok(match Kind::of(&HeaderMap::new(), &document) {
            Kind::Xml => Self::xml(&document),
            _ => Self::Json(document),
        })
    }

    fn xml(document: &Bytes) -> Self {
        Self::Xml(document.slice_ref(envelope::without_mark(document)))
    }

    /// The one value of a field of a form.
    pub(super) fn field(&self, shared: &Shared, name: &str) -> Result<Option<String>, Unreadable> {
        match self {
            Self::Form(body) => envelope::form_field(body, name),
            Self::Multipart => envelope::text_part(shared.parts()?, name),
            Self::Json(_) | Self::Xml(_) => Ok(None),
        }
    }
}

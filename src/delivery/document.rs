//! What a body is: JSON, XML, a form or the parts of one; and what it is once unwrapped.

use bytes::Bytes;
use http::HeaderMap;

use super::{reading::Shared, values::JsonValues};
use crate::{
    envelope::{self, Kind, Plan, Unreadable},
    source::{Source, Wrapped},
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
        let Some(wrapped) = &shared.origin.wrapped else {
            return Self::bare(shared);
        };
        match wrapped {
            Wrapped::Form(payload) => {
                let form = Self::bare(shared)?;
                let text = form.field(shared, payload.field())?;
                text.map_or(Ok(form), |text| Self::unwrap(text.into_bytes(), wrapped))
            }
            Wrapped::Token(place) => Self::unwrap(token(shared, place)?, wrapped),
        }
    }

    /// The body as it is.
    fn bare(shared: &Shared) -> Result<Self, Unreadable> {
        let body = &shared.body;
        Ok(match Kind::of(&shared.headers, body) {
            Kind::Json | Kind::Other => Self::Json(body.clone()),
            Kind::Xml => Self::xml(body),
            Kind::Multipart => Self::Multipart,
            Kind::Form => {
                envelope::limited_form(body)?;
                Self::Form(body.clone())
            }
        })
    }

    fn unwrap(text: Vec<u8>, wrapped: &Wrapped) -> Result<Self, Unreadable> {
        let document = match wrapped {
            Wrapped::Form(payload) => envelope::unwrap(text, payload)?,
            Wrapped::Token(_) => envelope::token_payload(&text)
                .ok_or(Unreadable::Malformed)?
                .into(),
        };
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

/// The token in a body that was verified by it.
fn token(shared: &Shared, place: &Source) -> Result<Vec<u8>, Unreadable> {
    match place {
        Source::Body => Ok(shared.body.to_vec()),
        Source::Json(pointer) => {
            let document = str::from_utf8(&shared.body).map_err(|_| Unreadable::Malformed)?;
            let plan = Plan::new([Some(&**pointer)]);
            let text = JsonValues::read(&plan, document)?.at(pointer)?;
            text.map(String::into_bytes).ok_or(Unreadable::Malformed)
        }
        _ => Err(Unreadable::Malformed),
    }
}

//! What may be read of a request before its signature matched: its head, and the signature's own fields in the body.
//! Each format is read once, whatever the number of fields.

use std::{borrow::Cow, cell::OnceCell, sync::Arc};

use bytes::Bytes;
use http::request::Parts;

use super::{jws::Members, place::bytes, refusal::malformed};
use crate::{
    envelope::{self, Found, Kind, Part, Plan, Unreadable, is_json},
    error::Rejection,
    source::FormPayload,
};

/// A request as it came, read as far as a signature needs it. Without a body only its head is.
pub(super) struct View<'a> {
    pub(super) head: &'a Parts,
    body: Option<&'a Bytes>,
    plan: &'a Plan,
    /// The field of a form that holds the document.
    wrapped: Option<&'a FormPayload>,
    json: OnceCell<Result<Found<'a>, Unreadable>>,
    form: OnceCell<Result<Fields<'a>, Unreadable>>,
    parts: OnceCell<Result<Arc<[Part]>, Unreadable>>,
    /// The header of the request's token, and its claims once its signature matched.
    token: Option<(&'a Members, Option<&'a Members>)>,
    /// The document that a form wraps.
    inner: OnceCell<Option<Bytes>>,
}

/// Names and values.
type Fields<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

impl<'a> View<'a> {
    pub(super) const fn new(
        head: &'a Parts,
        body: Option<&'a Bytes>,
        plan: &'a Plan,
        wrapped: Option<&'a FormPayload>,
    ) -> Self {
        Self {
            head,
            body,
            plan,
            wrapped,
            json: OnceCell::new(),
            form: OnceCell::new(),
            parts: OnceCell::new(),
            token: None,
            inner: OnceCell::new(),
        }
    }

    /// With the token of the request.
    pub(super) fn of_token(mut self, header: &'a Members, claims: Option<&'a Members>) -> Self {
        self.token = Some((header, claims));
        self
    }

    /// The text of a claim of a token that was verified.
    pub(super) fn claim(&self, pointer: &str) -> Option<Cow<'a, [u8]>> {
        self.token?.1?.text(pointer).map(bytes)
    }

    /// The text of a member of the token's header.
    pub(super) fn protected(&self, pointer: &str) -> Option<Cow<'a, [u8]>> {
        self.token?.0.text(pointer).map(bytes)
    }

    /// All of the body.
    pub(super) fn body(&self) -> Option<Cow<'a, [u8]>> {
        self.body.map(|body| Cow::Borrowed(&**body))
    }

    /// The text of a string or number of a JSON body; of any other body nothing.
    pub(super) fn json(&self, pointer: &str) -> Result<Option<Cow<'a, [u8]>>, Rejection> {
        let Some(body) = self.body_of(Kind::Json) else {
            return self.wrapped_json(pointer);
        };
        let read = || {
            let document = str::from_utf8(body).map_err(|_| Unreadable::Malformed)?;
            self.plan.read(document)
        };
        let found = self.json.get_or_init(read).as_ref();
        let found = found.map_err(|reason| unreadable(*reason))?;
        let value = self.plan.at(found, pointer);
        owned(value.map_or(Ok(None), envelope::text))
    }

    /// The same of a JSON document that stands in a form.
    fn wrapped_json(&self, pointer: &str) -> Result<Option<Cow<'a, [u8]>>, Rejection> {
        let document = self.unwrapped()?.filter(|document| is_json(document));
        let read = |document: &Bytes| {
            let document = str::from_utf8(document).map_err(|_| Unreadable::Malformed)?;
            let value = self.plan.at(&self.plan.read(document)?, pointer);
            value.map_or(Ok(None), envelope::text)
        };
        owned(document.as_ref().map_or(Ok(None), read))
    }

    /// The body, or of a form the document in it.
    pub(super) fn document(&self) -> Result<Option<Cow<'a, [u8]>>, Rejection> {
        let Some(body) = self.body else {
            return Ok(None);
        };
        if !self.is_form() {
            return Ok(Some(Cow::Borrowed(body)));
        }
        let document = self.unwrapped()?;
        Ok(document.map(|document| Cow::Owned(document.to_vec())))
    }

    /// The first element of an array, or a body that is none.
    pub(super) fn first_element(&self) -> Result<Option<Cow<'a, [u8]>>, Rejection> {
        let Some(body) = self.body else {
            return Ok(None);
        };
        if !is_array(body) {
            return Ok(Some(Cow::Borrowed(body)));
        }
        let first = str::from_utf8(body).map_err(|_| Unreadable::Malformed);
        let first = first
            .and_then(envelope::first_element)
            .map_err(unreadable)?;
        Ok(Some(Cow::Borrowed(first.as_bytes())))
    }

    /// Whether the body is a form, of either kind.
    pub(super) fn is_form(&self) -> bool {
        let kind = self.body.map(|body| Kind::of(&self.head.headers, body));
        matches!(kind, Some(Kind::Form | Kind::Multipart))
    }

    /// Whether the body is a JSON array.
    pub(super) fn is_array(&self) -> bool {
        self.body.is_some_and(|body| is_array(body))
    }

    /// The document that the form wraps, read once.
    fn unwrapped(&self) -> Result<Option<Bytes>, Rejection> {
        if let Some(known) = self.inner.get() {
            return Ok(known.clone());
        }
        let Some(wrapped) = self.wrapped.filter(|_| self.is_form()) else {
            return Ok(None);
        };
        let text = self.form(wrapped.field())?;
        let unwrap = |text: Cow<'_, [u8]>| envelope::unwrap(text.into_owned(), wrapped);
        let document = text.map(unwrap);
        let document = document.transpose().map_err(unreadable)?;
        Ok(self.inner.get_or_init(|| document).clone())
    }

    /// The one value of a form's field; of any other body nothing.
    pub(super) fn form(&self, name: &str) -> Result<Option<Cow<'a, [u8]>>, Rejection> {
        if let Some(body) = self.body_of(Kind::Form) {
            let read = || {
                let body = envelope::limited_form(body)?;
                Ok(form_urlencoded::parse(body).collect())
            };
            let fields = self.form.get_or_init(read).as_ref();
            return sole(fields.map_err(|reason| unreadable(*reason))?, name);
        }
        let Some(body) = self.body_of(Kind::Multipart) else {
            return Ok(None);
        };
        let read = || envelope::parts(&self.head.headers, body);
        let parts = self.parts.get_or_init(read).as_ref();
        let parts = parts.map_err(|reason| unreadable(*reason))?;
        owned(envelope::text_part(parts, name))
    }

    fn body_of(&self, kind: Kind) -> Option<&'a Bytes> {
        self.body
            .filter(|body| Kind::of(&self.head.headers, body) == kind)
    }
}

fn is_array(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'[')
}

/// The one value of this name.
fn sole<'a>(fields: &Fields<'a>, name: &str) -> Result<Option<Cow<'a, [u8]>>, Rejection> {
    let mut values = fields.iter().filter(|(field, _)| field == name);
    let first = values.next().map(|(_, value)| value.clone());
    if values.next().is_some() {
        Err(unreadable(Unreadable::Ambiguous))
    } else {
        Ok(first.map(bytes))
    }
}

fn owned<'a>(text: Result<Option<String>, Unreadable>) -> Result<Option<Cow<'a, [u8]>>, Rejection> {
    let text = text.map_err(unreadable)?;
    Ok(text.map(|text| Cow::Owned(text.into_bytes())))
}

fn unreadable(reason: Unreadable) -> Rejection {
    malformed(reason.detail())
}

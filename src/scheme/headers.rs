//! The headers that signing a whole message adds to it.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    Scheme,
    sign::{SignError, Signable, Signed},
};
use crate::source::Source;

/// The headers a message has, and those that were added.
pub(super) struct Headers {
    pub(super) all: HeaderMap,
    added: Vec<(HeaderName, HeaderValue)>,
}

impl Headers {
    pub(super) fn of(message: &Signable<'_>) -> Self {
        Self {
            all: message.headers.clone().into_owned(),
            added: Vec::new(),
        }
    }

    /// Puts a text in the place of whatever the header had.
    pub(super) fn put(&mut self, name: HeaderName, text: &str) -> Result<(), SignError> {
        let value = HeaderValue::from_str(text).ok().filter(|_| text.is_ascii());
        let value = value.ok_or(SignError::new("a text cannot be sent in a header"))?;
        self.all.insert(name.clone(), value.clone());
        self.added.push((name, value));
        Ok(())
    }

    /// Puts the id, where the sender has it in a header.
    pub(super) fn put_id(
        &mut self,
        scheme: &Scheme,
        message: &Signable<'_>,
    ) -> Result<(), SignError> {
        let (Some(Source::Header(name)), Some(id)) = (&scheme.id, message.id) else {
            return Ok(());
        };
        let name = HeaderName::from_bytes(name.as_bytes());
        self.put(
            name.map_err(|_| SignError::new("the id has no header name"))?,
            id,
        )
    }

    /// What was added, the signature first: it was put last.
    pub(super) fn signed(mut self) -> Signed {
        if let Some(signature) = self.added.pop() {
            self.added.insert(0, signature);
        }
        Signed {
            headers: self.added,
            body: None,
            url: None,
        }
    }
}

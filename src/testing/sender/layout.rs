//! The same JSON, written otherwise: before signing, as a sender might.

use bytes::Bytes;
use serde_json::Value;

use super::Draft;

/// How a body is laid out.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    /// Over several lines, with spaces.
    pretty: bool,
    /// White space behind it.
    pub(super) tail: String,
}

impl Draft {
    /// With this white space behind the body.
    pub(in crate::testing) fn with_tail(mut self, tail: &str) -> Self {
        tail.clone_into(&mut self.layout.tail);
        self
    }

    /// JSON over several lines.
    pub(in crate::testing) const fn pretty(mut self) -> Self {
        self.layout.pretty = true;
        self
    }
}

impl Layout {
    pub(super) fn apply(&self, body: Bytes) -> Bytes {
        let parsed = self.pretty.then(|| serde_json::from_slice::<Value>(&body));
        let mut written = match parsed {
            Some(Ok(value)) => format!("{value:#}").into_bytes(),
            _ if self.tail.is_empty() => return body,
            _ => body.to_vec(),
        };
        written.extend_from_slice(self.tail.as_bytes());
        written.into()
    }
}

//! Why a server cannot run.

use std::{error::Error as StdError, fmt, io};

/// Why a server could not begin. What goes wrong later is traced, and does not end it.
#[derive(Debug)]
pub struct ServeError {
    kind: ServeErrorKind,
    what: String,
    source: io::Error,
}

impl ServeError {
    pub(super) const fn new(kind: ServeErrorKind, what: String, source: io::Error) -> Self {
        Self { kind, what, source }
    }

    /// What kind of failure it is.
    #[must_use]
    pub const fn kind(&self) -> ServeErrorKind {
        self.kind
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.source)
    }
}

impl StdError for ServeError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.source)
    }
}

/// The kinds of [`ServeError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServeErrorKind {
    /// The address could not be resolved or bound.
    Bind,
    /// The listener is of no use: its address cannot be read.
    Listen,
    /// The process cannot listen for the signals that end it.
    Signal,
}

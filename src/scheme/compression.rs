//! What a sender that compresses its bodies signs, as data.

use serde::{Deserialize, Serialize};

/// What a sender that compresses its bodies signs. Handlers read what is in the gzip in both cases.
///
/// Gzip alone is read, with the cargo feature `gzip`; it is known by its first bytes or `Content-Encoding`. What comes out
/// is bounded: by the limit of the body, and by 100 times what came in, or 64 KiB where that is more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Compression {
    /// It never compresses: a body with a content encoding is refused, 415.
    #[default]
    Refused,
    /// The bytes as they came.
    SignedCompressed,
    /// The bytes that come out. They are expanded before anything is believed.
    SignedExpanded,
}

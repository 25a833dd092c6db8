//! How signatures stand in the signature text, as data.

use serde::{Deserialize, Serialize};

/// How signatures stand in the signature text. Every grammar gives a list of entries, a tag and a text each; an entry
/// counts for the [`Method`](super::Method) with that tag, entries with other tags are skipped, and none left is a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(clippy::exhaustive_enums, reason = "users write schemes as literals")]
pub enum Grammar {
    /// One signature, behind the method's tag: bare (tag `""`), or prefixed as `sha256=…`.
    Single,
    /// Named fields, as `t=…,v1=…,v1=…`. A method's tag names its field; other fields are found by [`Source::Field`](crate::Source::Field).
    Fields {
        /// Between fields, as `,`.
        separator: char,
        /// Between a field's name and value, as `=`.
        assign: char,
    },
    /// A list of tagged signatures, as `v1,… v1a,…`.
    List {
        /// Between entries, as a space.
        separator: char,
        /// Between an entry's tag and signature, as `,`.
        assign: char,
    },
}

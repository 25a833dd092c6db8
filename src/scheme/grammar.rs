//! How signatures stand in the signature text, as data.

use serde::{Deserialize, Serialize};

/// How signatures stand in the signature text. Every grammar gives a list of entries, a tag and a text each; an entry
/// counts for the [`Method`] with that tag, entries with other tags are skipped, and none left is a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(clippy::exhaustive_enums, reason = "users write schemes as literals")]
pub enum Grammar {
    /// One signature, behind the method's tag: bare (tag `""`), or prefixed as `sha256=…`.
    Single,
    /// Named fields, as `t=…,v1=…,v1=…`. A method's tag names its field; other fields are found by [`Source::Field`].
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
    /// A list of signatures by named keys, as `1/SHA256/…, 2/SHA256/…`: the id of a key, then the method's tag and the
    /// signature. An entry counts for the key of that id alone, the one in front of the key
    /// ([`KeyFormat::id_before`](super::KeyFormat::id_before)) or else its name in the keyring. A space may stand in front
    /// of every entry but the first.
    KeyedList {
        /// Between entries, as `,`.
        separator: char,
        /// Between a key's id and what is its own, as `/`.
        assign: char,
    },
    /// Base64 of a JSON object, all of whose members are texts. A method's tag names the member that is its signature;
    /// others are found by [`Source::Field`](crate::Source::Field).
    Base64Json,
}

impl Grammar {
    /// What stands between entries and within one, where the text is a list of them.
    pub(crate) const fn delimiters(&self) -> Option<(char, char)> {
        match *self {
            Self::Single | Self::Base64Json => None,
            Self::Fields { separator, assign }
            | Self::List { separator, assign }
            | Self::KeyedList { separator, assign } => Some((separator, assign)),
        }
    }

    /// Whether others than signatures can be found in the text, by their names.
    pub(super) const fn has_fields(&self) -> bool {
        matches!(self, Self::Fields { .. } | Self::Base64Json)
    }
}

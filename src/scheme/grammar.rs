//! How signatures stand in the signature text, as data.

use std::borrow::Cow;

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
    /// One value and then signatures without a tag, as `1700000000000,…,…`.
    Positional {
        /// Between values, as `,`.
        separator: char,
        /// The name by which [`Source::Field`](crate::Source::Field) finds the first value.
        first: Cow<'static, str>,
    },
}

/// Several signature texts in one request, as while a key is rolled. Each is read and judged on its own, with its own
/// fields; one that holds is enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "users write schemes as literals")]
pub enum Several {
    /// One text; a header that repeats is refused.
    #[default]
    No,
    /// The header may repeat, up to 8 times.
    Repeated,
    /// The header's name goes on in a number from 1 to 16, as `x-signature-1`; gaps are passed over.
    Numbered,
    /// Up to 8 texts in one, each with fields of its own, as `t=…,v1=… t=…,v1=…` with a space between.
    Between(char),
}

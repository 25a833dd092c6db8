//! The hypotheses, in the order in which they are tried.

use super::{
    Explain,
    attempt::{Attempt, Variant},
    body, charset, elsewhere, secrets, signature, url,
};

/// The variants of an attempt, made as they are asked for.
pub(super) type Variants<'a> = Box<dyn Iterator<Item = Variant> + 'a>;

/// A kind of mistake: what the request, scheme or keys would be without it.
pub(super) struct Hypothesis {
    pub(super) variants: for<'a> fn(&'a Attempt, &'a Explain<'a>) -> Variants<'a>,
    kind: Kind,
}

/// What a hypothesis is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Another endpoint or sender.
    Elsewhere,
    /// A change of all of the body that few make.
    Rewritten,
    Keys,
    /// The body's first or last bytes.
    Edges,
    Body,
    Url,
    Signature,
}

impl Hypothesis {
    /// Whether all variants that match are told.
    pub(super) fn names_all(&self) -> bool {
        self.kind == Kind::Elsewhere
    }

    /// Whether the body is read to make its variants.
    pub(super) fn reads_body(&self) -> bool {
        matches!(self.kind, Kind::Edges | Kind::Body | Kind::Rewritten)
    }

    /// Whether both may be wrong at once. What is rarely half of a story, and dear, is not tried with others. Two mistakes with one thing are rare, but where several make one: a URL has parts,
    /// and who does not know a sender's signatures knows neither their encoding nor their mark.
    pub(super) fn combines_with(&self, other: &Self) -> bool {
        let alone = |kind| matches!(kind, Kind::Elsewhere | Kind::Rewritten);
        let of_parts = matches!(self.kind, Kind::Edges | Kind::Url | Kind::Signature);
        !alone(self.kind) && !alone(other.kind) && (self.kind != other.kind || of_parts)
    }
}

/// What is likelier and changes less comes first.
pub(super) const HYPOTHESES: &[Hypothesis] = &[
    of(Kind::Elsewhere, elsewhere::endpoints),
    of(Kind::Keys, elsewhere::swapped),
    of(Kind::Keys, secrets::short),
    of(Kind::Keys, secrets::whitespace),
    of(Kind::Keys, secrets::quoted),
    of(Kind::Keys, secrets::prefixed),
    of(Kind::Keys, secrets::pem_lines),
    of(Kind::Keys, secrets::encoded),
    of(Kind::Keys, secrets::expired),
    of(Kind::Keys, signature::key_names),
    of(Kind::Edges, body::boms),
    of(Kind::Edges, body::newlines),
    of(Kind::Body, body::wrapped),
    of(Kind::Body, charset::charsets),
    of(Kind::Rewritten, charset::utf16),
    of(Kind::Body, body::reserialised),
    of(Kind::Body, body::forms),
    of(Kind::Url, url::schemes),
    of(Kind::Url, url::hosts),
    of(Kind::Url, url::ports),
    of(Kind::Url, url::paths),
    of(Kind::Url, url::slashes),
    of(Kind::Url, url::proxies),
    of(Kind::Signature, signature::encodings),
    of(Kind::Signature, signature::hashes),
    of(Kind::Signature, signature::tags),
    of(Kind::Signature, signature::headers),
    of(Kind::Signature, signature::timestamps),
    of(Kind::Elsewhere, elsewhere::presets),
];

const fn of(
    kind: Kind,
    variants: for<'a> fn(&'a Attempt, &'a Explain<'a>) -> Variants<'a>,
) -> Hypothesis {
    Hypothesis { variants, kind }
}

//! How a request proves where it comes from, as data.

use serde::{Deserialize, Serialize};

use super::Jws;

/// How a request proves where it comes from. What of a [`Scheme`](super::Scheme) counts for it, each says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Proof {
    /// A signature over the parts of [`Scheme::content`](super::Scheme::content), or a token.
    #[default]
    Composed,
    /// A token in compact form, signed by a key of the keyring.
    Jws(Jws),
}

impl Proof {
    /// The token, where the proof is one.
    pub(super) const fn jws(&self) -> Option<&Jws> {
        match self {
            Self::Jws(jws) => Some(jws),
            Self::Composed => None,
        }
    }
}

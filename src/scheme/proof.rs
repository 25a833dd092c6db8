//! How a request proves where it comes from, as data.

use serde::{Deserialize, Serialize};

/// How a request proves where it comes from. What of a [`Scheme`](super::Scheme) counts for it, each says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Proof {
    /// A signature over the parts of [`Scheme::content`](super::Scheme::content), or a token.
    #[default]
    Composed,
    /// A token in every item of the batch: [`Scheme::signature`](super::Scheme::signature) is its JSON pointer in the first,
    /// as `/value/0/token` where [`Items::pointer`](crate::Items::pointer) is `/value`. An item that holds none of the keys
    /// refuses the whole delivery, and so does a batch of nothing.
    EachItem,
}

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
    /// The same, but each item of a batch is signed on its own: what [`Scheme::items`](super::Scheme::items) finds. The
    /// signature and the texts of the content are JSON pointers within an item. All items have to hold; one that does not
    /// refuses the delivery.
    Items,
}

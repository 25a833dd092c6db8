//! What stands in for multipart bodies without the feature `multipart`.

use std::sync::Arc;

use bytes::Bytes;

use super::{Part, Unreadable};

pub(crate) fn parts(_: &str, _: &Bytes) -> Result<Arc<[Part]>, Unreadable> {
    Err(Unreadable::Malformed)
}

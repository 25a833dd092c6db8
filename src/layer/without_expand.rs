//! Without the feature `gzip` nothing is taken out of anything.

use bytes::Bytes;

use super::admit::Taken;
use crate::error::{Rejection, RejectionKind};

pub(super) fn expanded(body: Bytes, _: usize, _: Option<&Taken>) -> Result<Bytes, Rejection> {
    if body.starts_with(&[0x1f, 0x8b]) {
        return Err(Rejection::new(
            RejectionKind::Encoding,
            "the body is gzip, which needs the cargo feature `gzip`",
        ));
    }
    Ok(body)
}
